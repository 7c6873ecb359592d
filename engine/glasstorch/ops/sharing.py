"""Memory that a GPU reads directly (pinned) or that other processes see (shared)."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from .. import backends
from ..backends.cuda_runtime import empty_pinned, is_pinned, keep_until_done
from ..backends.memory import bytes_of
from ..backends.shared import SharedBlock, block_of
from ..core.frames import warn
from ..core.tensor import Tensor, wrap


def _is_pinned(self: Tensor, device: Any = None) -> bool:
    """is_pinned() -> bool

    Does it lie in page-locked host memory?
    """
    _warn_of_device(device, "is_pinned")
    return not self.is_cuda and is_pinned(self._a)


def _pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """pin_memory() -> Tensor

    A copy in page-locked host memory, from which a GPU reads faster. RuntimeError without a GPU.
    """
    _warn_of_device(device, "pin_memory")
    if backends.cupy() is None:
        raise RuntimeError("Cannot access accelerator device when none is available.")
    if self.is_cuda:
        raise RuntimeError(f"cannot pin '{self.type()}' only dense CPU tensors can be pinned")  # type: ignore[attr-defined]
    return self if is_pinned(self._a) else pinned_copy(self)


def _warn_of_device(device: Any, name: str) -> None:
    if device is not None:
        warn(
            f"The argument 'device' of Tensor.{name}() is deprecated. Please do not pass this argument.",
            DeprecationWarning,
        )


def pinned_copy(t: Tensor) -> Tensor:
    """A copy of a tensor in page-locked host memory, in its own order of dimensions."""
    out = wrap(empty_pinned(t._a.shape, t._a.dtype))
    out._a[...] = t._a
    return out


def _record_stream(self: Tensor, stream: Any) -> None:
    """record_stream(stream)

    Keep the memory from being used again until another stream than its own has done what it was given so far.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.record_stream.html
    """
    if not hasattr(stream, "cuda_stream"):
        raise RuntimeError("unknown parameter type")
    if not self.is_cuda:
        raise NotImplementedError(
            "Could not run 'aten::record_stream' with arguments from the 'CPU' backend. Streams use GPU memory alone."
        )
    keep_until_done(self._a, stream._of)


def _is_shared(self: Tensor) -> bool:
    """is_shared() -> bool

    Do other processes see its memory? GPU memory always counts as shared.
    """
    return self.is_cuda or block_of(self._a) is not None


def _share_memory(self: Tensor) -> Tensor:
    """share_memory_() -> Tensor

    Move the memory to where other processes see it, in place: forked processes, and those that get the tensor through
    ``glasstorch.multiprocessing``. The tensor that this one views, and that one's other views, move along. What was
    taken by ``detach()``, ``data`` or ``numpy()`` before stays with the old memory.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.share_memory_.html
    """
    if _is_shared(self) or not self._a.size:
        return self
    x = self._x
    base = self if x is None or x.base is None else x.base
    views = () if base._x is None else [ref() for ref in list(base._x.views or ())]
    old = bytes_of(backends.owner_of(self._a))
    low, high = np.lib.array_utils.byte_bounds(old)
    memory = shared_copy(old)
    for t in {id(t): t for t in (self, base, *views) if t is not None}.values():
        a = t._a
        if isinstance(a, np.ndarray) and a.size and low <= a.ctypes.data < high:
            t._a = np.ndarray(a.shape, a.dtype, memory, a.ctypes.data - low, a.strides)
    return self


def shared_copy(old: np.ndarray) -> np.ndarray:
    """The bytes in shared memory. Where the system has no file left for it, only forked processes see that memory."""
    try:
        block: mmap.mmap = SharedBlock(old.size)
    except OSError:
        block = mmap.mmap(-1, old.size)
    memory = np.frombuffer(block, np.uint8)
    memory[...] = old
    return memory


Tensor.is_pinned, Tensor.pin_memory, Tensor.record_stream = _is_pinned, _pin_memory, _record_stream
Tensor.is_shared, Tensor.share_memory_ = _is_shared, _share_memory
