"""Names for parts of a program, as NVIDIA's profiler Nsight Systems shows them.

Source: https://pytorch.org/docs/stable/cuda.html#nvidia-tools-extension-nvtx
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ..backends import HINT, cupy

_depth = 0


def _nvtx(native: str | None = None) -> Any:
    """CuPy's NVTX functions; RuntimeError without a GPU (AttributeError, as in PyTorch, for the two by number)."""
    module = cupy()
    if module is not None and module.cuda.nvtx.available:
        return module.cuda.nvtx
    if native is not None:
        raise AttributeError(f"'_NVTXStub' object has no attribute '{native}'\n{HINT}")
    raise RuntimeError(f"NVTX functions not installed. Are you sure you have a CUDA build?\n{HINT}")


def range_push(msg: str) -> int:
    """Begin a named range inside those already begun; returns its depth, from 0."""
    global _depth
    _nvtx().RangePush(msg)
    _depth += 1
    return _depth - 1


def range_pop() -> int:
    """End the innermost range; returns its depth."""
    global _depth
    _nvtx().RangePop()
    _depth -= 1
    return _depth


def range_start(msg: str) -> int:
    """Begin a range that may end anywhere; returns its number for ``range_end``."""
    return _nvtx("rangeStartA").RangeStart(msg, 0)


def range_end(range_id: int) -> None:
    """End the range of that number."""
    _nvtx("rangeEnd").RangeEnd(range_id)


def mark(msg: str) -> None:
    """Name this moment."""
    _nvtx().Mark(msg)


@contextlib.contextmanager
def range(msg: str, *args: Any, **kwargs: Any) -> Iterator[None]:
    """A named range for a ``with`` block or, as a decorator, for a function; ``msg`` is formatted with the rest."""
    range_push(msg.format(*args, **kwargs))
    try:
        yield
    finally:
        range_pop()


__all__ = ["mark", "range", "range_end", "range_pop", "range_push", "range_start"]
