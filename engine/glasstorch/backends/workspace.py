"""Memory that kernels use again and again, so that the system need not hand out fresh pages in every call."""

from __future__ import annotations

import itertools
import math
import threading
from types import ModuleType
from typing import Any

import numpy as np

KEEP = 1 << 23  # bytes: a larger piece of memory is given back after use
_kept = threading.local()


def scratch(xp: ModuleType, use: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array with whatever values; the same memory for the same ``use`` in this thread, so only one at a time."""
    size = math.prod(shape) * dtype.itemsize
    if xp is not np or size > KEEP:  # CuPy keeps a pool of its own
        return xp.empty(shape, dtype)
    memory = getattr(_kept, use, None)
    if memory is None or memory.nbytes < size:
        memory = np.empty(size, np.uint8)
        setattr(_kept, use, memory)
    return memory[:size].view(dtype).reshape(shape)


def arena(xp: ModuleType, dtype: Any, shapes: list[tuple[int, ...]]) -> tuple[Any, list[Any]]:
    """One run of zeros, as a whole (1-d) and as one array of each shape, which to its user owns its memory."""
    sizes = [math.prod(shape) for shape in shapes]
    starts = [0, *itertools.accumulate(sizes)]
    if xp is not np:
        whole = xp.zeros(starts[-1], dtype)
        return whole, [
            xp.ndarray(shape, dtype, memptr=whole.data + start * dtype.itemsize)
            for shape, start in zip(shapes, starts)
        ]
    memory = bytearray(
        starts[-1] * dtype.itemsize
    )  # not an array, so that none of the parts is a view of another
    return np.frombuffer(memory, dtype), [
        np.ndarray(shape, dtype, memory, start * dtype.itemsize) for shape, start in zip(shapes, starts)
    ]
