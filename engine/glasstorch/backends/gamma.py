"""Special functions that array libraries lack, in double precision: the gamma and error functions.

Each takes the array module and an array, works in float64 and gives back the array's own type.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

#: Bernoulli numbers B2, B4, ... of the Euler-Maclaurin and Stirling series.
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
_SHIFT = 12  # the asymptotic series are used from here on; smaller arguments are moved up by recurrence


def in_double(fn: Callable) -> Callable:
    """Compute in float64, return the type that came."""

    @functools.wraps(fn)
    def wrapped(xp: Any, x: Any, *rest: Any) -> Any:
        x = xp.asarray(x)
        out = fn(xp, x.astype(xp.float64), *(xp.asarray(r).astype(xp.float64) for r in rest))
        return xp.asarray(out).astype(x.dtype, copy=False)

    return wrapped


def _stirling(xp: Any, z: Any) -> Any:
    out = (z - 0.5) * xp.log(z) - z + 0.5 * math.log(2 * math.pi)
    for k, b in enumerate(BERNOULLI, 1):
        out = out + b / (2 * k * (2 * k - 1)) / z ** (2 * k - 1)
    return out


@in_double
def lgamma(xp: Any, x: Any) -> Any:
    """The logarithm of the size of the gamma function; by reflection below 1/2, else Stirling's series."""
    low = x < 0.5
    y = xp.where(low, 1 - x, x)
    z, shifted = y, xp.ones_like(y)
    for _ in range(_SHIFT):
        small = z < _SHIFT
        shifted = xp.where(small, shifted * z, shifted)
        z = xp.where(small, z + 1, z)
    out = _stirling(xp, z) - xp.log(shifted)
    out = xp.where(xp.isinf(y), xp.inf, xp.where((y == 1) | (y == 2), 0.0, out))
    turned = math.log(math.pi) - xp.log(xp.abs(_sin_pi(xp, x))) - out
    turned = xp.where(xp.abs(x) < 1e-18, -xp.log(xp.abs(x)), turned)  # numbers with few digits left
    pole = (x <= 0) & (x == xp.floor(x))
    return xp.where(pole, xp.inf, xp.where(low, turned, out))


def _sin_pi(xp: Any, x: Any) -> Any:
    return xp.sin(math.pi * (x - 2 * xp.round(x / 2)))


@in_double
def digamma(xp: Any, x: Any) -> Any:
    """The logarithmic derivative of the gamma function."""
    low = x < 0.5
    z = y = xp.where(low, 1 - x, x)
    out = xp.zeros_like(y)
    for _ in range(_SHIFT):
        small = z < _SHIFT
        out = xp.where(small, out - 1 / z, out)
        z = xp.where(small, z + 1, z)
    out = out + xp.log(z) - 0.5 / z
    for k, b in enumerate(BERNOULLI, 1):
        out = out - b / (2 * k) / z ** (2 * k)
    turned = out - math.pi / xp.tan(math.pi * (x - xp.round(x)))
    pole = (x < 0) & (x == xp.floor(x))
    return xp.where(pole, xp.nan, xp.where(x == 0, -xp.copysign(xp.inf, x), xp.where(low, turned, out)))


@in_double
def zeta(xp: Any, s: Any, q: Any) -> Any:
    """Hurwitz' zeta function, the sum of ``(q + k) ** -s``, by the Euler-Maclaurin series."""
    s, q = xp.broadcast_arrays(s, q)
    total, a = xp.zeros_like(q), q
    for _ in range(_SHIFT):  # negative q moves up until the series holds
        total = total + a**-s
        a = a + 1
    while bool(xp.any(a < _SHIFT - 2)) and bool(xp.any((a < _SHIFT - 2) & (a > -1e4))):
        small = (a < _SHIFT - 2) & (a > -1e4)
        total = xp.where(small, total + a**-s, total)
        a = xp.where(small, a + 1, a)
    total = total + a ** (1 - s) / (s - 1) + 0.5 * a**-s
    rising, power, factorial = s, a ** (-s - 1), 2.0
    for k, b in enumerate(BERNOULLI, 1):
        total = total + b * rising * power / factorial
        rising = rising * (s + 2 * k - 1) * (s + 2 * k)
        power = power / (a * a)
        factorial *= (2 * k + 1) * (2 * k + 2)
    whole = (q <= 0) & (q == xp.floor(q))
    total = xp.where(whole, xp.inf, xp.where((q <= 0) & (s != xp.floor(s)), xp.nan, total))
    return xp.where(s == 1, xp.inf, xp.where(s < 1, xp.nan, total))


def polygamma(xp: Any, n: int, x: Any) -> Any:
    """The n-th derivative of digamma."""
    if n == 0:
        return digamma(xp, x)
    sign = 1 if n % 2 else -1
    wide = zeta(xp, xp.asarray(n + 1.0, dtype=xp.float64), xp.asarray(x).astype(xp.float64))
    wide = xp.where((x == xp.inf) & (n > 1), xp.nan, wide)  # as PyTorch has it
    return (sign * math.gamma(n + 1) * wide).astype(x.dtype, copy=False)


def _erfcx_number(x: float) -> float:
    if x < 2:
        return math.exp(x * x) * math.erfc(x)
    tail = 0.0
    for k in range(120, 0, -1):  # a continued fraction, from its far end
        tail = k / 2 / (x + tail)
    return 1 / math.sqrt(math.pi) / (x + tail)


@functools.cache
def _erfcx_series() -> np.ndarray:
    """Chebyshev coefficients of (1 + 2x) erfcx(x) in t = (x - 3.75) / (x + 3.75), for x from 0 to infinity."""

    def value(t: float) -> float:
        x = 3.75 * (1 + t) / (1 - t) if t < 1 - 1e-12 else 1e12
        return (1 + 2 * x) * _erfcx_number(x)

    return np.polynomial.Chebyshev.interpolate(np.vectorize(value), 40).coef


def _clenshaw(coefficients: np.ndarray, t: Any) -> Any:
    a = b = t * 0
    for c in coefficients[:0:-1]:
        a, b = 2 * t * a - b + float(c), a
    return t * a - b + float(coefficients[0])


def _erfcx_above(xp: Any, x: Any) -> Any:
    t = (x - 3.75) / (x + 3.75)
    return _clenshaw(_erfcx_series(), xp.where(xp.isinf(x), 1.0, t)) / (1 + 2 * x)


@in_double
def erfcx(xp: Any, x: Any) -> Any:
    """``exp(x^2) erfc(x)``."""
    above = _erfcx_above(xp, xp.abs(x))
    return xp.where(x < 0, 2 * xp.exp(xp.minimum(x * x, 1e4)) - above, above)


@in_double
def erfc(xp: Any, x: Any) -> Any:
    """The complementary error function, exact in its tail."""
    size = xp.abs(x)
    tail = xp.exp(-size * size) * _erfcx_above(xp, size)
    return xp.where(x < 0, 2 - tail, tail)


@in_double
def log_ndtr(xp: Any, x: Any) -> Any:
    """The logarithm of the normal distribution function, exact in its tail."""
    z = x * math.sqrt(0.5)
    size = xp.abs(z)
    tail = _erfcx_above(xp, size)
    return xp.where(x < -1, xp.log(tail / 2) - z * z, xp.log1p(-erfc(xp, z) / 2))


@in_double
def erfinv(xp: Any, y: Any) -> Any:
    """The inverse of the error function: Newton's method, on the logarithm of erfc in the tails."""
    size = xp.abs(y)
    near = xp.minimum(size, 0.7)
    x = near * math.sqrt(math.pi) / 2
    for _ in range(6):
        x = x - (1 - erfc(xp, x) - near) * xp.exp(x * x) * math.sqrt(math.pi) / 2
    out = xp.where(size <= 0.7, x, erfcinv(xp, 1 - xp.maximum(size, 0.5)))
    # The last digits near 0: erf is computed as 1 - erfc, which loses them; its series does not.
    series = near * math.sqrt(math.pi) / 2
    series = series * (1 + series**2 / 3 + 7 * series**4 / 30 + 127 * series**6 / 630)
    out = xp.where(size < 0.01, series, out)
    return xp.where(size > 1, xp.nan, xp.where(size == 1, xp.inf, out)) * xp.sign(y)


@in_double
def erfcinv(xp: Any, q: Any) -> Any:
    """The x with ``erfc(x) = q``, for q from 0 to 1."""
    target = xp.log(q)
    x = xp.sqrt(xp.maximum(-target - 0.5 * xp.log(xp.maximum(-target, 1e-3)) - 0.57, 0.0))
    for _ in range(12):
        e = _erfcx_above(xp, x)
        x = xp.maximum(x + (xp.log(e) - x * x - target) * e * math.sqrt(math.pi) / 2, 0.0)
    return xp.where(q == 0, xp.inf, xp.where((q < 0) | (q > 1), xp.nan, x))


@in_double
def ndtri(xp: Any, p: Any) -> Any:
    """The inverse of the normal distribution function."""
    low = erfcinv(xp, 2 * xp.minimum(p, 1 - p))
    middle = erfinv(xp, 2 * p - 1)
    out = xp.where(xp.abs(p - 0.5) < 0.3, middle, xp.where(p < 0.5, -low, low)) * math.sqrt(2)
    return xp.where((p < 0) | (p > 1), xp.nan, out)
