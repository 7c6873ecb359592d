"""Convolution on arrays, for any number of spatial dimensions, on NumPy and CuPy alike.

Three functions, each linear in each of two arrays, are closed under differentiation:

* ``forward(x, w)``: the convolution (cross-correlation) itself,
* ``input_gradient(g, w)``: its transpose in ``x``, which is the transposed convolution,
* ``weight_gradient(x, g)``: its transpose in ``w``.

All three leave the arithmetic to one matrix product for each block of images; ``windows`` says how windows become
the columns of a matrix. Blocks are kept to about the size of a core's cache, and shared out among threads.

Shapes: ``x`` (N, C, *spatial), ``w`` (O, C / groups, *kernel), ``g`` (N, O, *output).
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from . import depthwise, threads
from .windows import Geometry, Windows
from .workspace import scratch


def _limit(cache: int, w: Any) -> int:
    """Bytes of columns at a time: a matrix product should not read its weight more often than its columns."""
    return max(cache, 2 * w.nbytes)


def forward(xp: ModuleType, cache: int, x: Any, w: Any, bias: Any, geometry: Geometry) -> Any:
    """The convolution of ``x`` with ``w``, plus ``bias`` (O,) or None."""
    n, c = x.shape[:2]
    o, groups = w.shape[0], geometry.groups
    if depthwise.applies(c, w.shape, geometry):
        return depthwise.forward(xp, cache, x, w, bias, geometry)
    win = Windows(x.shape[2:], w.shape[2:], geometry)
    out = xp.empty((n, o, *win.output), x.dtype)
    if out.size == 0:
        return out
    rows = w.reshape(groups, o // groups, -1)
    each = None if bias is None else bias.reshape(-1, *(1,) * len(win.size))
    if rows.shape[2] == 0:  # no input channels: a sum of nothing
        out[...] = 0 if bias is None else each
        return out

    def part(start: int, stop: int) -> None:
        if win.plain:
            target = out[start:stop].reshape(stop - start, groups, o // groups, -1)
            xp.matmul(rows, x[start:stop].reshape(stop - start, groups, c // groups, -1), out=target)
            if each is not None:
                out[start:stop] += each
            return
        block = None
        for a, b, parts in win.blocks(stop - start, c, x.itemsize, _limit(cache, w)):
            block = win.pad(xp, x[start + a : start + b], block)
            for first, last in parts:
                columns = win.columns(xp, block, first, last)
                product = scratch(xp, "product", (groups, o // groups, columns.shape[2]), x.dtype)
                xp.matmul(rows, columns, out=product)
                target = out[start + a : start + b, :, first:last]
                if each is None:
                    target[...] = win.gather(product, b - a, first, last)
                else:
                    xp.add(win.gather(product, b - a, first, last), each, out=target)

    threads.share(xp, part, n, out.size * rows.shape[2])
    return out


def input_gradient(
    xp: ModuleType, cache: int, g: Any, w: Any, size: tuple[int, ...], geometry: Geometry
) -> Any:
    """The gradient of ``forward`` with respect to an input of spatial size ``size``."""
    n, o = g.shape[:2]
    groups = geometry.groups
    c = w.shape[1] * groups
    win = Windows(size, w.shape[2:], geometry)
    if g.size == 0 or w.size == 0:
        return xp.zeros((n, c, *size), g.dtype)
    if depthwise.applies(c, w.shape, geometry):
        return depthwise.input_gradient(xp, cache, g, w, size, geometry)
    out = xp.empty((n, c, *size), g.dtype)
    rows = w.reshape(groups, o // groups, -1).swapaxes(1, 2)

    def part(start: int, stop: int) -> None:
        if win.plain:
            target = out[start:stop].reshape(stop - start, groups, c // groups, -1)
            xp.matmul(rows, g[start:stop].reshape(stop - start, groups, o // groups, -1), out=target)
            return
        for a, b, parts in win.blocks(stop - start, c, g.itemsize, _limit(cache, w)):
            padded = scratch(xp, "padded", (c, b - a, win.length), g.dtype)
            padded[...] = 0
            for first, last in parts:
                spread = win.spread(xp, g[start + a : start + b], first, last).reshape(
                    groups, o // groups, -1
                )
                columns = scratch(xp, "columns", (groups, rows.shape[1], spread.shape[2]), g.dtype)
                xp.matmul(rows, spread, out=columns)
                win.add_columns(xp, columns, padded, first, last)
            out[start + a : start + b] = win.inside(xp, padded).swapaxes(0, 1)

    threads.share(xp, part, n, g.size * rows.shape[1])
    return out


def weight_gradient(
    xp: ModuleType, cache: int, x: Any, g: Any, kernel: tuple[int, ...], geometry: Geometry
) -> Any:
    """The gradient of ``forward`` with respect to a weight with spatial size ``kernel``."""
    n, c = x.shape[:2]
    o, groups = g.shape[1], geometry.groups
    win = Windows(x.shape[2:], kernel, geometry)
    out = xp.zeros((o, c // groups, *kernel), x.dtype)
    if g.size == 0 or out.size == 0:
        return out
    if depthwise.applies(c, (o,), geometry):
        return depthwise.weight_gradient(xp, cache, x, g, kernel, geometry)
    total = out.reshape(groups, o // groups, -1)

    def part(start: int, stop: int) -> Any:
        own, block = None, None
        for a, b, parts in win.blocks(stop - start, c, x.itemsize, _limit(cache, out)):
            block = win.pad(xp, x[start + a : start + b], block)
            for first, last in parts:
                spread = win.spread(xp, g[start + a : start + b], first, last).reshape(
                    groups, o // groups, -1
                )
                columns = win.columns(xp, block, first, last).swapaxes(1, 2)
                if own is None:
                    own = xp.matmul(spread, columns, out=None if start else total)
                else:
                    own += xp.matmul(spread, columns)
        return own

    _, *others = threads.share(xp, part, n, g.size * total.shape[2])
    for own in others:
        total += own
    return out


def unfold(xp: ModuleType, x: Any, kernel: tuple[int, ...], geometry: Geometry) -> Any:
    """The columns (N, C * taps, positions) themselves."""
    n, c = x.shape[:2]
    win = Windows(x.shape[2:], kernel, geometry)
    out = xp.empty((n, c, *kernel, *win.output), x.dtype)
    if out.size:
        view = win.view(xp, win.pad(xp, x), 0, win.output[0])
        full = view.reshape(*view.shape[: len(kernel) + 2], *win.grid)
        out[...] = xp.moveaxis(full[(..., *(slice(0, m) for m in win.output))], len(kernel) + 1, 0)
    return out.reshape(n, c * win.taps, math.prod(win.output))


def fold(
    xp: ModuleType, columns: Any, size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry
) -> Any:
    """The transpose of ``unfold``: an image (N, C, *size) of columns added up."""
    win = Windows(size, kernel, geometry)
    n, rows = columns.shape[:2]
    padded = xp.zeros((rows // win.taps, n, win.length), columns.dtype)
    values = columns.reshape(n, rows, *win.output)
    win.add_columns(xp, win.spread(xp, values, 0, win.output[0]), padded, 0, win.output[0])
    return xp.ascontiguousarray(win.inside(xp, padded).swapaxes(0, 1))
