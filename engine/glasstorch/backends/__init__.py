"""The ground floor: what differs between array libraries.

An array is a NumPy array (device ``cpu``) or a CuPy array (device ``cuda``). Everything above asks
``namespace(array)`` for the module with the array functions, and ``kernels(array)`` for the few operations
that need their own code on each (convolution, pooling). CuPy is imported only when a ``cuda`` device is used.
"""

from __future__ import annotations

import functools
import importlib
import os
from types import ModuleType
from typing import Any

import numpy

HostArray = numpy.ndarray


def namespace(array: Any) -> ModuleType:
    """The array module an array belongs to: ``numpy`` or ``cupy``."""
    if isinstance(array, (HostArray, numpy.generic)):
        return numpy
    if hasattr(array, "plain"):  # of a tensor inside vmap
        return namespace(array.plain)
    return importlib.import_module(type(array).__module__.partition(".")[0])


def kernels(array: Any) -> ModuleType:
    """The kernels for an array: ``backends.numpy_kernels`` or ``backends.cupy_kernels``."""
    name = "numpy_kernels" if isinstance(array, HostArray) else "cupy_kernels"
    return importlib.import_module(f"{__name__}.{name}")


def exact_functions(array: Any) -> ModuleType:
    """Where float64 ``log``, ``sin``, … of an array come from when every bit counts: the C library on the CPU."""
    return importlib.import_module(f"{__name__}.libm") if isinstance(array, HostArray) else namespace(array)


@functools.cache
def cupy() -> ModuleType | None:
    """The CuPy module, or None when it is not installed or sees no GPU."""
    try:
        module = importlib.import_module("cupy")
        if not module.cuda.runtime.getDeviceCount():
            return None
    except Exception:  # CuPy raises its own types for a missing driver, besides ImportError
        return None
    _runtime().watch_memory(module)
    return module


def place(array: Any) -> tuple[str, int | None]:
    """Device type and index of an array."""
    if isinstance(array, (HostArray, numpy.generic)):
        return "cpu", None
    if hasattr(array, "place"):  # of a tensor inside vmap
        return array.place()
    return "cuda", array.device.id


#: What to do where no GPU can be used.
HINT = (
    "No GPU can be used: CuPy is not installed or finds none. "
    "Use device='cpu', or install CuPy for your CUDA version (pip install 'glasstorch[gpu]')."
)
#: Devices that PyTorch refuses with AssertionError where it was built without them.
_NOT_COMPILED = {"cuda": "CUDA", "xpu": "XPU", "mtia": "MTIA"}


def selected() -> int:
    """The index of the selected GPU."""
    return require("cuda").cuda.Device().id


def readable(array: Any) -> bool:
    """May values be looked at before they are used? On a GPU that would wait for it, so it is not done there.

    What is wrong then shows in the result only, as nan where a result can say so; PyTorch's kernels stop the program
    later instead. With ``CUDA_LAUNCH_BLOCKING=1`` in the environment values are looked at on a GPU too.
    """
    return isinstance(array, (HostArray, numpy.generic)) or _BLOCKING


_BLOCKING = os.environ.get("CUDA_LAUNCH_BLOCKING", "0") not in ("", "0")


def require(kind: str) -> ModuleType:
    """The array module of a device type. Errors as PyTorch without that device: AssertionError or RuntimeError."""
    if kind == "cpu":
        return numpy
    module = cupy() if kind == "cuda" else None
    if module is not None:
        return module
    hint = HINT if kind == "cuda" else f"Glasstorch has no {kind} devices. Use device='cpu' or device='cuda'."
    if kind in _NOT_COMPILED:
        raise AssertionError(f"Torch not compiled with {_NOT_COMPILED[kind]} enabled\n{hint}")
    raise RuntimeError(f"PyTorch is not linked with support for {kind} devices\n{hint}")


def move(array: Any, kind: str, index: int | None, non_blocking: bool = False) -> Any:
    """The array on another device (on the selected GPU for ``cuda`` without index); itself when it is there already.

    ``non_blocking``: do not wait for a copy between a GPU and pinned memory.
    """
    target = require(kind)
    on_host = isinstance(array, (HostArray, numpy.generic))
    if kind == "cpu":
        if on_host:
            return array
        return _runtime().to_host(array) if non_blocking else namespace(array).asnumpy(array)
    with _runtime().on(index):
        if on_host and non_blocking and array.flags.c_contiguous and _runtime().is_pinned(array):
            return _runtime().from_pinned(array)
        return target.asarray(array)


def filled_on_gpu(index: int | None, shape: tuple, value: Any, dtype: Any) -> Any:
    """An array of one value on a GPU (the selected one without index). OutOfMemoryError where there is no room."""
    target = require("cuda")
    with _runtime().on(index):
        return target.full(shape, value, dtype) if value else target.zeros(shape, dtype)


def _runtime() -> ModuleType:
    return importlib.import_module(f"{__name__}.cuda_runtime")


def reshape_view(array: Any, shape: tuple[int, ...]) -> Any:
    """The array in another shape without copying; None when its memory layout does not allow that."""
    if array.flags.c_contiguous:
        return array.reshape(shape)
    if isinstance(array, HostArray):
        try:
            return array.reshape(shape, copy=False)
        except ValueError:
            return None
    out = array.reshape(shape)
    return out if out.data.ptr == array.data.ptr else None


def owner_of(array: Any) -> Any:
    """The array that owns the memory which ``array`` looks at."""
    kind = HostArray if isinstance(array, HostArray) else type(array)
    while True:
        base = getattr(array, "base", None)
        if not isinstance(base, kind):
            base = getattr(base, "base", None)  # NumPy's as_strided puts an object of its own in between
        if not isinstance(base, kind):
            return array
        array = base


def address(array: Any) -> int:
    """Where the first element of an array lies in memory."""
    return array.ctypes.data if isinstance(array, HostArray) else array.data.ptr


#: How exact float32 products must be where nothing narrower was set: see ``precision``.
fp32_precision = "none"

_frozen = False


def flags_frozen() -> bool:
    """Were the switches frozen by ``disable_global_flags``?"""
    return _frozen


def disable_global_flags() -> None:
    """Note that switches shall be set in ``with`` blocks alone."""
    global _frozen
    _frozen = True


from . import (  # noqa: E402  (PyTorch's switches, under its names)
    cpu,  # noqa: F401
    cuda,  # noqa: F401
    cudnn,  # noqa: F401
    cusparselt,  # noqa: F401
    kleidiai,  # noqa: F401
    mha,  # noqa: F401
    miopen,  # noqa: F401
    mkl,  # noqa: F401
    mkldnn,  # noqa: F401
    mps,  # noqa: F401
    nnpack,  # noqa: F401
    openmp,  # noqa: F401
    opt_einsum,  # noqa: F401
    quantized,  # noqa: F401
)
