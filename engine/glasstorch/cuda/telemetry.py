"""What NVIDIA's driver tells about a GPU: load, temperature, power. Needs the package nvidia-ml-py (``pynvml``).

Source: https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
"""

from __future__ import annotations

import importlib
from typing import Any

from ..backends import require
from .devices import chosen


def _nvml(device: Any) -> tuple[Any, Any]:
    """The library and its handle of a GPU. ModuleNotFoundError without the library."""
    try:
        library = importlib.import_module("pynvml")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "nvidia-ml-py does not seem to be installed or it can't be imported.\npip install nvidia-ml-py"
        ) from error
    index = chosen(
        device
    )  # CUDA's count, which CUDA_VISIBLE_DEVICES changes; the bus address does not change
    library.nvmlInit()
    return library, library.nvmlDeviceGetHandleByPciBusId(require("cuda").cuda.Device(index).pci_bus_id)


def utilization(device: Any = None) -> int:
    """Percent of the last moment in which the GPU computed."""
    library, handle = _nvml(device)
    return library.nvmlDeviceGetUtilizationRates(handle).gpu


def memory_usage(device: Any = None) -> int:
    """Percent of the last moment in which its memory was read or written."""
    library, handle = _nvml(device)
    return library.nvmlDeviceGetUtilizationRates(handle).memory


def device_memory_used(device: Any = None) -> int:
    """Bytes of its memory in use, whoever uses them."""
    library, handle = _nvml(device)
    return library.nvmlDeviceGetMemoryInfo(handle).used


def temperature(device: Any = None) -> int:
    """Degrees Celsius."""
    library, handle = _nvml(device)
    return library.nvmlDeviceGetTemperature(handle, library.NVML_TEMPERATURE_GPU)


def power_draw(device: Any = None) -> int:
    """Milliwatts."""
    library, handle = _nvml(device)
    return library.nvmlDeviceGetPowerUsage(handle)


def clock_rate(device: Any = None) -> int:
    """The clock of its processors in MHz."""
    library, handle = _nvml(device)
    return library.nvmlDeviceGetClockInfo(handle, library.NVML_CLOCK_SM)


def list_gpu_processes(device: Any = None) -> str:
    """The processes that use the GPU, with their memory, as text."""
    try:
        library, handle = _nvml(device)
    except ModuleNotFoundError:
        return "pynvml module not found, please install nvidia-ml-py"
    processes = library.nvmlDeviceGetComputeRunningProcesses(handle)
    rows = [f"process {p.pid:>10d} uses {p.usedGpuMemory / 2**20:>12.3f} MB GPU memory" for p in processes]
    return "\n".join([f"GPU:{chosen(device)}", *(rows or ["no processes are running"])])
