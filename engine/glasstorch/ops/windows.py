"""Views by strides: sliding windows and ``as_strided``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core.dims import wrap_dim
from ..core.forms import FUNCTIONS, method
from ..core.op import op
from ..core.tensor import Tensor
from .shape import _strided


@op(view=True, function=False, name="UnfoldBackward0")
class unfold:
    """unfold(dimension, size, step) -> Tensor

    A view of all windows of ``size`` elements along one dimension, ``step`` apart. The windows lie along
    ``dimension``, the elements of a window along a new last dimension.
    """

    formula = r"x_{i s + j}"

    def forward(xp, input: Array, dimension, size, step):
        d = wrap_dim(dimension, input.ndim)
        n = input.shape[d] if input.ndim else 1
        if size < 0:
            raise RuntimeError(f"size is {size} but must be >= 0")
        if size > n:
            raise RuntimeError(f"maximum size for tensor at dimension {d} is {n} but size is {size}")
        if step <= 0:
            raise RuntimeError(f"step is {step} but must be > 0")
        if not input.ndim:
            return input.reshape(1)[:size]
        windows = (n - size) // step + 1
        shape = (*input.shape[:d], windows, *input.shape[d + 1 :], size)
        strides = (*input.strides[:d], input.strides[d] * step, *input.strides[d + 1 :], input.strides[d])
        return _strided(xp, input, shape, strides)

    def d_input(F, g, input_shape, dimension, size, step):
        r"\sum_{i s + j = k} \bar y_{i j}"
        return F.fold_windows(g, input_shape, dimension, size, step)


@op(method=False, function=False, name="UnfoldBackwardBackward0")
class fold_windows:
    """Zeros of a shape with windows added up where they overlap: the transpose of ``unfold``."""

    formula = r"\sum_{i s + j = k} x_{i j}"

    def forward(xp, input: Array, shape, dimension, size, step):
        out = xp.zeros(shape, input.dtype)
        if not shape:
            return input.reshape(-1).sum().reshape(()) if size else out
        d = wrap_dim(dimension, len(shape))
        windows = input.shape[d]
        for j in range(size):
            out[(slice(None),) * d + (slice(j, j + (windows - 1) * step + 1, step),)] += input[..., j]
        return out

    def d_input(F, g, dimension, size, step):
        r"\bar y_{i s + j}"
        return F.unfold(g, dimension, size, step)


def _places(shape: tuple, strides: tuple, offset: int) -> np.ndarray:
    """The place in memory, counted in elements, of each element of a strided layout."""
    out = np.full(shape, offset, np.int64)
    for k, (n, s) in enumerate(zip(shape, strides, strict=True)):
        out += (np.arange(n) * s).reshape((-1,) + (1,) * (len(shape) - k - 1))
    return out


@op(view=True, name="AsStridedBackward0", method=False, function=False)
class as_strided_op:
    """The memory of a tensor with a shape and strides of one's own."""

    formula = r"\mathrm{strided}(x)"
    keeps = ("layout",)
    frees = False

    def forward(xp, input: Array, size, stride, storage_offset):
        owner = backends.owner_of(input)
        item = input.itemsize
        own = (backends.address(input) - backends.address(owner)) // item if input.size else 0
        start = own if storage_offset is None else storage_offset
        memory = owner.reshape(-1, order="A") if owner.size else owner.reshape(-1)
        reach = (
            start + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) + 1 if 0 not in size else 0
        )
        if reach > memory.size:
            raise RuntimeError(
                f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {start}, and itemsize {item} "
                f"requiring a storage size of {reach * item} are out of bounds for storage of size {memory.size * item}"
            )
        view = _strided(xp, memory[start:] if reach else memory[:0], size, tuple(s * item for s in stride))
        return view, ((own, tuple(s // item for s in input.strides), start, memory.size),)

    def d_input(F, g, input_shape, size, stride, layout):
        r"\sum \bar y \text{ at its places in memory}"
        own, strides, start, total = layout
        there = backends.namespace(getattr(g, "_a", g)).asarray
        flat = F.add_at(g.reshape((-1,)), (total,), (there(_places(size, stride, start).reshape(-1)),))
        return F.take_index(flat, (there(_places(tuple(input_shape), strides, own)),))


@method
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    """as_strided(input, size, stride, storage_offset=None) -> Tensor

    A view of the tensor's memory with any shape and strides (counted in elements).
    RuntimeError when it would reach beyond the memory.
    """
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(s < 0 for s in stride):
        raise RuntimeError(
            f"as_strided: Negative strides are not supported at the moment, got strides: {list(stride)}"
        )
    return as_strided_op(input, tuple(size), tuple(stride), storage_offset)


@method
def as_strided_scatter(
    input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: Any = None
) -> Tensor:
    """as_strided_scatter(input, src, size, stride, storage_offset=None) -> Tensor

    A copy of ``input`` with ``src`` written where ``as_strided`` would look.
    """
    if tuple(size) != src._a.shape:
        raise RuntimeError(f"expected src to have a size equal to {list(size)}, got {list(src._a.shape)}")
    xp = backends.namespace(input._a)
    places = xp.asarray(_places(tuple(size), tuple(stride), storage_offset or 0))
    reach, item = int(places.max()) + 1 if places.size else 0, input._a.itemsize
    if reach > input._a.size:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {storage_offset or 0}, and "
            f"itemsize {item} requiring a storage size of {reach * item} are out of bounds for storage of size "
            f"{input._a.size * item}"
        )
    out = input.reshape(-1).clone() if input._rg else input.contiguous().reshape(-1).clone()
    from .index import put_at

    return put_at(out, src.to(input.dtype), (places,)).reshape(input._a.shape)


FUNCTIONS.setdefault("as_strided", as_strided)
