"""Sums, means and maxima of bags of embeddings."""

from __future__ import annotations

from typing import Any

from ... import backends
from ...backends.resampling import AxisMap
from ...core import dtype as dt
from ...core.frames import warn
from ...core.tensor import Tensor, wrap
from ...ops.bag import embedding_bag_mean, embedding_bag_sum, shared_gradient
from ...ops.nnmisc import embedding_op
from ...ops.ranges import arange
from .linear import _renormalise

_MODES = ("sum", "mean", "max")


def embedding_bag(input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None,
                  norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
                  per_sample_weights: Tensor | None = None, include_last_offset: bool = False,
                  padding_idx: int | None = None) -> Tensor:  # fmt: skip
    """Rows of ``weight`` added up, averaged or maximised bag by bag, without keeping the rows: (bags, width).

    Args:
        input: indices (B, n), each row a bag; or all bags one after the other, with ``offsets`` where each begins.
        max_norm: rows used that are longer are scaled down in place first, in the norm ``norm_type``.
        scale_grad_by_freq: divide a row's gradient by how often it occurs. Not for "max".
        per_sample_weights: one factor for each index. For "sum" only.
        include_last_offset: the last of ``offsets`` is the end of the last bag.
        padding_idx: an index that counts as absent.

    Gradients are always dense; ``sparse`` is accepted.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
    """
    if weight.dtype is dt.int64 and input.is_floating_point():
        warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is "
            "deprecated, and should now be `embedding_bag(input, weight, ...)`.",
        )
        weight, input = input, weight
    if per_sample_weights is not None and input._a.shape != per_sample_weights._a.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the "
            f"same shape as the input ({input.shape})"
        )
    if weight._a.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight._a.ndim}")
    if input._a.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                f"sequences. However, found offsets of type {type(offsets)}"
            )
        offsets = arange(0, input._a.size, input._a.shape[1], dtype=input.dtype, device=input.device)
        input, include_last_offset = input.reshape(-1), False  # type: ignore[attr-defined]
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights.reshape(-1)  # type: ignore[attr-defined]
    elif input._a.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input._a.ndim}")
    elif offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    elif offsets._a.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if mode not in _MODES:
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if max_norm is not None:
        _renormalise(weight, input, max_norm, norm_type)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
            f"mode='{mode}'). Please open a feature request on GitHub."
        )
    return _bags(weight, input, offsets, scale_grad_by_freq, mode, per_sample_weights, include_last_offset,
                 padding_idx)[0]  # fmt: skip


def _check(weight: Tensor, indices: Tensor, offsets: Tensor, include_last_offset: bool) -> None:
    """What PyTorch checks of the indices and offsets, in its words."""
    for t in (indices, offsets):
        if t.dtype not in (dt.int64, dt.int32):
            raise RuntimeError(
                "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but "
                f"got torch.{t.dtype.legacy}Tensor instead (while checking arguments for embedding_bag)"
            )
    if not weight.dtype.is_floating_point:
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, "
            f"Float, Double; but got torch.{weight.dtype.legacy}Tensor instead (while checking arguments for "
            "embedding_bag)"
        )
    o, n = offsets._a, indices._a.size
    if include_last_offset and not o.size:
        raise RuntimeError("include_last_offset: number of offset should be at least 1")
    if o.size and int(o[0]) != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {int(o[0])}"
        )
    if o.size and int(o[-1]) > n:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {n} but got offsets[-1] of {int(o[-1])}"
        )
    rows, i = weight._a.shape[0], indices._a
    if i.size and backends.readable(i) and (int(i.min()) < 0 or int(i.max()) >= rows):
        wrong = int(((i < 0) | (i >= rows)).argmax())
        raise RuntimeError(
            f"Index {wrong} of input takes value {int(i[wrong])} which is not in the valid range [0, {rows})"
        )


def _bags(weight: Tensor, indices: Tensor, offsets: Tensor, by_frequency: bool, mode: str,
          per_sample_weights: Tensor | None, include_last_offset: bool,
          padding_idx: int | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """The bags, the bag of each index, the size of each bag, and for "max" the rows that won."""
    _check(weight, indices, offsets, include_last_offset)
    rows = weight._a.shape[0]
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise RuntimeError(
            f"padding_idx must be within the number of embeddings, {-rows} through {rows - 1}, but got {padding_idx}"
        )
    if per_sample_weights is not None and per_sample_weights.dtype is not weight.dtype:
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
            f"'per_sample_weights'; but type torch.{weight.dtype.legacy}Tensor does not equal "
            f"torch.{per_sample_weights.dtype.legacy}Tensor (while checking arguments for embedding_bag)"
        )
    xp = backends.namespace(weight._a)
    i, start = indices._a, offsets._a.astype(xp.int64)
    bags = start.size - 1 if include_last_offset else start.size
    end = start[1:] if include_last_offset else xp.append(start[1:], i.size)
    first = start[:bags]
    size = xp.maximum(end[:bags] - first, 0)
    where = AxisMap.windows(backends.move(first, "cpu", None), backends.move(size, "cpu", None), None, i.size)
    position, bag = xp.asarray(where.source), xp.asarray(where.target)
    bag_of_each = wrap(bag)
    if padding_idx is not None:
        kept = i[position] != padding_idx % rows
        position, bag = position[kept], bag[kept]
    size = xp.bincount(bag, minlength=bags)[:bags]
    used = i[position]
    if mode == "max":
        out, won = _largest(xp, weight, used, size)
    else:
        each = embedding_op(weight, wrap(used), -1, False)
        if by_frequency:
            each = shared_gradient(each, _shares(xp, i, used).astype(weight._a.dtype))
        if per_sample_weights is not None:
            each = each * per_sample_weights[wrap(position)].unsqueeze(1)  # type: ignore[index]
        first = xp.cumsum(size) - size
        out = (embedding_bag_mean if mode == "mean" else embedding_bag_sum)(each, first, size)
        won = wrap(size.copy())
    return out, bag_of_each, wrap(size), won


def _shares(xp: Any, indices: Any, used: Any) -> Any:
    """What ``scale_grad_by_freq`` multiplies the gradient of each used row by.

    It should be one over the number of times the row occurs. PyTorch's kernel, going through the k-th different row,
    looks up the count of the k-th index in sorted order instead; its gradients are matched here.
    """
    rows, count = xp.unique(indices, return_counts=True)
    looked_up = count[xp.searchsorted(rows, xp.sort(indices)[: rows.size])]
    return 1 / looked_up[xp.searchsorted(rows, used)]


def _largest(xp: Any, weight: Tensor, used: Any, size: Any) -> tuple[Tensor, Tensor]:
    """For each bag and column the largest entry of its rows, and the (first) row it is in."""
    bags, width = size.size, weight._a.shape[1]
    won = xp.zeros((bags, width), xp.int64)
    full = size > 0
    if used.size:
        first = xp.cumsum(size) - size
        longest = int(size.max())
        at = first[full][:, None] + xp.minimum(xp.arange(longest), size[full][:, None] - 1)
        values = weight._a[used[at]]  # (bags, longest, width)
        best = values.argmax(1)
        won[full] = xp.take_along_axis(used[at], best, axis=1)
    out = weight.gather(0, wrap(won)) if weight._a.shape[0] else weight.new_zeros(won.shape)  # type: ignore[attr-defined]
    if not bool(full.all()):
        out = out.masked_fill(wrap(~full[:, None]), 0.0)
    return out, wrap(won)
