"""The names of before ``dtype``: ``FloatTensor`` and its siblings, ``tensor.type()``, ``tensor.new(...)``.

Source: https://pytorch.org/docs/stable/tensors.html (the table of legacy constructors)
"""

from __future__ import annotations

import functools
import importlib
import math
from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.device import set_default_device
from ..core.dims import size_argument
from ..core.dims import sizes as checked_sizes
from ..core.forms import FUNCTIONS, public
from ..core.frames import warn, warn_once
from ..core.tensor import Tensor, wrap
from .create import legacy_array


class tensortype(type):
    """The class of ``FloatTensor`` and the others: tensors of one type count as their instances."""

    dtype: dt.dtype
    is_cuda = False

    def __instancecheck__(cls, obj: Any) -> bool:
        return isinstance(obj, Tensor) and obj.dtype is cls.dtype and obj.is_cuda == cls.is_cuda

    def __call__(cls, *data: Any, device: Any = None) -> Tensor:
        if cls.is_cuda:
            _need_gpu(cls)
            device = device or "cuda"
        if len(data) == 1 and isinstance(data[0], Tensor) and data[0].dtype is not cls.dtype:
            raise TypeError(
                f"expected a tensor of type {cls.dtype} (got {data[0].dtype}). Convert it: tensor.to({cls.dtype})"
            )
        return wrap(legacy_array(data, device, cls.dtype))

    @property
    def layout(cls) -> Any:
        return FUNCTIONS["strided"]


def _need_gpu(cls: tensortype) -> None:
    if backends.cupy() is None:
        raise TypeError(
            f"type torch.cuda.{cls.__name__} not available. Torch not compiled with CUDA enabled.\n{backends.HINT}"
        )


def _make(d: dt.dtype, on_gpu: bool = False) -> tensortype:
    name = f"{d.legacy}Tensor"
    where = " on a GPU" if on_gpu else ""
    about = (
        f"A {d!r} tensor{where} from values or, given ints, of a shape. Kept for old code: prefer ``tensor``."
    )
    module = "torch.cuda" if on_gpu else "torch"
    made = tensortype(name, (), {"__doc__": about, "__module__": module, "dtype": d, "is_cuda": on_gpu})
    return made if on_gpu else public(made)


#: By the name that ``tensor.type()`` gives. Types that came after ``dtype`` have a name, but no class.
_TYPES = (
    dt.float32,
    dt.float64,
    dt.float16,
    dt.bfloat16,
    dt.int64,
    dt.int32,
    dt.int16,
    dt.int8,
    dt.uint8,
    dt.bool_,
)
CLASSES = {f"torch.{d.legacy}Tensor": _make(d) for d in _TYPES}
ON_GPU = {f"{d.legacy}Tensor": _make(d, on_gpu=True) for d in _TYPES}
CLASSES |= {f"torch.cuda.{name}": cls for name, cls in ON_GPU.items()}
NAMES = {f"torch.{d.legacy}Tensor": d for d in dt.dtype._of_name.values()}


def _type(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """type(dtype=None, non_blocking=False) -> str or Tensor

    Without an argument the name of the type, such as ``torch.FloatTensor``; else the elements in another type, which
    may be a dtype, a class such as ``torch.LongTensor``, or such a name.
    """
    if dtype is None:
        return f"torch.{'cuda.' if self.is_cuda else ''}{self.dtype.legacy}Tensor"
    if isinstance(dtype, dt.dtype):
        return self.to(dtype)
    name = f"{dtype.__module__}.{dtype.__name__}" if isinstance(dtype, tensortype) else dtype
    name = name.__name__ if isinstance(name, type) else name
    if not isinstance(name, str):
        raise TypeError("dtype must be a type, str, or dtype object")
    plain = name.replace("torch.cuda.", "torch.")
    if plain not in NAMES:
        raise ValueError(f"invalid type: '{name}'")
    if plain != name and backends.cupy() is None:
        raise RuntimeError(f"Cannot initialize CUDA without a GPU.\n{backends.HINT}")
    return self.to("cuda" if plain != name else "cpu", NAMES[plain], non_blocking)


def _new(self: Tensor, *data: Any, device: Any = None) -> Tensor:
    """new(*sizes) or new(values) -> Tensor

    A tensor of this type, from values or, given ints, of a shape. Kept for old code: prefer ``new_tensor``.
    """
    return wrap(legacy_array(data, device or self.device, self.dtype))


def _resize(self: Tensor, *sizes: Any) -> Tensor:
    """resize(*sizes) -> Tensor

    The elements in another shape of the same size. Kept for old code: use ``reshape``.
    """
    warn("non-inplace resize is deprecated")
    return _with_shape(self, size_argument(sizes, {}, "resize"))


def _resize_as(self: Tensor, tensor: Tensor) -> Tensor:
    """resize_as(tensor) -> Tensor

    The elements in the shape of another tensor of the same size. Kept for old code: use ``reshape``.
    """
    warn("non-inplace resize_as is deprecated")
    return _with_shape(self, tensor.shape)


def _with_shape(self: Tensor, size: Any) -> Tensor:
    shape = checked_sizes(size, "resize")
    n, given = math.prod(shape), self._a.size
    if n != given:
        raise RuntimeError(
            f"requested resize to {'x'.join(map(str, shape))} ({n} elements in total), but the given tensor has a size "
            f"of {'x'.join(map(str, self.shape))} ({given} elements). autograd's resize can only change the shape of a "
            "given tensor, while preserving the number of elements. "
        )
    return self.contiguous().view(shape)


def _number_first(name: str, tensors: tuple[str, ...], keyword: str) -> None:
    """Let an in-place method also take its factor as first argument: ``p.add_(-lr, grad)``, as old optimizers do."""
    method = getattr(Tensor, name)
    listed = ", ".join(f"Tensor {t}" for t in tensors)

    @functools.wraps(method)
    def form(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if len(args) == len(tensors) + 1 and isinstance(args[0], (int, float, complex)):
            warn_once(
                f"This overload of {name} is deprecated:\n\t{name}(Number {keyword}, {listed})\nConsider using one of "
                f"the following signatures instead:\n\t{name}({listed}, *, Number {keyword} = 1)"
            )
            kwargs[keyword], args = args[0], args[1:]
        return method(self, *args, **kwargs)

    setattr(Tensor, name, form)


for _name in ("add_", "sub_"):
    _number_first(_name, ("other",), "alpha")
for _name in ("addcmul_", "addcdiv_"):
    _number_first(_name, ("tensor1", "tensor2"), "value")

Tensor.type, Tensor.new = _type, _new
Tensor.resize, Tensor.resize_as = _resize, _resize_as


@public
def set_default_tensor_type(t: Any) -> None:
    """set_default_tensor_type(t) -> None

    Set the default floating type by a class such as ``torch.DoubleTensor`` or its name. Prefer ``set_default_dtype``.
    """
    warn(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use torch.set_default_dtype() and "
        "torch.set_default_device() as alternatives."
    )
    if isinstance(t, str):
        if t not in CLASSES:
            module, _, name = t.rpartition(".")
            t = getattr(importlib.import_module(module or t), name)
        else:
            t = CLASSES[t]
    if not isinstance(t, tensortype):
        raise TypeError("invalid type object: only floating-point types are supported as the default type")
    if t.is_cuda:
        _need_gpu(t)
        set_default_device("cuda")
    dt.set_default_dtype(t.dtype)
