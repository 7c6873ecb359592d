"""Convolution on arrays, for any number of spatial dimensions, on NumPy and CuPy alike.

Three functions, each linear in each of two arrays, are closed under differentiation:

* ``forward(x, w)``: the convolution (cross-correlation) itself,
* ``input_gradient(g, w)``: its transpose in ``x``, which is the transposed convolution,
* ``weight_gradient(x, g)``: its transpose in ``w``.

All three turn sliding windows into columns of a matrix and leave the arithmetic to one matrix product for
each block of images. With stride 1 a window position is a mere offset into the padded image read as one
line, so every row of the matrix is one long contiguous copy (the few positions that straddle the border are
computed and thrown away). Blocks are kept to about the size of a core's cache.

Shapes: ``x`` (N, C, *spatial), ``w`` (O, C / groups, *kernel), ``g`` (N, O, *output).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import ModuleType
from typing import Any


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


class _Windows:
    """The windows of one geometry over images of one size, as strided views of a padded block."""

    def __init__(
        self, xp: ModuleType, size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry,
        as_line: bool = True,
    ) -> None:  # fmt: skip
        self.xp, self.size, self.kernel, self.geometry = xp, size, kernel, geometry
        self.output = geometry.output_size(size, kernel)
        self.padded = tuple(n + 2 * p for n, p in zip(size, geometry.padding, strict=True))
        self.taps = math.prod(kernel)
        self.as_line = as_line and all(s == 1 for s in geometry.stride)
        # as_line: positions 0 .. line-1 of the flattened padded image, of which `output` are wanted
        steps = [math.prod(self.padded[k + 1 :]) for k in range(len(size))]
        last = sum((e - 1) * t for e, t in zip(geometry.span(kernel), steps, strict=True))
        self.grid = (self.output[0], *self.padded[1:])
        self.positions = math.prod(self.padded) - last if self.as_line else math.prod(self.output)
        self.steps = steps

    def block(self, channels: int, itemsize: int, cache: int) -> int:
        """How many images at a time keep the columns within ``cache`` bytes."""
        each = channels * self.taps * max(self.positions, 1) * itemsize
        return max(1, cache // max(each, 1))

    def pad(self, x: Any) -> Any:
        """The block with zeros around it, contiguous."""
        if not any(self.geometry.padding):
            return self.xp.ascontiguousarray(x)
        out = self.xp.zeros((*x.shape[:2], *self.padded), x.dtype)
        out[self.inner] = x
        return out

    @property
    def inner(self) -> tuple:
        """Index of the image inside its padding."""
        edges = zip(self.geometry.padding, self.size, strict=True)
        return (slice(None), slice(None), *(slice(p, p + n) for p, n in edges))

    def columns(self, padded: Any) -> Any:
        """(N, G, C / G * taps, positions) of a padded block; a copy unless the kernel is a single tap."""
        n, c = padded.shape[:2]
        item, groups, dilation = padded.itemsize, self.geometry.groups, self.geometry.dilation
        image = math.prod(self.padded) * item
        taps = tuple(d * t * item for d, t in zip(dilation, self.steps, strict=True))
        if self.as_line:
            where: tuple[int, ...] = (self.positions,)
            strides: tuple[int, ...] = (item,)
        else:
            where = self.output
            strides = tuple(s * t * item for s, t in zip(self.geometry.stride, self.steps, strict=True))
        view = self.xp.lib.stride_tricks.as_strided(
            padded, (n, c, *self.kernel, *where), (c * image, image, *taps, *strides)
        )
        return view.reshape(n, groups, c // groups * self.taps, self.positions)

    def spread(self, g: Any) -> Any:
        """An output gradient (N, O, *output) as (N, G, O / G, positions), zeros at the unwanted positions."""
        n, o = g.shape[:2]
        groups = self.geometry.groups
        if not self.as_line or self.grid == self.output:
            return self.xp.ascontiguousarray(g).reshape(n, groups, o // groups, self.positions)
        out = self.xp.zeros((n, o, *self.grid), g.dtype)
        out[(slice(None), slice(None), *(slice(0, m) for m in self.output))] = g
        flat = out.reshape(n, groups, o // groups, math.prod(self.grid))
        return flat[..., : self.positions]

    def gather(self, product: Any, out: Any, bias: Any) -> None:
        """Write (N, G, O / G, positions [and a tail]) into ``out`` (N, O, *output), adding the bias."""
        n, o = out.shape[:2]
        grid = self.grid if self.as_line else self.output
        full = product.reshape(n, o, *grid)[(slice(None), slice(None), *(slice(0, m) for m in self.output))]
        if bias is None:
            out[...] = full
        else:
            self.xp.add(full, bias.reshape(-1, *(1,) * len(self.size)), out=out)

    def add_columns(self, columns: Any, padded: Any) -> None:
        """The transpose of ``columns``: add every window back to the place it was read from."""
        n, c = padded.shape[:2]
        parts = columns.reshape(n, c, self.taps, self.positions)
        if self.as_line:
            line = padded.reshape(n, c, -1)
            for k, offset in enumerate(self._offsets()):
                line[..., offset : offset + self.positions] += parts[:, :, k]
            return
        for k, tap in enumerate(_taps(self.kernel)):
            place = tuple(
                slice(t * d, t * d + s * (m - 1) + 1, s)
                for t, d, s, m in zip(
                    tap, self.geometry.dilation, self.geometry.stride, self.output, strict=True
                )
            )
            padded[(slice(None), slice(None), *place)] += parts[:, :, k].reshape(n, c, *self.output)

    def _offsets(self) -> list[int]:
        dilation = self.geometry.dilation
        return [
            sum(t * d * s for t, d, s in zip(tap, dilation, self.steps, strict=True))
            for tap in _taps(self.kernel)
        ]


def _taps(kernel: tuple[int, ...]) -> list[tuple[int, ...]]:
    """All positions in a kernel, row-major."""
    out: list[tuple[int, ...]] = [()]
    for k in kernel:
        out = [(*t, i) for t in out for i in range(k)]
    return out


def forward(xp: ModuleType, cache: int, x: Any, w: Any, bias: Any, geometry: Geometry) -> Any:
    """The convolution of ``x`` with ``w``, plus ``bias`` (O,) or None."""
    n, c = x.shape[:2]
    o, kernel = w.shape[0], w.shape[2:]
    win = _Windows(xp, x.shape[2:], kernel, geometry)
    out = xp.empty((n, o, *win.output), x.dtype)
    if out.size == 0:
        return out
    groups = geometry.groups
    rows = w.reshape(groups, o // groups, -1)
    if rows.shape[2] == 0:  # no input channels: a sum of nothing
        out[...] = 0 if bias is None else bias.reshape(-1, *(1,) * len(kernel))
        return out
    direct = not win.as_line or win.grid == win.output
    step = win.block(c, x.itemsize, cache)
    line = win.positions if direct else math.prod(win.grid)
    buffer = None if direct else xp.empty((min(step, n), groups, o // groups, line), x.dtype)
    for a in range(0, n, step):
        b = min(n, a + step)
        columns = win.columns(win.pad(x[a:b]))
        if direct:
            target = out[a:b].reshape(b - a, groups, o // groups, line)
            xp.matmul(rows, columns, out=target)
            if bias is not None:
                out[a:b] += bias.reshape(-1, *(1,) * len(kernel))
        else:
            product = buffer[: b - a]  # type: ignore[index]
            xp.matmul(rows, columns, out=product[..., : win.positions])
            win.gather(product, out[a:b], bias)
    return out


def input_gradient(
    xp: ModuleType, cache: int, g: Any, w: Any, size: tuple[int, ...], geometry: Geometry
) -> Any:
    """The gradient of ``forward`` with respect to an input of spatial size ``size``."""
    n, o = g.shape[:2]
    groups, kernel = geometry.groups, w.shape[2:]
    c = w.shape[1] * groups
    win = _Windows(xp, tuple(size), kernel, geometry)
    padded = any(geometry.padding)
    out = xp.zeros((n, c, *size), g.dtype)
    if out.size == 0 or g.size == 0:
        return out
    rows = w.reshape(groups, o // groups, -1).swapaxes(1, 2)
    step = win.block(c, g.itemsize, cache)
    work = xp.empty((min(step, n), c, *win.padded), g.dtype) if padded else None
    for a in range(0, n, step):
        b = min(n, a + step)
        target = out[a:b]
        if padded:
            target = work[: b - a]  # type: ignore[index]
            target[...] = 0
        win.add_columns(xp.matmul(rows, win.spread(g[a:b])), target)
        if padded:
            out[a:b] = target[win.inner]
    return out


def weight_gradient(
    xp: ModuleType, cache: int, x: Any, g: Any, kernel: tuple[int, ...], geometry: Geometry
) -> Any:
    """The gradient of ``forward`` with respect to a weight with spatial size ``kernel``."""
    n, c = x.shape[:2]
    o, groups = g.shape[1], geometry.groups
    win = _Windows(xp, x.shape[2:], tuple(kernel), geometry)
    total = xp.zeros((groups, o // groups, c // groups * win.taps), x.dtype)
    if g.size and total.size:
        step = win.block(c, x.itemsize, cache)
        for a in range(0, n, step):
            b = min(n, a + step)
            columns = win.columns(win.pad(x[a:b]))
            total += xp.matmul(win.spread(g[a:b]), columns.swapaxes(2, 3)).sum(axis=0)
    return total.reshape(o, c // groups, *kernel)


def unfold(xp: ModuleType, x: Any, kernel: tuple[int, ...], geometry: Geometry) -> Any:
    """The columns (N, C * taps, positions) themselves."""
    n, c = x.shape[:2]
    win = _Windows(xp, x.shape[2:], kernel, geometry, as_line=False)
    columns = win.columns(win.pad(x)) if x.size else xp.empty(0, x.dtype)
    columns = columns.copy() if win.taps == 1 else columns
    return columns.reshape(n, c * win.taps, win.positions)


def fold(
    xp: ModuleType, columns: Any, size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry
) -> Any:
    """The transpose of ``unfold``: an image (N, C, *size) of columns added up."""
    win = _Windows(xp, size, kernel, geometry, as_line=False)
    padded = xp.zeros((columns.shape[0], columns.shape[1] // win.taps, *win.padded), columns.dtype)
    win.add_columns(columns, padded)
    return xp.ascontiguousarray(padded[win.inner])
