"""Changes of type and device, and copies from one tensor into another."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.device import device as Device
from ..core.dims import joined_shape
from ..core.dispatch import NUMBERS
from ..core.forms import FUNCTIONS, method
from ..core.frames import warn_once
from ..core.inplace import Overwritten, check_writable, overwrite, write
from ..core.op import op
from ..core.outputs import check_overlap
from ..core.refusals import type_name
from ..core.tensor import Tensor, wrap
from .kinds import filling
from .layout import copy_in


@op(method=False, function=False, name="ToCopyBackward0")
class cast:
    """The elements in another type."""

    label = "to"
    formula = "x"
    holomorphic = False
    keeps = ("source",)
    frees = False

    def forward(xp, input: Array, np_dtype):
        source = input.dtype
        if source.kind in "cW" and np_dtype.kind == "b":
            return input != 0, (source,)
        if source.kind == "c" and np_dtype.kind != "c":
            warn_once("Casting complex values to real discards the imaginary part")
            input = input.real
        return (copy_in(xp, input, None) if 0 in input.strides else input).astype(np_dtype), (source,)

    def d_input(F, g, source):
        r"\bar y"
        return F.cast_like(g, source)


@op(method=False, function=False, name="ToCopyBackward0", fast=False)
class transfer:
    """The elements on another device."""

    label = "to"
    formula = "x"
    keeps = ("home",)
    frees = False

    def forward(xp, input: Array, kind, index, non_blocking=False):
        return backends.move(input, kind, index, non_blocking), (backends.place(input),)

    def d_input(F, g, home):
        r"\bar y"
        return transfer(g, *home) if isinstance(g, Tensor) else backends.move(g, *home)


_WAYS = (
    " * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, "
    "torch.memory_format memory_format = None)\n"
    " * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, "
    "torch.memory_format memory_format = None)\n"
    " * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n"
)


def _read(args: tuple, kwargs: dict[str, Any]) -> tuple[Any, Any, bool, bool, Any]:
    """Device, dtype, non_blocking, copy and memory format that a call of ``to`` asks for; TypeError for other ways."""
    if len(args) > 4:
        raise TypeError(f"to() takes from 0 to 4 positional arguments but {len(args)} were given")
    first = args[0] if args else None
    names = (
        ["dtype"]
        if isinstance(first, dt.dtype)
        else ["tensor"]
        if isinstance(first, Tensor)
        else ["device", "dtype"]
    )
    names += ["non_blocking", "copy"]
    got: dict[str, Any] = dict.fromkeys(("device", "dtype", "tensor", "memory_format"))
    got |= {"non_blocking": False, "copy": False}
    given = dict(zip(names, args, strict=False))
    fits = (
        len(args) <= len(names)
        and not given.keys() & kwargs.keys()
        and got.keys() >= kwargs.keys()
        and not ("tensor" in given and kwargs.keys() & {"device", "dtype"})
    )
    got |= given | kwargs
    fits = fits and all((
        isinstance(got["device"], (str, int, Device, type(None))), isinstance(got["dtype"], (dt.dtype, type(None))),
        isinstance(got["tensor"], (Tensor, type(None))), isinstance(got["non_blocking"], bool),
        isinstance(got["copy"], bool),
        isinstance(got["memory_format"], (type(FUNCTIONS["preserve_format"]), type(None))),
    ))  # fmt: skip
    if not fits:
        words = [type_name(a).replace("dtype", "torch.dtype") for a in args]
        words += [f"{k}={type_name(v)}" for k, v in kwargs.items()]
        raise TypeError(
            f"to() received an invalid combination of arguments - got ({', '.join(words)}), but expected one of:\n"
            f"{_WAYS}"
        )
    if got["tensor"] is not None:
        got |= {"device": got["tensor"].device, "dtype": got["tensor"].dtype}
    return got["device"], got["dtype"], got["non_blocking"], got["copy"], got["memory_format"]


def _lies_on(a: Any, d: Device) -> bool:
    """Is an array on that device already? ``cuda`` without index is the selected GPU."""
    if a.__class__ is backends.HostArray:
        return d.type == "cpu"
    kind, index = backends.place(a)
    if d.type != kind or kind == "cpu":
        return d.type == kind
    return index == (backends.selected() if d.index is None else d.index)


def _to(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """to(dtype) / to(device, dtype=None) / to(other), with non_blocking=False, copy=False, memory_format -> Tensor

    The tensor in another type or on another device; itself when nothing changes (unless ``copy``). ``non_blocking``:
    a copy between a GPU and pinned memory goes on while the program does.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.to.html
    """
    if len(args) == 1 and not kwargs:  # the usual calls
        if args[0].__class__ is dt.dtype:
            return self if args[0] is self.dtype else cast(self, dt.numpy_dtype(args[0]))
        if args[0].__class__ is Device or args[0].__class__ is str:
            d = args[0] if args[0].__class__ is Device else Device(args[0])
            return self if _lies_on(self._a, d) else transfer(self, d.type, d.index)
    args = tuple(dt.PYTHON_TYPES.get(a, a) if isinstance(a, type) else a for a in args)
    if isinstance(kwargs.get("dtype"), type):
        kwargs["dtype"] = dt.PYTHON_TYPES.get(kwargs["dtype"], kwargs["dtype"])
    device, dtype, non_blocking, copy, form = _read(args, kwargs)
    out = self
    if device is not None:
        d = device if isinstance(device, Device) else Device(device)
        if not _lies_on(self._a, d):
            out = transfer(out, d.type, d.index, non_blocking)
    if dtype is not None and dtype is not out.dtype:
        out = cast(out, dt.numpy_dtype(dtype))
    if form is not None and form is not FUNCTIONS["preserve_format"]:
        out = out.contiguous(memory_format=form)
    return self.clone() if copy and out is self else out


Tensor.to = _to


def _caster(name: str, d: dt.dtype) -> None:
    def convert(self: Tensor, memory_format: Any = None) -> Tensor:
        return _to(self, d, memory_format=memory_format)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"{name}() -> Tensor\n\nThe elements as {d!r}; the tensor itself when that is its type."
    setattr(Tensor, name, convert)


for _name, _d in [("float", dt.float32), ("double", dt.float64), ("half", dt.float16), ("bfloat16", dt.bfloat16),
                  ("long", dt.int64), ("int", dt.int32), ("short", dt.int16), ("char", dt.int8), ("byte", dt.uint8),
                  ("bool", dt.bool_), ("chalf", dt.complex32), ("cfloat", dt.complex64),
                  ("cdouble", dt.complex128)]:  # fmt: skip
    _caster(_name, _d)


def _type_as(self: Tensor, other: Tensor) -> Tensor:
    """type_as(other) -> Tensor

    The elements in the type (and on the device) of ``other``.
    """
    return _to(self, other)


_CPU = Device("cpu")


def _cpu(self: Tensor, *, memory_format: Any = None) -> Tensor:
    """cpu() -> Tensor

    The tensor in host memory.
    """
    return _to(self, _CPU) if memory_format is None else _to(self, _CPU, memory_format=memory_format)


def _cuda(
    self: Tensor, device: Any = None, non_blocking: bool = False, *, memory_format: Any = None
) -> Tensor:
    """cuda(device=None, non_blocking=False) -> Tensor

    The tensor on a GPU: on the selected one, or on ``device``. ``non_blocking``: from pinned memory, do not wait.
    """
    if not isinstance(device, (str, int, Device, type(None))):
        raise TypeError(
            f"cuda(): argument 'device' (position 1) must be torch.device, not {type_name(device)}"
        )
    where = Device("cuda" if device is None else device)
    if where.type != "cuda":
        raise RuntimeError("Invalid device, must be cuda device")
    return _to(self, where, None, non_blocking, memory_format=memory_format)


Tensor.type_as, Tensor.cpu, Tensor.cuda = _type_as, _cpu, _cuda


def _copy(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """copy_(src) -> Tensor

    Write the elements of ``src`` (broadcast, converted) into this tensor.
    """
    check_writable(self, "copy_")
    if not isinstance(src, Tensor):
        return _fill(self, src)
    if not isinstance(non_blocking, bool):
        raise TypeError(
            f"copy_(): argument 'non_blocking' (position 2) must be bool, not {type_name(non_blocking)}"
        )
    values = _to(src, self.device, None, non_blocking and self.is_cuda)  # on the CPU it is read at once
    if values.dtype is not self.dtype:
        values = _to(values, self.dtype)
    shape = self._a.shape
    if values._a.shape != shape:
        both = joined_shape(shape, values._a.shape)
        if both != shape:
            raise RuntimeError(
                f"output with shape {list(shape)} doesn't match the broadcast shape {list(both)}"
            )
        values = values.expand(*shape)
    if src._v is self._v and src is not self:
        check_overlap(self, src)
    overwrite(self, values)
    return self


Tensor.copy_ = _copy


def _fill(self: Tensor, value: Any, node: str = "FillBackward2") -> Tensor:
    """fill_(value) -> Tensor

    Set every element to a number or a 0-d tensor.
    """
    check_writable(self, "fill_")
    if isinstance(value, Tensor):
        if value._a.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value._a.ndim} dimensions."
            )
        return _copy(self, value)
    if not isinstance(value, NUMBERS):
        raise TypeError(
            f"fill_() received an invalid combination of arguments - got ({type_name(value)}), but expected one of:\n"
            f" * (Tensor value)\n      didn't match because some of the arguments have invalid types: "
            f"(!{type_name(value)}!)\n * (Number value)\n      didn't match because some of the arguments have invalid "
            f"types: (!{type_name(value)}!)\n"
        )
    number = value.item() if isinstance(value, np.generic) else value
    xp = backends.namespace(self._a)
    write(self, wrap(xp.asarray(filling(number, self.dtype), dtype=self._a.dtype)))
    if isinstance(self._node, Overwritten):
        self._node.kind = node
    return self


def _fill_method(self: Tensor, value: Any) -> Tensor:
    return _fill(self, value)


_fill_method.__name__ = _fill_method.__qualname__ = "fill_"
_fill_method.__doc__ = _fill.__doc__
Tensor.fill_ = _fill_method


def _zero(self: Tensor) -> Tensor:
    """zero_() -> Tensor

    Set every element to 0.
    """
    return _fill(self, 0, "ZeroBackward0")


Tensor.zero_ = _zero


def half_part(a: Any, k: int) -> Any:
    """The real (0) or imaginary (1) parts of a complex32 array, of which NumPy itself does not know them."""
    if not a.ndim:
        return a.reshape(1).view("float16")[k]
    return a[..., None].view("float16")[..., k]


@op(view=True, method=False, function=False, name="RealBackward0")
class real_op:
    """The real part of complex elements."""

    formula = r"\mathrm{Re}\, x"
    holomorphic = False

    def forward(xp, input: Array):
        return half_part(input, 0) if input.dtype.kind == "W" else input.real

    def d_input(F, g):
        r"\bar y"
        return g * (1 + 0j)


def _real(input: Tensor) -> Tensor:
    """real(input) -> Tensor

    The real part; a real tensor itself.
    """
    return real_op(input) if input.is_complex() else input


_real.__name__ = "real"
method(_real)
Tensor.real = property(_real, doc=_real.__doc__)
