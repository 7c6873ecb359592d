"""Reading and writing at index arrays: what ``x[...]`` is made of, index_select and gather."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..backends import determinism
from ..core.dims import wrap_dim
from ..core.op import op
from ..core.refusals import noted
from .place_checks import in_bounds


@op(method=False, function=False, name="IndexBackward0")
class take_index:
    """The elements at index arrays (a copy)."""

    label = "index"
    formula = r"x_{[i]}"

    def forward(xp, input: Array, index):
        return input[index]

    def d_input(F, g, input_shape, index):
        r"\sum \bar y \text{ at } i"
        return F.add_at(g, input_shape, index)


@op(method=False, function=False, name="IndexPutBackward0")
class add_at:
    """Zeros of a shape, with values added at index arrays. Repeated indices add up."""

    label = "index_add"
    formula = r"\mathrm{add}_{[i]}(x)"

    def forward(xp, input: Array, shape, index):
        out = xp.zeros(shape, input.dtype)
        if _unique(index):
            out[index] = input
        else:
            determinism.add_at(xp, out, index, input)
        return out

    def d_input(F, g, index):
        r"\bar y_{[i]}"
        return F.take_index(g, index)


def _unique(index: Any) -> bool:
    """Can no element be hit twice? True for masks, and for one index array without repeats."""
    arrays = [i for i in index if hasattr(i, "dtype")]
    return all(a.dtype == "bool" for a in arrays)


@op(method=False, function=False, name="IndexPutBackward0")
class put_at:
    """A copy of ``input`` with ``values`` written at an index."""

    label = "index_put"
    formula = r"\mathrm{put}_{[i]}(x, v)"

    def forward(xp, input: Array, values: Array, index):
        out = xp.array(input)
        determinism.write_at(xp, out, index, values)
        return out

    def d_input(F, g, values_shape, index):
        r"\bar y, \; 0 \text{ at } i"
        return F.put_at(g, F.zeros_of(values_shape, g), index)

    def d_values(F, g, values_shape, index):
        r"\bar y_{[i]}"
        return F.sum_to_size(F.take_index(g, index), values_shape)


@op(name="IndexSelectBackward0")
class index_select:
    """index_select(input, dim, index) -> Tensor

    The slices along ``dim`` at the positions in ``index`` (a copy).
    """

    formula = r"x_{[i]}"

    def forward(xp, input: Array, dim, index: Array):
        d = wrap_dim(dim, input.ndim)
        if index.ndim > 1:
            raise IndexError("index_select(): Index is supposed to be a vector")
        if not input.ndim and index.size != 1:
            raise RuntimeError(
                f"index_select(): Index to scalar can have only 1 value, got {index.size} value(s)"
            )
        if index.dtype not in (np.int64, np.int32):
            raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
        n = input.shape[d] if input.ndim else 1
        bad = in_bounds(index, n)
        if bad is not None:
            raise noted(
                IndexError("index out of range in self"),
                f"Index {bad} was asked for; dimension {d} has size {n}.",
            )
        return xp.take(input, index.reshape(-1), axis=d) if input.ndim else input.copy()

    def d_input(F, g, input_shape, dim, index):
        r"\sum \bar y \text{ at } i"
        i = getattr(index, "_a", index).reshape(-1)
        if not input_shape:
            return g.reshape(())
        return F.add_at(g, input_shape, (slice(None),) * wrap_dim(dim, len(input_shape)) + (i,))


@op(name="GatherBackward0")
class gather:
    """gather(input, dim, index, *, sparse_grad=False) -> Tensor

    One value of a line along ``dim`` for each element of ``index``. Gradients are always dense.
    """

    formula = r"x_{i}"

    def forward(xp, input: Array, dim, index: Array, *, sparse_grad=False):
        _check_gather(input, dim, index)
        if not index.size:  # PyTorch does not ask for matching dimensions then
            return xp.empty(index.shape, input.dtype)
        x = input if input.ndim else input.reshape(1)
        i = index if index.ndim else index.reshape(1)
        return x[_along(xp, i, wrap_dim(dim, x.ndim))].reshape(index.shape)

    def d_input(F, g, input_shape, dim, index):
        r"\sum \bar y \text{ at } i"
        i = getattr(index, "_a", index)
        if not input_shape:
            return g.sum()
        if not i.size:
            return F.zeros_of(input_shape, g)
        xp, d = backends.namespace(i), wrap_dim(dim, len(input_shape))
        if not i.ndim:
            g, i = g.reshape((1,)), i.reshape(1)
        return F.add_at(g, input_shape, _along(xp, i, d))


def _check_gather(input: Any, dim: int, index: Any) -> None:
    if index.size and index.dtype not in (np.int64, np.int32):
        raise RuntimeError("gather(): Expected dtype int32/int64 for index")
    if index.size and max(index.ndim, 1) != max(input.ndim, 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    d = wrap_dim(dim, input.ndim)
    pairs = zip(index.shape, input.shape, strict=False)
    longer = [k for k, (m, n) in enumerate(pairs) if m > n and k != d]
    if index.size and longer:
        raise RuntimeError(
            f"Size does not match at dimension {longer[0]} expected index {list(index.shape)} to be no larger than "
            f"self {list(input.shape)} apart from dimension {d}"
        )
    n = input.shape[d] if input.ndim else 1
    bad = in_bounds(index, n)
    if bad is not None:
        raise RuntimeError(f"index {bad} is out of bounds for dimension {d} with size {n}")


def _along(xp: Any, index: Any, dim: int) -> tuple:
    grid = list(xp.ogrid[tuple(slice(0, n) for n in index.shape)]) if index.ndim else []
    grid = [xp.asarray(a) for a in grid]
    grid[dim] = index
    return tuple(grid)
