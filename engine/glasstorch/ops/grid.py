"""Sampling images and volumes at points of a grid, with derivatives for both.

A sample is a sum over the elements around its point, each weighted by a product with one factor for each
dimension. The place of a point is piecewise linear in the grid, so its slope is a constant.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

from .. import backends
from ..backends.resampling import cubic_weights
from ..core.functions import arrays_for
from ..core.op import op
from ..core.tensor import Tensor

CUBIC = -0.75  # PyTorch's parameter of cubic convolution


@dataclass(frozen=True)
class Sampling:
    """How to sample: ``mode`` "bilinear", "nearest" or "bicubic"; ``padding`` "zeros", "border" or "reflection"."""

    mode: str
    padding: str
    align_corners: bool
    volume: bool = False


def _placed(xp: Any, grid: Any, n: int, align_corners: bool) -> tuple[Any, float]:
    """Grid values (-1 to 1) as element numbers, and the slope of that map."""
    if align_corners:
        return (grid + 1) / 2 * (n - 1), (n - 1) / 2
    return ((grid + 1) * n - 1) / 2, n / 2


def _reflected(xp: Any, x: Any, low: float, high: float) -> tuple[Any, Any]:
    """``x`` folded back at two mirrors until it lies between them, and the slope (1 or -1)."""
    if low == high:
        return xp.zeros_like(x), xp.zeros_like(x)
    slope = xp.where(x < low, -1, 1).astype(x.dtype)
    away = xp.abs(x - low)
    rest, flips = xp.fmod(away, high - low), xp.floor(away / (high - low))
    even = flips % 2 == 0
    return xp.where(even, rest + low, high - rest), xp.where(even, slope, -slope)


def _inside(xp: Any, x: Any, n: int, how: Sampling) -> tuple[Any, Any]:
    """Element numbers brought inside as the padding says, and the slope of that map."""
    slope = xp.ones_like(x)
    lost = n - 1 if how.volume else 0  # where PyTorch takes points that are not a number to be
    if how.padding == "reflection":
        x, slope = _reflected(xp, x, 0.0, n - 1.0) if how.align_corners else _reflected(xp, x, -0.5, n - 0.5)
    if how.padding != "zeros":
        slope = slope * ((x > 0) & (x < n - 1))
        x = xp.clip(xp.where(xp.isnan(x), lost, x), 0, n - 1).astype(x.dtype)
    elif how.volume:
        x = xp.where(xp.isfinite(x), x, -100).astype(x.dtype)
    return x, slope


@dataclass(frozen=True)
class _Tap:
    """One of the elements around a point, in one dimension."""

    index: Any  # integer array; -1 or n where it lies outside
    weight: Any  # array or tensor
    slope: Any  # its derivative by the grid


def _whole(xp: Any, x: Any, n: int) -> Any:
    """Element numbers as integers, with all that lies outside at -1 or n."""
    return xp.clip(xp.where(xp.isfinite(x), x, -1), -1, n).astype(xp.int64)


def _dimension(F: Any, xp: Any, grid: Any, n: int, how: Sampling) -> list[_Tap]:
    """The taps of all points in one dimension. ``grid``: one coordinate of the points, an array or a tensor."""
    raw = getattr(grid, "_a", grid)
    x, slope = _placed(xp, raw, n, how.align_corners)
    if how.mode != "bicubic":
        x, inner = _inside(xp, x, n, how)
        slope = slope * inner
    if how.mode == "nearest":
        return [_Tap(_whole(xp, xp.rint(x), n), None, None)]
    low = xp.floor(x)
    t = part = x - low
    if isinstance(grid, Tensor):  # the same value, as a function of the grid
        t = grid * F.constant(xp.asarray(slope, dtype=raw.dtype), grid) + F.constant(part - raw * slope, grid)
    slope = F.constant(xp.broadcast_to(xp.asarray(slope, dtype=raw.dtype), raw.shape), grid)
    if how.mode == "bilinear":
        return [_Tap(_whole(xp, low, n), 1 - t, -slope), _Tap(_whole(xp, low + 1, n), t, slope)]
    weights, slopes = cubic_weights(t, CUBIC), _cubic_slopes(t)
    taps = []
    for k in range(4):
        at = _inside(xp, low + (k - 1), n, how)[0]
        taps.append(_Tap(_whole(xp, at, n), weights[k], slopes[k] * slope))
    return taps


def _cubic_slopes(t: Any) -> list[Any]:
    """Derivatives of ``cubic_weights``."""
    a = CUBIC

    def near(x: Any) -> Any:
        return (3 * (a + 2) * x - 2 * (a + 3)) * x

    def far(x: Any) -> Any:
        return (3 * a * x - 10 * a) * x + 8 * a

    return [far(t + 1), near(t), -near(1 - t), -far(2 - t)]


def _corners(F: Any, grid: Any, size: tuple[int, ...], how: Sampling) -> Any:
    """For each element around the points: its flat index, where that is inside (None: everywhere), and its taps."""
    xp = backends.namespace(getattr(grid, "_a", grid))
    d = len(size)
    dims = [
        _dimension(F, xp, grid[..., d - 1 - k], size[k], how) for k in range(d)
    ]  # the grid counts x first
    for taps in itertools.product(*dims):
        flat, inside = 0, True
        for tap, n in zip(taps, size, strict=True):
            ok = (tap.index >= 0) & (tap.index < n)
            flat, inside = flat * n + xp.where(ok, tap.index, 0), inside & ok
        yield (
            flat[:, None],
            None if backends.readable(inside) and bool(inside.all()) else inside[:, None],
            taps,
        )


def _product(factors: list) -> Any:
    return math.prod(factors[1:], start=factors[0]) if factors else None


def _masked(F: Any, value: Any, inside: Any) -> Any:
    return value if inside is None else F.where(inside, value, 0)


def _times(value: Any, weight: Any) -> Any:
    return value if weight is None else value * weight[:, None]


def _weight(taps: tuple[_Tap, ...]) -> Any:
    return _product([t.weight for t in taps if t.weight is not None])


def _sampler(name: str, node: str) -> Any:
    """The op for images or for volumes."""

    def forward(xp, input: Array, grid: Array, how):
        F, size = arrays_for(xp), input.shape[2:]
        out = 0
        for flat, inside, taps in _corners(F, grid, size, how):
            out = out + _times(_masked(F, F.take_points(input, flat, len(size)), inside), _weight(taps))
        return out

    def d_input(F, g, input_shape, grid, how):
        r"\sum w \bar y \text{ at the elements around each point}"
        size, out = tuple(input_shape[2:]), 0
        for flat, inside, taps in _corners(F, grid, size, how):
            out = out + F.add_points(_masked(F, _times(g, _weight(taps)), inside), flat, size)
        return out

    def d_grid(F, g, input, grid, how):
        r"\bar y \sum \frac{\partial w}{\partial p} x \text{ over the elements around each point}"
        if how.mode == "nearest":
            return F.depends(F.zeros_of(grid.shape, g), input)
        size = tuple(input.shape[2:])
        parts = [0] * len(size)
        for flat, inside, taps in _corners(F, grid, size, how):
            value = _masked(F, F.take_points(input, flat, len(size)), inside)
            along = F.sum(g * value, (1,), False)
            for k, tap in enumerate(taps):
                others = [t.weight for j, t in enumerate(taps) if j != k]
                parts[k] = parts[k] + along * _product([tap.slope, *others])
        return F.stack(parts[::-1], -1)

    body = {"__doc__": "Values of ``input`` (N, C, *spatial) at the points of ``grid`` (N, *points, dimensions).",
            "formula": r"\sum_{i} w_i(p)\, x_i", "holomorphic": False, "forward": forward, "d_input": d_input,
            "d_grid": d_grid}  # fmt: skip
    return op(method=False, function=False, name=node)(type(name, (), body))


GRID_SAMPLERS = {n: _sampler(f"grid_sampler_{n}d", f"GridSampler{n}DBackward0") for n in (2, 3)}
