"""CUDA graphs, which Glasstorch does not have: each name says so.

A graph repeats recorded kernel launches on the same memory. CuPy takes new memory for every result, so a recording
would be wrong the second time. Source: https://pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

from __future__ import annotations

from typing import Any

from ..backends import require
from .streams import Stream

_WHY = "Glasstorch has no CUDA graphs: run the operations themselves."


class CUDAGraph:
    """A recorded graph: RuntimeError."""

    def __init__(self, keep_graph: bool = False) -> None:
        raise RuntimeError(f"Tried to instantiate dummy base class CUDAGraph\n{_WHY}")


class graph:
    """A ``with`` block to record: RuntimeError."""

    def __init__(self, cuda_graph: Any, pool: Any = None, stream: Any = None, **options: Any) -> None:
        Stream() if stream is None else stream  # without a GPU this is what fails
        raise RuntimeError(_WHY)


def graph_pool_handle() -> Any:
    """Memory for graphs to share: RuntimeError."""
    raise RuntimeError(f"Tried to instantiate dummy base class _graph_pool_handle\n{_WHY}")


def is_current_stream_capturing() -> bool:
    """Is a graph being recorded (by CuPy, on the current stream)?"""
    try:
        module = require("cuda")
    except AssertionError as error:
        raise RuntimeError(
            f"Tried to instantiate dummy base class _cuda_isCurrentStreamCapturing\n{error}"
        ) from None
    return module.cuda.get_current_stream().is_capturing()


def make_graphed_callables(callables: Any, sample_args: Any, *args: Any, **kwargs: Any) -> Any:
    """Functions that replay graphs: RuntimeError."""
    return CUDAGraph()


__all__ = ["CUDAGraph", "graph", "graph_pool_handle", "is_current_stream_capturing", "make_graphed_callables"]
