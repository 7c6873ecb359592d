"""COCO's outlines as masks: run lengths, plain or packed into text, and polygons.

All count pixels down the columns, left to right. Which pixels a polygon takes in at its edge is what COCO's own
program does, so areas agree: https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FINER = 5  # a polygon's edge is drawn on a grid this much finer than the pixels


def mask_of(segmentation: Any, height: int, width: int) -> np.ndarray:
    """The mask, uint8 (height, width), of an annotation's ``segmentation``: polygons (their union) or run lengths."""
    if isinstance(segmentation, dict):
        counts = segmentation["counts"]
        if isinstance(counts, (str, bytes)):
            counts = unpack_counts(counts)
        return runs_to_mask(counts, *segmentation["size"])
    if not isinstance(segmentation, list):
        raise ValueError(f"COCO segmentation expected to be a dict or a list, got {type(segmentation)}")
    masks = [polygon_to_mask(polygon, height, width) for polygon in segmentation]
    return np.bitwise_or.reduce(masks) if masks else np.zeros((height, width), np.uint8)


def runs_to_mask(counts: Sequence[int], height: int, width: int) -> np.ndarray:
    """Lengths of runs of 0 and 1 in turn, beginning with 0, as a mask."""
    pixels = np.repeat(np.arange(len(counts), dtype=np.uint8) & 1, counts)
    if pixels.size != height * width:
        raise ValueError(f"run lengths of {pixels.size} pixels do not fill a mask of {height} x {width}")
    return np.ascontiguousarray(pixels.reshape(width, height).T)


def unpack_counts(text: str | bytes) -> list[int]:
    """Run lengths out of text: characters from "0" on hold 5 bits each, lowest first, and whether more follow.

    From the fourth number on, each is the difference to the one before the last.
    """
    counts: list[int] = []
    number = shift = 0
    for character in text.encode("ascii") if isinstance(text, str) else text:
        bits = character - 48
        number |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:  # the last of this number; its highest bit is the sign
            number -= (bits & 0x10) << (shift - 4)
            counts.append(number + (counts[-2] if len(counts) > 2 else 0))
            number = shift = 0
    return counts


def polygon_to_mask(polygon: Sequence[float], height: int, width: int) -> np.ndarray:
    """The mask of a polygon ``[x0, y0, x1, y1, ...]``; four numbers are a box: x, y, width, height."""
    if len(polygon) == 4:
        x, y, w, h = polygon
        polygon = [x, y, x, y + h, x + w, y + h, x + w, y]
    corners = np.trunc(FINER * np.asarray(polygon, np.float64).reshape(-1, 2) + 0.5).astype(np.int64)
    line = np.concatenate([_edge(a, b) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])

    # Where the outline passes from one fine column to the next, at the middle of a column of pixels, inside and
    # outside change over: below that place the other holds.
    before, after = line[:-1], line[1:]
    steps = before[:, 0] != after[:, 0]
    before, after = before[steps], after[steps]
    x = (np.minimum(before, after)[:, 0] + 0.5) / FINER - 0.5
    y = np.ceil(np.clip((np.minimum(before, after)[:, 1] + 0.5) / FINER - 0.5, 0, height))
    middle = (np.floor(x) == x) & (x >= 0) & (x <= width - 1)
    places = (x[middle] * height + y[middle]).astype(np.int64)
    changes = np.bincount(places, minlength=height * width + 1)[: height * width]
    return np.ascontiguousarray((changes.cumsum() & 1).astype(np.uint8).reshape(width, height).T)


def _edge(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The points (x, y) of the fine grid on the way from one to the other, one for each step along the longer axis."""
    length = np.abs(end - start)
    along = 0 if length[0] >= length[1] else 1  # x or y
    flip = start[along] > end[along]  # rounding is that of the way in rising direction
    low, high = (end, start) if flip else (start, end)
    steps = np.arange(length[along] + 1)
    slope = (high[1 - along] - low[1 - along]) / max(length[along], 1)
    points = np.empty((len(steps), 2), np.int64)
    points[:, along] = low[along] + steps
    points[:, 1 - along] = np.trunc(low[1 - along] + slope * steps + 0.5)
    return points[::-1] if flip else points
