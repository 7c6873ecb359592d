"""DLPack: memory shared with every array library that speaks the protocol, without copying.

A tensor's memory travels as a capsule around a C struct: an address, a device, a type, lengths and strides. NumPy
(and CuPy on the GPU) make and read these capsules. This file adds what they lack: bfloat16 and complex32,
writable memory out of capsules of the first protocol version, and PyTorch's refusals.
Names of devices and struct layouts: https://dmlc.github.io/dlpack/latest/c_api.html
"""

# ruff: noqa: N815  (kDLCPU and the rest are named by the protocol)
from __future__ import annotations

import ctypes
import enum
from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.device import device as Device
from ..core.forms import public
from ..core.mode import STATE
from ..core.tensor import Tensor, wrap


class DLDeviceType(enum.IntEnum):
    """Kinds of device, by DLPack's numbers."""

    kDLCPU = 1
    kDLCUDA = 2
    kDLCUDAHost = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLROCMHost = 11
    kDLExtDev = 12
    kDLCUDAManaged = 13
    kDLOneAPI = 14
    kDLWebGPU = 15
    kDLHexagon = 16
    kDLMAIA = 17


class _Struct(ctypes.Structure):
    """``DLTensor``."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Managed(ctypes.Structure):
    """``DLManagedTensorVersioned``. That of the first version starts with the ``DLTensor`` itself."""

    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Struct),
    )


UINT = 1  # type codes
#: Types that NumPy's DLPack does not know, as (code, bits). They travel as integers and are relabelled.
FOREIGN = {(4, 16): dt.bfloat16, (5, 32): dt.complex32}
_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.argtypes, _is_valid.restype = (ctypes.py_object, ctypes.c_char_p), ctypes.c_int
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.argtypes, _pointer.restype = (ctypes.py_object, ctypes.c_char_p), ctypes.c_void_p


def _struct(capsule: Any) -> _Struct:
    """The struct in a capsule that nobody has taken yet."""
    if type(capsule).__name__ == "PyCapsule":
        if _is_valid(capsule, b"dltensor_versioned"):
            return _Managed.from_address(_pointer(capsule, b"dltensor_versioned")).tensor
        if _is_valid(capsule, b"dltensor"):
            return _Struct.from_address(_pointer(capsule, b"dltensor"))
    raise RuntimeError(
        "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so you might "
        "have already constructed a tensor from it once."
    )


# ------------------------------------------------------------------ out
def _export(t: Tensor, **how: Any) -> Any:
    array = t._a
    if (
        isinstance(array, np.ndarray) and not array.flags.writeable
    ):  # tensors are always writable, as in PyTorch
        array = np.lib.stride_tricks.as_strided(array, writeable=True)
    if any(s < 0 for s in array.strides):  # a result that NumPy shows backwards; PyTorch's would be a copy
        array = array.copy()
    label = next((code for code, d in FOREIGN.items() if d is t.dtype), None)
    if label is None:
        return array.__dlpack__(**how)
    capsule = array.view(f"u{array.itemsize}").__dlpack__(**how)
    _struct(capsule).code = label[0]
    return capsule


def _dlpack(
    self: Tensor,
    *,
    stream: Any = -1,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple | None = None,
    copy: bool | None = None,
) -> Any:
    """The tensor's memory as a DLPack capsule, for ``numpy.from_dlpack`` and its kin.

    ``stream``: the consumer's CUDA stream; ``max_version``: the newest protocol version that it understands;
    ``dl_device``, ``copy``: where it wants the memory, and whether it must (or must not) be a copy.
    Source: https://data-apis.org/array-api/latest/API_specification/generated/array_api.array.__dlpack__.html
    """
    if self._rg:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if stream is not None and type(stream) is not int:
        raise TypeError("stream must be ``int`` or ``none``")
    if STATE.recorder is not None:
        STATE.recorder.read(self, "a DLPack capsule")
    place = self.device.type
    if place == "cpu" and stream not in (None, -1):
        raise AssertionError("stream should be None on cpu.")
    source = self
    if dl_device is not None:
        wanted = Device("cpu" if dl_device[0] == DLDeviceType.kDLCPU else "cuda", dl_device[1])
        if wanted.type != place:
            if copy is False:
                raise ValueError(
                    f"cannot move (i.e. copy=False) tensor from {self.device} to {wanted} without copying."
                )
            source, copy = self.to(wanted), None
    how: dict[str, Any] = {"max_version": max_version, "copy": copy}
    if source.device.type == "cuda" and stream != -1:
        how["stream"] = stream
    return _export(source, **how)


def _dlpack_device(self: Tensor) -> tuple[DLDeviceType, int]:
    """Where the memory is: kind and number of the device."""
    kind = DLDeviceType.kDLCPU if self.device.type == "cpu" else DLDeviceType.kDLCUDA
    return kind, self.device.index or 0


@public
def to_dlpack(tensor: Tensor) -> Any:
    """to_dlpack(tensor) -> PyCapsule

    The tensor's memory as a DLPack capsule, which can be taken once. Kept for old code: ``from_dlpack(tensor)`` of
    the other library needs no capsule. Source: https://pytorch.org/docs/stable/dlpack.html
    """
    return _export(tensor)


# ------------------------------------------------------------------ in
class _Holder:
    """A capsule as an object with the protocol's methods, which is what NumPy and CuPy take."""

    def __init__(self, capsule: Any, device: tuple[int, int]) -> None:
        self.capsule, self.device = capsule, device

    def __dlpack__(self, **how: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device


def _capsule_of(producer: Any, how: dict[str, Any]) -> Any:
    """The producer's capsule. Producers of older protocol versions know fewer arguments."""
    for names in (tuple(how), ("copy", "dl_device"), ("dl_device",), ()):
        try:
            return producer.__dlpack__(**{n: how[n] for n in names if n in how})
        except TypeError:
            if not names:
                raise
    raise AssertionError("unreachable")


def _writable(array: np.ndarray) -> np.ndarray:
    """The same memory without NumPy's write protection, which it sets for capsules of the first version."""
    if array.flags.writeable or not array.size:
        return array
    last = sum((n - 1) * s for n, s in zip(array.shape, array.strides, strict=True))
    block = (ctypes.c_char * (last + array.itemsize)).from_address(array.ctypes.data)
    block.owner = array  # keeps the memory alive
    return np.ndarray(array.shape, array.dtype, block, 0, array.strides)


def _import(capsule: Any) -> Tensor:
    struct = _struct(capsule)
    if any(struct.strides and struct.strides[k] < 0 for k in range(struct.ndim)):
        raise ValueError("tensors with negative strides are not supported: copy the array first")
    foreign = FOREIGN.get((struct.code, struct.bits))
    if foreign is not None:
        struct.code = UINT
    on_host = struct.device_type in (DLDeviceType.kDLCPU, DLDeviceType.kDLCUDAHost)
    holder = _Holder(capsule, (1, 0) if on_host else (struct.device_type, struct.device_id))
    array = backends.require("cpu" if on_host else "cuda").from_dlpack(holder)
    if on_host:
        array = _writable(array)
    kind = dt.numpy_dtype(foreign or dt.from_numpy_dtype(array.dtype))
    return wrap(array if array.dtype is kind else array.view(kind))


@public
def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """from_dlpack(ext_tensor, *, device=None, copy=None) -> Tensor

    A tensor over the memory of an array of another library, or of a DLPack capsule. ``copy``: always (True), never
    (False) or only where ``device`` asks for it (None).
    Source: https://pytorch.org/docs/stable/dlpack.html
    """
    if not hasattr(ext_tensor, "__dlpack__"):
        if device is not None or copy is not None:
            raise AssertionError(
                "device and copy kwargs not supported when ext_tensor is already a DLPack capsule."
            )
        return _import(ext_tensor)
    here = ext_tensor.__dlpack_device__()
    target = None if device is None else Device(device)
    moves = target is not None and (target.type == "cpu") != (here[0] in (1, 3))
    if moves and copy is False:
        raise ValueError(
            f"cannot move DLPack tensor from device {tuple(int(v) for v in here)} to {target} without copying. "
            "Set copy=None or copy=True."
        )
    how: dict[str, Any] = {"max_version": (1, 0)}
    if copy is not None and not moves:
        how["copy"] = copy
    if here[0] == DLDeviceType.kDLCUDA:
        how["stream"] = 1  # the default stream
    out = _import(_capsule_of(ext_tensor, how))
    return out.to(target) if moves else out


Tensor.__dlpack__ = _dlpack
Tensor.__dlpack_device__ = _dlpack_device
