"""PyTorch's switches for cuDNN, which Glasstorch does not use: they can be set and change nothing.

Convolutions run on the CPU in NumPy and on the GPU in CuPy; both give the same result every time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

enabled = True
benchmark = False
benchmark_limit = 10
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Is cuDNN in use? Never here."""
    return False


def version() -> None:
    """The version of cuDNN: there is none."""
    return None


def is_acceptable(tensor: object) -> bool:
    """Could cuDNN work on this tensor? Never here."""
    return False


@contextlib.contextmanager
def flags(enabled: bool = False, benchmark: bool = False, benchmark_limit: int = 10, deterministic: bool = False,
          allow_tf32: bool = True, fp32_precision: str = "none") -> Iterator[None]:  # fmt: skip
    """Other values of the switches inside a ``with`` block."""
    new = {"enabled": enabled, "benchmark": benchmark, "benchmark_limit": benchmark_limit,
           "deterministic": deterministic, "allow_tf32": allow_tf32}  # fmt: skip
    old = {name: globals()[name] for name in new}
    globals().update(new)
    try:
        yield
    finally:
        globals().update(old)
