"""The accelerator's memory. RuntimeError where there is no accelerator."""

from __future__ import annotations

from typing import Any

from .. import cuda
from ..backends import cuda_runtime as runtime
from ..core.device import device as Device


def needed() -> None:
    """RuntimeError without an accelerator."""
    if not cuda.is_available():
        raise RuntimeError("Cannot access accelerator device when none is available.")


def index_of(device: Any) -> int:
    """The index of an int or device, the selected one for None."""
    needed()
    index = device if isinstance(device, int) or device is None else Device(device).index
    return cuda.current_device() if index is None else index


def empty_cache() -> None:
    """Give memory that is held but unused back."""
    needed()
    cuda.empty_cache()


def empty_host_cache() -> None:
    """Give pinned host memory that is held but unused back."""
    needed()
    runtime.release(pinned=True)


def memory_stats(device_index: Any = None, /) -> dict[str, Any]:
    """``cuda.memory_stats``."""
    return cuda.memory_stats(index_of(device_index))


def memory_allocated(device_index: Any = None, /) -> int:
    """Bytes that tensors take now."""
    return cuda.memory_allocated(index_of(device_index))


def max_memory_allocated(device_index: Any = None, /) -> int:
    """The most bytes that tensors took at once."""
    return cuda.max_memory_allocated(index_of(device_index))


def memory_reserved(device_index: Any = None, /) -> int:
    """Bytes that the pool holds."""
    return cuda.memory_reserved(index_of(device_index))


def max_memory_reserved(device_index: Any = None, /) -> int:
    """The most bytes that the pool held."""
    return cuda.max_memory_reserved(index_of(device_index))


def reset_accumulated_memory_stats(device_index: Any = None, /) -> None:
    """Count allocations from 0 again."""
    cuda.reset_accumulated_memory_stats(index_of(device_index))


def reset_peak_memory_stats(device_index: Any = None, /) -> None:
    """Let the peaks begin again at what is in use now."""
    cuda.reset_peak_memory_stats(index_of(device_index))


def get_memory_info(device_index: Any = None, /) -> tuple[int, int]:
    """Bytes free and bytes in all, whoever uses them."""
    return cuda.mem_get_info(index_of(device_index))


__all__ = [
    "empty_cache", "empty_host_cache", "get_memory_info", "max_memory_allocated", "max_memory_reserved",
    "memory_allocated", "memory_reserved", "memory_stats", "reset_accumulated_memory_stats",
    "reset_peak_memory_stats",
]  # fmt: skip
