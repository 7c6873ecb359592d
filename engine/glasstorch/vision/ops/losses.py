"""Losses of detectors. Source: https://pytorch.org/vision/stable/ops.html#losses"""

from __future__ import annotations

import math
from typing import Any

from ...core import dtype as dt
from ...core.mode import no_grad
from ...core.tensor import Tensor
from ...nn.functional import binary_cross_entropy_with_logits
from ...ops.choose import where
from ...ops.extremes import max, min


def _reduced(loss: Any, reduction: str, *, empty_mean_is_zero: bool) -> Any:
    if reduction == "none":
        return loss
    if reduction == "mean":
        return 0.0 * loss.sum() if empty_mean_is_zero and loss.numel() == 0 else loss.mean()
    if reduction == "sum":
        return loss.sum()
    raise ValueError(
        f"Invalid Value for arg 'reduction': '{reduction} \n Supported reduction modes: 'none', 'mean', 'sum'"
    )


def _in_float(t: Any) -> Any:
    return t if t.dtype in (dt.float32, dt.float64) else t.float()


class _Pair:
    """Boxes (…, 4) beside their targets, one to one, and what the losses ask of them."""

    def __init__(self, boxes1: Any, boxes2: Any) -> None:
        self.a, self.b = boxes1.unbind(-1), boxes2.unbind(-1)

    def shared_and_union(self) -> tuple[Any, Any]:
        (x1, y1, x2, y2), (u1, v1, u2, v2) = self.a, self.b
        width, height = min(x2, u2) - max(x1, u1), min(y2, v2) - max(y1, v1)
        # Boxes apart share nothing, and no gradient pulls on what they do not share
        shared = where((width > 0) & (height > 0), width * height, 0)
        return shared, (x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - shared

    def hull(self) -> tuple[Any, Any]:
        """Width and height of the smallest box around both."""
        (x1, y1, x2, y2), (u1, v1, u2, v2) = self.a, self.b
        return max(x2, u2) - min(x1, u1), max(y2, v2) - min(y1, v1)

    def distance(self) -> Any:
        """Squared distance of the centres."""
        (x1, y1, x2, y2), (u1, v1, u2, v2) = self.a, self.b
        return ((x2 + x1) / 2 - (u1 + u2) / 2) ** 2 + ((y2 + y1) / 2 - (v1 + v2) / 2) ** 2

    def shape(self) -> Any:
        """How different the ratios of the sides are, between 0 and 1."""
        (x1, y1, x2, y2), (u1, v1, u2, v2) = self.a, self.b
        slopes = ((u2 - u1) / (v2 - v1)).atan(), ((x2 - x1) / (y2 - y1)).atan()
        return (4 / math.pi**2) * (slopes[0] - slopes[1]) ** 2

    def distance_loss(self, eps: float) -> tuple[Any, Any]:
        """The loss of ``distance_box_iou_loss``, and the IoU."""
        shared, union = self.shared_and_union()
        iou = shared / (union + eps)
        width, height = self.hull()
        return 1 - iou + self.distance() / (width**2 + height**2 + eps), iou


def generalized_box_iou_loss(
    boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 less the generalized IoU, which still has a slope for boxes apart. Source: https://arxiv.org/abs/1902.09630

    Args:
        boxes1: (N, 4) or (4,), corners x1 < x2, y1 < y2.
        boxes2: the same number of boxes.
        reduction: "none", "mean" or "sum".
        eps: added to what is divided by.
    """
    pair = _Pair(_in_float(boxes1), _in_float(boxes2))
    shared, union = pair.shared_and_union()
    width, height = pair.hull()
    hull = width * height
    loss = 1 - (shared / (union + eps) - (hull - union) / (hull + eps))
    return _reduced(loss, reduction, empty_mean_is_zero=True)


def distance_box_iou_loss(
    boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 less the distance IoU, which also pulls the centres together. Source: https://arxiv.org/abs/1911.08287

    The arguments are those of ``generalized_box_iou_loss``.
    """
    loss, _ = _Pair(_in_float(boxes1), _in_float(boxes2)).distance_loss(eps)
    return _reduced(loss, reduction, empty_mean_is_zero=True)


def complete_box_iou_loss(
    boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 less the complete IoU, which also compares the ratios of the sides. Source: https://arxiv.org/abs/1911.08287

    The arguments are those of ``generalized_box_iou_loss``.
    """
    pair = _Pair(_in_float(boxes1), _in_float(boxes2))
    loss, iou = pair.distance_loss(1e-7)
    shape = pair.shape()
    with no_grad():
        weight = shape / (1 - iou + shape + eps)
    return _reduced(loss + weight * shape, reduction, empty_mean_is_zero=True)


def sigmoid_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2, reduction: str = "none"
) -> Tensor:
    """Cross-entropy of logits in which what is already right counts little. Source: https://arxiv.org/abs/1708.02002

    Args:
        inputs: logits, of any shape.
        targets: 0 or 1 for each, as floats.
        alpha: weight of the ones, ``1 - alpha`` that of the zeros, in [0, 1]; -1 weighs both alike.
        gamma: the power of ``1 - p`` by which an example of probability ``p`` is weighed down.
        reduction: "none", "mean" or "sum".
    """
    if not 0 <= alpha <= 1 and alpha != -1:
        raise ValueError(f"Invalid alpha value: {alpha}. alpha must be in the range [0,1] or -1 for ignore.")
    p: Any = inputs.sigmoid()  # type: ignore[attr-defined]
    right = p * targets + (1 - p) * (1 - targets)
    loss = binary_cross_entropy_with_logits(inputs, targets, reduction="none") * (1 - right) ** gamma
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    return _reduced(loss, reduction, empty_mean_is_zero=False)
