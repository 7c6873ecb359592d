"""Counting and searching: unique, bincount, searchsorted, isin; repeats and distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..backends import determinism
from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import method, public
from ..core.frames import warn_once
from ..core.mode import STATE
from ..core.refusals import takes_tensors
from ..core.tensor import Tensor, wrap
from .index import index_select
from .kinds import not_implemented, supports


def _answers(values: Any, inverse: Any, counts: Any, wanted: tuple) -> Any:
    out = [wrap(values)]
    out += [wrap(a.astype(np.int64)) for a, want in zip((inverse, counts), wanted, strict=True) if want]
    return tuple(out) if len(out) > 1 else out[0]


@method
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    """unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None) -> Tensor or tuple

    The different elements (or slices along ``dim``) in order; on request for each element the place of its value
    among them, and how often each occurs.
    """
    supports(input.dtype, "unique", complex=False)
    xp = backends.namespace(input._a)
    axis = None if dim is None else wrap_dim(dim, input._a.ndim)
    if axis is not None and 0 in input._a.shape[:axis] + input._a.shape[axis + 1 :]:
        raise RuntimeError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
        )
    values, inverse, counts = xp.unique(
        input._a,
        return_inverse=True,
        return_counts=True,
        axis=axis,
        **({"equal_nan": False} if axis is None else {}),
    )
    shape = input._a.shape if axis is None else (input._a.shape[axis],)
    return _answers(values, inverse.reshape(shape), counts, (return_inverse, return_counts))


@method
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """unique_consecutive(input, return_inverse=False, return_counts=False, dim=None) -> Tensor or tuple

    The elements (or slices along ``dim``) without those that equal their predecessor.
    """
    supports(input.dtype, "unique", complex=False)
    xp = backends.namespace(input._a)
    d = None if dim is None else wrap_dim(dim, input._a.ndim)
    if d is not None and 0 in input._a.shape[:d] + input._a.shape[d + 1 :]:
        raise RuntimeError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
        )
    n = input._a.size if d is None else input._a.shape[d]
    rows = (input._a if d is None else xp.moveaxis(input._a, d, 0)).reshape(n, input._a.size // max(n, 1))
    new = xp.ones(n, bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    starts = xp.flatnonzero(new)
    inverse = xp.cumsum(new) - 1
    counts = xp.diff(xp.concatenate([starts, xp.asarray([n])])) if n else starts
    values = input._a.reshape(-1)[new] if d is None else xp.compress(new, input._a, axis=d)
    shape = input._a.shape if d is None else (n,)
    return _answers(values, inverse.reshape(shape), counts, (return_inverse, return_counts))


@method
def bincount(input: Tensor, weights: Any = None, minlength: int = 0) -> Tensor:
    """bincount(input, weights=None, minlength=0) -> Tensor

    How often each whole number from 0 on occurs in a vector, or the sum of its ``weights``.
    """
    a = input._a
    if input.dtype.category != dt.INTEGRAL:
        not_implemented("bincount_cpu", input.dtype)
    if a.ndim != 1 or input.dtype.category > dt.INTEGRAL or (a.size and int(a.min()) < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is not None and weights._a.shape != a.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    xp = backends.namespace(a)
    if xp is not np and weights is not None:
        determinism.check("bincount", weights._a)
    out = xp.bincount(a, None if weights is None else weights._a, minlength)
    if weights is None:
        return wrap(out.astype(xp.int64))
    return wrap(out.astype(weights._a.dtype if weights.dtype is dt.float32 else xp.float64))


@public
def searchsorted(
    sorted_sequence: Tensor, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
    sorter: Any = None,
) -> Tensor:  # fmt: skip
    """searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None) -> Tensor

    Where each value would be inserted in the sorted last dimension to keep it sorted; before equal elements, or
    after them with ``right``. Leading dimensions go together.
    """
    xp = backends.namespace(sorted_sequence._a)
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )
    for name, t in (("boundary", sorted_sequence), ("input value", input), ("sorter", sorter)):
        if isinstance(t, Tensor) and not t._a.flags.c_contiguous:
            warn_once(
                f"torch.searchsorted(): {name} tensor is non-contiguous, this will lower the performance due to extra "
                f"data copy when converting non-contiguous tensor to contiguous, please use contiguous {name} tensor "
                "if possible. This message will only appear once per program."
            )
    where = side or ("right" if right else "left")
    if sorter is not None and sorter.dtype is not dt.int64:
        raise RuntimeError(
            f"torch.searchsorted(): sorter must be a tensor of long dtype but got dtype {sorter.dtype.legacy}"
        )
    row = sorted_sequence._a if sorter is None else xp.take_along_axis(sorted_sequence._a, sorter._a, axis=-1)
    v = input._a if isinstance(input, Tensor) else xp.asarray(input)
    if row.ndim == 1:
        out = xp.searchsorted(row, v, side=where)
    else:
        if row.ndim == 0 or row.shape[:-1] != v.shape[:-1]:
            raise RuntimeError(
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
                f"boundaries tensor and input value tensor must match, but we got boundaries tensor {list(row.shape)} "
                f"and input value tensor {list(v.shape)}"
            )
        out = xp.empty(v.shape, xp.int64)
        for place in np.ndindex(row.shape[:-1]):
            out[place] = xp.searchsorted(row[place], v[place], side=where)
    return wrap(xp.asarray(out).astype(xp.int32 if out_int32 else xp.int64))


@public
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """bucketize(input, boundaries, *, out_int32=False, right=False) -> Tensor

    The number of the interval between sorted ``boundaries`` that each element lies in.
    """
    if boundaries._a.ndim != 1:
        raise RuntimeError(
            f"bucketize(): boundaries tensor must be 1 dimension, but got dim({boundaries._a.ndim})"
        )
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@public
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """isin(elements, test_elements, *, assume_unique=False, invert=False) -> BoolTensor

    Is each element among ``test_elements``?
    """
    for t in (elements, test_elements):
        if isinstance(t, Tensor) and (t.dtype is dt.bool_ or t.is_complex()):
            raise RuntimeError(f"Unsupported input type encountered for isin(): {t.dtype.legacy}")
    some = elements if isinstance(elements, Tensor) else test_elements
    xp = backends.namespace(some._a)
    a, b = (t._a if isinstance(t, Tensor) else xp.asarray(t) for t in (elements, test_elements))
    return wrap(xp.asarray(xp.isin(a, b, invert=invert)))


@method
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: Any = None, *, output_size: Any = None
) -> Tensor:
    """repeat_interleave(input, repeats, dim=None) -> Tensor

    Each element (or slice along ``dim``) several times in a row; one count for all or one for each.
    """
    xp = backends.namespace(input._a)
    if repeats is None:  # repeat_interleave(repeats): the index itself
        return wrap(xp.repeat(xp.arange(input._a.size), input._a))
    x = input.reshape(-1) if dim is None else input if input._a.ndim else input.reshape(1)
    d = wrap_dim(0 if dim is None else dim, x._a.ndim)
    counts = repeats._a if isinstance(repeats, Tensor) else xp.asarray(repeats)
    if counts.dtype.kind not in "iu" or counts.dtype.itemsize < 4:
        not_implemented("repeat_interleave_cpu", dt.from_numpy_dtype(counts.dtype))
    if counts.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if counts.size and int(counts.min()) < 0:
        raise RuntimeError("repeats can not be negative" if counts.ndim else "Repeats must be non-negative")
    if counts.ndim > 1 or (counts.ndim == 1 and counts.size not in (1, x._a.shape[d])):
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {counts.size} and "
            f"input.size({d}) = {x._a.shape[d]}"
        )
    index = xp.repeat(xp.arange(x._a.shape[d]), counts)
    if output_size is not None and output_size != index.size:
        raise RuntimeError(
            f"repeat_interleave: Invalid output_size, expected {index.size} but got {output_size}"
        )
    index = index.astype(xp.int64)
    if STATE.recorder is not None and not isinstance(repeats, Tensor):
        STATE.recorder.made(index)
    return index_select(x, d, wrap(index))


_CDIST_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


@public
@takes_tensors()
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = None) -> Tensor:
    """cdist(x1, x2, p=2.0) -> Tensor

    The p-norm distances between all rows of two matrices, ``(*, n, m)`` and ``(*, k, m)`` to ``(*, n, k)``.
    ``compute_mode`` is accepted: the differences are always taken one by one, which is the exact way.
    """
    for name, t in (("X1", x1), ("X2", x2)):
        if t._a.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {t._a.ndim}D")
    if compute_mode not in (None, *_CDIST_MODES):
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    for name, t in (("X1", x1), ("X2", x2)):
        if not t.dtype.is_floating_point:
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {t.dtype.legacy}")
        supports(t.dtype, "cdist", half=False)
    if x1.dtype is not x2.dtype:
        raise RuntimeError(f"expected scalar type {x1.dtype.legacy} but found {x2.dtype.legacy}")
    if x1._a.shape[-1] != x2._a.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1._a.shape[-1]} X2: {x2._a.shape[-1]}"
        )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).norm(p, -1)


def _fill(input: Tensor, value: Any) -> Tensor:
    """fill(input, value) -> Tensor

    A tensor like ``input`` with every element ``value``, a number or a 0-d tensor.
    """
    v = (
        value
        if isinstance(value, Tensor)
        else wrap(backends.namespace(input._a).asarray(value).astype(input._a.dtype))
    )
    if v._a.ndim:
        raise RuntimeError(
            f"fill only supports 0-dimension value tensor but got tensor with {v._a.ndim} dimensions."
        )
    from .choose import where_op

    everywhere = backends.namespace(input._a).ones(input._a.shape, bool)
    return where_op(everywhere, v.to(input.dtype), input)


_fill.__name__ = "fill"
public(_fill)
