"""Airy and Bessel functions of orders 0 and 1, in double precision.

Each takes the array module and an array, works in float64 and gives back the array's own type. Near 0 a power series
or a rational function serves, far away the asymptotic form (DLMF 9.7, 10.17 and 10.40) with fitted corrections. The
coefficients are those of Moshier's Cephes library, see bessel_tables.py.

In Cephes the denominators of J, Y and the oscillating side of Ai have a further leading coefficient 1, which PyTorch
leaves out. So do we, to give its numbers: near 5 (near -2.1 for Ai) they are right to some 6 digits only, elsewhere
to 15.
"""

from __future__ import annotations

import math
from typing import Any

from . import bessel_tables as tables
from .gamma import in_double

_ROOT_2_OVER_PI = math.sqrt(2 / math.pi)


def _polynomial(coefficients: tuple, x: Any) -> Any:
    """Horner's rule, the highest power first."""
    out = coefficients[0]
    for c in coefficients[1:]:
        out = out * x + c
    return out


def _chebyshev(coefficients: tuple, t: Any) -> Any:
    """The sum of ``c_k T_k(t / 2)``, the last coefficient counting half, by Clenshaw's recurrence."""
    a = b = c = t * 0
    for k in coefficients:
        a, b, c = t * a - b + k, a, b
    return (a - c) / 2


def _up_to(xp: Any, x: Any, limit: float, near: Any, far: Any) -> Any:
    """``near(x)`` where ``x <= limit``, ``far(x)`` beyond (each sees only arguments that it is meant for)."""
    return xp.where(x <= limit, near(xp.minimum(x, limit)), far(xp.maximum(x, limit)))


# ---------------------------------------------------------------------- oscillating: J, Y
#: Squares of the first two zeros of J0 and of J1, divided out of the rational functions near 0.
_ZEROS_J0 = (5.78318596294678452118, 30.4712623436620863991)
_ZEROS_J1 = (14.6819706421238932572, 49.2184563216946036703)


def _amplitudes(order: int, x: Any) -> tuple[Any, Any, Any]:
    """``P``, ``Q`` and the angle of ``J = sqrt(2 / (pi x)) (P cos - Q sin)``, ``Y = ... (P sin + Q cos)``."""
    near0, u = 5 / x, (5 / x) * (5 / x)
    if order == 0:
        p = _polynomial(tables.ORDER0_P_NUM, u) / _polynomial(tables.ORDER0_P_DEN, u)
        q = _polynomial(tables.ORDER0_Q_NUM, u) / _polynomial(tables.ORDER0_Q_DEN, u)
        return p, near0 * q, x - math.pi / 4
    p = _polynomial(tables.ORDER1_P_NUM, u) / _polynomial(tables.ORDER1_P_DEN, u)
    q = _polynomial(tables.ORDER1_Q_NUM, u) / _polynomial(tables.ORDER1_Q_DEN, u)
    return p, near0 * q, x - 3 * math.pi / 4


def _j_far(xp: Any, order: int, x: Any) -> Any:
    p, q, angle = _amplitudes(order, x)
    return (p * xp.cos(angle) - q * xp.sin(angle)) * _ROOT_2_OVER_PI / xp.sqrt(x)


def _y_far(xp: Any, order: int, x: Any) -> Any:
    p, q, angle = _amplitudes(order, x)
    return (p * xp.sin(angle) + q * xp.cos(angle)) * _ROOT_2_OVER_PI / xp.sqrt(x)


@in_double
def bessel_j0(xp: Any, x: Any) -> Any:
    """The Bessel function of the first kind of order 0."""

    def near(x: Any) -> Any:
        u = x * x
        out = _polynomial(tables.J0_NUM, u) / _polynomial(tables.J0_DEN, u)
        return xp.where(x < 1e-5, 1 - u / 4, (u - _ZEROS_J0[0]) * (u - _ZEROS_J0[1]) * out)

    return _up_to(xp, xp.abs(x), 5, near, lambda x: _j_far(xp, 0, x))


@in_double
def bessel_j1(xp: Any, x: Any) -> Any:
    """The Bessel function of the first kind of order 1."""

    def near(x: Any) -> Any:
        u = x * x
        out = _polynomial(tables.J1_NUM, u) / _polynomial(tables.J1_DEN, u)
        return out * x * (u - _ZEROS_J1[0]) * (u - _ZEROS_J1[1])

    out = _up_to(xp, xp.abs(x), 5, near, lambda x: _j_far(xp, 1, x))
    return xp.where(x < 0, -out, out)


def _right_half(xp: Any, x: Any, pole: float, out: Any) -> Any:
    """Values of a function with a logarithm at 0: ``pole`` there, nan to the left."""
    return xp.where(x < 0, xp.nan, xp.where(x == 0, pole, out))


@in_double
def bessel_y0(xp: Any, x: Any) -> Any:
    """The Bessel function of the second kind of order 0; minus infinity at 0, nan below."""

    def near(x: Any) -> Any:
        u = x * x
        smooth = _polynomial(tables.Y0_NUM, u) / _polynomial(tables.Y0_DEN, u)
        return smooth + 2 / math.pi * xp.log(x) * bessel_j0(xp, x)

    return _right_half(xp, x, -xp.inf, _up_to(xp, x, 5, near, lambda x: _y_far(xp, 0, x)))


@in_double
def bessel_y1(xp: Any, x: Any) -> Any:
    """The Bessel function of the second kind of order 1; minus infinity at 0, nan below."""

    def near(x: Any) -> Any:
        u = x * x
        smooth = _polynomial(tables.Y1_NUM, u) / _polynomial(tables.Y1_DEN, u)
        return x * smooth + 2 / math.pi * (bessel_j1(xp, x) * xp.log(x) - 1 / x)

    return _right_half(xp, x, -xp.inf, _up_to(xp, x, 5, near, lambda x: _y_far(xp, 1, x)))


@in_double
def spherical_bessel_j0(xp: Any, x: Any) -> Any:
    """``sin(x) / x``, by its power series near 0."""
    u = xp.where(xp.abs(x) < 0.5, x, 0) ** 2
    series = _polynomial(tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(6, -1, -1)), u)
    away = xp.where(xp.abs(x) < 0.5, 1, x)
    return xp.where(xp.isinf(x), 0.0, xp.where(xp.abs(x) < 0.5, series, xp.sin(away) / away))


# ---------------------------------------------------------------------- growing and decaying: I, K
def _scaled_i(xp: Any, order: int, size: Any) -> Any:
    """``exp(-x) I_order(x)`` for x from 0 on."""
    near, far = (tables.I0_NEAR, tables.I0_FAR) if order == 0 else (tables.I1_NEAR, tables.I1_FAR)
    return _up_to(
        xp, size, 8,
        lambda x: _chebyshev(near, x / 2 - 2) * (x if order else 1),
        lambda x: _chebyshev(far, 32 / x - 2) / xp.sqrt(x),
    )  # fmt: skip


@in_double
def i0e(xp: Any, x: Any) -> Any:
    """``exp(-|x|)`` times the modified Bessel function of order 0."""
    return _scaled_i(xp, 0, xp.abs(x))


@in_double
def i1e(xp: Any, x: Any) -> Any:
    """``exp(-|x|)`` times the modified Bessel function of order 1."""
    out = _scaled_i(xp, 1, xp.abs(x))
    return xp.where(x < 0, -out, out)


@in_double
def i0(xp: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind of order 0."""
    return xp.exp(xp.abs(x)) * i0e(xp, x)


@in_double
def i1(xp: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind of order 1."""
    return xp.exp(xp.abs(x)) * i1e(xp, x)


modified_bessel_i0, modified_bessel_i1 = i0, i1


def _scaled_k(xp: Any, order: int, x: Any) -> Any:
    """``exp(x) K_order(x)``; infinity at 0, nan below."""

    def near(x: Any) -> Any:
        if order == 0:
            out = _chebyshev(tables.K0_NEAR, x * x - 2) - xp.log(x / 2) * i0(xp, x)
        else:
            out = _chebyshev(tables.K1_NEAR, x * x - 2) / x + xp.log(x / 2) * i1(xp, x)
        return out * xp.exp(x)

    far = tables.K0_FAR if order == 0 else tables.K1_FAR
    out = _up_to(xp, x, 2, near, lambda x: _chebyshev(far, 8 / x - 2) / xp.sqrt(x))
    return _right_half(xp, x, xp.inf, out)


@in_double
def scaled_modified_bessel_k0(xp: Any, x: Any) -> Any:
    """``exp(x)`` times the modified Bessel function of the second kind of order 0."""
    return _scaled_k(xp, 0, x)


@in_double
def scaled_modified_bessel_k1(xp: Any, x: Any) -> Any:
    """``exp(x)`` times the modified Bessel function of the second kind of order 1."""
    return _scaled_k(xp, 1, x)


@in_double
def modified_bessel_k0(xp: Any, x: Any) -> Any:
    """The modified Bessel function of the second kind of order 0."""
    return xp.exp(-x) * _scaled_k(xp, 0, x)


@in_double
def modified_bessel_k1(xp: Any, x: Any) -> Any:
    """The modified Bessel function of the second kind of order 1."""
    return xp.exp(-x) * _scaled_k(xp, 1, x)


# ---------------------------------------------------------------------- Airy
_AI_0, _AI_SLOPE_0 = 0.355028053887817239260, -0.258819403792806798405  # Ai(0), Ai'(0)
_NEAR = 2.09  # where the power series stops being the best


def _airy_series(xp: Any, x: Any) -> Any:
    """The power series (DLMF 9.4.1): two solutions of ``y'' = x y`` weighted with Ai(0) and Ai'(0)."""
    even, odd = xp.ones_like(x), x
    f, g, z = even, odd, x * x * x
    for k in range(1, 13):
        even = even * z / ((3 * k - 1) * (3 * k))
        odd = odd * z / ((3 * k) * (3 * k + 1))
        f, g = f + even, g + odd
    return _AI_0 * f + _AI_SLOPE_0 * g


def _airy_decaying(xp: Any, x: Any) -> Any:
    zeta = 2 * x * xp.sqrt(x) / 3
    ratio = _polynomial(tables.AIRY_DECAY_NUM, 1 / zeta) / _polynomial(tables.AIRY_DECAY_DEN, 1 / zeta)
    return ratio * xp.exp(-zeta) / (2 * math.sqrt(math.pi) * xp.sqrt(xp.sqrt(x)))


def _airy_oscillating(xp: Any, size: Any) -> Any:
    """Ai(-size) as an amplitude times a sine and a cosine (DLMF 9.7.9)."""
    zeta = 2 * size * xp.sqrt(size) / 3
    z = 1 / zeta
    u = z * z
    sine = 1 + u * _polynomial(tables.AIRY_SINE_NUM, u) / _polynomial(tables.AIRY_SINE_DEN, u)
    cosine = z * _polynomial(tables.AIRY_COSINE_NUM, u) / _polynomial(tables.AIRY_COSINE_DEN, u)
    angle = zeta + math.pi / 4
    return (xp.sin(angle) * sine - xp.cos(angle) * cosine) / (math.sqrt(math.pi) * xp.sqrt(xp.sqrt(size)))


@in_double
def airy_ai(xp: Any, x: Any) -> Any:
    """The Airy function Ai; nan at both infinities, as PyTorch has it."""
    middle = _airy_series(xp, xp.clip(x, -_NEAR, _NEAR))
    right = _airy_decaying(xp, xp.maximum(x, _NEAR))
    left = _airy_oscillating(xp, xp.maximum(-x, _NEAR))
    out = xp.where(x > _NEAR, right, xp.where(x < -_NEAR, left, middle))
    return xp.where(xp.isinf(x), xp.nan, out)
