"""Pooling of regions of interest: each is cut into a grid of bins, and every bin becomes one number.

All but maximum pooling are linear, and a bin's weights are a product of one factor for its rows and one for its
columns. So a region is two small matrices, and its bins are ``rows @ image @ columns.T`` for every channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..core.op import op


@dataclass(frozen=True)
class Region:
    """The part of an image that a region touches, and its weights there."""

    image: int
    rows: slice
    columns: slice
    row_weights: Any  # (bins, rows)
    column_weights: Any  # (bins, columns)


@dataclass(frozen=True)
class Regions:
    """How regions are cut into bins: ``size`` (rows, columns) of the grid, ``scale`` from boxes to elements.

    ``own_channels``: does each bin have channels of its own (position-sensitive pooling)?
    """

    size: tuple[int, int]
    scale: float
    own_channels: bool = False

    def weights(self, xp: Any, start: Any, end: Any, bins: int, length: int) -> Any:
        """Weights (bins, length) along one dimension, for a region from ``start`` to ``end`` as in the box."""
        raise NotImplementedError

    def each(self, xp: Any, rois: Any, image_size: tuple[int, int]) -> Iterator[Region]:
        for image, x1, y1, x2, y2 in rois:
            rows = self.weights(xp, y1, y2, self.size[0], image_size[0])
            columns = self.weights(xp, x1, x2, self.size[1], image_size[1])
            r, c = _touched(xp, rows), _touched(xp, columns)
            yield Region(int(image), r, c, rows[:, r], columns[:, c])


def _touched(xp: Any, weights: Any) -> slice:
    used = xp.flatnonzero(weights.any(0))
    return slice(int(used[0]), int(used[-1]) + 1) if used.size else slice(0, 0)


@dataclass(frozen=True)
class Sampled(Regions):
    """Bins are means of points inside, each interpolated between its neighbours (RoIAlign).

    ``sampling_ratio``: points along each side of a bin; 0 and less mean one for each element. ``shift``: moves the
    boxes, 0.5 where elements are counted by their middles. ``at_least``: the smallest side of a region.
    """

    sampling_ratio: int = -1
    shift: float = 0.0
    at_least: float | None = None

    def weights(self, xp, start, end, bins, length):
        start, end = start * self.scale - self.shift, end * self.scale - self.shift
        side = end - start if self.at_least is None else xp.maximum(end - start, self.at_least)
        step = side / bins
        points = self.sampling_ratio if self.sampling_ratio > 0 else max(int(xp.ceil(step)), 0)
        kind = start.dtype
        bin_start = start + xp.arange(bins).astype(kind) * step
        within = (xp.arange(points).astype(kind) + 0.5) * step / max(points, 1)
        at = bin_start[:, None] + within
        inside = (at >= -1) & (at <= length)
        away = xp.clip(at, 0, length - 1)[:, :, None] - xp.arange(length).astype(kind)
        share = xp.maximum(1 - xp.abs(away), 0) * inside[:, :, None]
        return share.sum(1) / xp.asarray(max(points, 1), kind)


def rounded(xp: Any, x: Any) -> Any:
    """To the nearest integer, halves away from zero."""
    return xp.copysign(xp.floor(xp.abs(x) + 0.5), x)


def bin_ends(xp: Any, start: Any, side: Any, bins: int, length: int) -> tuple[Any, Any]:
    """The first element of each bin and the one after its last, inside the image."""
    step = side / bins
    k = xp.arange(bins).astype(step.dtype)
    first, last = xp.floor(k * step) + start, xp.ceil((k + 1) * step) + start
    return tuple(xp.clip(e, 0, length).astype(xp.int64) for e in (first, last))


@dataclass(frozen=True)
class Averaged(Regions):
    """Bins are means of the elements inside (position-sensitive pooling)."""

    def weights(self, xp, start, end, bins, length):
        start, end = rounded(xp, start * self.scale), rounded(xp, end * self.scale)
        first, last = bin_ends(xp, start, xp.maximum(end - start, 1), bins, length - 1)
        k = xp.arange(length)
        inside = (k >= first[:, None]) & (k < last[:, None])
        return inside.astype(start.dtype) / xp.maximum(last - first, 1)[:, None].astype(start.dtype)


@op(method=False, function=False, name="RoiAlignBackward0", wide=True)
class average_regions:
    """The bins (K, C, *bins) of regions ``rois`` (K, 5: image, x1, y1, x2, y2) of images (N, C, H, W)."""

    formula = r"R_k\, x\, C_k^{\top}"

    def forward(xp, input: Array, rois: Array, how):
        bins = how.size[0] * how.size[1] if how.own_channels else 1
        channels = input.shape[1] // bins
        out = xp.zeros((len(rois), channels, *how.size), input.dtype)
        for k, region in enumerate(how.each(xp, rois, input.shape[2:])):
            part = input[region.image, :, region.rows, region.columns]
            if how.own_channels:
                part = part.reshape(channels, *how.size, *part.shape[1:])
                out[k] = xp.einsum("cpqhw,ph,qw->cpq", part, region.row_weights, region.column_weights)
            else:
                narrow = xp.tensordot(part, region.column_weights, ([2], [1]))
                out[k] = xp.tensordot(narrow, region.row_weights, ([1], [1])).swapaxes(1, 2)
        return out

    def d_input(F, g, input_shape, rois, how):
        r"R_k^{\top}\, \bar y\, C_k"
        return F.spread_regions(g, rois, tuple(input_shape), how)


@op(method=False, function=False, name="RoiAlignBackwardBackward0", wide=True)
class spread_regions:
    """Images of ``size`` with each bin spread over what it was the mean of: the transpose of ``average_regions``."""

    formula = r"\sum_k R_k^{\top}\, x\, C_k"

    def forward(xp, input: Array, rois: Array, size, how):
        out = xp.zeros(size, input.dtype)
        for k, region in enumerate(how.each(xp, rois, size[2:])):
            if how.own_channels:
                part = xp.einsum("cpq,ph,qw->cpqhw", input[k], region.row_weights, region.column_weights)
                part = part.reshape(size[1], *part.shape[3:])
            else:
                high = xp.tensordot(input[k], region.row_weights, ([1], [0]))
                part = xp.tensordot(high, region.column_weights, ([1], [0]))
            out[region.image, :, region.rows, region.columns] += part
        return out

    def d_input(F, g, rois, how):
        r"R_k\, \bar y\, C_k^{\top}"
        return F.average_regions(g, rois, how)


@op(method=False, function=False)
class largest_in_regions:
    """Where in the flattened images (N, C, H, W) the first largest element of each bin (K, C, *bins) is; -1 if none."""

    formula = r"\arg\max_{i \in \text{bin}} x_i"

    def forward(xp, input: Array, rois: Array, size, scale):
        _, channels, height, width = input.shape
        out = xp.full((len(rois), channels, *size), -1, xp.int64)
        for k, roi in enumerate(rois):
            image, (x1, y1, x2, y2) = int(roi[0]), rounded(xp, roi[1:] * scale)
            rows = list(zip(*bin_ends(xp, y1, xp.maximum(y2 - y1 + 1, 1), size[0], height)))
            columns = list(zip(*bin_ends(xp, x1, xp.maximum(x2 - x1 + 1, 1), size[1], width)))
            plane = (image * channels + xp.arange(channels)) * (height * width)
            for p, (top, bottom) in enumerate(rows):
                for q, (left, right) in enumerate(columns):
                    if bottom > top and right > left:
                        part = input[image, :, top:bottom, left:right].reshape(channels, -1)
                        down, across = xp.divmod(part.argmax(1), right - left)
                        out[k, :, p, q] = plane + (top + down) * width + left + across
        return out
