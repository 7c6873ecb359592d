"""What quantized layers share: state that is no parameters, and weights ready to multiply with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .....core import dtype as dt
from .....core.quantized import QuantizedTensor, qint8
from .....core.tensor import Tensor
from .....nn.modules.module import Module
from .....ops.matmul import linear
from .....ops.quantized import dynamic_linear


class QuantizedModule(Module):
    """A module whose weights are no parameters, and which are in its state_dict all the same.

    A subclass says what it holds, by name, with ``_held``, and takes it back with ``_hold``.
    """

    def _held(self) -> dict[str, Any]:
        return {}

    def _hold(self, held: dict[str, Any]) -> None: ...

    def _save_to_state_dict(self, destination: dict, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination.update({prefix + name: value for name, value in self._held().items()})

    def _load_from_state_dict(self, state_dict: dict, prefix: str, local_metadata: dict, strict: bool,
                              missing_keys: list, unexpected_keys: list, error_msgs: list) -> None:  # fmt: skip
        names = [prefix + name for name in self._held()]
        missing_keys += [name for name in names if name not in state_dict]
        held = {name.removeprefix(prefix): state_dict.pop(name) for name in names if name in state_dict}
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )
        if len(held) == len(names):
            try:
                self._hold(held)
            except (RuntimeError, TypeError, ValueError) as error:
                error_msgs.append(f"While loading {prefix.rstrip('.')}: {error}")


def checked(weight: Any, bias: Any, dtype: Any, shape: Any = None) -> tuple[Any, Tensor | None]:
    """A weight and a bias as a layer keeps them; an error when they are not of its kind.

    ``dtype`` qint8: the weight is a QuantizedTensor with zero points 0 and, if any, scales for its rows. float16: it is
    a tensor, kept in half precision. The bias is float32.
    """
    if dtype is qint8:
        if not isinstance(weight, QuantizedTensor) or weight.dtype is not qint8 or weight.dim() != 2:
            raise TypeError(f"the weight must be a matrix of torch.qint8, got {_kind(weight)}")
        points = weight._zero_point if weight._axis is None else weight._zero_point._a
        if weight._axis not in (None, 0) or (points if isinstance(points, int) else points.any()):
            raise ValueError(
                "the weight must be quantized symmetrically: zero points 0, and scales for its rows"
            )
    elif dtype is dt.float16:
        if not isinstance(weight, Tensor) or weight.dim() != 2 or not weight.dtype.is_floating_point:
            raise TypeError(f"the weight must be a floating matrix, got {_kind(weight)}")
        weight = weight.detach().to(dt.float16)  # type: ignore[attr-defined]
    else:
        raise RuntimeError(
            f"a dynamically quantized layer has weights of torch.qint8 or torch.float16, not {dtype}"
        )
    if dtype is qint8:
        _ = (
            weight._factor
        )  # made now: what comes to be inside a call that is traced is no constant of the program
    if shape is not None and tuple(weight.shape) != tuple(shape):
        raise RuntimeError(
            f"size mismatch: the weight has shape {tuple(weight.shape)}, the layer {tuple(shape)}"
        )
    if bias is None:
        return weight, None
    if not isinstance(bias, Tensor) or tuple(bias.shape) != (weight.shape[0],):
        raise RuntimeError(f"the bias must have {weight.shape[0]} numbers, got {_kind(bias)}")
    return weight, bias.detach().to(dt.float32).clone()  # type: ignore[attr-defined]


def _kind(value: Any) -> str:
    if isinstance(value, (Tensor, QuantizedTensor)):
        return f"shape {tuple(value.shape)} of {value.dtype!r}"
    return type(value).__name__


def shown(weight: Any) -> Any:
    """A weight as users see it: half precision as float32."""
    return weight if isinstance(weight, QuantizedTensor) else weight.float()


def multiplier(weight: Any, bias: Tensor | None) -> Callable[[Tensor], Tensor]:
    """``x -> x weight^T + bias`` for many calls: what has to be done to the weight is done once."""
    if isinstance(weight, QuantizedTensor):
        ints = weight._ints.float()  # type: ignore[attr-defined]
        return lambda x: dynamic_linear(x, weight, bias, ints=ints)
    full = weight.float()
    return lambda x: linear(x, full, bias)


def floats_only(name: str, layer: Any, kinds: tuple[type, ...]) -> None:
    """AssertionError unless a layer is one of these classes itself (a subclass may compute something else) and its
    attribute ``qconfig`` says how to quantize it."""
    from .....nn.utils.parametrize import type_before_parametrizations

    if type_before_parametrizations(layer) not in kinds:
        listed = ", ".join(f"nn.{k.__name__}" for k in kinds)
        raise AssertionError(
            f"nn.quantized.dynamic.{name}.from_float only works for {listed}, but got: {type(layer)}"
        )
    if getattr(layer, "qconfig", None) is None:
        raise AssertionError(
            "Input float module must have qconfig defined: set layer.qconfig to "
            "torch.ao.quantization.default_dynamic_qconfig"
        )
