"""Start and stop NVIDIA's profiler from the program. Source:
https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__PROFILER.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..backends import require


def start() -> None:
    """Record from here on, where the profiler was told to wait for it."""
    require("cuda").cuda.runtime.profilerStart()


def stop() -> None:
    """Record no longer."""
    require("cuda").cuda.runtime.profilerStop()


@contextlib.contextmanager
def profile() -> Iterator[None]:
    """Record what happens inside."""
    start()
    try:
        yield
    finally:
        stop()


__all__ = ["profile", "start", "stop"]
