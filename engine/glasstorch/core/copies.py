"""Copying and pickling tensors.

A copy of a leaf is a leaf. Views of one memory that are copied together are views of one memory again. What is
pickled is the stretch of memory from a tensor's first element to its last, once, with its strides.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .. import backends
from . import dtype as dt
from .device import device as Device
from .overrides import without_subclasses
from .tensor import Tensor


def _deepcopy(self: Tensor, memo: dict) -> Tensor:
    """A leaf with its own memory, and copies of its gradient and attributes. RuntimeError for other tensors."""
    if id(self) in memo:
        return memo[id(self)]
    if self._node is not None:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  "
            "If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, "
            "see https://github.com/pytorch/pytorch/pull/103001"
        )
    out = object.__new__(type(self))
    out._fill_slots(_copy_memory(self._a, memo))
    out._rg = self._rg
    memo[id(self)] = out
    if self._grad is not None:
        out._grad = copy.deepcopy(self._grad, memo)
    if self.__dict__:
        out.__dict__.update(copy.deepcopy(self.__dict__, memo))
    return out


def _copy_memory(a: Any, memo: dict) -> Any:
    """A copy of an array. Views of one memory, copied with one memo, are views of one memory again."""
    owner = a
    while isinstance(getattr(owner, "base", None), type(a)):
        owner = owner.base
    if owner is a and a.flags.c_contiguous:
        memo.setdefault(("memory", id(a)), a.copy())
        return memo["memory", id(a)]
    if not isinstance(a, np.ndarray) or _steps_back(a):
        return a.copy()
    if owner is a or owner.dtype != a.dtype or not owner.flags.c_contiguous:
        memory = _stretch(a).copy()
        return np.ndarray(a.shape, a.dtype, memory if a.size else None, 0, a.strides if a.size else None)
    copied = memo.setdefault(("memory", id(owner)), None)
    if copied is None:
        copied = memo["memory", id(owner)] = owner.copy()
    memo.setdefault(("alive", id(owner)), owner)  # an id is good only as long as its array lives
    return np.ndarray(a.shape, a.dtype, copied, a.ctypes.data - owner.ctypes.data, a.strides)


def _steps_back(a: np.ndarray) -> bool:
    """Does a dimension run backwards through memory? NumPy allows it, PyTorch does not."""
    return any(s < 0 for s in a.strides)


def _stretch(a: np.ndarray) -> np.ndarray:
    """The memory from the first to the last element of an array, in one dimension.

    bfloat16 and complex32, which NumPy alone does not know, become integers.
    """
    if a.dtype.kind not in "biufc":
        a = a.view(f"u{a.itemsize}")
    steps = sum((n - 1) * s for n, s in zip(a.shape, a.strides, strict=True)) if a.size else -a.itemsize
    return np.lib.stride_tricks.as_strided(a, (steps // a.itemsize + 1,), (a.itemsize,))


def _reduce_ex(self: Tensor, protocol: Any) -> tuple:
    """How to make the tensor again: for ``pickle``, and for ``copy.copy``, which shares the memory."""
    with without_subclasses():
        a = backends.move(self._a, "cpu", None)
        a = a.copy() if _steps_back(a) else a
        what = type(self), _stretch(a), self.dtype, a.shape, a.strides, str(self.device), self._rg
    return _rebuild, (*what, _state(self))


def _state(t: Tensor) -> Any:
    """The attributes that the user gave the tensor, by its class's own ``__getstate__`` where it has one."""
    own = getattr(type(t), "__getstate__", None)
    return dict(t.__dict__) if own in (None, object.__getstate__) else t.__getstate__()


def _rebuild(
    cls: Any, memory: np.ndarray, dtype: dt.dtype, shape: tuple, strides: tuple, place: str, requires_grad: bool,
    state: Any,
) -> Tensor:  # fmt: skip
    np_dtype = dt.numpy_dtype(dtype)  # array types are compared by identity, and pickle makes new ones
    array = np.ndarray(shape, np_dtype, memory if memory.size else None, 0, strides if memory.size else None)
    where = Device(place)
    out = object.__new__(cls)
    out._fill_slots(backends.move(array, where.type, where.index))
    out._rg = requires_grad
    if hasattr(cls, "__setstate__"):
        out.__setstate__(state)  # type: ignore[attr-defined]
    else:
        out.__dict__.update(state)
    return out


Tensor.__deepcopy__ = _deepcopy  # type: ignore[attr-defined]
Tensor.__reduce_ex__ = _reduce_ex  # type: ignore[assignment]
