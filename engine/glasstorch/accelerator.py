"""The machine's accelerator, whatever its kind: here a CUDA GPU through CuPy, or none.

``device = accelerator.current_accelerator() if accelerator.is_available() else "cpu"``
Source: https://pytorch.org/docs/stable/accelerator.html
"""

from __future__ import annotations

from typing import Any

from . import cuda
from .core.device import device as Device


def is_available() -> bool:
    """Is there an accelerator?"""
    return cuda.is_available()


def current_accelerator(check_available: bool = False) -> Device | None:
    """The kind of accelerator as a device without an index; None without one."""
    return Device("cuda") if cuda.is_available() else None


def device_count() -> int:
    """How many there are."""
    return cuda.device_count()


def _needed() -> None:
    if not cuda.is_available():
        raise RuntimeError("Cannot access accelerator device when none is available.")


def current_device_index() -> int:
    """The index of the selected one."""
    _needed()
    return cuda.current_device()


def set_device_index(device: Any, /) -> None:
    """Select one by its index or device; a negative index changes nothing."""
    _needed()
    index = device if isinstance(device, int) else Device(device).index
    if index is not None and index >= 0:
        cuda._require().cuda.Device(index).use()


def synchronize(device: Any = None, /) -> None:
    """Wait until it has done all it was given."""
    _needed()
    cuda.synchronize(device)


current_device_idx, set_device_idx = current_device_index, set_device_index
