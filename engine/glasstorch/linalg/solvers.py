"""Linear equations: inverses, solving, least squares, determinants, rank."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..backends import elimination
from ..core import dtype as dt
from ..core.tensor import Tensor, wrap
from ..ops import packed
from ..ops import solve as ops
from ..ops.lu import permutation_array
from ..ops.matrices import LinAlgError, element_type, same_type, square
from . import results
from .decompositions import eigvalsh, no_failures, svdvals
from .forms import form


@form("linalg_inv_ex")
def inv(A: Tensor) -> Tensor:
    """linalg.inv(A) -> Tensor: the inverse. LinAlgError when a matrix is singular."""
    return ops.linalg_inv(A)


@form()
def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """linalg.inv_ex(A, *, check_errors=False) -> (inverse, info): ``inv`` without an error.

    ``info`` is the number of the first pivot that is 0, or 0; where it is not 0 the inverse holds inf and nan.
    """
    try:
        return results.InvEx(ops.linalg_inv(A, "linalg.inv_ex"), no_failures(A))
    except LinAlgError:
        if check_errors:
            raise
    info = elimination.lu(backends.namespace(A._a), A._a)[2]
    return results.InvEx(ops.linalg_inv(A, None), wrap(info))


def is_vector(A: Tensor, B: Tensor) -> bool:
    """Is ``B`` a vector, or a batch of vectors, in ``A X = B``?"""
    return B._a.ndim == 1 or (A._a.ndim - 1 == B._a.ndim and B._a.shape == A._a.shape[:-1])


def _solve(A: Tensor, B: Tensor, left: bool, blame: str | None) -> Tensor:
    square("linalg.solve", A._a, "lu_cpu")
    vector = is_vector(A, B)
    b = B.unsqueeze(-1) if vector else B
    if left:
        out = ops.linalg_solve(A, b, blame)
    else:
        ops.fits("linalg.solve", A._a, b._a, left)
        out = ops.linalg_solve(A.mT, b.mT, blame).mT
    return out.squeeze(-1) if vector else out


@form("linalg_solve_ex")
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """linalg.solve(A, B, *, left=True) -> Tensor: the X with ``A X = B`` (``X A = B`` with ``left=False``)."""
    return _solve(A, B, left, "torch.linalg.solve")


@form()
def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """linalg.solve_ex(A, B, *, left=True, check_errors=False) -> (result, info): ``solve`` without an error.

    ``info`` is the number of the first pivot that is 0, or 0.
    """
    try:
        return results.SolveEx(_solve(A, B, left, "torch.linalg.solve_ex"), no_failures(A))
    except LinAlgError:
        if check_errors:
            raise
    info = elimination.lu(backends.namespace(A._a), A._a)[2]
    return results.SolveEx(_solve(A, B, left, None), wrap(info))


@form()
def solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """linalg.solve_triangular(A, B, *, upper, left=True, unitriangular=False) -> Tensor: ``solve``, A triangular.

    The other triangle is not read, nor the diagonal with ``unitriangular``, which then counts as ones.
    """
    name = "linalg.solve_triangular"
    for which, x in (("A", A), ("B", B)):
        if x._a.ndim < 2:
            raise RuntimeError(f"{name}: The input tensor {which} must have at least 2 dimensions.")
    element_type(name, A._a, "triangular_solve_cpu", whole=True)
    square(name, A._a)
    ops.fits(name, A._a, B._a, left)
    if left:
        return ops.linalg_solve_triangular(A, B, upper, unitriangular)
    return ops.linalg_solve_triangular(A.mT, B.mT, not upper, unitriangular).mT


@form()
def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """linalg.lu_solve(LU, pivots, B, *, left=True, adjoint=False) -> Tensor: ``solve`` from ``lu_factor``'s results.

    ``adjoint`` solves with A^H instead of A.
    """
    name = "linalg.lu_solve"
    for which, x in (("LU", LU), ("B", B)):
        if x._a.ndim < 2:
            raise RuntimeError(f"{name}: The input tensor {which} must have at least 2 dimensions.")
    element_type(name, LU._a, "lu_solve_cpu", whole=True)
    if pivots.dtype is not dt.int32:
        raise RuntimeError(f"{name}: pivots should be a Tensor of scalar type torch.int32")
    square("torch.linalg.lu_solve", LU._a)
    same_type(name, LU._a, B._a, "LU")
    ops.fits(name, LU._a, B._a, left)
    if pivots._a.shape[-1:] != LU._a.shape[-1:]:
        raise RuntimeError(
            f"{name}: Number of pivots per batch should be same as the dimension of the matrix"
        )
    if pivots._a.shape[:-1] != LU._a.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots._a.shape)} instead"
        )
    if not left:  # X A = B is A^H X^H = B^H
        return lu_solve(LU, pivots, B.mH, adjoint=not adjoint).mH
    xp = backends.namespace(LU._a)
    p = wrap(permutation_array(xp, pivots._a, LU._a.shape[-1], LU._a.dtype))
    triangular = ops.linalg_solve_triangular
    if adjoint:
        return p @ triangular(LU.mH, triangular(LU.mH, B, False), True, True)
    return triangular(LU, triangular(LU, p.mT @ B, False, True), True)


@form()
def ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False) -> Tensor:
    """linalg.ldl_solve(LD, pivots, B, *, hermitian=False) -> Tensor: ``solve`` from ``ldl_factor``'s results."""
    name = "torch.linalg.ldl_solve"
    square(name, LD._a, "ldl_solve_cpu")
    if pivots._a.shape != LD._a.shape[:-1]:
        raise RuntimeError(
            f"{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots._a.shape)} instead"
        )
    if pivots.dtype.category != dt.INTEGRAL:
        raise RuntimeError(f"{name}: Expected pivots to be integers. Got {pivots.dtype.legacy}")
    if B._a.ndim < 2:
        raise IndexError("Dimension out of range (expected to be in range of [-1, 0], but got -2)")
    check_system(name, B, LD)
    return packed.linalg_ldl_solve(LD, pivots, B, hermitian and LD.is_complex())


def check_system(name: str, B: Tensor, A: Tensor) -> None:
    """The older functions' checks of ``A X = B``."""
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {B.dtype.legacy} and A of type "
            f"{A.dtype.legacy} instead."
        )
    if A._a.shape[-1] != A._a.shape[-2]:
        raise RuntimeError(
            f"A must be batches of square matrices, but they are {A._a.shape[-2]} by {A._a.shape[-1]} matrices"
        )
    if A._a.shape[-1] != B._a.shape[-2]:
        n = A._a.shape[-1]
        raise RuntimeError(
            f"Incompatible matrix sizes for {name}: each A matrix is {n} by {n} but each b matrix is "
            f"{B._a.shape[-2]} by {B._a.shape[-1]}"
        )


@form("_linalg_det")
def det(A: Tensor) -> Tensor:
    """linalg.det(A) -> Tensor: the determinant."""
    return ops.linalg_det(A)


@form("_linalg_slogdet")
def slogdet(A: Tensor) -> Any:
    """linalg.slogdet(A) -> (sign, logabsdet): sign and logarithm of the size of the determinant."""
    return results.Slogdet(*ops.linalg_slogdet(A))


def _tolerances(A: Tensor, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """Absolute and relative cut for small singular values; the relative one by default only without the other."""
    if rtol is None:
        a = atol._a if isinstance(atol, Tensor) else atol
        eps = dt.finfo(A.dtype).eps * max(A._a.shape[-2:])
        xp = backends.namespace(A._a)
        rtol = eps if a is None else xp.where(xp.asarray(a) > 0, 0.0, eps)
    values = [0.0 if atol is None else atol, rtol]
    return tuple(v._a if isinstance(v, Tensor) else v for v in values)


@form(exact=False)
def pinv(
    A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """linalg.pinv(A, *, atol=None, rtol=None, hermitian=False) -> Tensor: the Moore-Penrose pseudoinverse.

    Singular values up to ``max(atol, rtol * largest)`` count as 0; both may be tensors, one for each matrix.
    """
    if A._a.ndim < 2 or A.dtype.category < dt.FLOATING or A.dtype in (dt.float16, dt.bfloat16):
        raise RuntimeError(
            f"linalg.pinv({A.dtype.legacy}{{{list(A._a.shape)}}}): expected a tensor with 2 or more dimensions of "
            "float, double, cfloat or cdouble types"
        )
    low, rel = _tolerances(A, atol, rtol if rcond is None else rcond)
    if hermitian:
        square("linalg.pinv", A._a)
    return ops.linalg_pinv(A, low, rel, hermitian)


@form("matrix_rank", exact=False)
def matrix_rank(
    A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """linalg.matrix_rank(A, *, atol=None, rtol=None, hermitian=False) -> LongTensor: singular values not 0."""
    if A._a.ndim < 2:
        raise RuntimeError(
            "torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions."
        )
    if A.dtype.category < dt.FLOATING or A.dtype in (dt.float16, dt.bfloat16):
        raise RuntimeError("This function doesn't handle types other than float and double")
    low, rel = _tolerances(A, atol, rtol) if tol is None else (getattr(tol, "_a", tol), 0.0)
    s = abs(eigvalsh(A.detach())._a) if hermitian else svdvals(A.detach())._a
    xp = backends.namespace(s)
    if not s.size:
        return wrap(xp.zeros(s.shape[:-1], xp.int64))
    cut = xp.maximum(xp.asarray(low), xp.asarray(rel) * s.max(axis=-1))
    return wrap(xp.asarray((s > cut[..., None]).sum(axis=-1)).astype(xp.int64))


@form()
def lstsq(A: Tensor, B: Tensor, rcond: Any = None, *, driver: str | None = None) -> Any:
    """linalg.lstsq(A, B, rcond=None, *, driver="gelsy") -> (solution, residuals, rank, singular_values)

    The X with the least ``|A X - B|``, and of those the shortest. ``driver`` names LAPACK's routine, which says what
    else is returned: the rank (all but "gels"), the singular values ("gelsd", "gelss") and, for more rows than columns
    and full rank, the squared lengths of ``A X - B`` (all but "gelsy"). The solution is the pseudoinverse's.
    """
    name = "torch.linalg.lstsq"
    if A._a.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if B._a.ndim < 1:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype {A.dtype.legacy} "
            f"and other's dtype {B.dtype.legacy}"
        )
    if not 0 <= A._a.ndim - B._a.ndim <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
        )
    vector = A._a.ndim != B._a.ndim
    b = B.unsqueeze(-1) if vector else B
    ops.same_batch(backends.namespace(A._a), b._a, A._a)
    m, n = A._a.shape[-2:]
    if m != b._a.shape[-2]:
        raise RuntimeError(f"{name}: input.size(-2) should match other.size({-1 if vector else -2})")
    driver = driver or "gelsy"
    if driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    rank = matrix_rank(A, rtol=rcond) if b._a.size else wrap(no_failures(A)._a.astype("int64"))
    x = pinv(A, rcond) @ b
    none = A.new_empty((0,), dtype=A.dtype.to_real())
    residuals = x.reshape(-1)[:0].abs()
    full = driver == "gels" or (driver != "gelsy" and bool((rank._a == n).all()))
    if m > n and full:
        residuals = ((A @ x - b).abs() ** 2).sum(-2)
        residuals = residuals.squeeze(-1) if vector else residuals
    values = svdvals(A.detach()) if driver in ("gelsd", "gelss") else none
    rank = wrap(rank._a.reshape(-1)[:0]) if driver == "gels" else rank
    return results.Lstsq(x.squeeze(-1) if vector else x, residuals, rank, values)


@form(exact=False)
def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """linalg.tensorinv(A, ind=2) -> Tensor: the inverse of A as a matrix, its first ``ind`` dimensions the rows."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    first, rest = A._a.shape[:ind], A._a.shape[ind:]
    if math.prod(first) != math.prod(rest):
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{math.prod(rest)} != {math.prod(first)}"
        )
    return inv(A.reshape(math.prod(first), math.prod(rest))).reshape(*rest, *first)


@form(exact=False)
def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """linalg.tensorsolve(A, B, dims=None) -> Tensor: the X with ``tensordot(A, X, X.ndim) == B``."""
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(A._a.ndim - len(dims), A._a.ndim)))
    rest = A._a.shape[B._a.ndim :]
    n = B._a.size
    if n != math.prod(rest):
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), "
            f"but got {math.prod(rest)} != {n}"
        )
    return solve(A.reshape(n, n), B.reshape(-1)).reshape(rest)
