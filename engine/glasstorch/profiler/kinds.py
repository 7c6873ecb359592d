"""The small vocabulary of profiling: activities, actions, scopes, device types, and the experimental settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .. import backends


class ProfilerActivity(Enum):
    """What to watch. ``CPU``: operations as Python calls them. ``CUDA``: their time on the GPU as well."""

    CPU = 0
    XPU = 1
    MTIA = 4
    CUDA = 2
    HPU = 3
    PrivateUse1 = 5


class ProfilerAction(Enum):
    """What a profiler does in a step; what a schedule answers with."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3
    DEVICE_STOPPED = 4  # PyTorch's profiler sets it by itself; a schedule may not answer with it


class RecordScope(Enum):
    """What kind of code an event stands for."""

    FUNCTION = 0
    BACKWARD_FUNCTION = 1
    TORCHSCRIPT_FUNCTION = 2
    KERNEL_FUNCTION_DTYPE = 3
    CUSTOM_CLASS = 4
    BUILD_FEATURE = 5
    LITE_INTERPRETER = 6
    USER_SCOPE = 7


DeviceType = Enum(  # type: ignore[misc]
    "DeviceType",
    "CPU CUDA MKLDNN OPENGL OPENCL IDEEP HIP FPGA MAIA XLA Vulkan Metal XPU MPS Meta HPU VE Lazy IPU MTIA PrivateUse1",
    start=0,
)
DeviceType.__doc__ = "Where an event ran, under PyTorch's numbers; here CPU or CUDA."


@dataclass
class _ExperimentalConfig:
    """PyTorch's settings for its tracing library; all are accepted.

    Two of them mean something here: ``profile_all_threads`` records every thread's operations, not only those of the
    thread that started the profiler, and ``trace_only`` keeps the trace file and refuses ``events()``.
    """

    profiler_metrics: Sequence[str] = ()
    profiler_measure_per_kernel: bool = False
    verbose: bool = False
    performance_events: Sequence[str] = ()
    enable_cuda_sync_events: bool = False
    adjust_profiler_step: bool = False
    disable_external_correlation: bool = False
    profile_all_threads: bool = False
    capture_overload_names: bool = False
    record_python_gc_info: bool = False
    expose_kineto_event_metadata: bool = False
    custom_profiler_config: str = ""
    adjust_timestamps: bool = False
    trace_only: bool = False


def supported_activities() -> set[ProfilerActivity]:
    """The activities that can be watched on this machine: ``CPU``, and ``CUDA`` where CuPy finds a GPU."""
    cuda = {ProfilerActivity.CUDA} if backends.cupy() is not None else set()
    return {ProfilerActivity.CPU, *cuda}


def kineto_available() -> bool:
    """False: Kineto is PyTorch's C++ tracing library. Traces here are made, and written, in Python."""
    return False
