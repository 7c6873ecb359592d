"""What can go wrong on a GPU."""

from __future__ import annotations

from ..backends import HINT, cupy
from ..backends.cuda_runtime import OutOfMemoryError

OutOfMemoryError.__module__ = "torch"


class AcceleratorError(RuntimeError):
    """An error that the GPU reported."""

    __module__ = "torch"


class CudaError(RuntimeError):
    """CUDA's error of a number, in its own words."""

    def __init__(self, code: int) -> None:
        module = cupy()
        if module is None:
            raise AttributeError(f"'NoneType' object has no attribute 'cudaGetErrorString'\n{HINT}")
        super().__init__(f"{module.cuda.runtime.CUDARuntimeError(code)} ({code})")


class DeferredCudaCallError(Exception):
    """PyTorch's error for calls kept until the GPU starts. Nothing raises it here, where none are kept."""


class cudaStatus:
    """Two of CUDA's error numbers."""

    SUCCESS = 0
    ERROR_NOT_READY = 34


def check_error(res: int) -> None:
    """CudaError where a number that CUDA returned means one."""
    if cupy() is None:
        raise AttributeError(f"'NoneType' object has no attribute 'cudaError'\n{HINT}")
    if res != cudaStatus.SUCCESS:
        raise CudaError(res)
