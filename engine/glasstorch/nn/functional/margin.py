"""Losses that want a margin between classes, and between distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.tensor import Tensor, wrap
from .activation import logsigmoid
from .linear import pairwise_distance
from .loss import _reduce, _reduction


def _rows(name: str, kernel: str, input: Tensor, target: Tensor) -> tuple[Tensor, Any]:
    """Scores as rows (N, C) and the targets' array, checked in PyTorch's words."""
    shape, t = list(input._a.shape), target._a
    if len(shape) > 2 or (shape and shape[-1] == 0):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {shape}"
        )
    rows = input.reshape(1, -1) if len(shape) < 2 else input  # type: ignore[attr-defined]
    if name == "multi_margin_loss" and (t.ndim > 1 or t.size != rows._a.shape[0]):
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{rows._a.shape[0]}], but got {list(t.shape)}. Input has shape {shape}."
        )
    if name == "multilabel_margin_loss" and (
        list(t.shape) != shape if len(shape) == 2 else t.size != rows._a.size
    ):
        raise RuntimeError(f"inconsistent target size: {list(t.shape)} for input of size: {shape}")
    if target.dtype is not dt.int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.legacy}")
    if input.dtype not in (dt.float32, dt.float64):
        raise NotImplementedError(
            f'"{kernel}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    return rows, t


def _over_rows(each: Tensor, reduction: str, shape: tuple[int, ...]) -> Tensor:
    """One loss for each row, reduced. Of an empty batch PyTorch gives 0."""
    if reduction == "mean" and not each._a.size:
        return each.sum()  # type: ignore[attr-defined]
    return each.reshape(shape) if reduction == "none" else _reduce(each, reduction)  # type: ignore[attr-defined]


def multi_margin_loss(input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None,
                      size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """``sum over j != y of max(0, margin - x_y + x_j)^p / C`` for scores (N, C) or (C) and classes y (N) or a number.

    ``weight``: a factor for each class. Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
    """
    reduction = _reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight._a.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    if weight is not None and weight._rg:
        raise RuntimeError(
            "The function 'multi_margin_loss' is not differentiable with respect to argument 'weight'. This input "
            "cannot have requires_grad True."
        )
    x, t = _rows("multi_margin_loss", "multi_margin_loss_cpu_kernel", input, target)
    n, classes = x._a.shape
    t = t.reshape(-1, 1)
    if t.size and (int(t.min()) < 0 or int(t.max()) >= classes):
        raise RuntimeError("target out of range")
    missing = (margin - x.gather(1, wrap(t)) + x).relu()  # type: ignore[attr-defined]
    if p == 2:
        missing = missing * missing
    if weight is not None:
        missing = missing * weight.gather(0, wrap(t.reshape(-1))).unsqueeze(1)  # type: ignore[attr-defined]
    xp = backends.namespace(t)
    each = missing.masked_fill(wrap(xp.arange(classes) == t), 0.0).sum(1) / classes
    scalar = input._a.ndim < 2 and target._a.ndim == 0
    return _over_rows(each, reduction, () if scalar else (n,))


def multilabel_margin_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
                           reduction: str = "mean") -> Tensor:  # fmt: skip
    """``sum of max(0, 1 - (x_j - x_i)) / C`` over target classes j and all other classes i.

    ``target`` has the input's shape, (N, C) or (C), and lists class numbers up to the first -1.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
    """
    reduction = _reduction(size_average, reduce, reduction)
    x, t = _rows("multilabel_margin_loss", "multilabel_margin_loss_forward_out_frame", input, target)
    n, classes = x._a.shape
    t = t.reshape(n, classes)
    if t.size and (int(t.min()) < -1 or int(t.max()) >= classes):
        raise RuntimeError("argument #2 'target' is out of range")
    xp = backends.namespace(t)
    listed = xp.cumprod(t >= 0, axis=1).astype(bool)
    chosen = xp.where(listed, t, 0)
    is_target = ((chosen[:, :, None] == xp.arange(classes)) & listed[:, :, None]).any(1)
    counted = listed[:, :, None] & ~is_target[:, None, :]
    gap = x.gather(1, wrap(chosen)).unsqueeze(2) - x.unsqueeze(1)  # type: ignore[attr-defined]
    each = (1 - gap).relu().masked_fill(wrap(~counted), 0.0).sum((1, 2)) / classes
    return _over_rows(each, reduction, () if input._a.ndim < 2 else (n,))


def multilabel_soft_margin_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
                                reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """The mean over classes of binary cross entropies with logits, for scores (N, C) and targets of 0 and 1."""
    if size_average is not None or reduce is not None:
        reduction = _reduction(size_average, reduce, reduction)
    each = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))  # type: ignore[operator]
    if weight is not None:
        each = each * weight
    if not input._a.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    each = each.sum(input._a.ndim - 1) / input._a.shape[-1]
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    return _reduce(each, reduction)


def triplet_margin_with_distance_loss(anchor: Tensor, positive: Tensor, negative: Tensor, *,
                                      distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
                                      margin: float = 1.0, swap: bool = False,
                                      reduction: str = "mean") -> Tensor:  # fmt: skip
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)`` for any distance (``pairwise_distance`` if None).

    ``swap`` uses the distance from the positive to the negative where that is smaller.
    """
    reduction = _reduction(None, None, reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    same_dimensions(anchor, positive, negative)
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))  # type: ignore[attr-defined]
    return _reduce((margin + near - far).clamp_min(0), reduction)


def same_dimensions(anchor: Tensor, positive: Tensor, negative: Tensor) -> None:
    """RuntimeError when three inputs differ in their number of dimensions."""
    a, p, n = anchor._a.ndim, positive._a.ndim, negative._a.ndim
    if not a == p == n:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {a}D, positive {p}D, and negative {n}D inputs"
        )
