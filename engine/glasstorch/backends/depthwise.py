"""Convolution in which every channel has a kernel of its own (as many groups as channels in and out).

A matrix product would have a single row here, so the taps are added up one by one, on a few channels at a time.
The three functions are those of ``convolution``, for ``w`` (C, 1, *kernel).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from . import threads
from .windows import Geometry, Windows
from .workspace import scratch


def applies(x_channels: int, w_shape: tuple[int, ...], geometry: Geometry) -> bool:
    """Is it such a convolution?"""
    return geometry.groups > 1 and geometry.groups == x_channels == w_shape[0]


def _blocks(
    win: Windows, images: int, channels: tuple[int, int], itemsize: int, cache: int
) -> Iterator[tuple[slice, slice]]:
    """Images and channels whose padded values take about a fifth of ``cache``: sums and products lie beside them."""
    many = max(1, cache // 5 // max(1, win.length * itemsize))
    together = max(1, many // max(1, channels[1] - channels[0]))
    few = max(1, many // together)
    for c in range(*channels, few):
        for a in range(0, images, together):
            yield slice(a, min(images, a + together)), slice(c, min(channels[1], c + few))


def _taps(win: Windows, xp: ModuleType, padded: Any) -> list[Any]:
    """One view (C, N, *places) of the padded values for each tap."""
    view = win.view(xp, padded, 0, win.output[0])
    flat = [view]
    for _ in win.kernel:
        flat = [part[:, i] for part in flat for i in range(part.shape[1])]
    return flat


def forward(xp: ModuleType, cache: int, x: Any, w: Any, bias: Any, geometry: Geometry) -> Any:
    """The convolution of ``x`` with ``w``, plus ``bias`` (C,) or None."""
    win = Windows(x.shape[2:], w.shape[2:], geometry)
    out = xp.empty((*x.shape[:2], *win.output), x.dtype)
    factors = w.reshape(len(w), win.taps)

    def part(first: int, last: int) -> None:
        for n, c in _blocks(win, len(x), (first, last), x.itemsize, cache):
            taps = _taps(win, xp, win.pad(xp, x[n, c]))
            each = factors[c].T.reshape(win.taps, -1, *(1,) * (taps[0].ndim - 1))
            total = scratch(xp, "product", taps[0].shape, x.dtype)
            work = scratch(xp, "columns", taps[0].shape, x.dtype)
            xp.multiply(taps[0], each[0], out=total)
            for tap, factor in zip(taps[1:], each[1:]):
                total += xp.multiply(tap, factor, out=work)
            if bias is not None:
                total += bias[c].reshape(-1, *(1,) * (taps[0].ndim - 1))
            out[n, c] = win.gather(total[None], n.stop - n.start, 0, win.output[0])

    if out.size:
        threads.share(xp, part, x.shape[1], out.size * win.taps)
    return out


def input_gradient(
    xp: ModuleType, cache: int, g: Any, w: Any, size: tuple[int, ...], geometry: Geometry
) -> Any:
    """The gradient of ``forward`` with respect to an input of spatial size ``size``."""
    win = Windows(size, w.shape[2:], geometry)
    out = xp.empty((*g.shape[:2], *size), g.dtype)
    factors = w.reshape(len(w), win.taps)

    def part(first: int, last: int) -> None:
        for n, c in _blocks(win, len(g), (first, last), g.itemsize, cache):
            padded = scratch(xp, "padded", (c.stop - c.start, n.stop - n.start, win.length), g.dtype)
            padded[...] = 0
            taps = _taps(win, xp, padded)
            spread = win.spread(xp, g[n, c], 0, win.output[0]).reshape(taps[0].shape)
            each = factors[c].T.reshape(win.taps, -1, *(1,) * (taps[0].ndim - 1))
            work = scratch(xp, "columns", taps[0].shape, g.dtype)
            for tap, factor in zip(taps, each):
                tap += xp.multiply(spread, factor, out=work)
            out[n, c] = win.inside(xp, padded).swapaxes(0, 1)

    threads.share(xp, part, g.shape[1], g.size * win.taps)
    return out


def weight_gradient(
    xp: ModuleType, cache: int, x: Any, g: Any, kernel: tuple[int, ...], geometry: Geometry
) -> Any:
    """The gradient of ``forward`` with respect to a weight with spatial size ``kernel``."""
    win = Windows(x.shape[2:], kernel, geometry)
    out = xp.zeros((x.shape[1], 1, *kernel), x.dtype)
    total = out.reshape(-1, win.taps)

    def part(first: int, last: int) -> None:
        for n, c in _blocks(win, len(x), (first, last), x.itemsize, cache):
            taps = _taps(win, xp, win.pad(xp, x[n, c]))
            spread = win.spread(xp, g[n, c], 0, win.output[0]).reshape(taps[0].shape)
            axes = "cnxyz"[: spread.ndim]
            for k, tap in enumerate(taps):
                total[c, k] += xp.einsum(f"{axes},{axes}->c", tap, spread)

    threads.share(xp, part, x.shape[1], g.size * win.taps)
    return out
