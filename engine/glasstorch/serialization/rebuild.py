"""What a file calls to make a tensor: PyTorch's ``_rebuild_…`` functions, with their arguments checked.

The checks are what keeps a broken or hostile file from reaching memory that is not its own: sizes, strides and
offsets have to fit the storage, and all have to be of the types that PyTorch writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.forms import FUNCTIONS
from ..core.quantized import QUANTIZED_TYPES, SCHEMES, QuantizedTensor
from ..core.tensor import Tensor, wrap
from ..nn.parameter import Buffer, Parameter
from ..ops.layout import layout
from ..storage import TypedStorage, tensor_over

MAX_DIMS = 64


class BrokenFileError(RuntimeError):
    """The file does not hold what it says it holds."""


def _whole_numbers(what: str, value: Any) -> tuple:
    if (
        not isinstance(value, (tuple, list))
        or len(value) > MAX_DIMS
        or any(type(n) is not int for n in value)
    ):
        raise BrokenFileError(
            f"corrupt file: the {what} of a tensor must be at most {MAX_DIMS} whole numbers, got {str(value)[:80]}"
        )
    return tuple(value)


def _over(storage: Any, dtype: dt.dtype, offset: Any, size: Any, stride: Any) -> Tensor:
    if not isinstance(storage, TypedStorage):
        raise BrokenFileError(f"corrupt file: a tensor needs a storage, got {type(storage).__name__}")
    if type(offset) is not int:
        raise BrokenFileError(
            f"corrupt file: the offset of a tensor must be a whole number, got {str(offset)[:80]}"
        )
    size, stride = _whole_numbers("size", size), _whole_numbers("stride", stride)
    return tensor_over(storage.untyped(), dtype, offset, size, stride)


class _Unfinished(threading.local):
    """In files whose numbers come after their objects: the tensors to be changed once the numbers are there."""

    changes: list[tuple[Tensor, Callable]] | None = None


UNFINISHED = _Unfinished()


def _finish(t: Tensor, requires_grad: Any, metadata: Any) -> Tensor:
    # PyTorch notes conjugation and negation and does them when the numbers are used; here they are done at once.
    for noted, change in (("conj", np.conj), ("neg", np.negative)):
        if metadata and metadata.get(noted):
            if UNFINISHED.changes is None:
                t = wrap(change(t._a))
            else:
                UNFINISHED.changes.append((t, change))
    return t.requires_grad_() if requires_grad else t


def rebuild_tensor(storage: Any, offset: Any, size: Any, stride: Any) -> Tensor:
    """``_rebuild_tensor``: files before PyTorch 0.4."""
    return _over(
        storage, storage.dtype if isinstance(storage, TypedStorage) else dt.uint8, offset, size, stride
    )


def rebuild_tensor_v2(storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False,
                      hooks: Any = None, metadata: Any = None) -> Tensor:  # fmt: skip
    """``_rebuild_tensor_v2``: the element type is the storage's."""
    return _finish(rebuild_tensor(storage, offset, size, stride), requires_grad, metadata)


def rebuild_tensor_v3(storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any,
                      dtype: Any, metadata: Any = None) -> Tensor:  # fmt: skip
    """``_rebuild_tensor_v3``: bytes and an element type that came after the typed storages."""
    if not isinstance(dtype, dt.dtype):
        raise BrokenFileError(f"corrupt file: a tensor's type must be a dtype, got {type(dtype).__name__}")
    return _finish(_over(storage, dtype, offset, size, stride), requires_grad, metadata)


class QInt8Storage:
    """How files name the memory of a ``torch.qint8`` tensor: its integers."""

    dtype = dt.int8


class QUInt8Storage:
    """The same for ``torch.quint8``."""

    dtype = dt.uint8


class QInt32Storage:
    """The same for ``torch.qint32``."""

    dtype = dt.int32


#: By the type of the integers; PyTorch has these classes in its top module.
QUANTIZED_STORAGES = {cls.dtype: cls for cls in (QInt8Storage, QUInt8Storage, QInt32Storage)}
for _cls in QUANTIZED_STORAGES.values():
    _cls.__module__ = __package__.partition(".")[0]


def rebuild_qtensor(storage: Any, offset: Any, size: Any, stride: Any, parameters: Any, requires_grad: Any = False,
                    hooks: Any = None) -> QuantizedTensor:  # fmt: skip
    """``_rebuild_qtensor``: ``parameters`` are (scheme, scale, zero point) or (scheme, scales, zero points, axis)."""
    ints = rebuild_tensor(storage, offset, size, stride)
    kind = {d.holds: d for d in QUANTIZED_TYPES.values()}.get(ints.dtype)
    scheme, *rest = parameters if isinstance(parameters, tuple) and parameters else (None,)
    if kind is None or scheme not in (SCHEMES["per_tensor_affine"], SCHEMES["per_channel_affine"]):
        raise BrokenFileError(f"corrupt file: a quantized tensor with the scheme {str(scheme)[:60]}")
    if scheme is SCHEMES["per_tensor_affine"]:
        if [type(v) for v in rest] != [float, int]:
            raise BrokenFileError("corrupt file: a quantized tensor needs a scale and a zero point")
        return QuantizedTensor(ints, kind, *rest)
    lengths = [tuple(v.shape) if isinstance(v, Tensor) else None for v in rest[:2]]
    axis = rest[2] if len(rest) == 3 and type(rest[2]) is int else -1
    if not 0 <= axis < ints.ndim or lengths != [(ints.shape[axis],)] * 2:
        raise BrokenFileError(
            "corrupt file: a quantized tensor needs a scale and a zero point for each channel"
        )
    return QuantizedTensor(ints, kind, rest[0].double(), rest[1].long(), axis)


def rebuild_parameter(data: Any, requires_grad: Any, hooks: Any = None) -> Parameter:
    """``_rebuild_parameter``"""
    if not isinstance(data, Tensor):
        raise BrokenFileError(f"corrupt file: a Parameter needs a tensor, got {type(data).__name__}")
    return Parameter(data, bool(requires_grad))


def rebuild_parameter_with_state(data: Any, requires_grad: Any, hooks: Any, state: Any) -> Parameter:
    """``_rebuild_parameter_with_state``: a Parameter with attributes of the user's."""
    return _with_attributes(rebuild_parameter(data, requires_grad), state)


def rebuild_from_type_v2(func: Any, new_type: Any, args: Any, state: Any) -> Tensor:
    """``_rebuild_from_type_v2``: a tensor of a subclass, or with attributes of the user's."""
    if func not in REBUILD.values() or not (isinstance(new_type, type) and issubclass(new_type, Tensor)):
        raise BrokenFileError(
            "corrupt file: _rebuild_from_type_v2 needs a function that makes tensors, and a tensor class"
        )
    out = func(*args)
    if type(out) is not new_type:
        plain, out = out, new_type.__new__(new_type)
        out._fill_slots(plain._a)
        out._rg = plain._rg
    return _with_attributes(out, state)


def _with_attributes(t: Any, state: Any) -> Any:
    attributes = state[0] if isinstance(state, tuple) and state else state
    if attributes is not None and not isinstance(attributes, dict):
        raise BrokenFileError("corrupt file: the attributes of a tensor must be a dictionary")
    attributes = dict(attributes or {})
    if attributes.pop("_is_buffer", False) and type(t) is Tensor:
        t = Buffer(t)
    t.__dict__.update(attributes)
    return t


def set_state(t: Tensor, state: Any) -> None:
    """Give a tensor made empty its contents, as files before PyTorch 0.4 do: (storage, offset, size, stride)."""
    if isinstance(state, tuple) and len(state) == 4:
        t._a = rebuild_tensor(*state)._a
    elif (
        isinstance(state, tuple) and state and isinstance(state[0], Tensor)
    ):  # Parameter: (data, id, hooks, …)
        t._a = state[0]._a
    else:
        raise BrokenFileError("corrupt file: the state of a tensor must be (storage, offset, size, stride)")


def get_layout(name: Any) -> layout:
    """``_get_layout``: ``torch.strided`` and the names of the sparse layouts, whose tensors are refused."""
    found = FUNCTIONS.get(str(name).removeprefix("torch."))
    if not isinstance(found, layout):
        raise BrokenFileError(f"corrupt file: {str(name)[:40]!r} is no layout")
    return found


def _refused(name: str, kind: str) -> Callable:
    def refuse(*args: Any) -> Any:
        raise RuntimeError(
            f"the file holds {kind} tensors ({name}), which glasstorch does not have. "
            "Load it with PyTorch, make them dense (.to_dense(), .dequantize()), and save again."
        )

    refuse.__name__ = name
    return refuse


#: The functions by the names that files use.
REBUILD: dict[str, Callable] = {
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v3": rebuild_tensor_v3,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": rebuild_parameter_with_state,
    "torch._tensor._rebuild_from_type_v2": rebuild_from_type_v2,
    "torch._utils._rebuild_qtensor": rebuild_qtensor,
    **{
        f"torch._utils.{name}": _refused(name, kind)
        for name, kind in (
            ("_rebuild_sparse_tensor", "sparse"),
            ("_rebuild_sparse_csr_tensor", "sparse"),
            ("_rebuild_nested_tensor", "nested"),
            ("_rebuild_meta_tensor_no_storage", "meta"),
            ("_rebuild_device_tensor_from_numpy", "other devices'"),
            ("_rebuild_device_tensor_from_cpu_tensor", "other devices'"),
            ("_rebuild_wrapper_subclass", "wrapped"),
        )
    },
    "torch.serialization._get_layout": get_layout,
}
