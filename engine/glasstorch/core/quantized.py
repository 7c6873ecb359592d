"""Quantized numbers: integers with a scale and a zero point beside them, which stand for ``(q - zero_point) * scale``.

``QuantizedTensor`` is what ``torch.quantize_per_tensor`` gives and what the weight of a quantized layer is. It is a
record to look at, no ``Tensor``: it has the questions one asks (``int_repr``, ``dequantize``, ``q_scale``, …), and
everything else says how to get at a tensor.
Source: https://pytorch.org/docs/stable/quantization.html#quantized-tensors
"""

from __future__ import annotations

import copy
import functools
from typing import Any, NoReturn

import numpy as np

from . import dtype as dt
from .device import device as Device
from .size import Size
from .tensor import Tensor, wrap


class quantized_dtype(dt.dtype):
    """The element type of a quantized tensor: ``holds`` is the type of its integers."""

    __slots__ = ("holds",)

    def __init__(self, name: str, holds: dt.dtype, legacy: str) -> None:
        # Not among the types that plain tensors can have: np is None, and nothing is registered.
        self.name, self.np, self.category, self.legacy, self.holds = name, None, dt.INTEGRAL, legacy, holds

    def __reduce__(self) -> tuple:
        return _dtype_from_name, (self.name,)

    @property
    def is_signed(self) -> bool:
        """Can it hold negative numbers?"""
        return self.holds.is_signed

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.holds.itemsize

    @property
    def limits(self) -> tuple[int, int]:
        """The smallest and the largest integer."""
        info = dt.iinfo(self.holds)
        return info.min, info.max


qint8 = quantized_dtype("qint8", dt.int8, "QInt8")
quint8 = quantized_dtype("quint8", dt.uint8, "QUInt8")
qint32 = quantized_dtype("qint32", dt.int32, "QInt32")
QUANTIZED_TYPES = {d.name: d for d in (qint8, quint8, qint32)}


def _dtype_from_name(name: str) -> quantized_dtype:
    return QUANTIZED_TYPES[name]


class qscheme:
    """How a tensor is quantized: with one scale for all of it, or one for each index of a dimension."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return _scheme_from_name, (self.name,)


SCHEMES = {
    name: qscheme(name)
    for name in ("per_tensor_affine", "per_channel_affine", "per_tensor_symmetric", "per_channel_symmetric")
}


def _scheme_from_name(name: str) -> qscheme:
    return SCHEMES[name]


class QuantizedTensor:
    """Integers, a scale and a zero point: made by ``torch.quantize_per_tensor`` and ``torch.quantize_per_channel``.

    ``scale`` and ``zero_point`` are numbers, or with ``axis`` tensors of one dimension (float64 and int64), a number
    for each index of that dimension. What it does not offer raises NotImplementedError and says what to do.
    """

    is_quantized, requires_grad, grad, grad_fn, is_leaf, is_cuda = True, False, None, None, True, False

    def __init__(
        self, ints: Tensor, dtype: quantized_dtype, scale: Any, zero_point: Any, axis: int | None = None
    ) -> None:
        if ints.dtype is not dtype.holds:
            raise TypeError(f"the integers of {dtype!r} are {dtype.holds!r}, got {ints.dtype!r}")
        self._ints, self.dtype, self._axis = ints, dtype, axis
        self._scale, self._zero_point = scale, zero_point

    # ------------------------------------------------------------------ its parts
    def int_repr(self) -> Tensor:
        """The integers, as a tensor of its own."""
        return self._ints.clone()  # type: ignore[attr-defined]

    def dequantize(self) -> Tensor:
        """The real numbers that it stands for, float32."""
        q = np.asarray(self._ints._a)
        if self._axis is None:
            steps = (q.astype(np.int64) - self._zero_point).astype(np.float32)
            return wrap(steps * np.float32(self._scale))
        along = (-1,) + (1,) * (q.ndim - 1 - self._axis)
        steps = q.astype(np.int64) - self._zero_point._a.reshape(along)
        return wrap((steps * self._scale._a.reshape(along)).astype(np.float32))

    def qscheme(self) -> qscheme:
        """``torch.per_tensor_affine`` or ``torch.per_channel_affine``."""
        return SCHEMES["per_tensor_affine" if self._axis is None else "per_channel_affine"]

    def q_scale(self) -> float:
        """The scale; RuntimeError when there are several."""
        return self._for_all("q_scale", self._scale)

    def q_zero_point(self) -> int:
        """The zero point; RuntimeError when there are several."""
        return self._for_all("q_zero_point", self._zero_point)

    def q_per_channel_scales(self) -> Tensor:
        """The scales, float64; RuntimeError when there is one for all."""
        return self._for_each("q_per_channel_scales", self._scale)

    def q_per_channel_zero_points(self) -> Tensor:
        """The zero points, int64; RuntimeError when there is one for all."""
        return self._for_each("q_per_channel_zero_points", self._zero_point)

    def q_per_channel_axis(self) -> int:
        """The dimension with a scale for each index; RuntimeError when there is one for all."""
        return self._for_each("q_per_channel_axis", self._axis)

    def _for_all(self, name: str, value: Any) -> Any:
        if self._axis is not None:
            raise RuntimeError(
                f"{name}(): quantized per channel; see q_per_channel_scales() and its relatives"
            )
        return value

    def _for_each(self, name: str, value: Any) -> Any:
        if self._axis is None:
            raise RuntimeError(f"{name}(): quantized per tensor; see q_scale() and q_zero_point()")
        return value

    @functools.cached_property
    def _factor(self) -> Tensor:
        """The scale as products take it: float32."""
        return wrap(np.asarray(self._scale if self._axis is None else self._scale._a).astype(np.float32))

    # ------------------------------------------------------------------ questions that tensors answer too
    @property
    def shape(self) -> Size:
        """Its lengths."""
        return self._ints.shape

    device = property(lambda self: Device("cpu"), doc="Always the CPU.")
    ndim = property(lambda self: self._ints.ndim, doc="Number of dimensions.")
    itemsize = property(lambda self: self.dtype.itemsize, doc="Bytes of one integer.")
    nbytes = property(lambda self: self.numel() * self.itemsize, doc="Bytes of all integers.")

    def size(self, dim: int | None = None) -> Any:
        """Its lengths, or one of them."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        """Number of dimensions."""
        return self._ints.ndim

    def numel(self) -> int:
        """Number of elements."""
        return self._ints.numel()  # type: ignore[attr-defined]

    def element_size(self) -> int:
        """Bytes of one integer."""
        return self.itemsize

    def detach(self) -> QuantizedTensor:
        """Itself: it has no gradients."""
        return self

    cpu = contiguous = detach

    def clone(self) -> QuantizedTensor:
        """A copy with its own memory."""
        return copy.deepcopy(self)

    def __len__(self) -> int:
        return len(self._ints)

    def __repr__(self) -> str:
        from ..printing import quantized_text

        return quantized_text(self)

    # ------------------------------------------------------------------ what it has not
    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(Tensor, name):
            raise AttributeError(f"'QuantizedTensor' object has no attribute {name!r}")
        _refuse(f"Tensor.{name}")

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") == "dequantize":
            given = args[0]
            return (
                tuple(t.dequantize() for t in given)
                if isinstance(given, (list, tuple))
                else given.dequantize()
            )
        _refuse(getattr(func, "__name__", str(func)))


def _refuse(what: str) -> NoReturn:
    raise NotImplementedError(
        f"{what} is not offered for quantized tensors: take .dequantize() to compute with the real numbers, or "
        ".int_repr() for the integers"
    )


def _operator(name: str) -> Any:
    def refuse(self: QuantizedTensor, *others: Any) -> NoReturn:
        _refuse(f"Tensor.{name}")

    refuse.__name__ = name
    return refuse


_OPERATORS = """add sub mul truediv matmul pow radd rsub rmul rtruediv rmatmul neg abs lt le gt ge getitem setitem iter
bool float int array"""
for _name in _OPERATORS.split():
    setattr(QuantizedTensor, f"__{_name}__", _operator(f"__{_name}__"))
