"""Orthogonal polynomials by their three-term recurrences, element by element in the degree too.

Each function takes the array module, the arguments ``x`` and the degrees ``n`` (of the same floating type; fractions
are cut off) and computes in that type. Degrees below 0 give 0. Sources: DLMF 18.9 (recurrences) and 18.5 (trigonometric
forms).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _climb(xp: Any, x: Any, n: Any, first: Any, step: Callable) -> Any:
    """``P_n(x)`` from ``P_0 = 1``, ``P_1 = first`` and ``P_{k+1} = step(k, P_k, P_{k-1})``."""
    before, here = xp.ones_like(x), first
    out = xp.where(n == 0, before, first)
    k = 1
    while bool(xp.any((n > k) & ~xp.isnan(here))):  # nan stays nan: no need to go on
        before, here = here, step(k, here, before)
        k += 1
        out = xp.where(n >= k, here, out)
    return xp.where(n < 0, 0, out).astype(x.dtype, copy=False)


def _degrees(xp: Any, x: Any, n: Any) -> tuple[Any, Any]:
    x, n = xp.broadcast_arrays(xp.asarray(x), xp.asarray(n))
    n = xp.where(xp.isfinite(n), n, -1)  # no such degree
    return x, n.astype(xp.int64)


def _chebyshev(first: Callable, angular: Callable, at_one: Callable, at_minus_one: Callable) -> Callable:
    """One of the four kinds: all have the recurrence ``P_{k+1} = 2 x P_k - P_{k-1}`` and differ in ``P_1``.

    Between -1 and 1 degrees above ``limit`` use the form in ``theta = arccos x``, which does not pile up rounding.
    """

    def compute(xp: Any, x: Any, n: Any, limit: int) -> Any:
        inside = (n > limit) & (xp.abs(x) < 1)
        ends = xp.abs(x) == 1
        climbing = xp.where(inside | ends, 0, n)
        out = _climb(xp, x, climbing, first(x), lambda k, here, before: (x + x) * here - before)
        if bool(inside.any()):
            theta = xp.arccos(xp.where(inside, x, 0))
            out = xp.where(inside, angular(xp, n.astype(x.dtype), theta), out)
        sign = 1 - 2 * (n % 2)
        out = xp.where(ends, xp.where(x > 0, at_one(n), sign * at_minus_one(n)), out)
        return xp.where(n < 0, 0, out).astype(x.dtype, copy=False)

    return compute


def _one(n: Any) -> Any:
    return n * 0 + 1


_KINDS = {
    "t": _chebyshev(lambda x: x, lambda xp, n, a: xp.cos(n * a), _one, _one),
    "u": _chebyshev(
        lambda x: x + x, lambda xp, n, a: xp.sin((n + 1) * a) / xp.sin(a), lambda n: n + 1, lambda n: n + 1
    ),
    "v": _chebyshev(
        lambda x: x + x - 1, lambda xp, n, a: xp.cos((n + 0.5) * a) / xp.cos(a / 2), _one, lambda n: 2 * n + 1
    ),
    "w": _chebyshev(
        lambda x: x + x + 1, lambda xp, n, a: xp.sin((n + 0.5) * a) / xp.sin(a / 2), lambda n: 2 * n + 1, _one
    ),
}
#: Degrees up to which the recurrence serves between -1 and 1 too: PyTorch's choice, for equal last digits.
_LIMITS = {"t": 6, "u": 8, "v": 8, "w": 8}
_SHIFTED_LIMITS = {"t": 6, "u": 6, "v": 6, "w": 4}


def chebyshev(kind: str, xp: Any, x: Any, n: Any) -> Any:
    """Chebyshev polynomials of the kind "t", "u", "v" or "w" (first to fourth)."""
    x, n = _degrees(xp, x, n)
    return _KINDS[kind](xp, x, n, _LIMITS[kind])


def shifted_chebyshev(kind: str, xp: Any, x: Any, n: Any) -> Any:
    """Chebyshev polynomials of ``2 x - 1``: orthogonal between 0 and 1."""
    x, n = _degrees(xp, x, n)
    return _KINDS[kind](xp, x + x - 1, n, _SHIFTED_LIMITS[kind])


def _hermite(xp: Any, x: Any, n: Any, first: Any, step: Callable) -> Any:
    """Degrees whose values cannot be told from overflow (above 128 in float32, 512 in float64) give nan."""
    too_high = n > (128 if x.dtype.itemsize == 4 else 512)
    out = _climb(xp, x, xp.where(too_high, 0, n), first, step)
    return xp.where(too_high, xp.nan, out).astype(x.dtype, copy=False)


def hermite_h(xp: Any, x: Any, n: Any) -> Any:
    """The physicists' Hermite polynomials, orthogonal with the weight ``exp(-x^2)``."""
    x, n = _degrees(xp, x, n)
    return _hermite(xp, x, n, x + x, lambda k, here, before: (x + x) * here - 2 * k * before)


def hermite_he(xp: Any, x: Any, n: Any) -> Any:
    """The probabilists' Hermite polynomials, orthogonal with the weight ``exp(-x^2 / 2)``."""
    x, n = _degrees(xp, x, n)
    return _hermite(xp, x, n, x, lambda k, here, before: x * here - k * before)


def laguerre(xp: Any, x: Any, n: Any) -> Any:
    """The Laguerre polynomials, orthogonal from 0 on with the weight ``exp(-x)``."""
    x, n = _degrees(xp, x, n)

    def step(k: int, here: Any, before: Any) -> Any:
        return ((2 * k + (1 - x)) * here - k * before) / (k + 1)

    return _climb(xp, x, xp.where((x == 0) & (n > 0), 0, n), 1 - x, step)


def legendre(xp: Any, x: Any, n: Any) -> Any:
    """The Legendre polynomials, orthogonal between -1 and 1."""
    x, n = _degrees(xp, x, n)

    def step(k: int, here: Any, before: Any) -> Any:
        return ((2 * k + 1) * x * here - k * before) / (k + 1)

    ends = xp.abs(x) == 1
    out = _climb(xp, x, xp.where(ends & (n > 0), 0, n), x, step)
    return xp.where(ends & (n > 0), xp.where(x > 0, 1, 1 - 2 * (n % 2)), out).astype(x.dtype, copy=False)
