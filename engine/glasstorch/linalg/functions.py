"""Powers, exponentials and other functions of matrices, and products along a dimension."""

from __future__ import annotations

from .. import backends
from ..core import dtype as dt
from ..core.forms import FUNCTIONS
from ..core.tensor import Tensor, wrap
from ..ops.matrices import same_type, sizes
from ..ops.matrixexp import linalg_matrix_exp
from .forms import form
from .solvers import inv


@form()
def matrix_power(A: Tensor, n: int) -> Tensor:
    """linalg.matrix_power(A, n) -> Tensor: A times itself ``n`` times; negative powers of the inverse."""
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"matrix_power(): argument 'n' (position 2) must be int, not {type(n).__name__}")
    sizes("linalg.matrix_power", A._a)
    if A.dtype is dt.bool_ and abs(n) > 1:
        raise NotImplementedError("\"addmm_impl_cpu_\" not implemented for 'Bool'")
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


@form()
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """linalg.vecdot(x, y, *, dim=-1) -> Tensor: dot products along ``dim``, x conjugated."""
    if x.dtype.category < dt.FLOATING:
        raise RuntimeError(
            f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {x.dtype.legacy}"
        )
    same_type("linalg.vecdot", x._a, y._a, "x", "y")
    return (x.conj() * y).sum(dim)


@form()
def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """linalg.vander(x, *, N=None) -> Tensor: the powers 0 to N-1 of each element, in a new last dimension."""
    if x.dtype in (dt.bool_, dt.float16):
        raise RuntimeError(
            f"linalg.vander supports floating point, complex, and integer tensors, but got {x.dtype.legacy}"
        )
    x = x if x._a.ndim else x.reshape(1)
    n = x._a.shape[-1] if N is None else N
    if n <= 1:
        raise RuntimeError("N must be greater than 1.")
    ones = x.new_ones((*x._a.shape, 1))
    powers = x.unsqueeze(-1).expand(*x._a.shape, n - 1).cumprod(-1)
    return FUNCTIONS["cat"]([ones.to(powers.dtype), powers], -1)


@form()
def matrix_exp(A: Tensor) -> Tensor:
    """linalg.matrix_exp(A) -> Tensor: the exponential series of a matrix, by scaling, Taylor series and squaring."""
    name = "linalg.matrix_exp"
    sizes(name, A._a)
    if A.dtype.category < dt.FLOATING:
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {A.dtype.legacy}"
        )
    return linalg_matrix_exp(A)
