"""Memory shared with NumPy and with anything that offers a buffer: in and out without copying."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.device import device as Device
from ..core.forms import public
from ..core.frames import warn
from ..core.lanes import Lanes
from ..core.mode import STATE
from ..core.tensor import Tensor, wrap

READ_ONLY = (
    "The given {what} is not writable, and PyTorch does not support non-writable tensors. This means {danger}. You may "
    "want to copy the {kind} to protect its data or make it writable before converting it to a tensor."
)


def memory_of(array: np.ndarray) -> np.ndarray:
    """The array with a tensor's type, no copy; ValueError or TypeError where its memory is not like a tensor's."""
    if any(s % array.itemsize for s in array.strides if array.itemsize):
        raise ValueError(
            "given numpy array strides not a multiple of the element byte size. Copy the numpy array to reallocate the "
            "memory."
        )
    if any(s < 0 for s in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) "
        )
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported. Convert it first: array.astype(array.dtype.newbyteorder('='))."
        )
    kind = dt.from_numpy_dtype(array.dtype).np
    if type(array) is not np.ndarray:
        array = array.view(np.ndarray)
    return array if array.dtype is kind else array.view(kind)  # types are compared by identity


@public
def from_numpy(ndarray: np.ndarray) -> Tensor:
    """from_numpy(ndarray) -> Tensor

    A tensor over the same memory as a NumPy array: a change of one is seen in the other. TypeError for types that
    tensors do not have, ValueError for negative strides or foreign byte order.
    Source: https://pytorch.org/docs/stable/generated/torch.from_numpy.html
    """
    if not isinstance(ndarray, np.ndarray):
        cls = type(ndarray)
        name = cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"
        raise TypeError(f"expected np.ndarray (got {name})")
    array = memory_of(ndarray)
    if not array.flags.writeable:
        danger = "writing to this tensor will result in undefined behavior"
        warn(READ_ONLY.format(what="NumPy array", danger=danger, kind="array"))
    return wrap(array)


@public
def frombuffer(
    buffer: Any, *, dtype: dt.dtype, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False) -> Tensor

    A 1-d tensor over the bytes of an object with Python's buffer protocol, such as ``bytearray`` or ``array``.
    ``count``: how many elements (negative: all); ``offset``: bytes to skip.
    Source: https://pytorch.org/docs/stable/generated/torch.frombuffer.html
    """
    try:
        view = memoryview(buffer)
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    if not view.c_contiguous:
        raise RuntimeError("could not retrieve buffer from object")
    if not isinstance(dtype, dt.dtype):
        raise TypeError(f"frombuffer(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    np_dtype = dt.numpy_dtype(dtype)
    size, total = np_dtype.itemsize, view.nbytes
    if not total or not count:
        raise ValueError(f"both buffer length ({total}) and count ({count}) must not be 0")
    if not 0 <= offset < total:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({total} bytes) minus 1"
        )
    if count < 0:
        if (total - offset) % size:
            raise ValueError(
                f"buffer length ({total - offset} bytes) after offset ({offset} bytes) must be a multiple of element "
                f"size ({size})"
            )
        count = (total - offset) // size
    elif offset + count * size > total:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({total} bytes)"
        )
    if view.readonly:
        danger = "you can write to the underlying (supposedly non-writable) buffer using the tensor"
        warn(READ_ONLY.format(what="buffer", danger=danger, kind="buffer"))
    return wrap(np.frombuffer(view, np_dtype, count, offset)).requires_grad_(requires_grad)


def _place(device: Any) -> Device | None:
    return device if device is None or isinstance(device, Device) else Device(device)


@public
def as_tensor(data: Any, dtype: dt.dtype | None = None, device: Any = None) -> Tensor:
    """as_tensor(data, dtype=None, device=None) -> Tensor

    A tensor that shares memory with ``data`` where it can: a tensor itself (with its history), an array without a
    copy. Lists and numbers are copied. Source: https://pytorch.org/docs/stable/generated/torch.as_tensor.html
    """
    from .create import tensor

    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    elif not isinstance(data, Tensor) and hasattr(data, "__cuda_array_interface__"):
        data = wrap(backends.require("cuda").asarray(data))
    if isinstance(data, Tensor):
        out = data if dtype is None else data.to(dtype)
        return out if device is None else out.to(device)
    return tensor(data, dtype=dtype, device=device)


@public
def asarray(
    obj: Any, *, dtype: dt.dtype | None = None, device: Any = None, copy: bool | None = None,
    requires_grad: bool | None = None,
) -> Tensor:  # fmt: skip
    """asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=None) -> Tensor

    A tensor of anything: a tensor, an array, an object with DLPack or Python's buffer protocol (all without a copy
    where that is possible), nested lists, a number. ``copy``: always (True), never (False: ValueError where one is
    needed) or as needed (None). Source: https://pytorch.org/docs/stable/generated/torch.asarray.html
    """
    from .create import tensor
    from .dlpack import from_dlpack

    fresh = False
    if isinstance(obj, Tensor):
        source = obj
    elif isinstance(obj, np.ndarray):
        source = from_numpy(obj)
    elif not isinstance(obj, np.generic) and hasattr(obj, "__dlpack__"):
        source = from_dlpack(obj)
    elif not isinstance(obj, np.generic) and _has_buffer(obj):
        source = frombuffer(obj, dtype=dtype or dt.get_default_dtype())
    elif copy is False:
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    else:
        source, fresh = tensor(obj, dtype=dtype), True
    target, out = _place(device), source
    if copy is False:
        _refuse_copy(source, dtype, target)
    if dtype is not None:
        out = out.to(dtype)
    if target is not None:
        out = out.to(target)
    if copy and out is source and not fresh:
        out = out.clone()
    return _with_grad(out, obj, requires_grad)


def _has_buffer(obj: Any) -> bool:
    if isinstance(obj, (str, list, tuple)):
        return False
    try:
        memoryview(obj)
    except TypeError:
        return False
    return True


def _refuse_copy(source: Tensor, dtype: dt.dtype | None, device: Device | None) -> None:
    if device is not None and source.device.type != device.type:
        raise ValueError(f"can't alias tensor from device '{source.device}' to '{device}'.")
    if dtype is not None and source.dtype is not dtype:
        raise ValueError(
            f"can't alias tensor with dtype '{source.dtype.legacy}' into dtype '{dtype.legacy}'."
        )


def _with_grad(out: Tensor, obj: Any, requires_grad: bool | None) -> Tensor:
    if requires_grad is None:
        if isinstance(obj, Tensor) and obj._rg:
            warn(
                "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass "
                "requires_grad=False explicitly to get the old behavior and silence this warning.",
            )
        return out
    if requires_grad:
        return out if out._rg else out.detach().requires_grad_()
    return out.detach() if out._rg else out


# ------------------------------------------------------------------ tensors as arrays
def numpy(self: Tensor, *, force: bool = False) -> np.ndarray:
    """numpy(*, force=False) -> numpy.ndarray

    The elements as a NumPy array over the same memory. ``force=True`` detaches and copies to the CPU where needed;
    otherwise a tensor with gradients or on another device is refused.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.numpy.html
    """
    if force:
        return backends.move(self._a, "cpu", None).view(np.ndarray)
    if self._rg:
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
        )
    if isinstance(self._a, Lanes):
        return self._a.tolist()  # raises
    if not isinstance(self._a, np.ndarray):
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. "
            "Use Tensor.cpu() to copy the tensor to host memory first."
        )
    if STATE.recorder is not None:
        STATE.recorder.read(self, "numpy()")
    if self.dtype is dt.bfloat16:
        raise TypeError("Got unsupported ScalarType BFloat16. NumPy has no such type: .float().numpy()")
    if self.dtype is dt.complex32:
        raise TypeError("Got unsupported ScalarType ComplexHalf. NumPy has no such type: .cfloat().numpy()")
    return self._a.view(np.ndarray)


def _array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """NumPy's way to an array: shares memory unless another type or a copy is asked for."""
    array = self.numpy()
    if dtype is not None and array.dtype != dtype:
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return array.astype(dtype)
    return array.copy() if copy else array


def _array_wrap(self: Tensor, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
    """What NumPy's functions return for a tensor: a tensor, where the result's type is a tensor's."""
    array = np.asarray(array)
    return wrap(memory_of(array)) if array.dtype in dt.dtype._of_numpy else array


def _cuda_array_interface(self: Tensor) -> dict[str, Any]:
    """How other GPU libraries find the memory. AttributeError on the CPU, RuntimeError with gradients.

    Source: https://numba.readthedocs.io/en/stable/cuda/cuda_array_interface.html
    """
    if self.device.type != "cuda":
        raise AttributeError(
            f"Can't get __cuda_array_interface__ on non-CUDA tensor type: torch.{self.dtype.legacy}Tensor If CUDA data "
            "is required use tensor.cuda() to copy tensor to device memory."
        )
    if self._rg:
        raise RuntimeError(
            "Can't get __cuda_array_interface__ on Variable that requires grad. If gradients aren't required, use "
            "var.detach() to get Variable that doesn't require grad."
        )
    return self._a.__cuda_array_interface__


Tensor.numpy = numpy
Tensor.__cuda_array_interface__ = property(_cuda_array_interface, doc=_cuda_array_interface.__doc__)
Tensor.__array__ = _array
Tensor.__array_wrap__ = _array_wrap
