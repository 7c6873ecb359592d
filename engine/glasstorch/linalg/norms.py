"""Norms of vectors and matrices, and the condition number."""

from __future__ import annotations

import math
from typing import Any

from ..core.dims import wrap_dim
from ..core.forms import FUNCTIONS
from ..core.tensor import Tensor
from ..ops import norms
from ..ops.matrices import square
from .decompositions import svdvals
from .forms import form
from .solvers import inv_ex


@form()
def vector_norm(
    x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """linalg.vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None) -> Tensor: the norm over ``dim``.

    ``ord``: a number, inf (the largest size), -inf (the smallest) or 0 (how many are not 0).
    """
    return norms.vector_norm(x, ord, dim, keepdim, dtype)


@form()
def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """linalg.matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None) -> Tensor

    ``ord``: "fro" (root of the sum of squares), "nuc" (sum of the singular values), 2 and -2 (the largest and
    smallest of them), 1 and -1 (of the columns' sums of sizes), inf and -inf (of the rows').
    """
    name = "linalg.matrix_norm"
    if type(ord) not in (int, float, str, bool) or not isinstance(dim, (tuple, list)):
        raise TypeError(
            f"linalg_matrix_norm() received an invalid combination of arguments - got ord {ord!r}, dim {dim!r}; "
            "expected a number or a name, and two dimensions"
        )
    if A._a.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")
    if ord not in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise RuntimeError(f"{name}: Order {ord} not supported.")
    if len(dim) != 2:
        raise RuntimeError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    x = norms.in_type(name, A, dtype)
    a, b = (wrap_dim(d, x._a.ndim) for d in dim)
    if a == b:
        raise RuntimeError(f"{name}: dims must be different. Got ({dim[0]}, {dim[1]})")
    if ord == "fro":
        return vector_norm(x, 2, (a, b), keepdim)
    if ord in ("nuc", 2, -2):
        values = svdvals(x.movedim((a, b), (-2, -1)))
        out = values.sum(-1) if ord == "nuc" else _edge(values, -1, ord > 0)
    else:
        along, over = (a, b) if abs(ord) == 1 else (b, a)
        sums = x.abs().sum(along)
        out = _edge(sums, over - (along < over), ord > 0)
    if keepdim:
        for d in sorted((a, b)):
            out = out.unsqueeze(d)
    return out


def _edge(x: Tensor, dim: int, largest: bool) -> Tensor:
    """The largest or smallest number (none of them below 0) along a dimension; of no numbers, 0."""
    if not x._a.shape[dim]:
        return x.sum(dim)
    return x.amax(dim) if largest else x.amin(dim)


@form()
def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """linalg.norm(A, ord=None, dim=None, keepdim=False, *, dtype=None) -> Tensor

    A vector's or a matrix's norm, by the number of dimensions; without ``ord`` the root of the sum of squares.
    """
    dims = None if dim is None else tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    if dims is not None and len(dims) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dims)}")
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dims is None and A._a.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A._a.ndim}D."
        )
    if len(dims or A._a.shape) == 2 or isinstance(ord, str):
        return matrix_norm(A, ord, (0, 1) if dims is None else dims, keepdim, dtype=dtype)
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


@form(exact=False)
def cond(A: Tensor, p: Any = None) -> Tensor:
    """linalg.cond(A, p=None) -> Tensor: the condition number ``|A| |A^-1|`` in a matrix norm; inf for singular ones.

    Without ``p`` the ratio of the largest and the smallest singular value, of a matrix of any shape.
    """
    if A._a.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p not in (None, "fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    if not min(A._a.shape[-2:]):
        return A.new_zeros(A._a.shape[:-2], dtype=A.dtype.to_real())
    if p in (None, 2, -2):
        s = svdvals(A)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    square(f"linalg.cond(ord={p})", A._a)
    inverse, info = inv_ex(A)
    product = matrix_norm(A, p) * matrix_norm(FUNCTIONS["where"](_each(info == 0), inverse, 0), p)
    return FUNCTIONS["where"](info == 0, product, math.inf)


def _each(x: Tensor) -> Tensor:
    """One element for each matrix, beside the matrices."""
    return x.unsqueeze(-1).unsqueeze(-1)
