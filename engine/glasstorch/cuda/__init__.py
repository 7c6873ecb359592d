"""CUDA devices through CuPy: which there are, their memory, streams, events and random numbers.

Without a GPU each call answers as PyTorch's CPU build does. Source: https://pytorch.org/docs/stable/cuda.html
"""

# ruff: noqa: F401  (a public namespace: names are re-exported)
from __future__ import annotations

from typing import Any

from . import comm, graphs, memory, nvtx, profiler, random, streams
from .devices import (
    can_device_access_peer,
    cudart,
    current_blas_handle,
    current_device,
    current_solver_handle,
    device,
    device_count,
    device_of,
    get_sync_debug_mode,
    init,
    ipc_collect,
    is_available,
    is_initialized,
    set_device,
    set_sync_debug_mode,
    synchronize,
)
from .errors import (
    AcceleratorError,
    CudaError,
    DeferredCudaCallError,
    OutOfMemoryError,
    check_error,
    cudaStatus,
)
from .graphs import CUDAGraph, graph, graph_pool_handle, is_current_stream_capturing, make_graphed_callables
from .memory import (
    MemPool,
    caching_allocator_alloc,
    caching_allocator_delete,
    caching_allocator_disabled,
    caching_allocator_enable,
    empty_cache,
    get_allocator_backend,
    get_per_process_memory_fraction,
    host_memory_stats,
    host_memory_stats_as_nested_dict,
    max_memory_allocated,
    max_memory_cached,
    max_memory_reserved,
    mem_get_info,
    memory_allocated,
    memory_cached,
    memory_reserved,
    memory_stats,
    memory_stats_as_nested_dict,
    memory_summary,
    reset_accumulated_host_memory_stats,
    reset_accumulated_memory_stats,
    reset_max_memory_allocated,
    reset_max_memory_cached,
    reset_peak_host_memory_stats,
    reset_peak_memory_stats,
    set_per_process_memory_fraction,
)
from .properties import (
    get_arch_list,
    get_device_capability,
    get_device_name,
    get_device_properties,
    get_gencode_flags,
    is_bf16_supported,
    is_tf32_supported,
)
from .random import (
    get_rng_state,
    get_rng_state_all,
    initial_seed,
    manual_seed,
    manual_seed_all,
    seed,
    seed_all,
    set_rng_state,
    set_rng_state_all,
)
from .streams import (
    Event,
    ExternalStream,
    Stream,
    StreamContext,
    current_stream,
    default_stream,
    get_stream_from_external,
    set_stream,
    stream,
)
from .telemetry import (
    clock_rate,
    device_memory_used,
    list_gpu_processes,
    memory_usage,
    power_draw,
    temperature,
    utilization,
)

has_half = True
has_magma = False


def __getattr__(name: str) -> Any:
    """``default_generators`` are made when somebody asks."""
    if name != "default_generators":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return random.default_generators()


for _made in (device, device_of, Stream, ExternalStream, Event, StreamContext, CUDAGraph, MemPool, CudaError,
              DeferredCudaCallError):  # fmt: skip
    _made.__module__ = __name__
