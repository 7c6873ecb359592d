"""The ways to write down a box, and how to get from one to another."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core.tensor import Tensor
from ...ops.binary import atan2
from ...ops.join import stack

FORMATS = ("xyxy", "xywh", "cxcywh", "xywhr", "cxcywhr", "xyxyxyxy")


def _columns(boxes: Any) -> tuple:
    return boxes.unbind(-1)


def _corner_size_to_corners(boxes: Tensor) -> Tensor:
    x, y, w, h = _columns(boxes)
    return stack([x, y, x + w, y + h], -1)


def _corners_to_corner_size(boxes: Tensor) -> Tensor:
    x1, y1, x2, y2 = _columns(boxes)
    return stack([x1, y1, x2 - x1, y2 - y1], -1)


def _centre_to_corners(boxes: Tensor) -> Tensor:
    cx, cy, w, h = _columns(boxes)
    return stack([cx - 0.5 * w, cy - 0.5 * h, cx + 0.5 * w, cy + 0.5 * h], -1)


def _corners_to_centre(boxes: Tensor) -> Tensor:
    x1, y1, x2, y2 = _columns(boxes)
    return stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], -1)


def _cos_and_sin(degrees: Any) -> tuple[Any, Any]:
    angle = degrees * math.pi / 180.0
    return angle.cos(), angle.sin()


def _like(boxes: Any, columns: list) -> Tensor:
    """The columns as boxes; rounded when the boxes they came from are integers."""
    made: Any = stack(columns, -1)
    return made if boxes.is_floating_point() else made.round_().to(boxes.dtype)


def _rotated_centre_to_corner(boxes: Tensor) -> Tensor:
    cx, cy, w, h, r = _columns(boxes)
    cos, sin = _cos_and_sin(r)
    return _like(boxes, [cx - w / 2 * cos - h / 2 * sin, cy - h / 2 * cos + w / 2 * sin, w, h, r])


def _rotated_corner_to_centre(boxes: Tensor) -> Tensor:
    x1, y1, w, h, r = _columns(boxes)
    cos, sin = _cos_and_sin(r)
    return _like(boxes, [x1 + w / 2 * cos + h / 2 * sin, y1 - w / 2 * sin + h / 2 * cos, w, h, r])


def _rotated_corner_to_corners(boxes: Tensor) -> Tensor:
    x1, y1, w, h, r = _columns(boxes)
    cos, sin = _cos_and_sin(r)
    x2, y2 = x1 + w * cos, y1 - w * sin
    x3, y3 = x2 + h * sin, y2 + h * cos
    x4, y4 = x1 + h * sin, y1 + h * cos
    return _like(boxes, [x1, y1, x2, y2, x3, y3, x4, y4])


def _rotated_corners_to_corner(boxes: Tensor) -> Tensor:
    x1, y1, x2, y2, x3, y3, _, _ = _columns(boxes)
    r = atan2(y1 - y2, x2 - x1) * 180 / math.pi
    w = ((x2 - x1) ** 2 + (y1 - y2) ** 2).sqrt()
    h = ((x3 - x2) ** 2 + (y3 - y2) ** 2).sqrt()
    return _like(boxes, [x1, y1, w, h, r])


#: From each format to those with which it shares a picture of the box. The rest is done in two steps.
_STEPS: dict[tuple[str, str], Callable[[Tensor], Tensor]] = {
    ("xywh", "xyxy"): _corner_size_to_corners,
    ("xyxy", "xywh"): _corners_to_corner_size,
    ("cxcywh", "xyxy"): _centre_to_corners,
    ("xyxy", "cxcywh"): _corners_to_centre,
    ("cxcywhr", "xywhr"): _rotated_centre_to_corner,
    ("xywhr", "cxcywhr"): _rotated_corner_to_centre,
    ("xywhr", "xyxyxyxy"): _rotated_corner_to_corners,
    ("xyxyxyxy", "xywhr"): _rotated_corners_to_corner,
}
_BY_WAY_OF = {
    ("xywh", "cxcywh"): "xyxy",
    ("cxcywh", "xywh"): "xyxy",
    ("cxcywhr", "xyxyxyxy"): "xywhr",
    ("xyxyxyxy", "cxcywhr"): "xywhr",
}


def box_convert(boxes: Tensor, in_fmt: str, out_fmt: str) -> Tensor:
    """Boxes written down in another way.

    - ``xyxy``: the corners at the upper left and the lower right.
    - ``xywh``: the upper left corner, width and height.
    - ``cxcywh``: the centre, width and height.
    - ``xywhr``, ``cxcywhr``: the same of a box turned counter-clockwise by ``r`` degrees about its centre.
    - ``xyxyxyxy``: the four corners of a turned box, clockwise from the upper left one.

    Args:
        boxes: (…, 4), for turned boxes (…, 5) or (…, 8).
        in_fmt: how they are written down.
        out_fmt: how they should be. Between upright and turned boxes there is no conversion.

    Source: https://pytorch.org/vision/stable/generated/torchvision.ops.box_convert.html
    """
    asked = f"Unsupported Bounding Box Conversions for given in_fmt {in_fmt} and out_fmt {out_fmt}"
    if in_fmt not in FORMATS or out_fmt not in FORMATS:
        raise ValueError(asked)
    if in_fmt == out_fmt:
        return boxes.clone()  # type: ignore[attr-defined]
    between = _BY_WAY_OF.get((in_fmt, out_fmt))
    if between is not None:
        return _STEPS[between, out_fmt](_STEPS[in_fmt, between](boxes))
    if (in_fmt, out_fmt) not in _STEPS:
        raise NotImplementedError(asked)
    return _STEPS[in_fmt, out_fmt](boxes)
