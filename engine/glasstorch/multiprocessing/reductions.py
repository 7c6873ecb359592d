"""How a tensor goes to another process: as a file descriptor of its memory, and where in that memory it lies."""

from __future__ import annotations

import os
import weakref
from multiprocessing.reduction import DupFd, ForkingPickler
from typing import Any

import numpy as np

from ..backends.shared import SharedBlock, block_of
from ..core import dtype as dt
from ..core.tensor import Tensor
from ..nn.parameter import Buffer, Parameter

#: The blocks of this process by the file behind them: memory that arrives twice is mapped once.
_blocks: weakref.WeakValueDictionary[tuple[int, int], SharedBlock] = weakref.WeakValueDictionary()


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def reduce_tensor(t: Tensor) -> tuple:
    """How to make the tensor in another process, over the same memory.

    Tensors on a GPU, empty ones, and all where the system has no file left for shared memory, are copied.
    """
    if t.requires_grad and not t.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support "
            "crossing process boundaries.  If you just want to transfer the data, call detach() on the tensor before "
            "serializing (e.g., putting it on the queue)."
        )
    t.share_memory_()  # type: ignore[attr-defined]
    block = None if t.is_cuda else block_of(t._a)
    if not isinstance(block, SharedBlock) or block.fd < 0:
        return t.__reduce_ex__(5)  # type: ignore[return-value]
    _blocks[_identity(block.fd)] = block
    start = t._a.ctypes.data - block.array().ctypes.data
    place = len(block), start, t._a.shape, t._a.strides, t.dtype
    return rebuild_tensor, (type(t), DupFd(block.fd), *place, t.requires_grad, dict(t.__dict__))


def rebuild_tensor(
    cls: Any, file: Any, nbytes: int, start: int, shape: tuple, strides: tuple, dtype: dt.dtype, requires_grad: bool,
    attributes: dict,
) -> Tensor:  # fmt: skip
    """The tensor over memory that another process shares with this one."""
    try:
        fd = file.detach()
    except (OSError, EOFError) as error:
        error.add_note(
            "The process that sent this tensor has ended, and took the memory along. Let it wait until the tensor is "
            "taken, or send a copy that travels by value: tensor.numpy()."
        )
        raise
    block = _blocks.get(_identity(fd))
    if block is None:
        block = SharedBlock(nbytes, fd)
        _blocks[_identity(fd)] = block
    else:
        os.close(fd)
    out = object.__new__(cls)
    out._fill_slots(np.ndarray(shape, dt.numpy_dtype(dtype), block.array(), start, strides))
    out._rg = requires_grad
    out.__dict__.update(attributes)
    return out


def init_reductions() -> None:
    """Teach Python's ``multiprocessing`` about tensors. Subclasses of one's own are copied, as ``pickle`` does."""
    for cls in (Tensor, Parameter, Buffer):
        ForkingPickler.register(cls, reduce_tensor)
