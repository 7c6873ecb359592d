"""PyTorch's names for ranges in Intel's VTune. Glasstorch has no binding to that library, and says so."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NoReturn


def is_available() -> bool:
    """False: there is no binding to Intel's library here."""
    return False


def mark(msg: str) -> NoReturn:
    """RuntimeError: see the module's description. ``record_function`` marks a range in any profile."""
    raise RuntimeError(
        "ITT functions not installed. Are you sure you have a ITT build?\n"
        "Glasstorch cannot write to VTune: use record_function, and glasstorch.profiler.profile to see it."
    )


def range_push(msg: str) -> NoReturn:
    """RuntimeError, as ``mark``."""
    mark(msg)


def range_pop() -> NoReturn:
    """RuntimeError, as ``mark``."""
    mark("")


def range(msg: str, *args: object, **kwargs: object) -> AbstractContextManager[None]:
    """RuntimeError, as ``mark``."""
    mark(msg)
