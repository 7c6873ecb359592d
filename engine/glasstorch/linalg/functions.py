"""Powers, exponentials and other functions of matrices, and products along a dimension."""

from __future__ import annotations

import math

from .. import backends
from ..core.forms import FUNCTIONS
from ..core.tensor import Tensor, wrap
from ..ops.matrices import square
from .solvers import inv


def matrix_power(A: Tensor, n: int) -> Tensor:
    """linalg.matrix_power(A, n) -> Tensor: A times itself ``n`` times; negative powers of the inverse."""
    square("linalg.matrix_power", A._a) if n < 0 else None
    if A._a.ndim < 2 or A._a.shape[-1] != A._a.shape[-2]:
        raise RuntimeError(
            f"linalg.matrix_power: A must be batches of square matrices, but got shape {list(A._a.shape)}"
        )
    if n == 0:
        xp = backends.namespace(A._a)
        one = wrap(xp.broadcast_to(xp.eye(A._a.shape[-1], dtype=A._a.dtype), A._a.shape).copy())
        return FUNCTIONS["where"](wrap(xp.ones(A._a.shape, bool)), one, A)  # constant, but part of A's graph
    base, n = (inv(A), -n) if n < 0 else (A, n)
    out = None
    while n:
        if n & 1:
            out = base if out is None else out @ base
        n >>= 1
        base = base @ base if n else base
    assert out is not None  # n is at least 1 here
    return out.clone() if out is A else out


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """linalg.diagonal(A, *, offset=0, dim1=-2, dim2=-1) -> Tensor: a view of the matrices' diagonals."""
    return A.diagonal(offset, dim1, dim2)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """linalg.vecdot(x, y, *, dim=-1) -> Tensor: dot products along ``dim``, x conjugated."""
    return (x.conj() * y).sum(dim)


def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """linalg.vander(x, *, N=None) -> Tensor: the powers 0 to N-1 of each element, in a new last dimension."""
    x = x if x._a.ndim else x.reshape(1)
    n = x._a.shape[-1] if N is None else N
    ones = x.new_ones((*x._a.shape, 1))
    if n <= 1:
        return ones
    powers = x.unsqueeze(-1).expand(*x._a.shape, n - 1).cumprod(-1)
    return FUNCTIONS["cat"]([ones.to(powers.dtype), powers], -1)


def matrix_exp(A: Tensor) -> Tensor:
    """linalg.matrix_exp(A) -> Tensor: the exponential series of a matrix, by scaling, Taylor series and squaring."""
    square("linalg.matrix_exp", A._a)
    size = float(abs(A._a).sum(axis=-1).max()) if A._a.size else 0.0
    halvings = max(0, math.ceil(math.log2(size)) + 3) if size > 0 and math.isfinite(size) else 0
    x = A / 2.0**halvings
    xp = backends.namespace(A._a)
    one = wrap(xp.broadcast_to(xp.eye(A._a.shape[-1], dtype=A._a.dtype), A._a.shape).copy())
    out = one
    for k in range(14, 0, -1):
        out = one + x @ out / k
    for _ in range(halvings):
        out = out @ out
    return out
