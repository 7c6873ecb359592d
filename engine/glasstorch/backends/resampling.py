"""Resampling on arrays: each output line of a dimension is a weighted sum of a few input lines.

Interpolation and adaptive averages are all of this kind, one dimension after the other. What to add up is an
``AxisMap``: a sparse matrix in coordinates, whose transpose is an ``AxisMap`` too.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class AxisMap:
    """Entries (target, source, weight) of a sparse matrix of ``targets`` x ``sources`` elements."""

    target: np.ndarray
    source: np.ndarray
    weight: np.ndarray | None  # None: all 1
    targets: int
    sources: int

    @classmethod
    def windows(
        cls, start: np.ndarray, length: np.ndarray, weight: np.ndarray | None, sources: int
    ) -> AxisMap:
        """Output ``i`` adds up ``length[i]`` input elements from ``start[i]`` on; weights lie one after the other."""
        target = np.repeat(np.arange(len(start)), length)
        first = np.repeat(np.cumsum(length) - length, length)
        source = np.arange(len(target)) - first + start[target]
        return cls(target, source, weight, len(start), sources)

    @functools.cached_property
    def transposed(self) -> AxisMap:
        """Rows and columns exchanged, entries sorted by their new target."""
        order = np.argsort(self.source, kind="stable")
        weight = None if self.weight is None else self.weight[order]
        return AxisMap(self.source[order], self.target[order], weight, self.sources, self.targets)

    @functools.cached_property
    def layers(self) -> list[np.ndarray]:
        """The entries in layers: in each, no target occurs twice."""
        place = np.arange(len(self.target)) - np.searchsorted(self.target, self.target)
        return [np.flatnonzero(place == k) for k in range(int(place.max(initial=-1)) + 1)]

    @functools.cached_property
    def dense(self) -> np.ndarray:
        """The matrix itself."""
        out = np.zeros((self.targets, self.sources))
        np.add.at(out, (self.target, self.source), 1 if self.weight is None else self.weight)
        return out


DENSE, LAYERS = 256, 16  # up to how many sources, and how many layers, the respective way is the quicker one


def apply(xp: Any, x: Any, axis: int, m: AxisMap) -> Any:
    """The matrix times ``x`` along one dimension."""
    on_host = isinstance(x, np.ndarray)  # a GPU would have to be waited for to look at the product
    if on_host and axis == x.ndim - 1 and m.sources <= DENSE and m.weight is not None and x.dtype.kind == "f":
        out = xp.matmul(x, xp.asarray(m.dense.astype(x.dtype)).T)
        if bool(xp.isfinite(out).all()):  # else infinities met the matrix's zeros: add up what counts alone
            return out

    def lines(entries: Any) -> Any:
        part = xp.take(x, xp.asarray(m.source[entries]), axis=axis)
        if m.weight is not None:
            weight = xp.asarray(m.weight[entries].astype(x.dtype, copy=False))
            part *= weight.reshape(-1, *(1,) * (x.ndim - 1 - axis))
        return part

    if len(m.layers) == 1 and len(m.target) == m.targets:
        return lines(m.layers[0])
    before = (slice(None),) * axis
    out = xp.zeros((*x.shape[:axis], m.targets, *x.shape[axis + 1 :]), x.dtype)
    if len(m.layers) <= LAYERS or xp.__name__ != "numpy":
        for entries in m.layers:
            if len(entries) == m.targets:
                out += lines(entries)
            else:
                out[(*before, xp.asarray(m.target[entries]))] += lines(entries)
    elif out.size:
        found, first = np.unique(m.target, return_index=True)
        out[(*before, found)] = np.add.reduceat(lines(slice(None)), first, axis=axis)
    return out


def _fixed_point(xp: Any, x: Any, axis: int, m: AxisMap) -> Any:
    """``apply`` on bytes, with weights as 16-bit integers: as many binary digits as the largest weight leaves room."""
    assert m.weight is not None
    cell, at = np.unique(m.target * m.sources + m.source, return_inverse=True)  # the border may repeat
    weight = np.bincount(at, m.weight)
    top = float(weight.max())
    digits = 0
    while digits < 22 and int(0.5 + top * (1 << (digits + 1))) < 1 << 15:
        digits += 1
    scaled = weight * (1 << digits)
    whole = np.trunc(scaled + np.copysign(0.5, scaled)).astype(np.int32)
    exact = AxisMap(cell // m.sources, cell % m.sources, whole, m.targets, m.sources)
    out = apply(xp, x.astype(np.int32), axis, exact) + (1 << (digits - 1))
    return xp.clip(out >> digits, 0, 255).astype(x.dtype)


def resample(xp: Any, input: Any, maps: tuple[AxisMap | None, ...]) -> Any:
    """One map for each of the last dimensions (None: as it is), applied from the last one on."""
    x = input
    half = x.dtype.itemsize == 2  # half types are added up in float32
    if half:
        x = x.astype(np.float32)
    for k in range(len(maps) - 1, -1, -1):
        m = maps[k]
        if m is not None:
            run = _fixed_point if x.dtype.kind == "u" and m.weight is not None else apply
            x = run(xp, x, x.ndim - len(maps) + k, m)
    x = x.astype(input.dtype) if half else x
    return x.copy() if x is input else x


def transposed(maps: tuple[AxisMap | None, ...]) -> tuple[AxisMap | None, ...]:
    return tuple(None if m is None else m.transposed for m in maps)


_remembered = functools.lru_cache(maxsize=64, typed=True)  # the maps of one dimension, by its sizes


@_remembered
def nearest_map(n: int, m: int, scale: Any, exact: bool) -> AxisMap:
    """Output ``i`` copies the input element under its left edge (or, ``exact``, under its middle)."""
    real = type(scale)
    i = np.arange(m, dtype=real)
    source = np.minimum(np.floor((i + real(0.5) if exact else i) * scale).astype(np.int64), n - 1)
    return AxisMap(np.arange(m), source, None, m, n)


def _source_points(m: int, scale: Any, align_corners: bool) -> np.ndarray:
    """Where the middle of each output element lies, counted in input elements."""
    real = type(scale)
    i = np.arange(m, dtype=real)
    return scale * i if align_corners else scale * (i + real(0.5)) - real(0.5)


@_remembered
def linear_map(n: int, m: int, scale: Any, align_corners: bool) -> AxisMap:
    """Output ``i`` lies between two input elements, weighted by nearness."""
    at = np.maximum(_source_points(m, scale, align_corners), 0)
    if n == m:
        at = np.arange(m, dtype=at.dtype)
    low = np.minimum(np.floor(at).astype(np.int64), n - 1)
    part = np.clip(at - low, 0, 1).astype(at.dtype)
    high = low + (low < n - 1)
    return _taps(np.stack([low, high], 1), np.stack([1 - part, part], 1), n)


def cubic_weights(t: Any, a: float) -> list[Any]:
    """Weights of the four elements around a point a share ``t`` of the way between the middle two.

    Cubic convolution with the free parameter ``a``. Source: Keys 1981, doi:10.1109/TASSP.1981.1163711
    """

    def near(x: Any) -> Any:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: Any) -> Any:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


@_remembered
def cubic_map(n: int, m: int, scale: Any, align_corners: bool) -> AxisMap:
    """Output ``i`` from the four nearest input elements; the border repeats."""
    at = _source_points(m, scale, align_corners)
    low = np.floor(at)
    part = np.clip(at - low, 0, 1).astype(at.dtype)
    index = np.clip(low.astype(np.int64)[:, None] + np.arange(-1, 3), 0, n - 1)
    return _taps(index, np.stack(cubic_weights(part, -0.75), 1), n)


def _taps(index: np.ndarray, weight: np.ndarray, n: int) -> AxisMap:
    m, k = index.shape
    return AxisMap(np.repeat(np.arange(m), k), index.reshape(-1), weight.reshape(-1), m, n)


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(x), 0)


def _cubic(x: np.ndarray) -> np.ndarray:
    a, x = -0.5, np.abs(x)
    near, far = ((a + 2) * x - (a + 3)) * x * x + 1, (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _lanczos(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


#: Filter and half its width, in input elements.
FILTERS = {"bilinear": (_triangle, 1), "bicubic": (_cubic, 2), "lanczos": (_lanczos, 3)}


@_remembered
def antialias_map(n: int, m: int, scale: Any, mode: str) -> AxisMap:
    """Output ``i`` from all input elements under a filter that widens with the reduction, as Pillow does."""
    fn, half_width = FILTERS[mode]
    real = type(scale)
    stretch = max(scale, real(1))
    reach = real(half_width) * stretch
    centre = scale * (np.arange(m, dtype=real) + real(0.5))
    start = np.maximum((centre - reach + real(0.5)).astype(np.int64), 0)
    length = np.clip(np.minimum((centre + reach + real(0.5)).astype(np.int64), n) - start, 0, None)
    bare = AxisMap.windows(start, length, None, n)
    weight = fn((bare.source - centre[bare.target] + real(0.5)) / stretch).astype(real)
    total = np.bincount(bare.target, weight, minlength=m)[bare.target]
    weight = np.divide(weight, total, out=np.zeros(len(weight)), where=total != 0).astype(real)
    return AxisMap(bare.target, bare.source, weight, m, n)


def adaptive_bounds(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Start and length of each of ``m`` windows that cover ``n`` elements evenly."""
    i = np.arange(m)
    start = i * n // max(m, 1)
    return start, -((-(i + 1) * n) // max(m, 1)) - start


@_remembered
def mean_map(n: int, m: int) -> AxisMap:
    """Output ``i`` is the mean of the ``i``-th of ``m`` windows that cover the dimension evenly."""
    start, length = adaptive_bounds(n, m)
    return AxisMap.windows(start, length, 1 / np.repeat(length, length), n)


def window_max(xp: Any, x: Any, windows: tuple[Any, ...]) -> tuple[Any, Any]:
    """The largest element of each window and its place in the flattened last dimensions.

    Of equal elements the first counts (in row-major order), of several nan the last, as in PyTorch. ``windows`` has one
    index array for each of the last dimensions of ``x``, shaped (*lead, windows, elements), where ``lead`` broadcasts
    with the dimensions before. A shorter window repeats its last element.
    """
    n = len(windows)
    size = x.shape[x.ndim - n :]
    place = None
    for k in range(n - 1, -1, -1):  # one dimension after the other: columns, rows, …
        index, axis = xp.asarray(windows[k]), x.ndim - n + k
        step = math.prod(size[k + 1 :])
        tail = (1,) * (x.ndim - 1 - axis)
        inner = (1,) * (axis - (index.ndim - 2))
        best = at = None
        for t in range(index.shape[-1]):
            tap = index[..., t]
            here = tap.reshape(*tap.shape[:-1], *inner, tap.shape[-1], *tail)
            value = _picked(xp, x, tap, here, axis)
            where = here * step if place is None else here * step + _picked(xp, place, tap, here, axis)
            if best is None:
                best, at = value, xp.broadcast_to(where, value.shape)
                continue
            better = value > best
            if value.dtype.kind == "f":
                better |= xp.isnan(value)
            best, at = xp.where(better, value, best), xp.where(better, where, at)
        x, place = best, at
    return xp.ascontiguousarray(x), xp.ascontiguousarray(place)


def _picked(xp: Any, x: Any, tap: Any, here: Any, axis: int) -> Any:
    return xp.take(x, tap, axis=axis) if tap.ndim == 1 else xp.take_along_axis(x, here, axis=axis)


def adaptive_windows(n: int, m: int) -> np.ndarray:
    """The elements (m, width) of ``m`` windows that cover ``n`` elements evenly, for ``window_max``."""
    start, length = adaptive_bounds(n, m)
    within = np.arange(int(length.max(initial=1)))
    return start[:, None] + np.minimum(within, length[:, None] - 1)


def fractional_windows(sample: np.ndarray, n: int, m: int, width: int) -> np.ndarray:
    """The elements (*sample.shape, m, width) of ``m`` windows laid pseudo-randomly over ``n`` elements.

    Source: Graham 2014, https://arxiv.org/abs/1412.6071
    """
    start = np.zeros((*sample.shape, m), np.int64)
    if m > 1:
        alpha = sample.dtype.type((n - width) / (m - 1))
        i = np.arange(m, dtype=sample.dtype)
        u = sample[..., None]
        start[...] = ((i + u) * alpha).astype(np.int64) - (u * alpha).astype(np.int64)
    if m:
        start[..., -1] = n - width
    return start[..., None] + np.arange(width)


def border_map(n: int, before: int, after: int, mode: str) -> AxisMap | None:
    """A dimension with its own elements before and after it: mirrored ("reflect") or the last ones again."""
    if not before and not after:
        return None
    at = np.arange(-before, n + after)
    if mode == "reflect":
        at = np.where(at < n, np.abs(at), 2 * (n - 1) - at)
    return AxisMap(np.arange(len(at)), np.clip(at, 0, n - 1), None, len(at), n)
