"""The CPU under the names that other devices have. Source: https://pytorch.org/docs/stable/cpu.html"""

from __future__ import annotations

from typing import Any

from . import amp


def is_available() -> bool:
    """True: there is always a CPU."""
    return True


def device_count() -> int:
    """1: all cores count as one device."""
    return 1


def current_device() -> str:
    """``cpu``."""
    return "cpu"


def set_device(device: Any) -> None:
    """Nothing to choose."""


def synchronize(device: Any = None) -> None:
    """Nothing to wait for: operations on the CPU are done when they return."""


__all__ = ["amp", "current_device", "device_count", "is_available", "set_device", "synchronize"]
