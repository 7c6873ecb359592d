"""Apple's GPUs (Metal), which Glasstorch does not use. Each call answers as PyTorch does where there is none.

Source: https://pytorch.org/docs/stable/mps.html
"""

from __future__ import annotations

from typing import Any


def is_available() -> bool:
    """Can they be used? Never here."""
    return False


def device_count() -> int:
    """How many can be used: none."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing to seed."""


def _absent(name: str, native: str) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"Cannot execute {native}() without MPS backend.")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "RuntimeError: there is no Metal."
    globals()[name] = refuse


for _name, _native in {
    "synchronize": "deviceSynchronize", "empty_cache": "emptyCache", "seed": "getDefaultGenerator",
    "get_rng_state": "getDefaultGenerator", "current_allocated_memory": "getCurrentAllocatedMemory",
    "driver_allocated_memory": "getDriverAllocatedMemory", "recommended_max_memory": "getRecommendedMaxMemory",
}.items():  # fmt: skip
    _absent(_name, _native)


class Event:
    """A mark in Metal's queue: RuntimeError."""

    def __init__(self, enable_timing: bool = False) -> None:
        raise RuntimeError("Cannot execute acquireEvent() without MPS backend.")


def compile_shader(source: str) -> Any:
    """A Metal program: RuntimeError."""
    raise RuntimeError("MPS is not available")
