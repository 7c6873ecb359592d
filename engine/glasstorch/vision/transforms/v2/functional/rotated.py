"""Turned boxes by their four corners (N, 8): what is left of them at a border, and rectangles from parallelograms."""

from __future__ import annotations

import math
from typing import Any

from .....core import dtype as dt
from .....ops.binary import atan2
from .....ops.choose import where
from .....ops.create import ones_like, zeros_like
from .....ops.join import cat, stack


def rectangle_of(parallelogram: Any) -> Any:
    """The rectangle (…, 8) about the centre of a parallelogram that spans its longer diagonal along its longer side."""
    exact = parallelogram if parallelogram.dtype in (dt.float32, dt.float64) else parallelogram.float()
    x1, y1, x2, y2, x3, y3, x4, y4 = exact.unbind(-1)
    cx, cy = (x1 + x3) / 2, (y1 + y3) / 2
    wide = ((x2 - x1).pow(2) + (y2 - y1).pow(2)).sqrt()
    high = ((x4 - x1).pow(2) + (y4 - y1).pow(2)).sqrt()
    along_w, along_h = atan2(y1 - y2, x2 - x1), atan2(y1 - y4, x4 - x1)
    corner = along_w - along_h
    sign = where(corner > math.pi / 2, -1, 1)
    cos, sin = corner.cos(), corner.sin()
    w = where(wide < high, wide * sin, wide + high * cos * sign)
    h = where(wide > high, high * sin, high + wide * cos * sign)
    angle = where(high > wide, along_h + math.pi / 2, along_w)
    cos, sin = angle.cos(), angle.sin()
    half_w, half_h = (w / 2 * cos, w / 2 * sin), (h / 2 * cos, h / 2 * sin)
    corners = []
    for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        corners += [cx + right * half_w[0] + down * half_h[1], cy + down * half_h[0] - right * half_w[1]]
    return stack(corners, -1).to(parallelogram.dtype)


def _leftmost_first(boxes: Any) -> Any:
    """Places that bring the leftmost corner (of several, the uppermost) to the front, the others in their order."""
    x, y = boxes[..., 0::2], boxes[..., 1::2]
    far_x, far_y = x.abs().max(dim=1, keepdim=True)[0], y.abs().max(dim=1, keepdim=True)[0]
    first = (y / far_y + (x / far_x) * 100).min(dim=1)[1]
    places = ones_like(boxes)
    places[..., 0] = first.mul(2)
    return places.cumsum(1).remainder(8).to(dt.int64)


def _lines(boxes: Any) -> tuple[Any, Any]:
    """Slopes and heights at x = 0 of the four sides."""
    x, y = boxes[..., ::2], boxes[..., 1::2]
    slope = y.diff(append=y[..., 0:1]) / x.diff(append=x[..., 0:1])
    return slope, y - slope * x


def _crossings(slope: Any, height: Any) -> Any:
    """The corners where each side meets the one before it."""
    x = height.diff(prepend=height[..., 3:4]).neg() / slope.diff(prepend=slope[..., 3:4])
    return stack([x, slope * x + height], -1).reshape(-1, 8)


def _clamped_heights(boxes: Any, originals: Any, canvas_size: tuple[int, int], mode: str) -> Any:
    """Where the sides shall meet the left border so that no corner, or with "hard" no side, lies beyond it."""
    (a1, a2, a3, a4), (b1, b2, b3, b4) = (v.unbind(-1) for v in _lines(boxes))
    low1, low2, low3, low4 = _lines(originals)[1].unbind(-1)
    height, width = canvas_size
    b1 = b2.clamp(b1, b3).clamp(0, height)
    b4 = b3.clamp(b2, b4).clamp(0, height)
    if mode == "hard":
        b1 = b4 = (b1 + b4) / 2
        # The two sides further in move as little as the other borders permit
        above = [b1 * a2 / a1, b3 * a2 / a3, (a1 - a2) * width + b1, (a3 - a2) * width + b3]
        b2 = stack(above, 1).max(dim=1)[0].clamp(max=b2)
        below = [
            height * (1 - a3 / a4) + b4 * a3 / a4,
            height * (1 - a3 / a2) + b2 * a3 / a2,
            (a2 - a3) * width + b2,
            (a4 - a3) * width + b4,
        ]
        b3 = stack(below, 1).min(dim=1)[0].clamp(min=b3)
    b1, b3 = b1.clamp(low1, low3), b3.clamp(low1, low3)
    b2, b4 = b2.clamp(low2, low4), b4.clamp(low2, low4)
    if mode == "hard":
        b1 = b4 = b1.clamp(low2, low4)  # the two sides at the corner still meet on the border
    return stack([b1, b2, b3, b4], -1)


def _clamp_left(boxes: Any, originals: Any, canvas_size: tuple[int, int], mode: str) -> Any:
    """Boxes cut off at the left border, their leftmost corner being the first."""
    slope, _ = _lines(boxes)
    x1, y1, x2, y2, x3, y3, x4, y4 = boxes.unbind(-1)
    cut = _crossings(slope, _clamped_heights(boxes, originals, canvas_size, mode))
    upright = cat([x1.clamp(0)[:, None], boxes[:, 1:6], x4.clamp(0)[:, None], boxes[:, 7:]], 1)
    level = y1.isclose(y2) | y3.isclose(y4)
    gone = (x1 <= 0) & (x2 <= 0) & (x3 <= 0) & (x4 <= 0)
    gone = gone | y1.isclose(y4) | y2.isclose(y3) | (level & x1.isclose(x2))
    out = where(((x1 < 0) & ~cut.isnan().any(-1))[:, None], cut, boxes)
    out = where(level[:, None], upright, out)
    return where(gone[:, None], zeros_like(out), out)


def clamp_turned(boxes: Any, canvas_size: tuple[int, int], mode: str) -> Any:
    """Turned boxes (N, 8) cut off at the borders of a canvas, their angles kept.

    Every border in turn is made the left one by a quarter turn of everything.
    """
    originals = boxes
    for _ in range(4):
        places = _leftmost_first(boxes)
        boxes, originals = boxes.gather(1, places), originals.gather(1, places)
        boxes = _clamp_left(boxes, originals, canvas_size, mode)
        boxes, originals = boxes.gather(1, places), originals.gather(1, places)
        boxes, originals = (_quarter_turn(b, canvas_size[1]) for b in (boxes, originals))
        canvas_size = (canvas_size[1], canvas_size[0])
    return boxes


def _quarter_turn(boxes: Any, width: int) -> Any:
    return stack([boxes[:, 1::2], width - boxes[:, ::2]], -1).reshape(-1, 8)
