"""Complex numbers: parts, angles, views as pairs of real numbers, conjugate transposes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.forms import FUNCTIONS, method, public
from ..core.op import op
from ..core.refusals import need_tensor
from ..core.tensor import Tensor
from .cast import half_part
from .shape import matrices_swapped


@op(view=True, method=False, function=False, name="ImagBackward0")
class imag_op:
    """The imaginary part."""

    label = "imag"
    formula = r"\mathrm{Im}\, x"
    holomorphic = False

    def forward(xp, input: Array):
        return half_part(input, 1) if input.dtype.kind == "W" else input.imag

    def d_input(F, g):
        r"i\,\bar y"
        return g * 1j


def imag(input: Tensor) -> Tensor:
    """imag(input) -> Tensor

    The imaginary part of a complex tensor.
    """
    if not input.is_complex():
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return imag_op(input)


public(imag)
Tensor.imag = property(imag, doc=imag.__doc__)


def _pair(np_dtype: Any, to_complex: bool) -> Any:
    table = {"float32": "complex64", "float64": "complex128"}
    name = np_dtype.name
    if name in ("float16", "complex32"):
        return dt.numpy_dtype(dt.complex32) if to_complex else np.dtype(np.float16)
    name = str(np_dtype)
    return np.dtype(table[name] if to_complex else {v: k for k, v in table.items()}[name])


@op(view=True, function=True, method=False, name="ViewAsRealBackward0")
class view_as_real:
    """view_as_real(input) -> Tensor

    A view of complex elements as pairs of real numbers in a new last dimension.
    """

    formula = r"(\mathrm{Re}\, x, \mathrm{Im}\, x)"
    holomorphic = False

    def forward(xp, input: Array):
        if input.dtype.kind not in "cW":
            raise RuntimeError("view_as_real is only supported for complex tensors")
        return input.reshape(1).view(_pair(input.dtype, False)) if not input.ndim else _as_real(xp, input)

    def d_input(F, g):
        r"\bar y_0 + i\,\bar y_1"
        return F.view_as_complex(g)


def _as_real(xp: Any, a: Any) -> Any:
    real = _pair(a.dtype, False)
    return xp.expand_dims(a, -1).view(real) if a.strides[-1:] else a.view(real)


@op(view=True, function=True, method=False, name="ViewAsComplexBackward0", fast=False)
class view_as_complex:
    """view_as_complex(input) -> Tensor

    A view of pairs of real numbers in the last dimension as complex elements.
    """

    formula = r"x_0 + i x_1"
    holomorphic = False

    def forward(xp, input: Array):
        if input.dtype.kind != "f":
            raise RuntimeError(
                "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar "
                f"type: {dt.from_numpy_dtype(input.dtype).legacy}"
            )
        if not input.ndim or input.shape[-1] != 2:
            raise RuntimeError("Tensor must have a last dimension of size 2")
        if input.strides[-1] != input.itemsize:
            input = xp.ascontiguousarray(input)
        return input.view(_pair(input.dtype, True))[..., 0]

    def d_input(F, g):
        r"(\mathrm{Re}\, \bar y, \mathrm{Im}\, \bar y)"
        return F.view_as_real(g)


@public
def complex(real: Tensor, imag: Tensor) -> Tensor:
    """complex(real, imag) -> Tensor

    Complex numbers from their parts, which have one floating type.
    """
    need_tensor("complex", "real", 1, real)
    need_tensor("complex", "imag", 2, imag)
    if not all(t.dtype.is_floating_point for t in (real, imag)):
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {real.dtype.legacy} and "
            f"{imag.dtype.legacy}"
        )
    if real.dtype is not imag.dtype:
        raise RuntimeError(
            f"Expected object of scalar type {real.dtype.legacy} but got scalar type {imag.dtype.legacy} "
            "for second argument"
        )
    parts = FUNCTIONS["broadcast_tensors"](real, imag)
    return view_as_complex(FUNCTIONS["stack"](parts, -1))


@public
def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """polar(abs, angle) -> Tensor

    Complex numbers from size and angle.
    """
    need_tensor("polar", "abs", 1, abs)
    need_tensor("polar", "angle", 2, angle)
    if abs.dtype is not angle.dtype:
        raise RuntimeError(
            f"Expected object of scalar type {abs.dtype.legacy} but got scalar type {angle.dtype.legacy} for second "
            "argument"
        )
    return complex(abs * angle.cos(), abs * angle.sin())


@op(types="float", inplace=False, name="AngleBackward0")
class angle:
    """angle(input) -> Tensor

    The angle of complex elements in radians; of real ones 0 or, below 0, pi.
    """

    formula = r"\arg x"
    holomorphic = False

    def forward(xp, input: Array):
        if input.dtype.kind == "c":
            return xp.angle(input).astype(input.real.dtype, copy=False)
        half_turn, zero = input.dtype.type(math.pi), input.dtype.type(0)
        return xp.where(input < 0, half_turn, xp.where(input == input, zero, input))  # nan stays nan

    def d_input(F, g, input):
        r"i\,\bar y\, x / |x|^2 \text{ (complex)}, \; 0 \text{ (real)}"
        if str(input.dtype).find("complex") < 0:
            return g * 0
        size = F.abs(input)
        zero = size == 0
        safe = F.where(zero, size * 0 + 1, size)
        return F.where(zero, input * 0, g * 1j * input / (safe * safe))


@method
def isreal(input: Tensor) -> Tensor:
    """isreal(input) -> BoolTensor

    Has each element no imaginary part?
    """
    return input.imag == 0 if input.is_complex() else input.isnan() | True


@method
def conj_physical(input: Tensor) -> Tensor:
    """conj_physical(input) -> Tensor

    The complex conjugate, computed at once (as every conjugate here is).
    """
    return input.conj()


def _itself(name: str, words: str) -> None:
    def fn(input: Tensor) -> Tensor:
        return input

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}(input) -> Tensor\n\nThe tensor itself: {words}"
    method(fn)


_itself("resolve_conj", "conjugates are never put off here.")
_itself("resolve_neg", "negatives are never put off here.")


@method
def adjoint(input: Tensor) -> Tensor:
    """adjoint(input) -> Tensor

    The last two dimensions swapped, the elements conjugated.
    """
    return matrices_swapped(input, "adjoint()", "Consider using x.conj().").conj()


def _hermitian(self: Tensor) -> Tensor:
    """The conjugate transpose of a matrix."""
    if self._a.ndim not in (0, 2):
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {self._a.ndim}-D tensor."
        )
    return matrices_swapped(self, "Tensor.H", "Consider using x.conj().").conj()


Tensor.H = property(_hermitian, doc=_hermitian.__doc__)
Tensor.mH = property(
    lambda self: matrices_swapped(self, "Tensor.mH", "Consider using x.conj().").conj(),
    doc="The last two dimensions swapped, the elements conjugated.",
)
