"""Memory that a GPU reads directly (pinned) or that other processes see (shared)."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from .. import backends
from ..core.tensor import Tensor


def _owners(array: Any) -> list[Any]:
    """Whatever holds an array's memory: the array it views, the object that one stands on, and so on."""
    chain = []
    while (array := getattr(array, "base", None)) is not None:
        chain.append(array.obj if isinstance(array, memoryview) else array)
    return chain


def _is_pinned(self: Tensor, device: Any = None) -> bool:
    """is_pinned() -> bool

    Does it lie in page-locked host memory?
    """
    return any(type(owner).__name__ == "PinnedMemoryPointer" for owner in _owners(self._a))


def _pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """pin_memory() -> Tensor

    A copy in page-locked host memory, from which a GPU reads faster. RuntimeError without a GPU.
    """
    if backends.cupy() is None:
        raise RuntimeError("Cannot access accelerator device when none is available.")
    from ..utils.data.pinned import pin

    return self if _is_pinned(self) else pin(self)


def _is_shared(self: Tensor) -> bool:
    """is_shared() -> bool

    Do forked processes see its memory? GPU memory always counts as shared.
    """
    return self.is_cuda or any(isinstance(owner, mmap.mmap) for owner in _owners(self._a))


def _share_memory(self: Tensor) -> Tensor:
    """share_memory_() -> Tensor

    Move the elements into memory that processes forked from this one share, in place. Views made before keep the
    old memory.
    """
    a = self._a
    if not _is_shared(self) and a.size:
        shared = np.frombuffer(mmap.mmap(-1, a.nbytes), a.dtype, a.size).reshape(a.shape)
        shared[...] = a
        self._a = shared
    return self


Tensor.is_pinned, Tensor.pin_memory = _is_pinned, _pin_memory
Tensor.is_shared, Tensor.share_memory_ = _is_shared, _share_memory
