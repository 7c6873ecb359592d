"""Functions of one tensor, element by element."""

from __future__ import annotations

from typing import Any

from ..core.dtype import INTEGRAL, bool_, int64
from ..core.forms import method
from ..core.inplace import inplace
from ..core.op import op
from ..core.refusals import not_implemented
from ..core.tensor import Tensor
from .arithmetic import pow
from .kinds import supports


def _unary(
    name: str,
    ufunc: str | None,
    formula: str,
    about: str,
    derivative: Any = None,
    types: str = "float",
    node: str | None = None,
    **more: Any,
) -> Any:
    """Register a one-argument op whose forward is an array function of the same kind."""
    body: dict[str, Any] = {
        "__doc__": f"{name}(input, *, out=None) -> Tensor\n\n{about}", "formula": formula, "ufunc": ufunc, "arity": 1,
        **more,
    }  # fmt: skip
    if derivative is not None:
        body["d_input"] = derivative
    return op(types=types, name=node)(type(name, (), body))


def _d(formula: str, fn: Any) -> Any:
    fn.__doc__ = formula
    return fn


@op(types="promote")
class neg:
    """neg(input, *, out=None) -> Tensor

    The negative.
    """

    formula = "-x"

    def forward(xp, input: Array):
        if input.dtype.kind == "b":
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, "
                "use the `~` or `logical_not()` operator instead."
            )
        return xp.negative(input)

    def d_input(F, g):
        r"-\bar y"
        return -g


exp = _unary(
    "exp", "exp", "e^{x}", "e to the power of each element.", _d(r"\bar y \odot y", lambda F, g, out: g * out)
)
exp2 = _unary("exp2", "exp2", "2^{x}", "2 to the power of each element.",
              _d(r"\bar y \odot y \log 2", lambda F, g, out: g * out * 0.6931471805599453))  # fmt: skip
expm1 = _unary("expm1", "expm1", "e^{x} - 1", "``exp(x) - 1``, exact for small x.",
               _d(r"\bar y \odot (y + 1)", lambda F, g, out: g * (out + 1)))  # fmt: skip
log = _unary(
    "log", "log", r"\log x", "The natural logarithm.", _d(r"\bar y / x", lambda F, g, input: g / input)
)
log2 = _unary("log2", "log2", r"\log_2 x", "The logarithm to base 2.",
              _d(r"\frac{\bar y}{x \log 2}", lambda F, g, input: g / (input * 0.6931471805599453)))  # fmt: skip
log10 = _unary("log10", "log10", r"\log_{10} x", "The logarithm to base 10.",
               _d(r"\frac{\bar y}{x \log 10}", lambda F, g, input: g / (input * 2.302585092994046)))  # fmt: skip
log1p = _unary("log1p", "log1p", r"\log(1 + x)", "``log(1 + x)``, exact for small x.",
               _d(r"\frac{\bar y}{1 + x}", lambda F, g, input: g / (input + 1)), node="Log1PBackward0")  # fmt: skip
sqrt = _unary("sqrt", "sqrt", r"\sqrt{x}", "The square root.",
              _d(r"\frac{\bar y}{2 y}", lambda F, g, out: g / (2 * out)))  # fmt: skip
sin = _unary(
    "sin", "sin", r"\sin x", "The sine.", _d(r"\bar y \odot \cos x", lambda F, g, input: g * F.cos(input))
)
cos = _unary(
    "cos", "cos", r"\cos x", "The cosine.", _d(r"-\bar y \odot \sin x", lambda F, g, input: -g * F.sin(input))
)
tan = _unary("tan", "tan", r"\tan x", "The tangent.",
             _d(r"\bar y \odot (1 + y^2)", lambda F, g, out: g * (1 + out * out)))  # fmt: skip
tanh = _unary("tanh", "tanh", r"\tanh x", "The hyperbolic tangent.",
              _d(r"\bar y \odot (1 - y^2)", lambda F, g, out: g * (1 - out * out)))  # fmt: skip
sinh = _unary("sinh", "sinh", r"\sinh x", "The hyperbolic sine.",
              _d(r"\bar y \odot \cosh x", lambda F, g, input: g * F.cosh(input)))  # fmt: skip
cosh = _unary("cosh", "cosh", r"\cosh x", "The hyperbolic cosine.",
              _d(r"\bar y \odot \sinh x", lambda F, g, input: g * F.sinh(input)))  # fmt: skip
atan = _unary("atan", "arctan", r"\arctan x", "The arc tangent.",
              _d(r"\frac{\bar y}{1 + x^2}", lambda F, g, input: g / (1 + input * input)))  # fmt: skip
asin = _unary("asin", "arcsin", r"\arcsin x", "The arc sine.",
              _d(r"\frac{\bar y}{\sqrt{1 - x^2}}", lambda F, g, input: g / F.sqrt(1 - input * input)))  # fmt: skip
acos = _unary("acos", "arccos", r"\arccos x", "The arc cosine.",
              _d(r"-\frac{\bar y}{\sqrt{1 - x^2}}", lambda F, g, input: -g / F.sqrt(1 - input * input)))  # fmt: skip


def _rounding(name: str, formula: str, words: str) -> Any:
    def forward(xp, input: Array):
        _not_bool(input, f"{name}_vml_cpu")
        return input.copy() if input.dtype.kind in "iu" else getattr(xp, name)(input)

    refused = ("round_vml_cpu" if name == "round" else f"{name} is not supported for complex inputs", "c")
    return _unary(
        name,
        None,
        formula,
        words,
        _d("0", lambda F, g: g * 0),
        types="promote",
        forward=forward,
        unsupported=refused,
    )


def _not_bool(array: Any, kernel: str) -> None:
    if array.dtype.kind == "b":
        not_implemented(kernel, bool_)


floor = _rounding("floor", r"\lfloor x \rfloor", "The largest integer not above each element.")
ceil = _rounding("ceil", r"\lceil x \rceil", "The smallest integer not below each element.")
trunc = _rounding("trunc", r"\mathrm{trunc}(x)", "Each element without its fraction.")
isnan = _unary("isnan", "isnan", r"\mathbb{1}[x = \mathrm{nan}]", "Is each element nan?", types="compare")
isinf = _unary("isinf", "isinf", r"\mathbb{1}[|x| = \infty]", "Is each element infinite?", types="compare")
isfinite = _unary(
    "isfinite", "isfinite", r"\mathbb{1}[|x| < \infty]", "Is each element a finite number?", types="compare"
)
logical_not = _unary("logical_not", "logical_not", r"\lnot x", "Is each element zero?", types="compare")
bitwise_not = _unary(
    "bitwise_not",
    "invert",
    r"\lnot x",
    "Bit by bit negation of integers and bools.",
    types="promote",
    unsupported=("bitwise_not_cpu", "fc"),
)


@op(types="promote")
class abs:
    """abs(input, *, out=None) -> Tensor

    The absolute value.
    """

    formula = "|x|"
    holomorphic = False

    def forward(xp, input: Array):
        _not_bool(input, "abs_cpu")
        return xp.abs(input)

    def d_input(F, g, input):
        r"\bar y \odot \mathrm{sgn}(x)"
        return g * F.sgn(input)


@op(types="promote", name="SignBackward0")
class sign:
    """sign(input, *, out=None) -> Tensor

    -1, 0 or 1 by the sign of each element.
    """

    formula = r"\mathrm{sign}(x)"
    unsupported = (
        "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
        "c",
    )

    def forward(xp, input: Array):
        return _signs(xp, input)

    def d_input(F, g):
        "0"
        return g * 0


def _signs(xp: Any, x: Any) -> Any:
    """-1, 0 or 1; 0 for nan too."""
    if x.dtype.kind == "b":
        return x.copy()
    out = xp.sign(x)
    return out if x.dtype.kind in "iuc" else xp.where(x != x, out.dtype.type(0), out)


@op(types="promote")
class sgn:
    """sgn(input, *, out=None) -> Tensor

    The sign; for complex elements the unit number in their direction.
    """

    formula = r"x / |x|"
    holomorphic = False

    def forward(xp, input: Array):
        return _signs(xp, input)

    def d_input(F, g, input, out):
        r"0 \text{ (real)}"
        if getattr(input.dtype, "kind", "") == "c" or getattr(input.dtype, "is_complex", False):
            size = F.abs(input)
            along = F.real(g * F.conj(out)) * out
            return F.where(size == 0, g * 0, (g - along) / F.where(size == 0, size * 0 + 1, size))
        return g * 0


@op(name="ConjBackward0", method=False, function=False)
class conj_op:
    """The complex conjugate."""

    formula = r"\bar x"
    holomorphic = False

    def forward(xp, input: Array):
        return xp.conjugate(input) if input.dtype.kind in "cW" else input

    def d_input(F, g):
        r"\mathrm{conj}(\bar y)"
        return F.conj(g)


@method
def conj(input: Tensor) -> Tensor:
    """conj(input) -> Tensor

    The complex conjugate; real tensors unchanged.
    """
    return conj_op(input) if input.is_complex() else input


@op(types="promote")
class round:
    """round(input, *, decimals=0, out=None) -> Tensor

    To the nearest integer (or to ``decimals`` places); halves go to the even neighbour.
    """

    formula = r"\mathrm{round}(x)"
    unsupported = ("round_vml_cpu", "c")

    def forward(xp, input: Array, *, decimals=0):
        _not_bool(input, "round_vml_cpu")
        if not decimals:
            return xp.round(input)
        supports(input, "round_cpu", integer=False)
        return xp.round(input, decimals)

    def d_input(F, g):
        "0"
        return g * 0


@op(types="float")
class rsqrt:
    """rsqrt(input, *, out=None) -> Tensor

    One over the square root.
    """

    formula = r"\frac{1}{\sqrt{x}}"

    def forward(xp, input: Array):
        return 1 / xp.sqrt(input)

    def d_input(F, g, out):
        r"-\frac{1}{2} \bar y \odot y^3"
        return g * (-0.5 * out * out * out)


@op(types="float")
class reciprocal:
    """reciprocal(input, *, out=None) -> Tensor

    One over each element.
    """

    formula = r"\frac{1}{x}"

    def forward(xp, input: Array):
        return 1 / input

    def d_input(F, g, out):
        r"-\bar y \odot y^2"
        return -g * out * out


@method
def square(input: Tensor) -> Tensor:
    """square(input) -> Tensor

    Each element times itself.
    """
    return pow(input.to(int64) if input.dtype is bool_ else input, 2)


def _square_inplace(self: Tensor) -> Tensor:
    """square_() -> Tensor

    In-place form of ``square``.
    """
    return inplace(self, square, (), {}, "square_")


Tensor.square_ = _square_inplace


@op(types="float")
class sigmoid:
    """sigmoid(input, *, out=None) -> Tensor

    ``1 / (1 + exp(-x))``, without overflow.
    """

    formula = r"\frac{1}{1 + e^{-x}}"

    def forward(xp, input: Array):
        return 1 / (1 + xp.exp(-input))  # the tanh form would lose what is near 0

    def d_input(F, g, out):
        r"\bar y \odot y \odot (1 - y)"
        return g * (out * (1 - out))


@op(method=False, function=False)
class threshold_backward:
    """The gradient of ``relu``: passed on where the output is not zero (nan counts as not zero, as in PyTorch)."""

    formula = r"\bar y \odot \mathbb{1}[y > 0]"

    def forward(xp, input: Array, output: Array):
        return input * xp.logical_not(output <= 0)  # several times quicker than where()

    def d_input(F, g, output, input_shape):
        r"\bar z \odot \mathbb{1}[y > 0]"
        return F.sum_to_size(F.threshold_backward(g, output), input_shape)

    def d_output(F, g, output_shape):
        "0"
        return F.zeros_of(output_shape, g)


@op(types="promote")
class relu:
    """relu(input) -> Tensor

    The positive part: ``max(0, x)``.
    """

    formula = r"\max(0, x)"
    unsupported = ("clamp is not supported for complex types", "c")

    def forward(xp, input: Array):
        if input.dtype.kind == "b":
            raise RuntimeError("Boolean inputs not supported for relu")
        return xp.maximum(input, 0)

    def d_input(F, g, out):
        r"\bar y \odot \mathbb{1}[x > 0]"
        return F.threshold_backward(g, out)


def _invert(self: Tensor) -> Tensor:
    if self.dtype.category > INTEGRAL:
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(self)


def _operators() -> None:
    Tensor.__neg__ = neg
    Tensor.__abs__ = abs
    Tensor.__invert__ = _invert
    Tensor.__pos__ = lambda self: self.positive()


_operators()
