"""Pooling over sliding windows, for any number of spatial dimensions.

A window is visited tap by tap: for each position inside the kernel, one strided slice of the padded input
holds that element of every window at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import backends
from ..backends import threads
from ..core.op import op

COST = 8  # multiplications that take as long as pooling one element: what makes threads worth their while


@dataclass(frozen=True)
class Pooling:
    """How windows lie on the input; one entry for each spatial dimension."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ceil_mode: bool = False

    def output_size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """Window positions along each dimension. With ``ceil_mode`` a last window may hang over the end."""
        out = []
        for n, k, s, p, d in zip(size, self.kernel, self.stride, self.padding, self.dilation, strict=True):
            room = n + 2 * p - d * (k - 1) - 1
            m = (room + (s - 1 if self.ceil_mode else 0)) // s + 1
            if self.ceil_mode and (m - 1) * s >= n + p:  # it must start inside the input or the left padding
                m -= 1
            out.append(m)
        return tuple(out)

    def needed(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """Length of each dimension once every window fits."""
        return tuple(
            max(n + p, (m - 1) * s + d * (k - 1) + 1)
            for n, p, m, s, d, k in zip(
                size,
                self.padding,
                self.output_size(size),
                self.stride,
                self.dilation,
                self.kernel,
                strict=True,
            )
        )

    def inner(self, size: tuple[int, ...]) -> tuple:
        """Index of the input inside its padding."""
        return (..., *(slice(p, p + n) for p, n in zip(self.padding, size, strict=True)))

    def taps(self, size: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple]]:
        """Each kernel position (row-major), with the index of its elements in the padded input."""
        out = self.output_size(size)
        for tap in itertools.product(*(range(k) for k in self.kernel)):
            where = tuple(
                slice(t * d, t * d + (m - 1) * s + 1, s)
                for t, d, m, s in zip(tap, self.dilation, out, self.stride, strict=True)
            )
            yield tap, (..., *where)

    @property
    def overlapping(self) -> bool:
        """Can one input element be in two windows?"""
        return any(d > 1 or s < k for k, s, d in zip(self.kernel, self.stride, self.dilation, strict=True))

    def lead(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The dimensions before the spatial ones."""
        return tuple(shape[: len(shape) - len(self.kernel)])

    def spatial(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The spatial dimensions."""
        return tuple(shape[len(shape) - len(self.kernel) :])


def _pad(xp: Any, x: Any, pool: Pooling, value: Any) -> Any:
    size = pool.spatial(x.shape)
    needed = pool.needed(size)
    if needed == size:
        return x
    out = xp.full((*pool.lead(x.shape), *needed), value, x.dtype)
    out[pool.inner(size)] = x
    return out


def _lowest(xp: Any, dtype: Any) -> Any:
    return xp.iinfo(dtype).min if dtype.kind in "iu" else -math.inf


@op(method=False, function=False, name="MaxPool2DWithIndicesBackward0")
class max_pool:
    """The largest element of every window."""

    formula = r"\max_{i \in \text{window}} x_i"
    keeps = ("top",)  # a copy of the output, which may be overwritten in place before the backward

    def forward(xp, input: Array, pool):
        size = pool.spatial(input.shape)
        out = xp.empty((*pool.lead(input.shape), *pool.output_size(size)), input.dtype)
        top = xp.empty_like(out)

        def part(start, stop):
            x = _pad(xp, input[start:stop], pool, _lowest(xp, input.dtype))
            (_, first), *others = pool.taps(size)
            best = out[start:stop]
            best[...] = x[first]
            for _, where in others:
                xp.maximum(best, x[where], out=best)
            top[start:stop] = best

        threads.share(xp, part, len(input), input.size * COST)
        return out, (top,)

    def d_input(F, g, input, top, pool):
        r"\bar y \text{ at the first largest element of each window}"
        return F.depends(F.max_pool_spread(g, _raw(input), _raw(top), pool), input)


@op(method=False, function=False, name="MaxPool2DWithIndicesBackwardBackward0")
class max_pool_spread:
    """Each window's value put at the place of its (first) largest element of ``x``; sums where windows overlap."""

    formula = r"\mathrm{put}_{\arg\max}(y)"

    def forward(xp, input: Array, x, top, pool):
        size = pool.spatial(x.shape)
        out = xp.zeros((*pool.lead(x.shape), *pool.needed(size)), input.dtype)

        def part(start, stop):
            spread, values = out[start:stop], input[start:stop]
            for where, hit in _hits(xp, x[start:stop], top[start:stop], pool):
                if pool.overlapping:
                    spread[where] += values * hit
                else:
                    xp.multiply(values, hit, out=spread[where])

        threads.share(xp, part, len(x), x.size * COST)
        return out[pool.inner(size)]

    def d_input(F, g, x, top, pool):
        r"\bar y_{\arg\max}"
        return F.max_pool_take(g, x, top, pool)


@op(method=False, function=False, name="GatherBackward0")
class max_pool_take:
    """The element of ``input`` at the place of each window's (first) largest element of ``x``."""

    formula = r"x_{\arg\max}"

    def forward(xp, input: Array, x, top, pool):
        padded = _pad(xp, input, pool, 0)
        out = xp.zeros(top.shape, input.dtype)
        for where, hit in _hits(xp, x, top, pool):
            out += padded[where] * hit
        return out

    def d_input(F, g, x, top, pool):
        r"\mathrm{put}_{\arg\max}(\bar y)"
        return F.max_pool_spread(g, x, top, pool)


def _hits(xp: Any, x: Any, top: Any, pool: Pooling) -> Iterator[tuple[tuple, Any]]:
    """For each tap: its index, and in which windows it is the first that equals the maximum, or the last nan."""
    padded = _pad(xp, x, pool, _lowest(xp, x.dtype))
    is_nan = None if x.dtype.kind in "iu" else xp.isnan(top)
    some_nan = is_nan is not None and (not backends.readable(x) or is_nan.any())
    last = _last_nan(xp, padded, top.shape, pool, x) if some_nan else None
    left = xp.ones(top.shape, bool)
    size = pool.spatial(x.shape)
    whole = pool.needed(size) == size
    inside = _pad(xp, xp.ones(size, bool), pool, False)
    for number, (_, where) in enumerate(pool.taps(pool.spatial(x.shape))):
        value = padded[where]
        hit = value == top
        if last is not None:
            hit |= last == number
        hit &= left
        if not whole:
            hit &= inside[where]
        yield where, hit
        left ^= hit


def _last_nan(xp: Any, padded: Any, shape: tuple[int, ...], pool: Pooling, x: Any) -> Any:
    """The number of the last tap that is nan in each window, or -1."""
    out = xp.full(shape, -1)
    for number, (_, where) in enumerate(pool.taps(pool.spatial(x.shape))):
        out = xp.where(xp.isnan(padded[where]), number, out)
    return out


@op(method=False, function=False, name="MaxPool2DWithIndicesBackward0")
class max_pool_indices:
    """Where each window's (first) largest element is, as an index into the flattened spatial dimensions."""

    formula = r"\arg\max_{i \in \text{window}} x_i"

    def forward(xp, input: Array, top: Array, pool):
        size = pool.spatial(input.shape)
        flat = xp.arange(math.prod(size), dtype=xp.int64).reshape(size)
        places = _pad(xp, flat, pool, 0)
        out = xp.zeros(top.shape, xp.int64)
        for where, hit in _hits(xp, input, top, pool):
            out += places[where] * hit
        return out


@op(method=False, function=False, name="AvgPool2DBackward0")
class avg_pool:
    """The mean of every window. ``divisor``: what each window's sum is divided by, an array of the output's size."""

    formula = r"\frac{1}{k} \sum_{i \in \text{window}} x_i"

    def forward(xp, input: Array, pool, divisor):
        size = pool.spatial(input.shape)
        x = _pad(xp, input, pool, 0)
        out = None
        for _, where in pool.taps(size):
            out = xp.array(x[where], order="C") if out is None else xp.add(out, x[where], out=out)
        if input.dtype.kind in "iu":
            return xp.trunc(out / divisor).astype(input.dtype)
        return out / xp.asarray(divisor).astype(input.dtype)

    def d_input(F, g, input, pool, divisor):
        r"\frac{\bar y}{k} \text{ for every element of the window}"
        return F.depends(F.avg_pool_spread(g, pool, divisor, tuple(pool.spatial(input.shape))), input)


@op(method=False, function=False, name="AvgPool2DBackwardBackward0")
class avg_pool_spread:
    """The transpose of ``avg_pool`` over an input of spatial size ``size``."""

    formula = r"\sum_{\text{windows}} \frac{x}{k}"

    def forward(xp, input: Array, pool, divisor, size):
        part = input / xp.asarray(divisor).astype(input.dtype)
        out = xp.zeros((*pool.lead(input.shape), *pool.needed(size)), input.dtype)
        for _, where in pool.taps(size):
            out[where] += part
        return out[pool.inner(size)]

    def d_input(F, g, pool, divisor):
        r"\mathrm{avgpool}(\bar y)"
        return F.avg_pool(g, pool, divisor)


def divisors(
    xp: Any, size: tuple[int, ...], pool: Pooling, count_include_pad: bool, override: int | None
) -> Any:
    """What ``avg_pool`` divides each window by."""
    out = pool.output_size(size)
    if override is not None:
        return xp.full(out, override)
    total = xp.ones(out)
    for axis, (n, k, s, p, m) in enumerate(
        zip(size, pool.kernel, pool.stride, pool.padding, out, strict=True)
    ):
        start = xp.arange(m) * s - p
        end = xp.minimum(start + k, n + p)  # the padding counts, what ceil_mode hangs over does not
        if not count_include_pad:
            start, end = xp.maximum(start, 0), xp.minimum(end, n)
        total = total * (end - start).reshape((-1,) + (1,) * (len(size) - axis - 1))
    return total


def _raw(x: Any) -> Any:
    return getattr(x, "_a", x)
