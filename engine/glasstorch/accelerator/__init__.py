"""The machine's accelerator, whatever its kind: here a CUDA GPU through CuPy, or none.

``device = accelerator.current_accelerator() if accelerator.is_available() else "cpu"``
Source: https://pytorch.org/docs/stable/accelerator.html
"""

from __future__ import annotations

from typing import Any

from .. import cuda
from ..core.device import device as Device
from ..core.frames import warn
from . import memory
from .memory import (
    empty_cache,
    empty_host_cache,
    get_memory_info,
    index_of,
    max_memory_allocated,
    max_memory_reserved,
    memory_allocated,
    memory_reserved,
    memory_stats,
    needed,
    reset_accumulated_memory_stats,
    reset_peak_memory_stats,
)


def is_available() -> bool:
    """Is there an accelerator?"""
    return cuda.is_available()


def current_accelerator(check_available: bool = False) -> Device | None:
    """The kind of accelerator as a device without an index; None without one."""
    return Device("cuda") if cuda.is_available() else None


def device_count() -> int:
    """How many there are."""
    return cuda.device_count()


def current_device_index() -> int:
    """The index of the selected one."""
    needed()
    return cuda.current_device()


def set_device_index(device: Any, /) -> None:
    """Select one by its index or device; a negative index changes nothing."""
    needed()
    cuda.set_device(index_of(device))


def current_device_idx() -> int:
    """Old name of ``current_device_index``."""
    warn("Use `current_device_index` instead.", FutureWarning)
    return current_device_index()


def set_device_idx(device: Any, /) -> None:
    """Old name of ``set_device_index``."""
    warn("Use `set_device_index` instead.", FutureWarning)
    set_device_index(device)


class device_index:
    """In a ``with`` block, another one is selected; nothing for None."""

    def __init__(self, device: int | None, /) -> None:
        self.idx = device

    def __enter__(self) -> None:
        if self.idx is not None:
            needed()
            self._inside = cuda.device(self.idx)
            self._inside.__enter__()

    def __exit__(self, *exc: Any) -> None:
        if self.idx is not None:
            self._inside.__exit__(*exc)


def current_stream(device: Any = None, /) -> Any:
    """The stream on which its work is queued now."""
    needed()
    return cuda.current_stream(device)


def set_stream(stream: Any) -> None:
    """Queue work on a stream from now on. TypeError for what is none."""
    if not hasattr(stream, "device_index"):
        raise TypeError(f"set_stream(): argument 'stream' must be a Stream, not {type(stream).__name__}")
    needed()
    cuda.set_stream(stream)


def synchronize(device: Any = None, /) -> None:
    """Wait until it has done all it was given."""
    needed()
    cuda.synchronize(device)


def get_device_capability(device: Any = None, /) -> dict[str, Any]:
    """What it can do: ``supported_dtypes``, a set."""
    needed()
    cuda.get_device_capability(device)
    from ..core import dtype as dt

    return {"supported_dtypes": set(dt.dtype._of_name.values())}


__all__ = [
    "current_accelerator", "current_device_idx", "current_device_index", "current_stream", "device_count",
    "device_index", "empty_cache", "empty_host_cache", "get_device_capability", "get_memory_info", "is_available",
    "max_memory_allocated", "max_memory_reserved", "memory", "memory_allocated", "memory_reserved", "memory_stats",
    "reset_accumulated_memory_stats", "reset_peak_memory_stats", "set_device_idx", "set_device_index", "set_stream",
    "synchronize",
]  # fmt: skip
