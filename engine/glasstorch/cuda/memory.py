"""GPU memory: how much is in use, giving it back, limits. It is CuPy's memory pool that keeps it.

The pool reuses freed memory instead of returning it, as PyTorch's caching allocator does.
Source: https://pytorch.org/docs/stable/cuda.html#memory-management and
https://docs.cupy.dev/en/stable/user_guide/memory.html
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from ..backends import cuda_runtime as runtime
from ..backends import require
from ..core.frames import warn
from .devices import chosen, index_of, is_available
from .telemetry import list_gpu_processes as list_gpu_processes


def memory_stats(device: Any = None) -> dict[str, Any]:
    """Figures of the memory pool by PyTorch's names, for instance ``"allocated_bytes.all.peak"``.

    Those that CuPy knows: bytes allocated, active and reserved, now (``current``) and at most (``peak``), and how many
    allocations there were. Without a GPU empty.
    """
    if not is_available():
        return OrderedDict()
    m = runtime.memory(chosen(device))
    stats = {
        "allocation.all.allocated": m["allocations"],
        "inactive_split_bytes.all.current": m["reserved"] - m["used"],
    }
    for name, now, most in (("active", "used", "peak_used"), ("allocated", "used", "peak_used"),
                            ("reserved", "reserved", "peak_reserved")):  # fmt: skip
        stats |= {f"{name}_bytes.all.current": m[now], f"{name}_bytes.all.peak": m[most]}
    return OrderedDict(sorted(stats.items()))


def memory_stats_as_nested_dict(device: Any = None) -> dict[str, Any]:
    """``memory_stats`` as dictionaries in dictionaries."""
    return _nested(memory_stats(device))


def _nested(stats: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in stats.items():
        *path, last = name.split(".")
        inner = out
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return out


def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors take on a GPU now; 0 without a GPU."""
    return memory_stats(device).get("allocated_bytes.all.current", 0)


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that tensors took at once since the start, or since ``reset_peak_memory_stats``."""
    return memory_stats(device).get("allocated_bytes.all.peak", 0)


def memory_reserved(device: Any = None) -> int:
    """Bytes that the pool holds on a GPU, in use or kept for the next tensor."""
    return memory_stats(device).get("reserved_bytes.all.current", 0)


def max_memory_reserved(device: Any = None) -> int:
    """The most bytes that the pool held."""
    return memory_stats(device).get("reserved_bytes.all.peak", 0)


def reset_peak_memory_stats(device: Any = None) -> None:
    """Let the peaks begin again at what is in use now."""
    runtime.needs("_cuda_resetPeakMemoryStats")
    runtime.reset_peaks(chosen(device))


def reset_accumulated_memory_stats(device: Any = None) -> None:
    """Count allocations from 0 again."""
    runtime.needs("_cuda_resetAccumulatedMemoryStats")
    runtime.PEAKS.allocations[chosen(device)] = 0


def _renamed(old: str, new: str) -> None:
    warn(f"`torch.cuda.{old}` has been renamed to `torch.cuda.{new}`", FutureWarning)


def memory_cached(device: Any = None) -> int:
    """Old name of ``memory_reserved``."""
    _renamed("memory_cached", "memory_reserved")
    return memory_reserved(device)


def max_memory_cached(device: Any = None) -> int:
    """Old name of ``max_memory_reserved``."""
    _renamed("max_memory_cached", "max_memory_reserved")
    return max_memory_reserved(device)


def _resets_all(old: str) -> None:
    warn(
        f"torch.cuda.{old} now calls torch.cuda.reset_peak_memory_stats, which resets /all/ peak memory stats.",
        FutureWarning,
    )


def reset_max_memory_allocated(device: Any = None) -> None:
    """Old name of ``reset_peak_memory_stats``."""
    _resets_all("reset_max_memory_allocated")
    reset_peak_memory_stats(device)


def reset_max_memory_cached(device: Any = None) -> None:
    """Old name of ``reset_peak_memory_stats``."""
    _resets_all("reset_max_memory_cached")
    reset_peak_memory_stats(device)


def host_memory_stats() -> dict[str, Any]:
    """Figures of pinned host memory. CuPy's pinned pool counts nothing but free blocks: empty."""
    return OrderedDict()


def host_memory_stats_as_nested_dict() -> dict[str, Any]:
    """``host_memory_stats`` as dictionaries in dictionaries."""
    return _nested(host_memory_stats())


def reset_peak_host_memory_stats() -> None:
    """Nothing to reset: see ``host_memory_stats``."""
    runtime.needs("_cuda_resetPeakHostMemoryStats")


def reset_accumulated_host_memory_stats() -> None:
    """Nothing to reset: see ``host_memory_stats``."""
    runtime.needs("_cuda_resetAccumulatedHostMemoryStats")


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Bytes free and bytes in all on a GPU, whoever uses them."""
    index_of(device, optional=True)  # refuses what is no GPU, also where there is none
    return runtime.free_and_total(chosen(device))


def empty_cache() -> None:
    """Give memory that is held but unused back to the GPU; nothing to do without one."""
    if is_available():
        runtime.release()


def set_per_process_memory_fraction(fraction: float, device: Any = None) -> None:
    """Let the pool take at most this share (0 to 1) of a GPU's memory. TypeError, ValueError for other values."""
    index = chosen(device)
    if not isinstance(fraction, float):
        raise TypeError("Invalid type for fraction argument, must be `float`")
    if not 0 <= fraction <= 1:
        raise ValueError(f"Invalid fraction value: {fraction}. Allowed range: 0~1")
    runtime.limit(index, fraction)


def get_per_process_memory_fraction(device: Any = None) -> float:
    """The share of a GPU's memory that the pool may take."""
    return runtime.limit(chosen(device))


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """The figures of ``memory_stats`` as a table to print."""
    stats = memory_stats(device)
    rows = [f"{'':<20}{'now':>12}{'at most':>12}"]
    for name, words in (("allocated", "in use"), ("active", "active"), ("reserved", "held by the pool")):
        now, most = (stats[f"{name}_bytes.all.{k}"] / 2**20 for k in ("current", "peak"))
        rows += [] if abbreviated and name == "active" else [f"{words:<20}{now:>8.1f} MiB{most:>8.1f} MiB"]
    title = f"GPU memory of cuda:{chosen(device)} (CuPy's pool)"
    return "\n".join(
        [title, "=" * len(rows[0]), *rows, f"{stats['allocation.all.allocated']} allocations", ""]
    )


# ------------------------------------------------------------------ memory that is no tensor's
_raw: dict[int, Any] = {}


def caching_allocator_alloc(size: int, device: Any = None, stream: Any = None) -> int:
    """``size`` bytes from the pool for other GPU code; their address, for ``caching_allocator_delete``."""
    module = require("cuda")
    with runtime.on(chosen(device)):
        pointer = module.get_default_memory_pool().malloc(size)
    _raw[pointer.ptr] = pointer
    return pointer.ptr


def caching_allocator_delete(mem_ptr: int) -> None:
    """Give back what ``caching_allocator_alloc`` gave. RuntimeError for another address."""
    runtime.needs("_cuda_cudaCachingAllocator_raw_delete")
    if _raw.pop(mem_ptr, None) is None:
        raise RuntimeError(f"{mem_ptr:#x} is no memory from caching_allocator_alloc()")


def caching_allocator_enable(value: bool = True) -> None:
    """Shall freed memory be kept for the next tensor? With False every tensor asks CUDA itself."""
    if is_available():
        runtime.use_pool(bool(value))


@contextlib.contextmanager
def caching_allocator_disabled() -> Iterator[None]:
    """Inside, every tensor asks CUDA itself for memory."""
    runtime.needs("_cuda_cudaCachingAllocator_is_enabled")
    runtime.use_pool(False)
    try:
        yield
    finally:
        runtime.use_pool(True)


def get_allocator_backend() -> str:
    """Who keeps the memory: ``cupy``, CuPy's pool."""
    runtime.needs("_cuda_getAllocatorBackend")
    return "cupy"


# ------------------------------------------------------------------ PyTorch's own allocator
class MemPool:
    """PyTorch's pools of one's own, which are not here: RuntimeError. CuPy has ``cupy.cuda.MemoryPool``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(
            "Tried to instantiate dummy base class MemPool\nGlasstorch leaves GPU memory to CuPy's pool: "
            "cupy.cuda.set_allocator puts another one in its place."
        )
