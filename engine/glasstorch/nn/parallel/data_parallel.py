"""``DataParallel``: the batch cut in parts, one for each GPU. Without a GPU it only wraps the module.

Source: https://pytorch.org/docs/stable/generated/torch.nn.DataParallel.html
"""

from __future__ import annotations

from typing import Any

from ... import cuda
from ...core.device import device as Device
from ...core.tensor import Tensor
from ...ops.join import cat
from ..modules.module import Module
from ..utils.stateless import _functional_call


def _index(where: Any) -> int:
    """The number of a GPU."""
    if isinstance(where, int):
        return where
    return Device(where).index or 0


def _parts(value: Any, devices: list[int], dim: int) -> list[Any]:
    """A value for each GPU: tensors cut along ``dim``, containers item by item, all else as it is."""
    if isinstance(value, Tensor):
        pieces = value.chunk(len(devices), dim)  # type: ignore[attr-defined]
        return [piece.to(f"cuda:{d}") for piece, d in zip(pieces, devices, strict=False)]
    if isinstance(value, (tuple, list)) and value:
        return [type(value)(items) for items in zip(*(_parts(v, devices, dim) for v in value), strict=False)]
    if isinstance(value, dict) and value:
        rows = zip(*(_parts(v, devices, dim) for v in value.values()), strict=False)
        return [type(value)(zip(value, row, strict=True)) for row in rows]
    return [value] * len(devices)


def _gathered(outputs: list[Any], target: int, dim: int) -> Any:
    """The results of all GPUs as one, joined on the GPU ``target``."""
    first = outputs[0]
    if isinstance(first, Tensor):
        moved = [o.to(f"cuda:{target}") for o in outputs]
        return cat([m.reshape(1) for m in moved]) if first._a.ndim == 0 else cat(moved, dim)
    if isinstance(first, dict):
        return type(first)((k, _gathered([o[k] for o in outputs], target, dim)) for k in first)
    return type(first)(_gathered(list(items), target, dim) for items in zip(*outputs, strict=True))


def _run(module: Module, inputs: tuple, kwargs: dict, devices: list[int], target: int, dim: int) -> Any:
    """Call the module on every GPU's part of the batch, with copies of its parameters, and join the results."""
    home = Device("cuda", devices[0])
    for t in (*module.parameters(), *module.buffers()):
        if t.device != home:
            raise RuntimeError(
                f"module must have its parameters and buffers on device {home} (device_ids[0]) but found one of them "
                f"on device: {t.device}"
            )
    calls = list(zip(_parts(inputs, devices, dim), _parts(kwargs, devices, dim), strict=False))
    if len(calls) == 1:
        return module(*calls[0][0], **calls[0][1])
    tensors: dict[str, Any] = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    outputs = [module(*calls[0][0], **calls[0][1])]  # the first GPU's buffers are the module's own
    for d, (args, named) in zip(devices[1:], calls[1:], strict=False):
        copies = {name: t.to(f"cuda:{d}") for name, t in tensors.items()}
        outputs.append(_functional_call(module, copies, args, named))
    return _gathered(outputs, target, dim)


class DataParallel(Module):
    """Calls ``module`` with the batch (dimension ``dim``) cut into parts, one on each of the GPUs ``device_ids``.

    Results come back on ``output_device``, gradients to the module itself, which must be on the first GPU. Without a
    GPU the call is the module's own. Names in the state_dict begin with "module.".
    """

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[int] = []
        if not cuda.is_available():
            return
        self.device_ids = [
            _index(d) for d in (range(cuda.device_count()) if device_ids is None else device_ids)
        ]
        self.dim = dim
        self.output_device = self.device_ids[0] if output_device is None else _index(output_device)
        self.src_device_obj = Device("cuda", self.device_ids[0])
        if len(self.device_ids) == 1:
            self.module.to(self.src_device_obj)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        if not self.device_ids:
            return self.module(*inputs, **kwargs)
        return _run(self.module, inputs, kwargs, self.device_ids, self.output_device, self.dim)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Any = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """``DataParallel(module, ...)(*inputs, **module_kwargs)`` for one call. RuntimeError without a GPU."""
    if not cuda.is_available():
        raise RuntimeError("device type could not be determined")
    inputs = inputs if isinstance(inputs, tuple) else () if inputs is None else (inputs,)
    devices = [_index(d) for d in (range(cuda.device_count()) if device_ids is None else device_ids)]
    target = devices[0] if output_device is None else _index(output_device)
    return _run(module, inputs, module_kwargs or {}, devices, target, dim)
