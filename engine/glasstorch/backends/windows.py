"""Sliding windows over a batch of images, as strided views: what convolution is made of.

Images lie channel by channel in a padded block (C, N, image), so that a matrix of window elements has one row for
each channel and kernel tap, and one column for each window of each image. With stride 1 a window's place is a mere
offset into the padded image read as one line: each row of the matrix is then a long contiguous copy, and the places
that straddle a border are computed and thrown away. On that line, one run of zeros between two rows pads the right
end of the one and the left end of the other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .workspace import scratch


@dataclass(frozen=True)
class Geometry:
    """How windows lie on the input; one entry for each spatial dimension. ``padding`` is the same at both ends."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1

    def span(self, kernel: tuple[int, ...]) -> tuple[int, ...]:
        """Input elements between the first and the last tap of a window, both counted."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, kernel, strict=True))

    def output_size(self, size: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, ...]:
        """Window positions along each dimension."""
        return tuple(
            (n + 2 * p - e) // s + 1
            for n, p, e, s in zip(size, self.padding, self.span(kernel), self.stride, strict=True)
        )


class Windows:
    """The windows of one geometry over images of one spatial size.

    Attributes:
        output: windows along each dimension.
        grid: the same in memory: all but the first may count places that straddle a border.
        taps: elements of a kernel.
        plain: is every element its own window, so that nothing needs to be copied?
    """

    def __init__(self, size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry) -> None:
        self.size, self.kernel, self.geometry = tuple(size), tuple(kernel), geometry
        self.output = geometry.output_size(self.size, self.kernel)
        self.taps = math.prod(kernel)
        span, padding = geometry.span(self.kernel), geometry.padding
        line = all(s == 1 for s in geometry.stride)
        padded = [n + 2 * p for n, p in zip(self.size, padding, strict=True)]
        if line:
            padded[1:] = [
                n + (p if p < e else 2 * p)
                for n, p, e in zip(self.size[1:], padding[1:], span[1:], strict=True)
            ]
        self.steps = [math.prod(padded[k + 1 :]) for k in range(len(padded))]
        self.moves = [
            s * t for s, t in zip(geometry.stride, self.steps, strict=True)
        ]  # from window to window
        self.offsets = [  # of each tap
            sum(i * d * t for i, d, t in zip(tap, geometry.dilation, self.steps, strict=True))
            for tap in itertools.product(*(range(k) for k in self.kernel))
        ]
        self.line = line
        self.grid = (self.output[0], *(padded[1:] if line else self.output[1:]))
        # An image's memory; a line reads past the last row's end for the places that are thrown away.
        reach = math.prod(self.grid) + self.offsets[-1] if line and self.offsets else 0
        self.length = max(math.prod(padded), reach)
        self.padded = tuple(padded)
        self.plain = self.taps == 1 and line and not any(padding)

    def blocks(
        self, images: int, channels: int, itemsize: int, limit: int
    ) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        """Images ``a`` to ``b``, and rows of their windows, whose columns take about ``limit`` bytes at a time."""
        row = max(1, channels * self.taps * math.prod(self.grid[1:]) * itemsize)
        rows = max(1, limit // row)
        together = max(1, rows // max(1, self.grid[0]))
        parts = [(r, min(self.grid[0], r + rows)) for r in range(0, self.grid[0], rows)]
        for a in range(0, images, together):
            yield a, min(images, a + together), parts

    def pad(self, xp: ModuleType, x: Any, block: Any = None) -> Any:
        """Images (N, C, *size) as (C, N, length) with zeros around each. ``block`` is an earlier result to reuse."""
        n, c = x.shape[:2]
        if block is None:
            block = scratch(xp, "padded", (c, n, self.length), x.dtype)
            block[...] = 0
        out = block[:, :n]
        self.inside(xp, out)[...] = x.swapaxes(0, 1)
        return out

    def inside(self, xp: ModuleType, padded: Any) -> Any:
        """The images (C, N, *size) within their padding."""
        start = sum(p * t for p, t in zip(self.geometry.padding, self.steps, strict=True))
        item = padded.itemsize
        return xp.lib.stride_tricks.as_strided(
            padded[:, :, start:],
            (*padded.shape[:2], *self.size),
            (*padded.strides[:2], *(t * item for t in self.steps)),
        )

    def view(self, xp: ModuleType, padded: Any, first: int, last: int) -> Any:
        """Every tap of the windows in rows ``first`` to ``last``: (C, *kernel, N, rows, *grid[1:]), a view."""
        item, (c, n) = padded.itemsize, padded.shape[:2]
        taps = [d * t * item for d, t in zip(self.geometry.dilation, self.steps, strict=True)]
        if self.line:
            where, moves = ((last - first) * self.steps[0],), [item]
        else:
            where, moves = (last - first, *self.grid[1:]), [m * item for m in self.moves]
        return xp.lib.stride_tricks.as_strided(
            padded[:, :, first * self.moves[0] :],
            (c, *self.kernel, n, *where),
            (padded.strides[0], *taps, padded.strides[1], *moves),
        )

    def columns(self, xp: ModuleType, padded: Any, first: int, last: int) -> Any:
        """The matrix of rows ``first`` to ``last``: (groups, C / groups * taps, N * places)."""
        view = self.view(xp, padded, first, last)
        groups, places = self.geometry.groups, self.places(first, last)
        out = scratch(xp, "columns", view.shape, padded.dtype)
        out[...] = view
        return out.reshape(groups, padded.shape[0] // groups * self.taps, padded.shape[1] * places)

    def places(self, first: int, last: int) -> int:
        """Windows of one image in these rows, those to be thrown away counted."""
        return (last - first) * math.prod(self.grid[1:])

    def add_columns(self, xp: ModuleType, columns: Any, padded: Any, first: int, last: int) -> None:
        """The transpose of ``columns``: add every window back to where it was read from."""
        c, n = padded.shape[:2]
        parts = columns.reshape(c, self.taps, n, self.places(first, last))
        if self.line:
            start = first * self.steps[0]
            for k, offset in enumerate(self.offsets):
                padded[:, :, start + offset : start + offset + parts.shape[3]] += parts[:, k]
            return
        item = padded.itemsize
        where, moves = (last - first, *self.grid[1:]), [m * item for m in self.moves]
        for k, offset in enumerate(self.offsets):
            target = xp.lib.stride_tricks.as_strided(
                padded[:, :, first * self.moves[0] + offset :], (c, n, *where), (*padded.strides[:2], *moves)
            )
            target += parts[:, k].reshape(target.shape)

    def spread(self, xp: ModuleType, g: Any, first: int, last: int) -> Any:
        """Values of the windows (N, O, *output) as (O, N * places), zeros at unwanted places."""
        n, o = g.shape[:2]
        out = scratch(xp, "spread", (o, n, last - first, *self.grid[1:]), g.dtype)
        if self.grid != self.output:
            out[...] = 0
        out[(..., *self._wanted())] = g[:, :, first:last].swapaxes(0, 1)
        return out.reshape(o, -1)

    def gather(self, product: Any, n: int, first: int, last: int) -> Any:
        """What ``spread`` made, or a product with columns, as (N, O, rows, *output[1:]): a view."""
        full = product.reshape(product.shape[0] * product.shape[1], n, last - first, *self.grid[1:])
        return full[(..., *self._wanted())].swapaxes(0, 1)

    def _wanted(self) -> tuple[slice, ...]:
        return tuple(slice(0, m) for m in self.output[1:])
