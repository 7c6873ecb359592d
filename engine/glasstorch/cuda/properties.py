"""What a GPU is: its name, size and abilities."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from ..backends import cuda_runtime as runtime
from .devices import chosen, device_count, is_available


class _CudaDeviceProperties:
    """Facts about a GPU under PyTorch's names, read from CUDA's ``cudaDeviceProp``.

    Source: https://docs.nvidia.com/cuda/cuda-runtime-api/structcudaDeviceProp.html
    """

    #: PyTorch's names, and CUDA's.
    _NAMES: ClassVar[dict[str, str]] = {
        "major": "major", "minor": "minor", "total_memory": "totalGlobalMem",
        "multi_processor_count": "multiProcessorCount", "is_integrated": "integrated",
        "is_multi_gpu_board": "isMultiGpuBoard", "max_threads_per_multi_processor": "maxThreadsPerMultiProcessor",
        "max_threads_per_block": "maxThreadsPerBlock", "warp_size": "warpSize", "L2_cache_size": "l2CacheSize",
        "clock_rate": "clockRate", "memory_clock_rate": "memoryClockRate", "memory_bus_width": "memoryBusWidth",
        "shared_memory_per_block": "sharedMemPerBlock",
        "shared_memory_per_block_optin": "sharedMemPerBlockOptin",
        "shared_memory_per_multiprocessor": "sharedMemPerMultiprocessor",
        "regs_per_multiprocessor": "regsPerMultiprocessor", "pci_bus_id": "pciBusID",
        "pci_device_id": "pciDeviceID", "pci_domain_id": "pciDomainID",
    }  # fmt: skip

    def __init__(self, facts: dict[str, Any]) -> None:
        self.name = facts["name"].decode()
        for ours, cudas in self._NAMES.items():
            if cudas in facts:  # newer CUDA versions leave some out
                setattr(self, ours, facts[cudas])
        self.gcnArchName = self.name
        self.uuid = uuid.UUID(bytes=bytes(facts["uuid"])) if "uuid" in facts else None

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"CUDA tells nothing of {name!r} about this device")

    def __repr__(self) -> str:
        where = ", ".join(f"{n}={getattr(self, n)}" for n in ("pci_bus_id", "pci_device_id", "pci_domain_id"))
        return (
            f"_CudaDeviceProperties(name='{self.name}', major={self.major}, minor={self.minor}, total_memory="
            f"{self.total_memory >> 20}MB, multi_processor_count={self.multi_processor_count}, uuid={self.uuid}, "
            f"{where}, L2_cache_size={self.L2_cache_size >> 20}MB)"
        )


def get_device_properties(device: Any = None) -> _CudaDeviceProperties:
    """Facts about a GPU: ``name``, ``total_memory`` (bytes), ``multi_processor_count``, ``major``, ``minor``, …"""
    return _CudaDeviceProperties(runtime.properties(chosen(device)))


def get_device_name(device: Any = None) -> str:
    """The name of a GPU, for example ``NVIDIA H200``."""
    return get_device_properties(device).name


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """CUDA's compute capability of a GPU: ``(9, 0)`` for an H100."""
    facts = get_device_properties(device)
    return facts.major, facts.minor


def get_arch_list() -> list[str]:
    """The architectures that code is made for: those of the GPUs here, for which CuPy compiles when it is needed."""
    capabilities = {get_device_capability(i) for i in range(device_count())}
    return [f"sm_{major}{minor}" for major, minor in sorted(capabilities)]


def get_gencode_flags() -> str:
    """The architectures as flags for NVIDIA's compiler."""
    numbers = [name.removeprefix("sm_") for name in get_arch_list()]
    return " ".join(f"-gencode compute=compute_{n},code=sm_{n}" for n in numbers)


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Does the GPU compute in bfloat16 by itself (from capability 8.0), or at least emulate it?"""
    return is_available() and (including_emulation or get_device_capability()[0] >= 8)


def is_tf32_supported() -> bool:
    """Does the GPU have TF32 (from capability 8.0)?"""
    return is_available() and get_device_capability()[0] >= 8
