"""Boxes: areas, overlaps, and choosing among boxes that say the same.

Boxes are (…, 4), the corners x1, y1, x2, y2 of each, unless a function says otherwise.
Source: https://pytorch.org/vision/stable/ops.html#box-operators
"""

from __future__ import annotations

import math
from typing import Any

from ...core import dtype as dt
from ...core.mode import no_grad
from ...core.refusals import need_tensor
from ...core.tensor import Tensor
from ...ops.boxes import rotated_overlap, suppress_boxes
from ...ops.choose import where
from ...ops.create import empty, zeros, zeros_like
from ...ops.extremes import max, min
from ...ops.join import stack
from .box_convert import box_convert

#: With more coordinates than this, one suppression for each category costs less than one for all.
_TOGETHER = {"cpu": 4_000}
_TOGETHER_ELSEWHERE = 100_000


def upcast(t: Any) -> Any:
    """In a type where products of coordinates do not overflow: at least 32 bits."""
    if t.is_floating_point():
        return t if t.dtype in (dt.float32, dt.float64) else t.float()
    return t if t.dtype in (dt.int32, dt.int64) else t.int()


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Non-maximum suppression: drop each box that overlaps a better one by more than ``iou_threshold``.

    Args:
        boxes: (N, 4), float32 or float64, with x1 < x2 and y1 < y2.
        scores: (N,), of the same type.
        iou_threshold: the intersection over union up to which boxes live side by side.

    Returns the int64 places of the kept boxes, best first.
    """
    for position, (name, value) in enumerate([("boxes", boxes), ("scores", scores)], 1):
        need_tensor("nms", name, position, value)
    b, s = boxes.shape, scores.shape
    if len(b) != 2:
        raise RuntimeError(f"boxes should be a 2d tensor, got {len(b)}D")
    if b[1] != 4:
        raise RuntimeError(f"boxes should have 4 elements in dimension 1, got {b[1]}")
    if len(s) != 1:
        raise RuntimeError(f"scores should be a 1d tensor, got {len(s)}D")
    if b[0] != s[0]:
        raise RuntimeError(
            f"boxes and scores should have same number of elements in dimension 0, got {b[0]} and {s[0]}"
        )
    if boxes.dtype is not scores.dtype:
        raise RuntimeError("dets should have the same type as scores")
    with no_grad():
        order = scores.sort(stable=True, descending=True)[1]  # type: ignore[attr-defined]
        return order[suppress_boxes(boxes[order], float(iou_threshold))]


def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """``nms`` within each category; boxes of different categories do not touch each other.

    Args:
        boxes: (N, 4).
        scores: (N,).
        idxs: (N,), the category of each box.
        iou_threshold: as for ``nms``.
    """
    if boxes.numel() > _TOGETHER.get(boxes.device.type, _TOGETHER_ELSEWHERE):
        return _one_by_one(boxes, scores, idxs, iou_threshold)
    return _side_by_side(boxes, scores, idxs, iou_threshold)


def _side_by_side(boxes: Any, scores: Any, idxs: Any, iou_threshold: float) -> Tensor:
    """All categories at once, each moved to a place of its own where it meets no other."""
    if boxes.numel() == 0:
        return empty((0,), dtype=dt.int64, device=boxes.device)
    offsets = idxs.to(boxes) * (boxes.max() + 1)
    return nms(boxes + offsets[:, None], scores, iou_threshold)


def _one_by_one(boxes: Any, scores: Any, idxs: Any, iou_threshold: float) -> Tensor:
    kept: Any = zeros_like(scores, dtype=dt.bool_)
    for category in idxs.unique():
        members = where(idxs == category)[0]
        kept[members[nms(boxes[members], scores[members], iou_threshold)]] = True
    kept = where(kept)[0]
    return kept[scores[kept].sort(descending=True)[1]]


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """Places of the boxes whose sides are both at least ``min_size``."""
    wide = boxes[..., 2] - boxes[..., 0] >= min_size
    high = boxes[..., 3] - boxes[..., 1] >= min_size
    return where(wide & high)[0]


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Boxes cut off at the borders of an image of ``size`` (height, width)."""
    height, width = size
    x: Any = boxes[..., 0::2]
    y: Any = boxes[..., 1::2]
    clipped = stack((x.clamp(min=0, max=width), y.clamp(min=0, max=height)), boxes.dim())
    return clipped.reshape(boxes.shape)


_AREA_FORMATS = ("xyxy", "xywh", "cxcywh")
_ROTATED_FORMATS = ("cxcywhr", "xywhr", "xyxyxyxy")


def box_area(boxes: Tensor, fmt: str = "xyxy") -> Tensor:
    """Areas (…) of boxes (…, 4) in the format "xyxy", "xywh" or "cxcywh" of ``box_convert``."""
    if fmt not in _AREA_FORMATS:
        raise ValueError(f"Unsupported Bounding Box area for given format {fmt}")
    b = upcast(boxes)
    if fmt == "xyxy":
        return (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    return b[..., 2] * b[..., 3]


def _pairs(boxes1: Any, boxes2: Any) -> tuple[Any, Any]:
    """The boxes so that each of the one meets each of the other: (…, N, 1, 4) and (…, 1, M, 4)."""
    return boxes1[..., :, None, :], boxes2[..., None, :, :]


def _ends(boxes: Any, fmt: str) -> tuple[Any, Any]:
    """The upper left and the lower right corners."""
    if fmt == "xyxy":
        return boxes[..., :2], boxes[..., 2:]
    if fmt == "xywh":
        return boxes[..., :2], boxes[..., :2] + boxes[..., 2:]
    half = boxes[..., 2:] / 2
    return boxes[..., :2] - half, boxes[..., :2] + half


def _area_between(upper_left: Any, lower_right: Any) -> Any:
    sides = upcast(lower_right - upper_left).clamp(min=0)
    return sides[..., 0] * sides[..., 1]


def _shared_and_union(boxes1: Tensor, boxes2: Tensor, fmt: str = "xyxy") -> tuple[Tensor, Tensor]:
    """Areas (…, N, M) of the intersections and of the unions."""
    area1: Any = box_area(boxes1, fmt)
    area2: Any = box_area(boxes2, fmt)
    (start1, end1), (start2, end2) = (_ends(b, fmt) for b in _pairs(boxes1, boxes2))
    shared = _area_between(max(start1, start2), min(end1, end2))
    return shared, area1[..., :, None] + area2[..., None, :] - shared


def _hull(boxes1: Tensor, boxes2: Tensor) -> tuple[Tensor, Tensor]:
    """The corners of the smallest box around each pair."""
    a, b = _pairs(boxes1, boxes2)
    return min(a[..., :2], b[..., :2]), max(a[..., 2:], b[..., 2:])


def box_iou(boxes1: Tensor, boxes2: Tensor, fmt: str = "xyxy") -> Tensor:
    """Intersection over union (…, N, M) of each of ``boxes1`` (…, N, K) with each of ``boxes2`` (…, M, K).

    ``fmt``: any format of ``box_convert``. For turned boxes the boxes are (N, 5) or (N, 8) without further
    dimensions, and no gradient comes back.
    """
    if fmt in _AREA_FORMATS:
        shared, union = _shared_and_union(boxes1, boxes2, fmt)
        return shared / union
    if fmt not in _ROTATED_FORMATS:
        raise ValueError(
            f"Unsupported format '{fmt}'. Supported axis-aligned formats: {_AREA_FORMATS}. "
            f"Supported rotated formats: {_ROTATED_FORMATS}."
        )
    if fmt != "cxcywhr":
        boxes1, boxes2 = (box_convert(b, fmt, "cxcywhr") for b in (boxes1, boxes2))
    if boxes1.dtype is not boxes2.dtype:
        raise RuntimeError("boxes1 and boxes2 must have the same dtype")
    return rotated_overlap(boxes1, boxes2)


def generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Generalized intersection over union (…, N, M): negative for boxes apart. Source: https://arxiv.org/abs/1902.09630"""
    shared, union = _shared_and_union(boxes1, boxes2)
    hull = _area_between(*_hull(boxes1, boxes2))
    return shared / union - (hull - union) / hull


def _distance_iou(boxes1: Any, boxes2: Any, eps: float) -> tuple[Any, Any]:
    """Distance IoU and plain IoU of each pair."""
    iou = box_iou(boxes1, boxes2)
    upper_left, lower_right = _hull(boxes1, boxes2)
    diagonal = (upcast(lower_right - upper_left).clamp(min=0) ** 2).sum(-1) + eps
    centre1, centre2 = _pairs(*((b[..., :2] + b[..., 2:]) / 2 for b in (boxes1, boxes2)))
    distance = (upcast(centre1 - centre2) ** 2).sum(-1)
    return iou - distance / diagonal, iou


def distance_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """IoU (…, N, M) less the squared distance of the centres over the squared diagonal of the hull.

    ``eps`` keeps the division from dividing by zero. Source: https://arxiv.org/abs/1911.08287
    """
    return _distance_iou(upcast(boxes1), upcast(boxes2), eps)[0]


def complete_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """Distance IoU (…, N, M) less a term for different shapes. Source: https://arxiv.org/abs/1911.08287"""
    boxes1, boxes2 = upcast(boxes1), upcast(boxes2)
    distance_iou, iou = _distance_iou(boxes1, boxes2, eps)
    a, b = _pairs(boxes1, boxes2)
    slope_a, slope_b = (((c[..., 2] - c[..., 0]) / (c[..., 3] - c[..., 1])).atan() for c in (a, b))
    shape = (4 / math.pi**2) * (slope_a - slope_b) ** 2
    with no_grad():
        weight = shape / (1 - iou + shape + eps)
    return distance_iou - weight * shape


def masks_to_boxes(masks: Tensor) -> Tensor:
    """The smallest boxes (N, 4), as float32, around the elements that are not zero in masks (N, H, W).

    The lower right corner is the last such element itself; a mask without any gives zeros.
    """
    if masks.numel() == 0:
        return zeros((0, 4), device=masks.device, dtype=dt.float32)
    _, height, width = masks.shape
    marked: Any = masks.bool()  # type: ignore[attr-defined]
    rows, columns = marked.any(dim=2).float(), marked.any(dim=1).float()
    y1, x1 = rows.argmax(dim=1), columns.argmax(dim=1)
    y2, x2 = height - 1 - rows.flip(dims=[1]).argmax(dim=1), width - 1 - columns.flip(dims=[1]).argmax(dim=1)
    boxes: Any = stack([x1, y1, x2, y2], dim=1).float()
    boxes[~rows.bool().any(dim=1)] = 0
    return boxes
