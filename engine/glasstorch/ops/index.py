"""Indexing: ``x[...]`` of every kind, with its gradient, and ``x[...] = v``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.inplace import check_writable, write
from ..core.lanes import Lanes
from ..core.op import op
from ..core.tensor import Tensor, wrap
from .slice import slice_view


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
            xp.add.at(out, index, input)
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
        out = input.copy()
        out[index] = values
        return out

    def d_input(F, g, values_shape, index):
        r"\bar y, \; 0 \text{ at } i"
        return F.put_at(g, F.zeros_of(values_shape, g), index)

    def d_values(F, g, values_shape, index):
        r"\bar y_{[i]}"
        return F.sum_to_size(F.take_index(g, index), values_shape)


def normalise(x: Tensor, index: Any) -> tuple[tuple, bool]:
    """An index as NumPy understands it, and whether it is basic (a view). Checks bounds with PyTorch's words."""
    items = list(index) if isinstance(index, tuple) else [index]
    if isinstance(index, list):  # a list of numbers is one index array; one that holds a sequence is a tuple
        several = any(
            i is None or i is Ellipsis or isinstance(i, (Tensor, slice, list, tuple)) for i in index
        )
        items = list(index) if several and len(index) < 32 else [index]
    out: list[Any] = []
    basic = True
    for i in items:
        if isinstance(i, Tensor):
            if i.dtype.category > dt.INTEGRAL:
                raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
            a = i._a
            if (
                a.ndim == 0
                and not isinstance(a, Lanes)
                and i.dtype.category == dt.INTEGRAL
                and i.dtype is not dt.uint8
            ):
                out.append(int(a))
                continue
            a = a.astype(bool) if i.dtype is dt.uint8 else a
            out.append(a)
            basic = False
        elif isinstance(i, (list, tuple, range, np.ndarray)):
            a = np.asarray(i)
            if a.size == 0:
                a = a.astype(np.int64)
            if a.dtype.kind not in "iub":
                raise IndexError(
                    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices"
                )
            out.append(a)
            basic = False
        elif isinstance(i, (bool, np.bool_)):
            out.append(np.asarray(bool(i)))
            basic = False
        elif i is None or i is Ellipsis:
            out.append(i)
        elif isinstance(i, slice):
            out.append(_slice(i))
        elif hasattr(i, "__index__"):
            out.append(i.__index__())
        else:
            raise TypeError(
                f"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
                f"valid indices (got {type(i).__name__})"
            )
    _check_bounds(x, out)
    if not basic:
        shapes = [i.shape for i in out if hasattr(i, "dtype") and i.dtype != "bool"]
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            listed = ", ".join(str(list(s)) for s in shapes)
            raise IndexError(
                f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}"
            ) from None
    return tuple(out), basic


def _slice(s: slice) -> slice:
    parts = [None if v is None else v.__index__() for v in (s.start, s.stop, s.step)]
    if parts[2] is not None and parts[2] <= 0:
        raise ValueError("step must be greater than zero")
    return slice(*parts)


def _check_bounds(x: Tensor, items: list) -> None:
    shape = x._a.shape
    used = sum(
        (i.ndim if getattr(i, "dtype", None) == "bool" else 1)
        for i in items
        if i is not None and i is not Ellipsis
    )
    if used > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}" if len(shape) else
                         "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                         "`tensor.item<T>()` in C++ to "
                         "convert a 0-dim tensor to a number")  # fmt: skip
    d = 0
    for k, i in enumerate(items):
        if i is None:
            continue
        if i is Ellipsis:
            d = len(shape) - sum(
                (j.ndim if getattr(j, "dtype", None) == "bool" else 1)
                for j in items[k + 1 :]
                if j is not None
            )
            continue
        if isinstance(i, int):
            if not -shape[d] <= i < shape[d]:
                raise IndexError(f"index {i} is out of bounds for dimension {d} with size {shape[d]}")
        elif getattr(i, "dtype", None) == "bool":
            if i.shape != shape[d : d + i.ndim]:
                raise IndexError(
                    f"The shape of the mask {list(i.shape)} at index 0 does not match the shape of "
                    f"the indexed tensor {list(shape)} at index 0"
                )
            d += i.ndim
            continue
        elif hasattr(i, "dtype") and i.size and not isinstance(i, Lanes):
            low, high = int(i.min()), int(i.max())
            if low < -shape[d] or high >= shape[d]:
                raise IndexError(
                    f"index {low if low < -shape[d] else high} is out of bounds for dimension {d} with size {shape[d]}"
                )
        d += 1


def _getitem(self: Tensor, index: Any) -> Tensor:
    items, basic = normalise(self, index)
    return slice_view(self, items) if basic else take_index(self, _arrays_beside(self, items))


def _arrays_beside(x: Tensor, items: tuple) -> tuple:
    xp = backends.namespace(x._a)
    return tuple(xp.asarray(i) if hasattr(i, "dtype") and not isinstance(i, Lanes) else i for i in items)


def _setitem(self: Tensor, index: Any, value: Any) -> None:
    items, basic = normalise(self, index)
    check_writable(self, "__setitem__")
    xp = backends.namespace(self._a)
    v = value if isinstance(value, Tensor) else wrap(xp.asarray(value).astype(self._a.dtype))
    if v.dtype is not self.dtype:
        v = v.to(self.dtype)
    if basic:
        target = slice_view(self, items)
        lead = v._a.ndim - target._a.ndim
        if lead > 0 and all(n == 1 for n in v._a.shape[:lead]):
            v = v.reshape(v._a.shape[lead:])
        if v._a.shape != target._a.shape:
            v = v.expand(*target._a.shape)
        write(target, v)
        return
    items = _arrays_beside(self, items)
    target_shape = np.empty(self._a.shape, np.bool_)[tuple(_host(i) for i in items)].shape
    try:
        np.broadcast_shapes(v._a.shape, target_shape)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(v._a.shape)} cannot be broadcast to "
            f"indexing result of shape {list(target_shape)}"
        ) from None
    result = put_at(_before(self), v, items)
    write(self, result)


def _host(i: Any) -> Any:
    return backends.move(i, "cpu", None) if hasattr(i, "dtype") else i


def _before(x: Tensor) -> Tensor:
    """The tensor as it is now, with its history, for an op that is about to overwrite it."""
    t = wrap(x._a)
    t._rg, t._node = x._rg, x._node
    return t


Tensor.__getitem__ = _getitem
Tensor.__setitem__ = _setitem


@op(name="IndexSelectBackward0")
class index_select:
    """index_select(input, dim, index) -> Tensor

    The slices along ``dim`` at the positions in ``index`` (a copy).
    """

    formula = r"x_{[i]}"

    def forward(xp, input: Array, dim, index: Array):
        if index.dtype.kind != "i":
            raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
        d = wrap_dim(dim, input.ndim)
        n = input.shape[d] if input.ndim else 1
        if index.size and (int(index.min()) < 0 or int(index.max()) >= n):
            raise IndexError(f"index out of range in self: dimension {d} has size {n}")
        return xp.take(input, index, axis=d) if input.ndim else xp.take(input, index)

    def d_input(F, g, input_shape, dim, index):
        r"\sum \bar y \text{ at } i"
        i = getattr(index, "_a", index)
        return F.add_at(g, input_shape, (slice(None),) * wrap_dim(dim, len(input_shape)) + (i,))


@op(name="GatherBackward0")
class gather:
    """gather(input, dim, index) -> Tensor

    One value of a line along ``dim`` for each element of ``index``.
    """

    formula = r"x_{i}"

    def forward(xp, input: Array, dim, index: Array):
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
    if index.size and any(
        m > n for k, (m, n) in enumerate(zip(index.shape, input.shape, strict=False)) if k != d
    ):
        raise RuntimeError(
            f"Size does not match at dimension {d} expected index {list(index.shape)} to be no larger than self "
            f"{list(input.shape)} apart from dimension {d}"
        )
    if index.size and input.ndim and (int(index.min()) < 0 or int(index.max()) >= input.shape[d]):
        bad = int(index.min()) if int(index.min()) < 0 else int(index.max())
        raise RuntimeError(f"index {bad} is out of bounds for dimension {d} with size {input.shape[d]}")


def _along(xp: Any, index: Any, dim: int) -> tuple:
    grid = list(xp.ogrid[tuple(slice(0, n) for n in index.shape)]) if index.ndim else []
    grid = [xp.asarray(a) for a in grid]
    grid[dim] = index
    return tuple(grid)
