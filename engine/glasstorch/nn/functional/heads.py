"""A last linear layer and its loss in one."""

from __future__ import annotations

import math
from typing import Any

from ...core.tensor import Tensor
from .linear import linear
from .loss import cross_entropy


def linear_cross_entropy(input: Tensor, linear_weight: Tensor, target: Tensor, *, linear_bias: Tensor | None = None,
                         weight: Tensor | None = None, reduction: str = "mean", ignore_index: int | None = None,
                         label_smoothing: float = 0.0, options: Any = None) -> Tensor:  # fmt: skip
    """``cross_entropy`` of ``input @ linear_weight.T + linear_bias``.

    Args:
        input: (N, in) or (in).
        linear_weight: (C, in), or (C, *d, in) for scores (N, C, *d); ``linear_bias`` has the same shape without ``in``.
        target: classes (N, *d) or class probabilities (N, C, *d).
        options: how PyTorch may split the work to save memory. Accepted; the result is the same without.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
    """
    if not 1 <= input._a.ndim <= 2:
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input._a.ndim}")
    if linear_weight._a.ndim < 2:
        raise RuntimeError(
            f"expected linear_weight with dimensionality at least 2, got {linear_weight._a.ndim}"
        )
    *batch, features = input._a.shape
    classes, *more, width = linear_weight._a.shape
    if features != width:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{features} and {width}, respectively"
        )
    if linear_bias is not None and linear_bias._a.shape != (classes, *more):
        raise RuntimeError(
            f"expected linear_bias shape {(classes, *more)}, got {tuple(linear_bias._a.shape)}"
        )
    if more and not batch:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(linear_weight._a.shape)} requires batched "
            f"input, (N, {features}), got unbatched input with shape {tuple(input._a.shape)}"
        )
    shape = (*batch, classes, *more)
    if target._a.shape == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    if more:
        rows = classes * math.prod(more)
        linear_weight = linear_weight.reshape(rows, features)  # type: ignore[attr-defined]
        linear_bias = None if linear_bias is None else linear_bias.reshape(rows)  # type: ignore[attr-defined]
    scores = linear(input, linear_weight, linear_bias).reshape(shape)  # type: ignore[attr-defined]
    return cross_entropy(
        scores, target, weight, ignore_index=-100 if ignore_index is None else ignore_index, reduction=reduction,
        label_smoothing=label_smoothing,
    )  # fmt: skip
