"""The regularised incomplete gamma functions P (lower) and Q = 1 - P (upper), in double precision.

Four methods, each where it is best (the first three divided as in Cephes): the power series of P (DLMF 8.11.4), the
continued fraction of Q (DLMF 8.9.2), for small arguments the power series of Q (DLMF 8.7.3), which does not cancel, and
from a = 100 on Gauss-Legendre quadrature of the density, as in Numerical Recipes 6.2.1, since the others need ever
more terms there.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .gamma import in_double, lgamma

_LARGE = 100.0
_TERMS = 2000
_EPS = 2.0**-53


def _density(xp: Any, a: Any, x: Any) -> Any:
    """``x^a e^-x / Gamma(a)``."""
    return xp.exp(a * xp.log(x) - x - lgamma(xp, a))


def _lower_series(xp: Any, a: Any, x: Any) -> Any:
    term = total = xp.ones_like(a)
    for k in range(1, _TERMS):
        term = term * x / (a + k)
        total = total + term
        if not bool(xp.any(term > _EPS * total)):
            break
    return total * _density(xp, a, x) / a


def _upper_fraction(xp: Any, a: Any, x: Any) -> Any:
    """Convergents of the continued fraction by Lentz' method."""
    b = x + 1 - a
    c, d = xp.full_like(x, 1e300), 1 / b
    out = d
    for k in range(1, _TERMS):
        numerator = -k * (k - a)
        b = b + 2
        d, c = numerator * d + b, b + numerator / c
        d = 1 / xp.where(d == 0, 1e-300, d)
        c = xp.where(c == 0, 1e-300, c)
        change = c * d
        out = out * change
        if not bool(xp.any(xp.abs(change - 1) > 2 * _EPS)):
            break
    return out * _density(xp, a, x)


def _upper_series(xp: Any, a: Any, x: Any) -> Any:
    term, total = xp.ones_like(a), xp.zeros_like(a)
    for k in range(1, _TERMS):
        term = term * -x / k
        total = total + term / (a + k)
        if not bool(xp.any(xp.abs(term) > _EPS * xp.abs(total) * (a + k))):
            break
    log_x = xp.log(x)
    return -xp.expm1(a * log_x - lgamma(xp, 1 + a)) - xp.exp(a * log_x - lgamma(xp, a)) * total


@functools.cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    t, w = np.polynomial.legendre.leggauss(64)
    return (t + 1) / 2, w / 2


def _tail(xp: Any, a: Any, x: Any) -> Any:
    """The smaller of P and Q for large a: the integral of the density from x away from its peak at a."""
    slope = xp.abs(1 - a / x)  # how fast the density falls at x; log-concave, so faster beyond
    reach = xp.minimum(38 / xp.maximum(slope, 1e-300), 9 * xp.sqrt(a) + 40)
    above = x >= a
    reach = xp.where(above, reach, -xp.minimum(reach, x))
    place, weight = (xp.asarray(v) for v in _nodes())
    t = x[..., None] + reach[..., None] * place
    away = t / a[..., None] - 1
    log_peak = -1 / (12 * a) + 1 / (360 * a**3) - 0.5 * xp.log(2 * math.pi / a)  # Stirling's series
    density = xp.exp(log_peak[..., None] - a[..., None] * (away - xp.log1p(away))) / t
    return xp.abs((xp.where(t > 0, density, 0) * weight).sum(axis=-1) * reach)


def _where(xp: Any, out: Any, mask: Any, method: Callable, a: Any, x: Any, complement: bool) -> None:
    if bool(mask.any()):
        value = method(xp, a[mask], x[mask])
        out[mask] = 1 - value if complement else value


def _regularised(xp: Any, a: Any, x: Any, upper: bool) -> Any:
    a, x = (xp.asarray(v) for v in xp.broadcast_arrays(a, x))
    shape = a.shape
    a, x = a.reshape(-1), x.reshape(-1)
    out = xp.full_like(a, xp.nan)
    inside = (a > 0) & (x > 0) & xp.isfinite(a) & xp.isfinite(x)
    large = inside & (a >= _LARGE)
    rest = inside & ~large
    # Where is Q so close to 1 that it must be had from P, or so small that P must be had from it?
    small = rest & (x <= 1.1)
    by_lower = rest & xp.where(
        small, xp.where(x <= 0.5, -0.4 / xp.log(xp.minimum(x, 0.5)) < a, x * 1.1 < a), x < a
    )
    _where(xp, out, by_lower, _lower_series, a, x, upper)
    _where(xp, out, rest & ~small & ~by_lower, _upper_fraction, a, x, not upper)
    _where(xp, out, small & ~by_lower, _upper_series, a, x, not upper)
    _where(xp, out, large & (x >= a), _tail, a, x, not upper)
    _where(xp, out, large & (x < a), _tail, a, x, upper)
    none, all_ = (
        (1.0, 0.0) if upper else (0.0, 1.0)
    )  # the values where none, and all, of the density lies below x
    edges = [
        (x < 0) | (a < 0),
        (a == 0) & (x > 0),
        a == 0,
        x == 0,
        xp.isinf(a) & xp.isinf(x),
        xp.isinf(a),
        xp.isinf(x),
    ]
    return xp.select(edges, [xp.nan, all_, xp.nan, none, xp.nan, none, all_], out).reshape(shape)


@in_double
def igamma(xp: Any, a: Any, x: Any) -> Any:
    """``P(a, x)``: the share of the gamma distribution of shape ``a`` that lies below ``x``."""
    return _regularised(xp, a, x, upper=False)


@in_double
def igammac(xp: Any, a: Any, x: Any) -> Any:
    """``Q(a, x) = 1 - P(a, x)``, exact where it is small."""
    return _regularised(xp, a, x, upper=True)
