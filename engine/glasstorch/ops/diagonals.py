"""Diagonals: read, written, and made into matrices; triangles' indices; values written into a part of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import method, public
from ..core.inplace import check_writable, write
from ..core.op import op
from ..core.tensor import Tensor, wrap
from .create import finish
from .shape import _strided


def _diagonal_view(xp: Any, a: Any, offset: int, dim1: int, dim2: int) -> Any:
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    rows, columns = a.shape[dim1], a.shape[dim2]
    length = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    start = [slice(None)] * a.ndim
    if length:
        start[dim1], start[dim2] = slice(max(-offset, 0), None), slice(max(offset, 0), None)
    b = a[tuple(start)]
    rest = [k for k in range(a.ndim) if k not in (dim1, dim2)]
    shape = (*(a.shape[k] for k in rest), length)
    return _strided(xp, b, shape, (*(a.strides[k] for k in rest), a.strides[dim1] + a.strides[dim2]))


@op(view=True, name="DiagonalBackward0")
class diagonal:
    """diagonal(input, offset=0, dim1=0, dim2=1) -> Tensor

    A view of the diagonals of the matrices in two dimensions; the diagonal becomes the last dimension.
    ``offset`` above 0 lies above the main diagonal.
    """

    formula = r"x_{i, i + k}"

    def forward(xp, input: Array, offset=0, dim1=0, dim2=1):
        return _diagonal_view(xp, input, offset, wrap_dim(dim1, input.ndim), wrap_dim(dim2, input.ndim))

    def d_input(F, g, input_shape, offset, dim1, dim2):
        r"\bar y \text{ on the diagonal, } 0 \text{ elsewhere}"
        return F.embed_diagonal(g, input_shape, offset, dim1, dim2)


@op(method=False, function=False, name="DiagonalBackwardBackward0")
class embed_diagonal:
    """Zeros of a shape with ``input`` on a diagonal: the transpose of ``diagonal``."""

    formula = r"\mathrm{diag}(x)"

    def forward(xp, input: Array, shape, offset, dim1, dim2):
        out = xp.zeros(shape, input.dtype)
        n = len(shape)
        _diagonal_view(xp, out, offset, wrap_dim(dim1, n), wrap_dim(dim2, n))[...] = input
        return out

    def d_input(F, g, offset, dim1, dim2):
        r"\bar y_{i, i + k}"
        return F.diagonal(g, offset, dim1, dim2)


@method
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """diag_embed(input, offset=0, dim1=-2, dim2=-1) -> Tensor

    Matrices whose diagonal is the last dimension of ``input``, zeros elsewhere.
    """
    n = input._a.ndim + 1
    a, b = wrap_dim(dim1, n), wrap_dim(dim2, n)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    if not input._a.ndim:
        raise IndexError("Dimension out of range (expected to be in range of [-1, 0], but got 1)")
    length = input._a.shape[-1] + abs(offset)
    shape = list(input._a.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, length)
    return embed_diagonal(input, tuple(shape), offset, a, b)


@method
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """diag(input, diagonal=0) -> Tensor

    The matrix with this vector on a diagonal, or the diagonal (a copy) of this matrix.
    """
    if input._a.ndim == 1:
        return diag_embed(input, diagonal)
    if input._a.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input._a.ndim}D")
    return _diagonal(input, diagonal).clone()


_diagonal = diagonal


@method
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """diagflat(input, offset=0) -> Tensor

    The matrix with all elements of ``input`` on a diagonal.
    """
    return diag_embed(input.reshape(-1), offset)


@op(name="TraceBackward0")
class trace:
    """trace(input) -> Tensor

    The sum of a matrix's main diagonal.
    """

    formula = r"\sum_i x_{ii}"

    def forward(xp, input: Array):
        if input.ndim != 2:
            raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
        if input.dtype.kind == "b":
            raise NotImplementedError("\"trace\" not implemented for 'Bool'")
        whole = input.dtype.kind in "biu"
        return xp.trace(input, dtype=xp.int64 if whole else input.dtype)

    def d_input(F, g, input_shape):
        r"\bar y\, I"
        n = min(input_shape)
        return F.embed_diagonal(F.expand(g.reshape((1,)), (n,)), input_shape, 0, 0, 1)


@op(method=False, function=False, name="SliceScatterBackward0")
class put_slice:
    """A copy of ``input`` with ``src`` written at a basic index."""

    formula = r"\mathrm{put}_{a:b}(x, v)"

    def forward(xp, input: Array, src: Array, index):
        out = input.copy()
        out[index] = src
        return out

    def d_input(F, g, src_shape, index):
        r"\bar y, \; 0 \text{ at } a{:}b"
        return F.put_slice(g, F.zeros_of(src_shape, g), index)

    def d_src(F, g, index):
        r"\bar y_{a:b}"
        return F.slice_view(g, index)


def _put(input: Tensor, src: Tensor, index: tuple, name: str) -> Tensor:
    want = np.broadcast_to(False, input._a.shape)[index].shape
    if src._a.shape != want:
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src._a.shape)}, "
            f"slice size = {list(want)}"
        )
    return put_slice(input, src if src.dtype is input.dtype else src.to(input.dtype), index)


@method
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """select_scatter(input, src, dim, index) -> Tensor

    A copy of ``input`` with ``src`` in place of one slice.
    """
    d = wrap_dim(dim, input._a.ndim)
    if not -input._a.shape[d] <= index < input._a.shape[d]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input._a.shape)} at dimension {d}"
        )
    return _put(input, src, (slice(None),) * d + (index, ...), "select_scatter")


@method
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """slice_scatter(input, src, dim=0, start=None, end=None, step=1) -> Tensor

    A copy of ``input`` with ``src`` in place of a slice.
    """
    d = wrap_dim(dim, input._a.ndim)
    return _put(input, src, (slice(None),) * d + (slice(start, end, step),), "slice_scatter")


@op(method=False, function=False, name="DiagonalScatterBackward0")
class put_diagonal:
    """A copy of ``input`` with ``src`` on a diagonal."""

    formula = r"\mathrm{put}_{i, i + k}(x, v)"

    def forward(xp, input: Array, src: Array, offset, dim1, dim2):
        out = input.copy()
        _diagonal_view(xp, out, offset, wrap_dim(dim1, out.ndim), wrap_dim(dim2, out.ndim))[...] = src
        return out

    def d_input(F, g, src_shape, offset, dim1, dim2):
        r"\bar y, \; 0 \text{ on the diagonal}"
        return F.put_diagonal(g, F.zeros_of(src_shape, g), offset, dim1, dim2)

    def d_src(F, g, offset, dim1, dim2):
        r"\bar y_{i, i + k}"
        return F.diagonal(g, offset, dim1, dim2)


@method
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """diagonal_scatter(input, src, offset=0, dim1=0, dim2=1) -> Tensor

    A copy of ``input`` with ``src`` on a diagonal.
    """
    want = _diagonal(input.detach(), offset, dim1, dim2)._a.shape
    if want != src._a.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. "
            f"src size = {list(src._a.shape)}, slice size = {list(want)}"
        )
    return put_diagonal(input, src if src.dtype is input.dtype else src.to(input.dtype), offset, dim1, dim2)


def _fill_diagonal(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """fill_diagonal_(fill_value, wrap=False) -> Tensor

    Write a number on the main diagonal; ``wrap`` starts again below in tall matrices.
    """
    check_writable(self, "fill_diagonal_")
    if self._a.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self._a.ndim > 2 and len(set(self._a.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    values = self._a.copy()
    np.fill_diagonal(values, fill_value, wrap) if isinstance(values, np.ndarray) else values.fill_diagonal(
        fill_value, wrap
    )
    keep = np.zeros(self._a.shape, bool)
    np.fill_diagonal(keep, True, wrap)
    write(self, self.masked_fill(_wrap(keep), fill_value) if self._rg else _wrap(values))
    return self


_wrap = wrap
Tensor.fill_diagonal_ = _fill_diagonal


def _triangle(name: str, which: Any, words: str) -> Any:
    def fn(
        row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None
    ) -> Tensor:
        found = which(np.ones((row, col), bool), offset).nonzero()
        return finish(np.stack(found).astype(dt.numpy_dtype(dtype or dt.int64)), device, False)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f"{name}(row, col, offset=0, *, dtype=int64, device=None) -> Tensor\n\n"
        f"The indices of the {words} triangle of a matrix: row numbers, then column numbers."
    )
    return public(fn)


tril_indices = _triangle("tril_indices", np.tril, "lower")
triu_indices = _triangle("triu_indices", np.triu, "upper")
