"""Copies: tensors joined, cloned, reversed, laid out row by row."""

from __future__ import annotations

from typing import Any

from ..core.dims import size_argument, sizes, wrap_dim, wrap_dims
from ..core.dtype import from_numpy_dtype, numpy_dtype, promote_types
from ..core.forms import FUNCTIONS, method
from ..core.op import op
from ..core.tensor import Tensor
from .layout import CHANNELS_LAST, copy_in, laid_out, lies_in, order_of

_CHANNELS_LAST = {len(order): order for order in CHANNELS_LAST.values()}  # by number of dimensions


@op(name="CatBackward0", method=False)
class cat:
    """cat(tensors, dim=0) -> Tensor

    Tensors joined along an existing dimension.
    """

    formula = r"[x_1; x_2; \dots]"

    def check(tensors, dim):
        if not tensors:
            raise ValueError("torch.cat(): expected a non-empty list of Tensors")

    def forward(xp, tensors: Arrays, dim=0):
        real = [a for a in tensors if a.shape != (0,)] or tensors
        if any(a.ndim == 0 for a in tensors):
            raise RuntimeError(
                f"zero-dimensional tensor (at position {[a.ndim for a in tensors].index(0)}) cannot be concatenated"
            )
        if real is tensors and all(a.shape == (0,) for a in tensors):
            return xp.concatenate(_alike(real, tensors))  # whatever the dim
        d = wrap_dim(dim, real[0].ndim)
        for k, a in enumerate(real):
            if a.ndim != real[0].ndim:
                raise RuntimeError(
                    f"Tensors must have same number of dimensions: got {real[0].ndim} and {a.ndim}"
                )
            for i, (m, n) in enumerate(zip(real[0].shape, a.shape, strict=True)):
                if m != n and i != d:
                    raise RuntimeError(
                        f"Sizes of tensors must match except in dimension {d}. Expected size {m} but got size {n} "
                        f"for tensor number {k} in the list."
                    )
        return _joined(xp, _alike(real, tensors), d)

    def d_tensors(F, g, tensors_shape, dim):
        r"\text{the slice of } \bar y"
        out, start = [], 0
        n = max(len(s) for s in tensors_shape)
        for shape in tensors_shape:
            if shape == (0,) and n > 1:
                out.append(None)
                continue
            d = wrap_dim(dim, n)
            out.append(F.narrow(g, d, start, shape[d]))
            start += shape[d]
        return out


def _joined(xp: Any, arrays: list, dim: int) -> Any:
    """The arrays one after the other, laid out row by row unless all of them lie channels last."""
    out = xp.concatenate(arrays, axis=dim)
    if out.flags.c_contiguous or all(lies_in(a, _CHANNELS_LAST.get(a.ndim)) for a in arrays):
        return out
    return xp.ascontiguousarray(out)


def _alike(arrays: list, all_arrays: list) -> list:
    """The arrays in the type that all of them promote to."""
    kind = _joint(all_arrays)
    return [a if a.dtype is kind else a.astype(kind, copy=False) for a in arrays]


def _joint(arrays: list) -> Any:
    d = from_numpy_dtype(arrays[0].dtype)
    for a in arrays[1:]:
        if a.dtype is not arrays[0].dtype:
            d = promote_types(d, from_numpy_dtype(a.dtype))
    return numpy_dtype(d)


@op(name="StackBackward0", method=False)
class stack:
    """stack(tensors, dim=0) -> Tensor

    Tensors of one shape joined along a new dimension.
    """

    formula = r"[x_1, x_2, \dots]"

    def forward(xp, tensors: Arrays, dim=0):
        if not tensors:
            raise RuntimeError("stack expects a non-empty TensorList")
        for k, a in enumerate(tensors):
            if a.shape != tensors[0].shape:
                raise RuntimeError(
                    f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 and "
                    f"{list(a.shape)} at entry {k}"
                )
        d = wrap_dim(dim, tensors[0].ndim + 1)
        arrays, shape = _alike(tensors, tensors), tensors[0].shape
        if d == len(shape):
            return xp.ascontiguousarray(xp.stack(arrays, axis=d))
        return _joined(xp, arrays, d).reshape(*shape[:d], len(arrays), *shape[d:])

    def d_tensors(F, g, tensors_shape, dim):
        r"\text{the slice of } \bar y"
        d = wrap_dim(dim, len(tensors_shape[0]) + 1)
        return [F.select(g, d, k) for k in range(len(tensors_shape))]


@op(name="CloneBackward0")
class clone:
    """clone(input, *, memory_format=None) -> Tensor

    A copy that stays in the graph.
    """

    formula = "x"

    def forward(xp, input: Array, *, memory_format=None):
        return copy_in(xp, input, memory_format)

    def d_input(F, g):
        r"\bar y"
        return g


@op(name="FlipBackward0", method=False, function=False)
class flip_op:
    """The elements in reverse order along some dimensions."""

    formula = r"\mathrm{flip}(x)"

    def forward(xp, input: Array, dims):
        return xp.ascontiguousarray(xp.flip(input, dims))

    def d_input(F, g, dims):
        r"\mathrm{flip}(\bar y)"
        return F.flip(g, dims)


@method
def flip(input: Tensor, *dims: Any, **named: Any) -> Tensor:
    """flip(input, dims) -> Tensor

    A copy with the order of the elements reversed along ``dims``.
    """
    dims = size_argument(dims, named, "flip,dims")
    return flip_op(input, wrap_dims(sizes(dims, "flip,dims"), input._a.ndim) if dims != ((),) else ())


@method
def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """contiguous(memory_format=contiguous_format) -> Tensor

    The tensor itself when it lies densely in memory, row by row (or in the given format), else a copy that does.
    """
    if memory_format is None:
        return input if input._a.flags.c_contiguous else contiguous_copy(input)
    if memory_format is FUNCTIONS["preserve_format"]:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    order = order_of(memory_format, input._a, "contiguous")
    return input if lies_in(input._a, order) else contiguous_copy(input, order)


@op(name="CloneBackward0", method=False, function=False)
class contiguous_copy:
    """A copy stored row by row, or with its dimensions in another order."""

    label = "contiguous"
    formula = "x"

    def forward(xp, input: Array, order=None):
        return laid_out(xp, input, order)

    def d_input(F, g):
        r"\bar y"
        return g
