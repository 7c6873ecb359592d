"""Arithmetic and comparison, element by element, with broadcasting and type promotion."""

from __future__ import annotations

import cmath
import math
from typing import Any

from .. import backends
from ..core.dispatch import result_type
from ..core.dtype import BOOL, COMPLEX, bool_
from ..core.forms import method, operator
from ..core.op import op
from ..core.tensor import Tensor


@op(types="promote")
class add:
    """add(input, other, *, alpha=1, out=None) -> Tensor

    ``input + alpha * other``. Shapes broadcast; types promote.
    """

    formula = r"x + \alpha y"
    ufunc = "add"

    def forward(xp, input: Array, other: Array, *, alpha=1):
        return (
            xp.add(input, other)
            if alpha == 1 and alpha is not True
            else xp.add(input, xp.multiply(other, _like(input, other, alpha)))
        )

    def d_input(F, g):
        r"\bar z"
        return g

    def d_other(F, g, alpha):
        r"\alpha\,\bar z"
        return g if alpha == 1 else g * alpha


@op(types="promote")
class sub:
    """sub(input, other, *, alpha=1, out=None) -> Tensor

    ``input - alpha * other``. Shapes broadcast; types promote.
    """

    node_names = (("input", "RsubBackward1"),)
    formula = r"x - \alpha y"

    ufunc = "subtract"

    def check(input, other, alpha):
        bools = [a is True or a is False or getattr(a, "dtype", None) is bool_ for a in (input, other)]
        if all(bools):
            raise RuntimeError(
                "Subtraction, the `-` operator, with two bool tensors is not supported. "
                "Use the `^` or `logical_xor()` operator instead."
            )
        if any(bools):
            raise RuntimeError(
                "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a "
                "mask, use the `~` or `logical_not()` operator instead."
            )

    def forward(xp, input: Array, other: Array, *, alpha=1):
        if alpha == 1 and alpha is not True:
            return xp.subtract(input, other)
        return xp.subtract(input, xp.multiply(other, _like(input, other, alpha)))

    def d_input(F, g):
        r"\bar z"
        return g

    def d_other(F, g, alpha):
        r"-\alpha\,\bar z"
        return -g if alpha == 1 else g * -alpha


def _like(a: Any, b: Any, alpha: Any) -> Any:
    """``alpha`` as a number of the operands' type; RuntimeError when it is of a higher kind."""
    dtype = a.dtype if hasattr(a, "dtype") else b.dtype
    if isinstance(alpha, bool) and dtype.kind != "b":
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if dtype.kind in "iub" and isinstance(alpha, (float, complex)):
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    if dtype.kind != "c" and isinstance(alpha, complex):
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")
    return dtype.type(alpha)


@op(types="promote")
class mul:
    """mul(input, other, *, out=None) -> Tensor

    The product, element by element. Shapes broadcast; types promote.
    """

    formula = r"x \odot y"
    ufunc, arity = "multiply", 2

    def d_input(F, g, other):
        r"\bar z \odot y"
        return g * other

    def d_other(F, g, input):
        r"\bar z \odot x"
        return g * input


@op(types="float", name="DivBackward0", inplace=False, method=False, function=False)
class true_divide:
    """The quotient, element by element; integers give the default floating type."""

    label = "div"
    formula = r"x / y"
    ufunc, arity = "true_divide", 2

    def d_input(F, g, other):
        r"\bar z / y"
        return g / other

    def d_other(F, g, input, other):
        r"-\bar z \odot x / y^2"
        return -g * input / (other * other)


@op(types="promote", name="DivBackward1", inplace=False, method=False, function=False)
class div_rounded:
    """The quotient rounded down ("floor") or towards zero ("trunc"). Its gradient is zero."""

    label = "div"
    formula = r"\lfloor x / y \rfloor"

    def check(input, other, rounding_mode):
        _check_divisible((input, other), f"div_{rounding_mode}_cpu")

    def forward(xp, input: Array, other: Array, rounding_mode="floor"):
        kind = (input if hasattr(input, "dtype") else other).dtype.kind
        if rounding_mode == "floor":
            _no_zero(xp, input, other)
            return xp.floor_divide(input, other)
        if kind in "iu":
            _no_zero(xp, input, other)
            q = xp.floor_divide(input, other)
            return q + ((xp.remainder(input, other) != 0) & ((input < 0) != (other < 0))).astype(q.dtype)
        return xp.trunc(xp.true_divide(input, other))

    def d_input(F, g):
        "0"
        return g * 0

    def d_other(F, g):
        "0"
        return g * 0


def _check_divisible(operands: tuple, kernel: str) -> None:
    kind = result_type(list(operands))
    if kind.category in (BOOL, COMPLEX):
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind.legacy}'")


def _no_zero(xp: Any, input: Any, other: Any) -> None:
    """RuntimeError where whole numbers are divided by zero (in a result without elements none is)."""
    kind = (input if hasattr(input, "dtype") else other).dtype.kind
    some = all(getattr(v, "size", 1) for v in (input, other))
    if kind not in "iu" or not some or (hasattr(other, "dtype") and not backends.readable(other)):
        return
    if (other == 0).any() if hasattr(other, "dtype") else other == 0:
        raise RuntimeError("ZeroDivisionError")


@method
def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
    """div(input, other, *, rounding_mode=None, out=None) -> Tensor

    The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and
    "trunc" towards zero, keeping the promoted type.
    """
    if rounding_mode is None:
        return true_divide(input, other, out=out)
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return div_rounded(input, other, rounding_mode, out=out)


@op(types="promote")
class floor_divide:
    """floor_divide(input, other, *, out=None) -> Tensor

    The quotient rounded down; the type is the promoted type.
    """

    formula = r"\lfloor x / y \rfloor"
    unsupported = ("div_floor_cpu", "bc")

    def forward(xp, input: Array, other: Array):
        _no_zero(xp, input, other)
        return xp.floor_divide(input, other)

    def d_input(F, g):
        "not defined"
        raise NotImplementedError(
            "derivative for aten::floor_divide is not implemented. Use div(..., rounding_mode='floor')."
        )

    def d_other(F, g):
        "not defined"
        raise NotImplementedError(
            "derivative for aten::floor_divide is not implemented. Use div(..., rounding_mode='floor')."
        )


@op(types="promote")
class remainder:
    """remainder(input, other, *, out=None) -> Tensor

    What is left after dividing, with the sign of the divisor (Python's ``%``).
    """

    formula = r"x - y \lfloor x / y \rfloor"
    unsupported = ("remainder_cpu", "bc")

    def forward(xp, input: Array, other: Array):
        _no_zero(xp, input, other)
        return xp.remainder(input, other)

    def d_input(F, g):
        r"\bar z"
        return g

    def d_other(F, g, input, other):
        r"-\bar z \odot \lfloor x / y \rfloor"
        return -g * F.floor(input / other)


@op(types="promote", name="PowBackward1")
class pow:
    """pow(input, exponent, *, out=None) -> Tensor

    ``input`` to the power of ``exponent``; either may be a number.
    """

    node_names = (("exponent", "PowBackward0"), ("input", "PowBackward2"))
    formula = r"x^{y}"

    def check(input, exponent):
        whole = isinstance(input, Tensor) and not input.dtype.is_floating_point and not input.is_complex()
        if whole and type(exponent) is int and exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        if all(isinstance(v, Tensor) and v.dtype.name == "bool" for v in (input, exponent)):
            raise NotImplementedError("\"pow\" not implemented for 'Bool'")

    def forward(xp, input: Array, exponent: Array):
        kind = (input if hasattr(input, "dtype") else exponent).dtype.kind
        if kind == "b" and exponent.ndim == 0:
            return input | ~exponent  # a number: to the power of True or False
        if kind == "b":
            raise NotImplementedError("\"pow\" not implemented for 'Bool'")
        if kind in "iu" and bool(xp.any(xp.asarray(exponent) < 0)):
            powers = xp.power(xp.asarray(input), xp.maximum(exponent, 0))
            unit = xp.where(input == 1, 1, xp.where(input == -1, 1 - 2 * (exponent & 1), 0))
            return xp.where(exponent < 0, unit, powers).astype(powers.dtype)
        if not hasattr(exponent, "dtype"):
            if exponent == 2:
                return xp.multiply(input, input)  # several times quicker than power
            if kind == "f" and exponent == 0.5:  # PyTorch takes roots too, which differ at minus infinity
                return xp.sqrt(input)
            if kind == "f" and exponent == -0.5:
                return 1 / xp.sqrt(input)
        return xp.power(input, exponent)

    def d_input(F, g, input, exponent):
        r"\bar z \odot y\,x^{y-1}"
        if not hasattr(exponent, "shape"):
            return g * 0 if exponent == 0 else g * (exponent * input ** (exponent - 1))
        return g * F.where(exponent == 0, exponent * 0, exponent * input ** (exponent - 1))

    def d_exponent(F, g, input, exponent, out):
        r"\bar z \odot x^{y} \odot \log x"
        if not hasattr(input, "shape"):
            return out * 0 if input == 0 else g * (out * _log(input))
        sign = F.real(exponent) if "complex" in str(exponent.dtype) else exponent
        zero = (input == 0) & (sign >= 0)
        return g * F.where(zero, out * 0, out * F.log(F.where(zero, input * 0 + 1, input)))


def _log(x: Any) -> Any:
    """The logarithm of a Python number, nan below 0 as for tensors."""
    if isinstance(x, complex):
        return cmath.log(x)
    return math.log(x) if x > 0 else math.nan


def _not_complex(name: str) -> Any:
    def check(input: Any, other: Any) -> None:
        if any(isinstance(t, Tensor) and t.is_complex() for t in (input, other)):
            raise RuntimeError(f"{name} not implemented for complex tensors.")

    return check


@op(types="promote", inplace=False, fast=False)
class maximum:
    """maximum(input, other, *, out=None) -> Tensor

    The larger of two elements; where they are equal each gets half of the gradient.
    """

    numbers = ()
    check = _not_complex("maximum")
    formula = r"\max(x, y)"
    holomorphic = False
    ufunc, arity = "maximum", 2

    def d_input(F, g, input, other):
        r"\bar z \odot (\mathbb{1}[x > y] + \frac{1}{2}\mathbb{1}[x = y])"
        return F.where(input == other, g / 2, F.where(input < other, 0, g))

    def d_other(F, g, input, other):
        r"\bar z \odot (\mathbb{1}[y > x] + \frac{1}{2}\mathbb{1}[x = y])"
        return F.where(input == other, g / 2, F.where(other < input, 0, g))


@op(types="promote", inplace=False, fast=False)
class minimum:
    """minimum(input, other, *, out=None) -> Tensor

    The smaller of two elements; where they are equal each gets half of the gradient.
    """

    numbers = ()
    check = _not_complex("minimum")
    formula = r"\min(x, y)"
    holomorphic = False
    ufunc, arity = "minimum", 2

    def d_input(F, g, input, other):
        r"\bar z \odot (\mathbb{1}[x < y] + \frac{1}{2}\mathbb{1}[x = y])"
        return F.where(input == other, g / 2, F.where(input > other, 0, g))

    def d_other(F, g, input, other):
        r"\bar z \odot (\mathbb{1}[y < x] + \frac{1}{2}\mathbb{1}[x = y])"
        return F.where(input == other, g / 2, F.where(other > input, 0, g))


def _comparison(name: str, ufunc_name: str, symbol: str, words: str) -> Any:
    body = {
        "__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\nIs each element of ``input`` "
        f"{words} that of ``other``? A bool tensor.",
        "formula": rf"\mathbb{{1}}[x {symbol} y]",
        "ufunc": ufunc_name,
        "arity": 2,
        "numbers": ("other",),
        "unsupported": (f"{name}_cpu", "c") if name not in ("eq", "ne") else None,
    }
    return op(types="compare", inplace=True)(type(name, (), body))


eq = _comparison("eq", "equal", "=", "equal to")
ne = _comparison("ne", "not_equal", r"\neq", "different from")
lt = _comparison("lt", "less", "<", "less than")
le = _comparison("le", "less_equal", r"\leq", "at most")
gt = _comparison("gt", "greater", ">", "greater than")
ge = _comparison("ge", "greater_equal", r"\geq", "at least")


def _logical(name: str, symbol: str) -> Any:
    body = {
        "__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\nTruth table of {name[8:]} on "
        f"each pair; numbers count as true when not 0.",
        "formula": rf"x {symbol} y", "ufunc": name, "arity": 2, "numbers": (),
    }  # fmt: skip
    return op(types="compare")(type(name, (), body))


logical_and = _logical("logical_and", r"\land")
logical_or = _logical("logical_or", r"\lor")
logical_xor = _logical("logical_xor", r"\oplus")


def _bitwise(name: str, symbol: str, ufunc: str | None = None) -> Any:
    kernel = f"{name}_cpu" if ufunc is None else f"{ufunc[0]}shift_cpu"

    def forward(xp, input: Array, other: Array):
        return getattr(xp, ufunc or name)(input, other)

    body = {
        "__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\nBit by bit, for integer and bool tensors.",
        "formula": rf"x {symbol} y", "forward": forward,
        "unsupported": (kernel, "fc" + ("b" if ufunc else "")),
    }  # fmt: skip
    return op(types="promote")(type(name, (), body))


bitwise_and = _bitwise("bitwise_and", r"\land")
bitwise_or = _bitwise("bitwise_or", r"\lor")
bitwise_xor = _bitwise("bitwise_xor", r"\oplus")
bitwise_left_shift = _bitwise("bitwise_left_shift", r"\ll", "left_shift")
bitwise_right_shift = _bitwise("bitwise_right_shift", r"\gg", "right_shift")


def _operators() -> None:
    """Python's operators: the op, its reflection, and its in-place form. Foreign operands get NotImplemented."""
    from ..core.dispatch import NUMBERS
    from ..core.inplace import inplace
    from ..core.overrides import wants_a_say

    def reflected(fn: Any, name: str) -> Any:
        # 2 * x is mul(x, 2) in PyTorch: the tensor is the node's first input.
        in_order = fn is add or fn is mul

        def method(self: Tensor, other: Any) -> Any:
            if not (isinstance(other, (Tensor, *NUMBERS)) or wants_a_say(other)):
                return NotImplemented
            return fn(self, other) if in_order else fn(other, self)

        method.__name__ = method.__qualname__ = name
        return method

    def augmented(fn: Any, name: str) -> Any:
        def method(self: Tensor, other: Any) -> Any:
            if not isinstance(other, (Tensor, *NUMBERS)):
                return NotImplemented
            return inplace(self, fn, (other,), {}, name)

        method.__name__ = method.__qualname__ = f"__i{name[:-1]}__"
        return method

    table = {"add": add, "sub": sub, "mul": mul, "truediv": true_divide, "floordiv": floor_divide, "mod": remainder,
             "pow": pow, "and": bitwise_and, "or": bitwise_or, "xor": bitwise_xor,
             "lshift": bitwise_left_shift, "rshift": bitwise_right_shift}  # fmt: skip
    for name, fn in table.items():
        setattr(Tensor, f"__{name}__", operator(fn))
        setattr(Tensor, f"__r{name}__", reflected(fn, f"__r{name}__"))
        setattr(Tensor, f"__i{name}__", augmented(fn, name + "_"))
    for name, fn in {"lt": lt, "le": le, "gt": gt, "ge": ge, "eq": eq, "ne": ne}.items():
        setattr(Tensor, f"__{name}__", operator(fn))
    Tensor.__hash__ = object.__hash__

    def div_(self: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """In-place form of ``div``: the result is written into this tensor."""
        return inplace(self, div, (other,), {"rounding_mode": rounding_mode}, "div_")

    Tensor.div_ = div_


_operators()
