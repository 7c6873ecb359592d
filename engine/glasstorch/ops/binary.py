"""Functions of two or three tensors, element by element, with broadcasting and type promotion."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.forms import method, public
from ..core.op import op
from ..core.outputs import C_NAMES
from ..core.refusals import need_tensor, noted, type_name
from ..core.tensor import Tensor
from .arithmetic import _no_zero, _not_complex, pow, sub
from .create import tensor
from .kinds import not_implemented, supports
from .rearrange import broadcast_tensors


@op(types="float")
class atan2:
    """atan2(input, other, *, out=None) -> Tensor

    The angle of the point ``(other, input)`` from the first axis, between -pi and pi.
    """

    unsupported = ("atan2_cpu", "c")
    numbers = ()
    formula = r"\mathrm{atan2}(x, y)"
    ufunc, arity = "arctan2", 2

    def d_input(F, g, input, other):
        r"\bar z \odot \frac{y}{x^2 + y^2}"
        return g * (other / _square_sum(F, input, other))

    def d_other(F, g, input, other):
        r"-\bar z \odot \frac{x}{x^2 + y^2}"
        return g * (-input / _square_sum(F, input, other))


def _square_sum(F: Any, x: Any, y: Any) -> Any:
    s = x * x + y * y
    return F.where(s == 0, s + 1, s)


@op(types="promote")
class fmod:
    """fmod(input, other, *, out=None) -> Tensor

    What is left after dividing, with the sign of the dividend (C's ``fmod``).
    """

    unsupported = ("fmod_cpu", "bc")
    numbers = ("other",)
    formula = r"x - y \cdot \mathrm{trunc}(x / y)"

    def forward(xp, input: Array, other: Array):
        _no_zero(xp, input, other)
        return xp.fmod(input, other)

    def d_input(F, g):
        r"\bar z"
        return g

    def d_other(F, g, input, other):
        r"-\bar z \odot \mathrm{trunc}(x / y)"
        return -g * F.trunc(input / other)


@op(types="promote")
class hypot:
    """hypot(input, other, *, out=None) -> Tensor

    The length of the hypotenuse, without overflow.
    """

    unsupported = ("hypot_cpu", "bic")
    numbers = ()
    formula = r"\sqrt{x^2 + y^2}"
    ufunc, arity = "hypot", 2

    def d_input(F, g, input, out):
        r"\bar z \odot x / z"
        return g * (input / out)

    def d_other(F, g, other, out):
        r"\bar z \odot y / z"
        return g * (other / out)


@op(types="promote", inplace=False)
class logaddexp:
    """logaddexp(input, other, *, out=None) -> Tensor

    ``log(exp(input) + exp(other))``, without overflow.
    """

    numbers = ()
    formula = r"\log(e^{x} + e^{y})"
    unsupported = ("logaddexp_cpu", "bi")

    def forward(xp, input: Array, other: Array):
        if input.dtype.kind != "c":
            return xp.logaddexp(input, other)
        large = xp.where(input.real < other.real, other, input)
        small = xp.where(input.real < other.real, input, other)
        out = large + xp.log1p(xp.exp(small - large))
        return xp.where(
            xp.isinf(small.real) & (small.real == large.real), xp.log(xp.exp(small) + xp.exp(large)), out
        )

    def d_input(F, g, input, other):
        r"\bar z \odot \frac{1}{1 + e^{y - x}}"
        return g / (1 + F.exp(other - input))

    def d_other(F, g, input, other):
        r"\bar z \odot \frac{1}{1 + e^{x - y}}"
        return g / (1 + F.exp(input - other))


@op(types="promote", inplace=False)
class logaddexp2:
    """logaddexp2(input, other, *, out=None) -> Tensor

    ``log2(2**input + 2**other)``, without overflow.
    """

    unsupported = ("logaddexp2_cpu", "bic")
    numbers = ()
    formula = r"\log_2(2^{x} + 2^{y})"
    ufunc, arity = "logaddexp2", 2

    def d_input(F, g, input, other):
        r"\bar z \odot \frac{1}{1 + 2^{y - x}}"
        return g / (1 + F.exp2(other - input))

    def d_other(F, g, input, other):
        r"\bar z \odot \frac{1}{1 + 2^{x - y}}"
        return g / (1 + F.exp2(input - other))


def _x_log(name: str, symbol: str, log: str, inner: Any, fn: Any) -> Any:
    """``xlogy`` and ``xlog1py``: 0 where x is 0, whatever the logarithm says."""

    def forward(xp, input: Array, other: Array):
        dtype = (input if hasattr(input, "dtype") else other).dtype
        x, y = xp.asarray(input, dtype), xp.asarray(other, dtype)
        out = x * getattr(xp, log)(y)
        return xp.where(xp.isnan(y), y, xp.where(x == 0, x * 0, out)).astype(out.dtype, copy=False)

    def d_input(F, g, input, other):
        y = other if hasattr(other, "shape") else F.zeros_of((), g) + other
        zero = (input == 0) & (inner(y) <= 0)
        return g * F.where(zero, y * 0, getattr(F, log)(F.where(zero, y * 0 + 1, y)))

    def d_other(F, g, input, other):
        return g * input / inner(other)

    d_input.__doc__, d_other.__doc__ = rf"\bar z \odot {symbol}", r"\bar z \odot x / " + fn
    body = {
        "__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\n``input * {log}(other)``, 0 where ``input`` is 0.",
        "formula": rf"x \odot {symbol}", "forward": forward, "unsupported": (f"{name}_cpu", "c"),
        "d_input": d_input, "d_other": d_other,
    }  # fmt: skip
    return body


xlogy = op(types="float")(type("xlogy", (), _x_log("xlogy", r"\log y", "log", lambda y: y, "y")))
_xlog1py_body = _x_log("xlog1py", r"\log(1 + y)", "log1p", lambda y: y + 1, "(1 + y)")
special_xlog1py = op(
    types="float", method=False, function=False, inplace=False, name="SpecialXlog1PyBackward0"
)(type("xlog1py", (), _xlog1py_body))


def _same_types(names: tuple[str, ...], *operands: Any) -> None:
    tensors = [t for t in operands if isinstance(t, Tensor)]
    for k, t in enumerate(tensors[1:]):
        if t.dtype is not tensors[0].dtype:
            kinds = [C_NAMES.get(x.dtype.name, x.dtype.name) for x in (tensors[0], t)]
            raise noted(
                RuntimeError(f"expected dtype {kinds[0]} for `{names[k]}` but got dtype {kinds[1]}"),
                "Convert one with .to(...).",
            )


@op(types="promote", fast=False)
class lerp:
    """lerp(input, end, weight, *, out=None) -> Tensor

    ``input + weight * (end - input)``: from ``input`` to ``end`` as ``weight`` goes from 0 to 1.
    """

    formula = r"x + w (y - x)"
    numbers = ("weight",)

    def check(input, end, weight):
        _same_types(("end", "weight"), input, end, weight)
        if isinstance(input, Tensor) and input.dtype.category < dt.FLOATING:
            not_implemented("lerp_kernel_scalar", input.dtype)

    def forward(xp, input: Array, end: Array, weight: Array):
        # Counting from the nearer end keeps weight 1 exact.
        w = xp.asarray(weight)
        near = input + weight * (end - input)
        return xp.where(xp.abs(w) < 0.5, near, end - (end - input) * (1 - weight)).astype(
            near.dtype, copy=False
        )

    def d_input(F, g, weight):
        r"\bar z (1 - w)"
        return g * (1 - weight)

    def d_end(F, g, weight):
        r"\bar z\, w"
        return g * weight

    def d_weight(F, g, input, end):
        r"\bar z (y - x)"
        return g * (end - input)


@op(types="float")
class copysign:
    """copysign(input, other, *, out=None) -> Tensor

    The size of ``input`` with the sign of ``other``.
    """

    unsupported = ("copysign_cpu", "c")
    numbers = ("other",)
    formula = r"|x| \, \mathrm{sign}(y)"
    ufunc, arity = "copysign", 2

    def d_input(F, g, input, out):
        r"\bar z \odot z / x"
        zero = input == 0
        return g * F.where(zero, out * 0, out / F.where(zero, input * 0 + 1, input))

    def d_other(F, g):
        "0"
        return g * 0


@op(types="promote", fast=False)
class heaviside:
    """heaviside(input, values, *, out=None) -> Tensor

    0 below 0, 1 above 0, and ``values`` at 0.
    """

    numbers = ()
    formula = r"\mathbb{1}[x > 0] + v\,\mathbb{1}[x = 0]"

    def check(input, values):
        if any(isinstance(t, Tensor) and t.is_complex() for t in (input, values)):
            raise RuntimeError("heaviside is not yet implemented for complex tensors.")
        if isinstance(values, Tensor) and input.dtype is not values.dtype:
            raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")

    def forward(xp, input: Array, values: Array):
        out = xp.where(input == 0, values, (input > 0).astype(values.dtype))
        return xp.where(input != input, values.dtype.type(0), out) if values.dtype.kind not in "biu" else out

    def d_input(F, g):
        "not defined"
        raise NotImplementedError("derivative for aten::heaviside is not implemented.")

    def d_values(F, g):
        "not defined"
        raise NotImplementedError("derivative for aten::heaviside is not implemented.")


def _integers(name: str, words: str) -> Any:
    def forward(xp, input: Array, other: Array):
        return getattr(xp, name)(input, other)

    body = {"__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\n{words} of integers, element by element.",
            "formula": rf"\mathrm{{{name}}}(x, y)", "forward": forward, "numbers": (),
            "unsupported": (f"{name}_cpu", "bfc")}  # fmt: skip
    return op(types="promote")(type(name, (), body))


gcd = _integers("gcd", "The greatest common divisor")
lcm = _integers("lcm", "The least common multiple")


@op(types="promote", wide=False)
class nextafter:
    """nextafter(input, other, *, out=None) -> Tensor

    The next number of the type after ``input`` in the direction of ``other``.
    """

    unsupported = ("nextafter_cpu", "bic")
    numbers = ()
    formula = r"\mathrm{nextafter}(x, y)"
    ufunc, arity = "nextafter", 2

    def d_input(F, g, input, other):
        r"\bar z \odot \mathbb{1}[x \neq y]"
        return F.where(input == other, 0, g)

    def d_other(F, g):
        "0"
        return F.zeros_of(g.shape, g)


@op(types="promote", fast=False)
class addcmul:
    """addcmul(input, tensor1, tensor2, *, value=1, out=None) -> Tensor

    ``input + value * tensor1 * tensor2``.
    """

    unsupported = ("addcmul_cpu_out", "b")
    numbers = ()
    formula = r"x + v\, a \odot b"

    def forward(xp, input: Array, tensor1: Array, tensor2: Array, *, value=1):
        return input + (tensor1 * tensor2 if value == 1 else tensor1 * tensor2 * input.dtype.type(value))

    def d_input(F, g):
        r"\bar z"
        return g

    def d_tensor1(F, g, tensor2, value):
        r"v\,\bar z \odot b"
        return g * (tensor2 * value)

    def d_tensor2(F, g, tensor1, value):
        r"v\,\bar z \odot a"
        return g * (tensor1 * value)


@op(types="promote", fast=False)
class addcdiv:
    """addcdiv(input, tensor1, tensor2, *, value=1, out=None) -> Tensor

    ``input + value * tensor1 / tensor2``.
    """

    unsupported = ("addcdiv_cpu_out", "b")
    numbers = ()
    formula = r"x + v\, a / b"

    def check(input, tensor1, tensor2, value):
        if all(isinstance(t, Tensor) and t.dtype.category < dt.FLOATING for t in (tensor1, tensor2)):
            raise noted(
                RuntimeError(
                    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will "
                    "perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented "
                    "as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as "
                    "(input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the "
                    "latter implementation: (input + value * tensor1 / tensor2), for all dtypes."
                ),
                "Convert the operands with .float() first.",
            )

    def forward(xp, input: Array, tensor1: Array, tensor2: Array, *, value=1):
        return input + tensor1 / tensor2 * input.dtype.type(value)

    def d_input(F, g):
        r"\bar z"
        return g

    def d_tensor1(F, g, tensor2, value):
        r"v\,\bar z / b"
        return g * (value / tensor2)

    def d_tensor2(F, g, tensor1, tensor2, value):
        r"-v\,\bar z \odot a / b^2"
        return -g * (tensor1 * value / (tensor2 * tensor2))


def _choose(name: str, words: str, wins: Any) -> Any:
    """``fmax`` and ``fmin``: like maximum and minimum, but a nan loses against a number."""

    def d_input(F, g, input, other):
        return F.where(wins(input, other) | (other != other), g, g * 0)

    def d_other(F, g, input, other):
        return F.where(wins(input, other) | (other != other), g * 0, g)

    sign = r"\geq" if name == "fmax" else r"\leq"
    d_input.__doc__ = rf"\bar z \odot \mathbb{{1}}[x {sign} y]"
    d_other.__doc__ = rf"\bar z \odot \mathbb{{1}}[\lnot (x {sign} y)]"
    body = {"__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\nThe {words} of two elements; where one is nan, "
            "the other.", "formula": rf"\{name[1:]}(x, y)", "ufunc": name, "arity": 2, "numbers": (),
            "check": _not_complex(name), "holomorphic": False, "d_input": d_input, "d_other": d_other}  # fmt: skip
    return op(types="promote", inplace=False, fast=False)(type(name, (), body))


fmax = _choose("fmax", "larger", lambda x, y: x >= y)
fmin = _choose("fmin", "smaller", lambda x, y: x <= y)


@method
def float_power(input: Any, exponent: Any) -> Tensor:
    """float_power(input, exponent) -> Tensor

    ``input ** exponent`` in double precision; either may be a number.
    """
    if not isinstance(input, Tensor) and not isinstance(exponent, Tensor):
        raise TypeError(
            f"float_power() received an invalid combination of arguments - got ({type_name(input)}, "
            f"{type_name(exponent)}), but expected one of:\n * (Tensor input, Tensor exponent, *, Tensor out = None)\n"
            " * (Number self, Tensor exponent, *, Tensor out = None)\n"
            " * (Tensor input, Number exponent, *, Tensor out = None)\n"
        )
    complex_ = any(
        v.is_complex() if isinstance(v, Tensor) else isinstance(v, complex) for v in (input, exponent)
    )
    to = dt.complex128 if complex_ else dt.float64
    base = input.to(to) if isinstance(input, Tensor) else tensor(input, dtype=to)
    return pow(base, exponent.to(to) if isinstance(exponent, Tensor) else exponent)


@method
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False) -> BoolTensor

    Is ``|input - other| <= atol + rtol * |other|``, element by element?
    """
    from .. import backends
    from ..core.tensor import wrap

    if not isinstance(other, Tensor):
        raise TypeError(
            f"isclose(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}"
        )
    need_tensor("isclose", "input", 1, input)
    need_tensor("isclose", "other", 2, other)
    if input.dtype is not other.dtype:
        raise RuntimeError(f"{input.dtype.legacy} did not match {other.dtype.legacy}")
    for name, v in (("rtol", rtol), ("atol", atol)):
        if v < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {v:g}")
    xp = backends.namespace(input._a)
    return wrap(xp.isclose(input._a, other._a, rtol=rtol, atol=atol, equal_nan=equal_nan))


@public
def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """rsub(input, other, *, alpha=1) -> Tensor

    ``other - alpha * input``.
    """
    if not isinstance(input, Tensor):
        raise TypeError(
            f"rsub() received an invalid combination of arguments - got ({type_name(input)}, {type_name(other)}), but "
            "expected one of:\n * (Tensor input, Tensor other, *, Number alpha = 1)\n"
            " * (Tensor input, Number other, Number alpha = 1)\n"
        )
    return sub(other, input, alpha=alpha)


@op(method=False, function=False, name="LdexpBackward0")
class _ldexp:
    """``input * 2**exponent`` for integer exponents, exact where the product of two roundings is not."""

    label = "ldexp"
    formula = r"x\,2^{n}"

    def forward(xp, input: Array, exponent):
        wide = (
            input if input.dtype.kind == "f" else input.astype(xp.float32)
        )  # bfloat16 has no ldexp of its own
        return xp.ldexp(wide, xp.clip(exponent, -5000, 5000).astype(xp.int32)).astype(input.dtype)

    def d_input(F, g, exponent):
        r"\bar y\,2^{n}"
        return F._ldexp(g, exponent)


@method
def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """ldexp(input, other) -> Tensor

    ``input * 2**other``.
    """
    for k, (name, t) in enumerate((("input", input), ("other", other)), 1):
        if not isinstance(t, Tensor):
            raise TypeError(f"ldexp(): argument '{name}' (position {k}) must be Tensor, not {type_name(t)}")
    if input.dtype.is_floating_point and other.dtype.category < dt.FLOATING:
        supports(other.dtype, "ldexp_cpu_exp", boolean=False)
        x, n = broadcast_tensors(input, other)
        return _ldexp(x, n._a)
    return input * pow(2.0, other)


def _rpow(self: Tensor, other: Any) -> Any:
    """``number ** tensor``: the number may be an integer, the exponents may not be negative then."""
    if isinstance(other, np.generic):
        other = other.item()
    if not isinstance(other, (Tensor, int, float, complex)):
        return NotImplemented
    if self.is_floating_point() and isinstance(other, (int, float)):
        return pow(other, self)
    return pow(other if isinstance(other, Tensor) else tensor(other, dtype=_base_type(self, other)), self)


def _rdiv(self: Tensor, other: Any) -> Any:
    """``number / tensor``: the reciprocal times the number, rounded twice, as in PyTorch."""
    from ..core.overrides import wants_a_say

    if not isinstance(other, (Tensor, int, float, complex, np.generic)) and not wants_a_say(other):
        return NotImplemented
    return self.reciprocal() * other


def _base_type(exponent: Tensor, base: Any) -> Any:
    from ..core.dispatch import result_type

    return result_type([exponent, base])


Tensor.__rpow__ = _rpow
Tensor.__rdiv__ = Tensor.__rtruediv__ = _rdiv  # type: ignore[assignment]
Tensor.__rmatmul__ = lambda self, other: other.matmul(self) if isinstance(other, Tensor) else NotImplemented
