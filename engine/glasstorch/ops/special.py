"""Special functions, element by element: the error function's family, gamma's family, Bessel functions."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..backends import bessel, gamma
from ..core import dtype as dt
from ..core.forms import method
from ..core.op import op
from ..core.tensor import Tensor, wrap
from .binary import special_xlog1py
from .kinds import supports
from .pointwise import _d, _unary

_KERNELS = {"digamma": "digamma", "ndtr": "erf_vml_cpu"}  # the others are called after the function
_NO_HALVES = ("erfcx", "ndtri", "log_ndtr")
_ROOT_PI, _ROOT_2PI = math.sqrt(math.pi), math.sqrt(2 * math.pi)


def _special(
    name: str, formula: str, about: str, derivative: Any, fn: Any = None, public: bool = False
) -> Any:
    """An op around a function of the backends; those of ``torch.special`` alone are no methods."""
    compute = fn or getattr(gamma, name, None) or getattr(bessel, name)

    def forward(xp, input: Array):
        return compute(xp, input)

    kernel = _KERNELS.get(name, f"{name}_vml_cpu" if public else f"{name}_cpu")
    body = {"__doc__": f"{name}(input, *, out=None) -> Tensor\n\n{about}", "formula": formula, "forward": forward,
            "d_input": derivative, "unsupported": (kernel, "ch" if name in _NO_HALVES else "c")}  # fmt: skip
    if public:
        return op(types="float")(type(name, (), body))
    node = f"Special{name.title().replace('_', '')}Backward0"
    return op(types="float", method=False, function=False, inplace=False, name=node)(type(name, (), body))


erf = _special(
    "erf", r"\mathrm{erf}(x)", "The error function.",
    _d(r"\bar y \odot \frac{2}{\sqrt\pi} e^{-x^2}", lambda F, g, input: g * (F.exp(-input * input) * (2 / _ROOT_PI))),
    fn=lambda xp, x: backends.kernels(x).erf(x), public=True,
)  # fmt: skip
erfc = _special(
    "erfc", r"1 - \mathrm{erf}(x)", "One minus the error function, exact where that is small.",
    _d(r"-\bar y \odot \frac{2}{\sqrt\pi} e^{-x^2}", lambda F, g, input: g * (F.exp(-input * input) * (-2 / _ROOT_PI))),
    public=True,
)  # fmt: skip
erfinv = _special(
    "erfinv", r"\mathrm{erf}^{-1}(x)", "The inverse of the error function, from -1 to 1.",
    _d(r"\bar y \odot \frac{\sqrt\pi}{2} e^{y^2}", lambda F, g, out: g * (F.exp(out * out) * (_ROOT_PI / 2))),
    public=True,
)  # fmt: skip
lgamma = _special(
    "lgamma", r"\log |\Gamma(x)|", "The logarithm of the size of the gamma function.",
    _d(r"\bar y \odot \psi(x)", lambda F, g, input: g * F.digamma(input)), public=True,
)  # fmt: skip
digamma = _special(
    "digamma", r"\psi(x)", "The logarithmic derivative of the gamma function.",
    _d(r"\bar y \odot \psi'(x)", lambda F, g, input: g * F.polygamma(input, 1)), public=True,
)  # fmt: skip
i0 = _special(
    "i0", r"I_0(x)", "The modified Bessel function of the first kind of order 0.",
    _d(r"\bar y \odot I_1(x)", lambda F, g, input: g * F.i1(input)), public=True,
)  # fmt: skip
i0e = _special(
    "i0e", r"e^{-|x|} I_0(x)", "``exp(-|x|)`` times the modified Bessel function of order 0.",
    _d(r"\bar y \odot (e^{-|x|} I_1(x) - \mathrm{sgn}(x)\, y)",
       lambda F, g, input, out: g * (F.i1e(input) - F.sgn(input) * out)),
)  # fmt: skip


def _over(F: Any, out: Any, x: Any) -> Any:
    """``out / x`` for Bessel functions of order 1, which is 1/2 at 0."""
    zero = x == 0
    return F.where(zero, x * 0 + 0.5, out / F.where(zero, x * 0 + 1, x))


i1 = _special(
    "i1", r"I_1(x)", "The modified Bessel function of the first kind of order 1.",
    _d(r"\bar y \odot (I_0(x) - y / x)", lambda F, g, input, out: g * (F.i0(input) - _over(F, out, input))),
)  # fmt: skip
i1e = _special(
    "i1e", r"e^{-|x|} I_1(x)", "``exp(-|x|)`` times the modified Bessel function of order 1.",
    _d(r"\bar y \odot (e^{-|x|} I_0(x) - y / x - \mathrm{sgn}(x)\, y)",
       lambda F, g, input, out: g * (F.i0e(input) - _over(F, out, input) - F.sgn(input) * out)),
)  # fmt: skip
erfcx = _special(
    "erfcx", r"e^{x^2} \mathrm{erfc}(x)", "The scaled complementary error function.",
    _d(r"\bar y \odot (2 x y - 2 / \sqrt\pi)", lambda F, g, input, out: g * (2 * input * out - 2 / _ROOT_PI)),
)  # fmt: skip
ndtr = _special(
    "ndtr", r"\Phi(x)", "The distribution function of the standard normal distribution.",
    _d(r"\bar y \odot \frac{1}{\sqrt{2\pi}} e^{-x^2 / 2}",
       lambda F, g, input: g * (F.exp(input * input * -0.5) * (1 / _ROOT_2PI))),
    fn=lambda xp, x: gamma.erfc(xp, -x * x.dtype.type(math.sqrt(0.5))) * x.dtype.type(0.5),
)  # fmt: skip
ndtri = _special(
    "ndtri", r"\Phi^{-1}(x)", "The inverse of the normal distribution function.",
    _d(r"\bar y \odot \sqrt{2\pi}\, e^{y^2 / 2}", lambda F, g, out: g * (F.exp(out * out * 0.5) * _ROOT_2PI)),
)  # fmt: skip
log_ndtr = _special(
    "log_ndtr", r"\log \Phi(x)", "The logarithm of the normal distribution function, exact in its tail.",
    _d(r"\bar y \odot \frac{\sqrt{2 / \pi}}{e^{x^2/2}\,\mathrm{erfc}(-x/\sqrt 2)}",
       lambda F, g, input: g * (math.sqrt(2 / math.pi) / F.erfcx(input * -math.sqrt(0.5)))),
)  # fmt: skip


@op(types="float", method=False, function=False, inplace=False, name="SpecialEntrBackward0")
class entr:
    """``-x log(x)``: the entropy of one probability; 0 at 0 and minus infinity below."""

    formula = r"-x \log x"
    unsupported = ("entr_cpu", "c")

    def forward(xp, input: Array):
        safe = xp.where(input > 0, input, 1)
        out = xp.where(input > 0, -input * xp.log(safe), xp.where(input == 0, 0, -xp.inf))
        return xp.where(input != input, input, out).astype(input.dtype)

    def d_input(F, g, input):
        r"-\bar y (1 + \log x)"
        return g * (-F.log(input) - 1)


@op(types="float", method=False, function=False, name="PolygammaBackward0", inplace=False)
class polygamma_op:
    """The n-th derivative of digamma."""

    formula = r"\psi^{(n)}(x)"

    def forward(xp, input: Array, n):
        supports(input, "polygamma", complex=False)
        return gamma.polygamma(xp, n, input)

    def d_input(F, g, input, n):
        r"\bar y \odot \psi^{(n + 1)}(x)"
        return g * F.polygamma(input, n + 1)


def polygamma(n: Any, input: Any = None) -> Tensor:
    """polygamma(n, input) -> Tensor

    The n-th derivative of the digamma function.
    """
    if isinstance(n, Tensor):  # the method's order
        n, input = input, n
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return polygamma_op(input, n) if n else digamma(input)


method(polygamma)


@op(types="float", wide=False, method=False, function=False, inplace=False, name="SpecialZetaBackward0")
class zeta:
    """Hurwitz' zeta function: the sum of ``(other + k) ** -input``."""

    formula = r"\zeta(x, q) = \sum_k (q + k)^{-x}"

    def forward(xp, input: Array, other: Array):
        kind = (input if hasattr(input, "dtype") else other).dtype
        x, q = xp.asarray(input, kind), xp.asarray(other, kind)
        supports(x, "zeta_cpu", half=False, complex=False)
        return gamma.zeta(xp, x, q)

    def d_input(F, g):
        "not defined"
        raise NotImplementedError("the derivative for 'zeta' is not implemented.")

    def d_other(F, g, input, other):
        r"-\bar z\, x\, \zeta(x + 1, q)"
        return g * (-input * F.zeta(input + 1, other))


@method
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """mvlgamma(input, p) -> Tensor

    The logarithm of the multivariate gamma function of dimension ``p``.
    """
    if p < 1:
        raise RuntimeError(f"p has to be greater than or equal to 1, got {p}")
    x = input if input.dtype.category >= dt.FLOATING else input.to(dt.get_default_dtype())
    xp = backends.namespace(x._a)
    steps = wrap(xp.arange(-p / 2 + 0.5, 0.5, 0.5).astype(x._a.dtype))
    total = lgamma(x.unsqueeze(-1) + steps).sum(-1)
    return total + p * (p - 1) / 4 * math.log(math.pi)


@op(types="float", inplace=True)
class sinc:
    """sinc(input, *, out=None) -> Tensor

    ``sin(pi x) / (pi x)``, and 1 at 0.
    """

    formula = r"\frac{\sin \pi x}{\pi x}"

    def forward(xp, input: Array):
        z = input * math.pi
        return xp.where(input == 0, 1, xp.sin(z) / xp.where(input == 0, 1, z)).astype(input.dtype, copy=False)

    def d_input(F, g, input):
        r"\bar y \odot \frac{\pi x \cos \pi x - \sin \pi x}{\pi x^2}"
        zero = input == 0
        x = F.where(zero, input * 0 + 1, input)
        z = x * math.pi
        return g * F.where(zero, input * 0, (z * F.cos(z) - F.sin(z)) / (z * x))


asinh = _unary("asinh", "arcsinh", r"\mathrm{arsinh}\, x", "The inverse hyperbolic sine.",
               _d(r"\frac{\bar y}{\sqrt{x^2 + 1}}", lambda F, g, input: g / F.sqrt(input * input + 1)))  # fmt: skip


def _leg(F: Any, x: Any) -> Any:
    """The root of ``x^2 - 1``, on the right branch for complex numbers."""
    is_complex = getattr(x.dtype, "kind", "") == "c" or getattr(x.dtype, "is_complex", False)
    return F.sqrt(x - 1) * F.sqrt(x + 1) if is_complex else F.sqrt(x * x - 1)


acosh = _unary("acosh", "arccosh", r"\mathrm{arcosh}\, x", "The inverse hyperbolic cosine.",
               _d(r"\frac{\bar y}{\sqrt{x^2 - 1}}",
                  lambda F, g, input: g / _leg(F, input)))  # fmt: skip
atanh = _unary("atanh", "arctanh", r"\mathrm{artanh}\, x", "The inverse hyperbolic tangent.",
               _d(r"\frac{\bar y}{1 - x^2}", lambda F, g, input: g / (1 - input * input)))  # fmt: skip
deg2rad = _unary("deg2rad", "deg2rad", r"\frac{\pi}{180} x", "Degrees in radians.",
                 _d(r"\frac{\pi}{180} \bar y", lambda F, g: g * (math.pi / 180)),
                 unsupported=("deg2rad is not supported for complex tensors.", "c", RuntimeError))  # fmt: skip
rad2deg = _unary("rad2deg", "rad2deg", r"\frac{180}{\pi} x", "Radians in degrees.",
                 _d(r"\frac{180}{\pi} \bar y", lambda F, g: g * (180 / math.pi)),
                 unsupported=("rad2deg is not supported for complex tensors.", "c", RuntimeError))  # fmt: skip


@op(types="float")
class logit:
    """logit(input, eps=None, *, out=None) -> Tensor

    ``log(x / (1 - x))``, the inverse of the sigmoid; ``eps`` first clamps to ``[eps, 1 - eps]``.
    """

    formula = r"\log \frac{x}{1 - x}"
    unsupported = ("logit_cpu", "c")

    def forward(xp, input: Array, eps=None):
        x = input if eps is None else xp.clip(input, input.dtype.type(eps), input.dtype.type(1 - eps))
        return xp.log(x / (1 - x))

    def d_input(F, g, input, eps):
        r"\frac{\bar y}{x (1 - x)}"
        low, high = (0.0, 1.0) if eps is None else (eps, 1.0 - eps)
        inside = (input >= low) & (input <= high)
        x = F.where(inside, input, 0.5)
        return F.where(inside, g / (x * (1 - x)), math.nan if eps is None else 0.0)


@op(types="promote", wide=False)
class nan_to_num:
    """nan_to_num(input, nan=0.0, posinf=None, neginf=None, *, out=None) -> Tensor

    nan and infinities replaced by numbers: by default 0 and the type's largest and smallest.
    """

    formula = r"x \text{ if finite}"

    def forward(xp, input: Array, nan=None, posinf=None, neginf=None):
        if input.dtype.kind in "biu":
            return input.copy()
        nan = 0.0 if nan is None else nan
        if input.dtype.kind in "fc":
            return xp.nan_to_num(input, nan=nan, posinf=posinf, neginf=neginf)
        limits, number = dt.finfo(dt.from_numpy_dtype(input.dtype)), input.dtype.type  # bfloat16
        out = xp.where(input == xp.inf, number(limits.max if posinf is None else posinf), input)
        out = xp.where(input == -xp.inf, number(limits.min if neginf is None else neginf), out)
        return xp.where(input != input, number(nan), out)

    def d_input(F, g, input):
        r"\bar y \odot \mathbb{1}[x \text{ finite}]"
        return F.where(F.isfinite(input), g, g * 0)


@op(types="promote")
class frac:
    """frac(input, *, out=None) -> Tensor

    What comes after the decimal point, with the sign of the element.
    """

    formula = r"x - \mathrm{trunc}(x)"
    unsupported = ("frac_cpu", "c")

    def forward(xp, input: Array):
        if input.dtype.kind in "biu":
            raise NotImplementedError(
                f"\"frac_cpu\" not implemented for '{dt.from_numpy_dtype(input.dtype).legacy}'"
            )
        return input - xp.trunc(input)

    def d_input(F, g):
        r"\bar y"
        return g


def _flag(name: str, formula: str, about: str, fn: Any) -> Any:
    def forward(xp, input: Array):
        return fn(xp, input)

    body = {
        "__doc__": f"{name}(input, *, out=None) -> BoolTensor\n\n{about}",
        "formula": formula,
        "forward": forward,
        "unsupported": (f"{name} does not support complex inputs.", "c", RuntimeError) if name != "signbit" else
        ("signbit is not implemented for complex tensors.", "c"),
    }  # fmt: skip
    return op(types="compare", inplace=False)(type(name, (), body))


signbit = _flag("signbit", r"\mathbb{1}[x < 0]", "Is the sign bit set? That of minus zero is.",
                lambda xp, x: x < 0 if x.dtype.kind in "biu" else xp.signbit(x))  # fmt: skip
isposinf = _flag(
    "isposinf", r"\mathbb{1}[x = \infty]", "Is each element plus infinity?", lambda xp, x: x == xp.inf
)
isneginf = _flag(
    "isneginf", r"\mathbb{1}[x = -\infty]", "Is each element minus infinity?", lambda xp, x: x == -xp.inf
)


@method
def positive(input: Tensor) -> Tensor:
    """positive(input) -> Tensor

    The tensor itself. RuntimeError for bool tensors.
    """
    if input.dtype is dt.bool_:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


xlog1py = special_xlog1py
