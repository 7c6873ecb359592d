"""A tensor's storage, and tensors over a storage."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from .. import backends
from ..backends.memory import bytes_of
from ..core import dtype as dt
from ..core.mode import STATE
from ..core.tensor import Tensor, wrap
from .typed import STORAGE_CLASSES, TypedStorage, storage_name, typed_numbers, warn_typed
from .untyped import UntypedStorage


def is_storage(obj: Any) -> bool:
    """Is it a storage, typed or not?"""
    return isinstance(obj, (UntypedStorage, TypedStorage))


# ---------------------------------------------------------------------- of a tensor
def untyped_storage(self: Tensor) -> UntypedStorage:
    """untyped_storage() -> UntypedStorage

    All the memory that this tensor's elements lie in, also where the tensor itself shows only a part.
    """
    if STATE.recorder is not None:
        STATE.recorder.read(self, "a storage")
    return UntypedStorage.over(bytes_of(backends.owner_of(self._a)))


def _storage(self: Tensor) -> TypedStorage:
    """storage() -> TypedStorage

    ``untyped_storage`` as numbers of the tensor's type. Deprecated.
    """
    warn_typed()
    return typed_numbers(self, untyped_storage(self))


def _storage_type(self: Tensor) -> Any:
    """storage_type() -> type

    The class of the tensor's typed storage.
    """
    return STORAGE_CLASSES.get(storage_name(self.dtype), TypedStorage)


def row_by_row(size: Any) -> tuple[int, ...]:
    """The strides of a contiguous tensor. A dimension of length 0 counts as 1, as in PyTorch."""
    return tuple(math.prod(max(n, 1) for n in size[k + 1 :]) for k in range(len(size)))


def tensor_over(memory: UntypedStorage, dtype: dt.dtype, offset: int, size: tuple, stride: tuple) -> Tensor:
    """A tensor over a part of a storage's memory: where it starts and how it steps, counted in elements.

    RuntimeError when it would reach outside the memory.
    """
    kind = dt.numpy_dtype(dtype)
    if len(size) != len(stride):
        raise RuntimeError(
            f"mismatch in length of strides and shape: size {list(size)}, stride {list(stride)}"
        )
    if offset < 0 or any(n < 0 for n in size):
        raise RuntimeError(
            f"Trying to create tensor with negative dimension or offset: {list(size)}, offset {offset}"
        )
    if any(s < 0 for s in stride):
        raise RuntimeError(f"Negative strides are not supported at the moment, got strides: {list(stride)}")
    reach = 0 if 0 in size else offset + sum((n - 1) * s for n, s in zip(size, stride)) + 1
    if reach * kind.itemsize > memory.nbytes():
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize "
            f"{kind.itemsize} requiring a storage size of {reach * kind.itemsize} are out of bounds for storage of "
            f"size {memory.nbytes()}"
        )
    if len(size) > 64 or math.prod(n for n in size if n) * kind.itemsize > sys.maxsize:
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(size)}")
    raw = memory._a
    # The stride of a dimension of one element is never walked, and may be larger than any memory.
    steps = tuple(
        s * kind.itemsize if n != 1 or s < sys.maxsize >> 8 else kind.itemsize for n, s in zip(size, stride)
    )
    start = offset * kind.itemsize if reach else 0
    if isinstance(raw, backends.HostArray):
        return wrap(np.ndarray(size, kind, raw, start, steps))
    numbers = raw[start : memory.nbytes() // kind.itemsize * kind.itemsize].view(kind)
    return wrap(backends.namespace(raw).lib.stride_tricks.as_strided(numbers, size, steps))


def _set(
    self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None
) -> Tensor:
    """set_(source=None, storage_offset=0, size=None, stride=None) -> Tensor

    Let this tensor look at the memory of another tensor or of a storage. Nothing is copied.
    """
    if isinstance(source, Tensor):
        if source.dtype is not self.dtype:
            raise RuntimeError(
                f"Could not set tensor of type {source.dtype} to a tensor of type {self.dtype}"
            )
        if size is None:
            self._a, self._v = source._a, source._v
            return self
        source = untyped_storage(source)
    memory = UntypedStorage(0) if source is None else source.untyped()
    if size is None:
        size = (memory.nbytes() // self._a.itemsize - storage_offset,)
    if stride is None:
        stride = row_by_row(size)
    self._a = tensor_over(memory, self.dtype, storage_offset, tuple(size), tuple(stride))._a
    self._v[0] += 1
    return self


Tensor.untyped_storage, Tensor.storage, Tensor.storage_type = untyped_storage, _storage, _storage_type  # type: ignore[attr-defined]
Tensor.set_ = _set  # type: ignore[attr-defined]
