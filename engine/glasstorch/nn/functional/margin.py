"""Losses that want a margin between classes, and between distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.tensor import Tensor, wrap
from ...ops.shape import broadcast_shapes
from ._refuse import not_tensors
from .activation import logsigmoid
from .linear import pairwise_distance
from .loss import _reduce, _reduction, check_broadcast


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
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("multi_margin_loss", input=input, target=target)
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
    if t.size and backends.readable(t) and (int(t.min()) < 0 or int(t.max()) >= classes):
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
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("multilabel_margin_loss", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    x, t = _rows("multilabel_margin_loss", "multilabel_margin_loss_forward_out_frame", input, target)
    n, classes = x._a.shape
    t = t.reshape(n, classes)
    if t.size and backends.readable(t) and (int(t.min()) < -1 or int(t.max()) >= classes):
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


def soft_margin_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
                     reduction: str = "mean") -> Tensor:  # fmt: skip
    """``log(1 + exp(-y x))`` for targets y of 1 and -1."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("soft_margin_loss", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    if target._rg:
        raise RuntimeError(
            "The function 'soft_margin_loss' is not differentiable with respect to argument 'target'. This input "
            "cannot have requires_grad True."
        )
    check_broadcast(input._a.shape, target._a.shape)
    shape = broadcast_shapes(input._a.shape, target._a.shape)
    if shape != input._a.shape:
        raise RuntimeError(
            f"output with shape {list(input._a.shape)} doesn't match the broadcast shape {list(shape)}"
        )
    return _reduce((-target * input).exp().log1p(), reduction)  # type: ignore[operator]


def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, size_average: Any = None,
                         reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """A distance x for targets 1, ``max(0, margin - x)`` for targets -1."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("hinge_embedding_loss", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    check_broadcast(target._a.shape, input._a.shape)
    near = input.masked_fill(target != 1, 0.0)  # type: ignore[attr-defined]
    far = (margin - input).clamp_min(0).masked_fill(target != -1, 0.0)  # type: ignore[operator]
    return _reduce(near + far, reduction)


def margin_ranking_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Any = None,
                        reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """``max(0, -y (x1 - x2) + margin)``: y = 1 wants x1 larger, y = -1 wants x2 larger."""
    if not (isinstance(input1, Tensor) and isinstance(input2, Tensor) and isinstance(target, Tensor)):
        not_tensors("margin_ranking_loss", "dim", input1=input1, input2=input2, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    if not input1._a.ndim == input2._a.ndim == target._a.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape!r}, "
            f"input2: {input2.shape!r}, target: {target.shape!r} "
        )
    return _reduce((-target * (input1 - input2) + margin).clamp_min(0), reduction)  # type: ignore[operator]


def cosine_embedding_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Any = None,
                          reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """``1 - cos`` for targets 1, ``max(0, cos - margin)`` for targets -1."""
    if not (isinstance(input1, Tensor) and isinstance(input2, Tensor) and isinstance(target, Tensor)):
        not_tensors("cosine_embedding_loss", input1=input1, input2=input2, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    d = target._a.ndim
    if d > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input1._a.ndim != d + 1 or input2._a.ndim != d + 1:
        raise RuntimeError(
            f"{d}D target tensor expects {d + 1}D input tensors, but found inputs with sizes {list(input1._a.shape)} "
            f"and {list(input2._a.shape)}."
        )
    eps = 1e-12
    dot = (input1 * input2).sum(d)  # type: ignore[operator]
    size = ((input1 * input1).sum(d) + eps) * ((input2 * input2).sum(d) + eps)  # type: ignore[operator]
    cos = dot / size.sqrt()
    check_broadcast(target._a.shape, cos._a.shape)
    near = (1 - cos).masked_fill(target != 1, 0.0)
    far = (cos - margin).clamp_min(0).masked_fill(target != -1, 0.0)
    return _reduce(near + far, reduction)


def triplet_margin_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2,
                        eps: float = 1e-6, swap: bool = False, size_average: Any = None, reduce: Any = None,
                        reduction: str = "mean") -> Tensor:  # fmt: skip
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)`` in the p-norm.

    ``swap`` uses the distance from the positive to the negative where that is smaller.
    """
    if not (isinstance(anchor, Tensor) and isinstance(positive, Tensor) and isinstance(negative, Tensor)):
        not_tensors("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)
    reduction = _reduction(size_average, reduce, reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    same_dimensions(anchor, positive, negative)
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = far.minimum(pairwise_distance(positive, negative, p, eps))  # type: ignore[attr-defined]
    return _reduce((near - far + margin).clamp_min(0), reduction)  # type: ignore[operator]


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
