"""Factorisations of matrices: Cholesky, QR, LU, LDL, Householder products, singular values, eigenvalues."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.forms import FUNCTIONS
from ..core.mode import THREAD
from ..core.tensor import Tensor, wrap
from ..ops import eigen, factor, packed
from ..ops import lu as lu_ops
from ..ops.matrices import LinAlgError, element_type, first_failure
from . import results
from .forms import form


def no_failures(A: Tensor) -> Tensor:
    """``info`` of a batch of matrices when all went well: zeros."""
    xp = backends.namespace(A._a)
    return wrap(xp.zeros(A._a.shape[:-2], xp.int32))


@form()
def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """linalg.cholesky(A, *, upper=False) -> Tensor: the triangular factor of a positive-definite matrix.

    Of A only the triangle is read that ``upper`` names.
    """
    return factor.linalg_cholesky(A, upper)


@form()
def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """linalg.cholesky_ex(A, *, upper=False, check_errors=False) -> (L, info): ``cholesky`` without an error.

    ``info`` is the order of the first leading minor that is not positive-definite, or 0.
    """
    try:
        return results.Cholesky(factor.linalg_cholesky(A, upper, "linalg.cholesky_ex"), no_failures(A))
    except LinAlgError:
        if check_errors:
            raise
    xp = backends.namespace(A._a)
    _, info = factor.cholesky_by_columns(xp, A.mH._a if upper else A._a)
    return results.Cholesky(factor.linalg_cholesky(A, upper, None), wrap(info))


@form()
def qr(A: Tensor, mode: str = "reduced") -> Any:
    """linalg.qr(A, mode="reduced") -> (Q, R): orthogonal times upper triangular; also "complete" and "r"."""
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    return results.QR(*factor.linalg_qr(A, mode))


def _no_driver(driver: str | None) -> None:
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )


@form()
def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """linalg.svd(A, full_matrices=True) -> (U, S, Vh): singular vectors and values."""
    _no_driver(driver)
    return results.SVD(*factor.linalg_svd(A, full_matrices))


@form()
def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """linalg.svdvals(A) -> Tensor: the singular values, largest first."""
    _no_driver(driver)
    if A._rg and THREAD.grad:
        return factor.linalg_svd(A, False)[1]
    return wrap(factor.singular_values(backends.namespace(A._a), A._a))


def _triangle(UPLO: str) -> str:
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO.upper()


@form()
def eigh(A: Tensor, UPLO: str = "L") -> Any:
    """linalg.eigh(A, UPLO="L") -> (eigenvalues, eigenvectors) of a symmetric matrix; one triangle is read."""
    return results.Eigh(*eigen.linalg_eigh(A, _triangle(UPLO)))


@form()
def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """linalg.eigvalsh(A, UPLO="L") -> Tensor: the eigenvalues of a symmetric matrix, in order."""
    return eigen.linalg_eigh(A, _triangle(UPLO))[0]


@form()
def eig(A: Tensor) -> Any:
    """linalg.eig(A) -> (eigenvalues, eigenvectors) of a square matrix, complex; vectors of length 1."""
    return results.Eig(*eigen.linalg_eig(A))


@form()
def eigvals(A: Tensor) -> Tensor:
    """linalg.eigvals(A) -> Tensor: the eigenvalues of a square matrix, complex."""
    return eigen.linalg_eig(A, "linalg.eigvals")[0]


def _pivoted(pivot: bool) -> None:
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")


@form()
def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """linalg.lu_factor_ex(A, *, pivot=True, check_errors=False) -> (LU, pivots, info): ``lu_factor``, no error.

    ``info`` is the number of the first diagonal element of U that is 0, or 0.
    """
    return _lu_factor(A, pivot, "torch.linalg.lu_factor_ex" if check_errors else None)


@form()
def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """linalg.lu_factor(A, *, pivot=True) -> (LU, pivots): L and U in one matrix, for ``lu_solve``.

    ``pivots`` are the rows swapped with rows 1, 2, ..., counted from 1. RuntimeError when U has a 0 on the diagonal.
    """
    return results.LUFactor(*_lu_factor(A, pivot, "torch.linalg.lu_factor")[:2])


def _lu_factor(A: Tensor, pivot: bool, blame: str | None) -> Any:
    _pivoted(pivot)
    both, pivots, info = lu_ops.linalg_lu_factor(A)
    failed = first_failure(backends.namespace(A._a), info._a) if blame else None
    if failed:
        k = failed[1]
        raise RuntimeError(
            f"{blame}: {failed[0]}U[{k},{k}] is zero and using it on lu_solve would result in a division by zero. "
            "If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
            "linalg.lu_factor_ex(A, pivot)"
        )
    return results.LUFactorEx(both, pivots, info)


@form()
def lu(A: Tensor, *, pivot: bool = True) -> Any:
    """linalg.lu(A, *, pivot=True) -> (P, L, U): ``P L U = A`` with a permutation and two triangular matrices."""
    if A._a.ndim < 2:
        raise RuntimeError(
            f"linalg.lu: Expected tensor with 2 or more dimensions. Got size: {list(A._a.shape)} instead"
        )
    _pivoted(pivot)
    return results.LU(*lu_ops.linalg_lu(A))


@form()
def ldl_factor_ex(A: Tensor, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """linalg.ldl_factor_ex(A, *, hermitian=False, check_errors=False) -> (LD, pivots, info): no error.

    ``info`` is the number of the first diagonal element of D that is 0, or 0.
    """
    return _ldl_factor(A, hermitian, "torch.linalg.ldl_factor_ex" if check_errors else None)


@form()
def ldl_factor(A: Tensor, *, hermitian: bool = False) -> Any:
    """linalg.ldl_factor(A, *, hermitian=False) -> (LD, pivots): of a symmetric (Hermitian) matrix, for ``ldl_solve``.

    The lower triangle is read. Bunch-Kaufman pivoting: a block of two rows of D has two equal negative pivots.
    """
    return results.LDLFactor(*_ldl_factor(A, hermitian, "torch.linalg.ldl_factor")[:2])


def _ldl_factor(A: Tensor, hermitian: bool, blame: str | None) -> Any:
    made = packed.linalg_ldl_factor(A, hermitian)
    failed = first_failure(backends.namespace(A._a), made[2]._a) if blame else None
    if failed:
        raise RuntimeError(f"{blame}: {failed[0]}D[{failed[1]},{failed[1]}] is zero: the matrix is singular.")
    return results.LDLFactorEx(*made)


@form(exact=False)
def householder_product(A: Tensor, tau: Tensor) -> Tensor:
    """linalg.householder_product(A, tau) -> Tensor: the first columns of the product of Householder reflectors.

    Column i of A below its diagonal, with a 1 on the diagonal, is v_i in ``H_i = 1 - tau_i v_i v_i^H``. ``geqrf`` makes
    such columns. A: (*, m, n) with m >= n; tau: (*, k) with k <= n.
    """
    name = "torch.linalg.householder_product"
    if A._a.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    m, n = A._a.shape[-2:]
    if m < n:
        raise RuntimeError(f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if n < (tau._a.shape[-1] if tau._a.ndim else 0):
        raise RuntimeError(f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    check_reflectors(name, A, tau)
    xp = backends.namespace(A._a)
    one = wrap(xp.broadcast_to(xp.eye(m, n, dtype=A._a.dtype), A._a.shape).copy())
    start = FUNCTIONS["where"](wrap(xp.ones((), bool)), one, A)  # constant, but part of A's graph
    return reflect(A, tau, start, range(tau._a.shape[-1])[::-1])


def check_reflectors(name: str, A: Tensor, tau: Tensor) -> None:
    """RuntimeError unless ``tau`` belongs to the columns of ``A``."""
    if tau._a.ndim != A._a.ndim - 1:
        raise RuntimeError(
            f"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {tau._a.ndim} "
            f"and input.ndim is equal to {A._a.ndim}"
        )
    if tau._a.shape[:-1] != A._a.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got "
            f"{list(tau._a.shape[:-1])}"
        )
    if tau.dtype is not A.dtype:
        raise RuntimeError(
            f"{name}: tau dtype {tau.dtype.legacy} does not match input dtype {A.dtype.legacy}"
        )
    element_type(name, A._a, "orgqr_cpu", whole=True)


def reflect(A: Tensor, tau: Tensor, x: Tensor, order: Any, adjoint: bool = False) -> Tensor:
    """Apply the reflectors in columns of ``A`` to ``x`` from the left, one after the other."""
    xp = backends.namespace(A._a)
    m = A._a.shape[-2]
    tau = tau.conj() if adjoint and tau.dtype.category == dt.COMPLEX else tau
    for i in order:
        unit = wrap(xp.eye(m, 1, -i, dtype=A._a.dtype))
        below = wrap((xp.arange(m) > i)[:, None])
        v = A.narrow(-1, i, 1) * below + unit
        x = x - tau.narrow(-1, i, 1).unsqueeze(-1) * (v @ (v.mH @ x))
    return x
