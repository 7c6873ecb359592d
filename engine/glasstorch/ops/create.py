"""Making tensors: from data, filled with a value, ranges, and like another tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..backends import determinism
from ..core import dtype as dt
from ..core.device import default_device
from ..core.device import device as Device
from ..core.dims import sizes
from ..core.dispatch import mark_inference
from ..core.forms import FUNCTIONS, public
from ..core.frames import warn, warn_once
from ..core.lanes import Lanes, batched
from ..core.mode import STATE, THREAD
from ..core.outputs import resize, store
from ..core.size import Size
from ..core.tensor import Tensor, wrap
from .exchange import memory_of
from .kinds import filling
from .layout import copy_in, laid_out, lies_in
from .nested import array_of, holds_arrays
from .sharing import pinned_copy


def finish(array: Any, device: Any, requires_grad: bool, name: str = "", pin_memory: bool = False) -> Tensor:
    """Put a fresh array on its device (``pin_memory``: in page-locked host memory) and wrap it."""
    if device is None:
        device = default_device()
    if device is not None:
        d = device if isinstance(device, Device) else Device(device)
        array = backends.move(array, d.type, d.index)
    if pin_memory:
        array = _pinned(array)
    out = wrap(array)
    if STATE.recorder is not None:
        STATE.recorder.made(array)
    if requires_grad is not False:
        if requires_grad is not True:
            function = f"{name}(): " if name else ""
            raise TypeError(
                f"{function}argument 'requires_grad' must be bool, not {type(requires_grad).__name__}"
            )
        if out.dtype.category < dt.FLOATING:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        out.requires_grad_()
    if STATE.special and THREAD.inference:
        mark_inference(out)
    return out


def _pinned(array: Any) -> Any:
    """The array in page-locked memory; RuntimeError without a GPU, or for an array on one."""
    if backends.cupy() is None:
        raise RuntimeError(
            "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is available on "
            "this system."
        )
    if not isinstance(array, np.ndarray):
        raise RuntimeError("Only dense CPU tensors can be pinned")
    return pinned_copy(wrap(array))._a


def _np(dtype: dt.dtype | None, default: dt.dtype | None = None) -> np.dtype:
    if dtype is not None and not isinstance(dtype, dt.dtype):
        if isinstance(dtype, type) and dtype in dt.PYTHON_TYPES:
            return dt.numpy_dtype(dt.PYTHON_TYPES[dtype])
        raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    return dt.numpy_dtype(dtype or default or dt.get_default_dtype())


def _as(array: Any, dtype: dt.dtype | None) -> Any:
    """A copy of an array in a tensor's type: ``dtype``, or its own."""
    return array.astype(_np(dtype, dt.from_numpy_dtype(array.dtype)))


@public
def tensor(
    data: Any,
    *,
    dtype: dt.dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """tensor(data, *, dtype=None, device=None, requires_grad=False) -> Tensor

    A new tensor with a copy of ``data``: a number, nested lists, or an array. Python floats become the default
    dtype, ints int64.
    """
    _warn_of_copying(data, "torch.tensor")
    return _from_data(data, dtype, device, requires_grad, pin_memory)


def _warn_of_copying(data: Any, name: str) -> None:
    if isinstance(data, Tensor):
        warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            f"sourceTensor.detach().clone().requires_grad_(True), rather than {name}(sourceTensor).",
        )


def _from_data(data: Any, dtype: Any, device: Any, requires_grad: bool, pin_memory: bool) -> Tensor:
    if isinstance(data, (list, tuple)) and holds_arrays(data):
        warn_once(
            "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to "
            "a single numpy.ndarray with numpy.array() before converting to a tensor."
        )
    if isinstance(data, Tensor):
        if STATE.recorder is not None:
            STATE.recorder.read(data, "the numbers of a new one")
        a = data._a.astype(_np(dtype, data.dtype))
        return finish(a, device, requires_grad, "tensor", pin_memory)
    if type(data).__module__.partition(".")[0] == "cupy":
        return finish(_as(data, dtype), device, requires_grad, "tensor", pin_memory)
    if isinstance(data, np.ndarray):
        data = memory_of(data)
        return finish(_as(data, dtype), device, requires_grad, "tensor", pin_memory)
    a = array_of(data, None if dtype is None else _np(dtype))
    return finish(np.ascontiguousarray(a).reshape(a.shape), device, requires_grad, "tensor", pin_memory)


def _filled(shape: tuple, value: Any, np_dtype: Any, device: Any) -> Any:
    """An array of one value, made on a GPU where it shall be there and CuPy knows the type itself."""
    where = default_device() if device is None else device if isinstance(device, Device) else Device(device)
    if where is not None and where.type == "cuda" and np_dtype.kind in "biufc":
        return backends.filled_on_gpu(where.index, shape, value, np_dtype)
    return np.full(shape, value, np_dtype) if value else np.zeros(shape, np_dtype)


def _filler(name: str, value: Any, words: str) -> Any:
    def fill(
        *size: Any, out: Tensor | None = None, dtype: dt.dtype | None = None, layout: Any = None, device: Any = None,
        requires_grad: bool = False, pin_memory: bool = False, memory_format: Any = None, **named: Any,
    ) -> Tensor:  # fmt: skip
        if named:  # zeros(size=(2, 3))
            if size or set(named) != {"size"}:
                wrong = next(iter(set(named) - {"size"}), "size")
                raise TypeError(f"{name}() got an unexpected keyword argument '{wrong}'")
            size = (named["size"],)
        if not size:
            raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
        shape = sizes(size, name)
        _check_shape(shape)
        if out is not None:
            if out._a.shape != shape:
                resize(out, shape)
            out.fill_(value)
            if name == "empty":
                determinism.fill(out._a)
            return out
        array = _filled(shape, value, _np(dtype), device)
        if name == "empty":
            determinism.fill(array)
        if memory_format is not None:
            array = copy_in(backends.namespace(array), array, memory_format, name)
        return finish(array, device, requires_grad, name, pin_memory)

    fill.__name__ = fill.__qualname__ = name
    fill.__doc__ = (
        f"{name}(*size, dtype=None, device=None, requires_grad=False) -> Tensor\n\nA tensor {words}."
    )
    return public(fill)


def _check_shape(shape: tuple) -> None:
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")


zeros = _filler("zeros", 0, "filled with 0")
ones = _filler("ones", 1, "filled with 1")
empty = _filler("empty", 0, "whose elements are not to be relied on (zeros here, so that mistakes repeat)")


@public
def full(size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """full(size, fill_value, *, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    A tensor filled with one value, of the value's type unless ``dtype`` says otherwise.
    """
    if not isinstance(size, (tuple, list)):
        raise TypeError(
            f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}"
        )
    whole_tensor = isinstance(fill_value, Tensor) and not fill_value._a.ndim
    if not whole_tensor and not isinstance(fill_value, (bool, int, float, complex, np.generic)):
        raise TypeError(
            f"full(): argument 'fill_value' (position 2) must be Number, not {type(fill_value).__name__}"
        )
    value = fill_value.item() if isinstance(fill_value, (Tensor, np.generic)) else fill_value
    shape = sizes((size,))
    _check_shape(shape)
    kind = dtype or (dt.scalar_dtype(value) if out is None else out.dtype)
    np_dtype = _np(kind)
    array = _filled(shape, filling(value, kind), np_dtype, device)
    result = finish(array, device, requires_grad, "full", pin_memory)
    return result if out is None else store("full", result, out, exact=False)


def _own_order(a: Any) -> tuple[int, ...]:
    """The dimensions of an array from the longest steps to the shortest."""
    return tuple(sorted(range(a.ndim), key=lambda d: -a.strides[d]))


def _like(name: str, make: Any, words: str) -> Any:
    def like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None,
             requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
        if isinstance(input._a, Lanes):
            whole = like(input._a.tensor, *args, dtype=dtype, device=device, requires_grad=requires_grad)
            return batched(whole, input._a.levels)
        kind, index = backends.place(input._a)
        where = Device(kind, index) if device is None else device
        new = make(input, *args, dtype=dtype or input.dtype, device=where, requires_grad=requires_grad)
        if memory_format is not None and memory_format is not FUNCTIONS["preserve_format"]:
            new._a = copy_in(backends.namespace(new._a), new._a, memory_format, name)
        elif not input._a.flags.c_contiguous and lies_in(input._a, order := _own_order(input._a)):
            new._a = laid_out(backends.namespace(new._a), new._a, order)
        if STATE.recorder is not None:
            STATE.recorder.made(new._a)
        return new

    like.__name__ = like.__qualname__ = name
    like.__doc__ = f"{name}(input, *, dtype=None, device=None, requires_grad=False) -> Tensor\n\n{words}"
    return public(like)


zeros_like = _like("zeros_like", lambda x, **k: zeros(*x._a.shape, **k) if x._a.ndim else full((), 0, **k),
                   "Zeros in the shape, type and place of ``input``.")  # fmt: skip
ones_like = _like("ones_like", lambda x, **k: ones(*x._a.shape, **k) if x._a.ndim else full((), 1, **k),
                  "Ones in the shape, type and place of ``input``.")  # fmt: skip
empty_like = _like("empty_like", lambda x, **k: empty(tuple(x._a.shape), **k),
                   "An uninitialised tensor in the shape, type and place of ``input``.")  # fmt: skip
full_like = _like("full_like", lambda x, v, **k: full(x._a.shape, v, **k),
                  "One value in the shape, type and place of ``input``.")  # fmt: skip


@public
def eye(n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
        pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """eye(n, m=None, *, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    Ones on the diagonal, zeros elsewhere.
    """
    for i, (name, v) in enumerate((("n", n), ("m", n if m is None else m)), 1):
        if not hasattr(v, "__index__") or isinstance(v, bool):
            raise TypeError(f"eye(): argument '{name}' (position {i}) must be int, not {type(v).__name__}")
        if v < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {v}")
    result = finish(
        np.eye(n, m, dtype=_np(dtype or (None if out is None else out.dtype))),
        device,
        requires_grad,
        "eye",
        pin_memory,
    )
    return result if out is None else store("eye", result, out, exact=False)


def _new_tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
                pin_memory: bool = False) -> Tensor:  # fmt: skip
    _warn_of_copying(data, "tensor.new_tensor")
    return _from_data(data, dtype, device, requires_grad, pin_memory)


def _new(make: Any) -> Any:
    def method(
        self: Tensor,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        **named: Any,
    ) -> Tensor:
        named = {k: v for k, v in named.items() if k != "layout"}
        new = make(
            *args,
            **named,
            dtype=dtype or self.dtype,
            device=device or self.device,
            requires_grad=requires_grad,
        )
        if not isinstance(self._a, Lanes) or make is _new_tensor:
            return new
        levels = self._a.levels  # inside vmap: memory of its own for every example
        return batched(new.expand(*(v.size for v in levels), *new._a.shape).clone(), levels)

    method.__doc__ = "Like the function of that name, with this tensor's type and place."
    return method


for _name, _make in (
    ("zeros", zeros),
    ("ones", ones),
    ("empty", empty),
    ("full", full),
    ("tensor", _new_tensor),
):
    setattr(Tensor, f"new_{_name}", _new(_make))


@public
def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """scalar_tensor(s, *, dtype=None, device=None) -> Tensor

    A 0-d tensor of a number, by default of the default floating type.
    """
    return finish(np.asarray(s).astype(_np(dtype)), device, requires_grad)


@public
def is_tensor(obj: Any) -> bool:
    """Is the object a tensor?"""
    return isinstance(obj, Tensor)


@public
def is_floating_point(input: Tensor) -> bool:
    """Is the element type a floating type?"""
    return input.is_floating_point()


@public
def is_complex(input: Tensor) -> bool:
    """Is the element type complex?"""
    return input.is_complex()


@public
def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


def legacy_array(data: tuple, device: Any, dtype: dt.dtype | None = None) -> Any:
    """The array behind ``Tensor(2, 3)`` (a shape), ``Tensor([1, 2])`` (values) and ``Tensor(t)`` (the same memory)."""
    np_dtype = _np(dtype)
    if len(data) == 1 and not isinstance(data[0], (int, np.integer, Size)):
        value = data[0]
        if isinstance(value, Tensor):
            return value._a
        if isinstance(value, str):
            raise TypeError("new(): invalid data type 'str'")
        if not isinstance(value, (list, tuple, np.ndarray)):
            raise TypeError(f"new(): data must be a sequence (got {type(value).__name__})")
        return tensor(value, device=device)._a.astype(np_dtype, copy=False)
    shape = sizes(data) if data else (0,)
    _check_shape(shape)
    return finish(determinism.fill(np.zeros(shape, np_dtype)), device, False)._a
