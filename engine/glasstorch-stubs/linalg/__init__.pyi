"""Linear algebra.

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch.core.device import device as _device
from glasstorch.core.dtype import dtype as _dtype
from glasstorch.core.size import Size as _Size
from glasstorch.core.tensor import Tensor

from glasstorch.ops.matrices import LinAlgError as LinAlgError
def cholesky(A: Tensor, *, upper: _bool = False, out: Any = None) -> Tensor:
    """Of A only the triangle is read that ``upper`` names."""
def cholesky_ex(A: Tensor, *, upper: _bool = False, check_errors: _bool = False, out: Any = None) -> Any:
    """``info`` is the order of the first leading minor that is not positive-definite, or 0."""
def cond(A: Tensor, p: Any = None, *, out: Any = None) -> Tensor:
    """Without ``p`` the ratio of the largest and the smallest singular value, of a matrix of any shape."""
def cross(input: Tensor, other: Tensor, *, dim: _int = -1, out: Any = None) -> Tensor:
    """The vector product of vectors of length 3 along ``dim``; the other dimensions broadcast."""
def det(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.det(A) -> Tensor: the determinant."""
def diagonal(A: Tensor, *, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
    """linalg.diagonal(A, *, offset=0, dim1=-2, dim2=-1) -> Tensor: a view of the matrices' diagonals."""
def eig(A: Tensor, *, out: Any = None) -> Any:
    """linalg.eig(A) -> (eigenvalues, eigenvectors) of a square matrix, complex; vectors of length 1."""
def eigh(A: Tensor, UPLO: _str = 'L', *, out: Any = None) -> Any:
    """linalg.eigh(A, UPLO="L") -> (eigenvalues, eigenvectors) of a symmetric matrix; one triangle is read."""
def eigvals(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.eigvals(A) -> Tensor: the eigenvalues of a square matrix, complex."""
def eigvalsh(A: Tensor, UPLO: _str = 'L', *, out: Any = None) -> Tensor:
    """linalg.eigvalsh(A, UPLO="L") -> Tensor: the eigenvalues of a symmetric matrix, in order."""
def form(name: _str = '', *, exact: _bool = True) -> Callable:
    """Decorator for a function of ``glasstorch.linalg``; ``name`` is what messages about ``out`` call it."""
def householder_product(A: Tensor, tau: Tensor, *, out: Any = None) -> Tensor:
    """Column i of A below its diagonal, with a 1 on the diagonal, is v_i in ``H_i = 1 - tau_i v_i v_i^H``. ``geqrf`` makes such columns. A: (*, m, n) with m >= n; tau: (*, k) with k <= n."""
def inv(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.inv(A) -> Tensor: the inverse. LinAlgError when a matrix is singular."""
def inv_ex(A: Tensor, *, check_errors: _bool = False, out: Any = None) -> Any:
    """``info`` is the number of the first pivot that is 0, or 0; where it is not 0 the inverse holds inf and nan."""
def ldl_factor(A: Tensor, *, hermitian: _bool = False, out: Any = None) -> Any:
    """The lower triangle is read. Bunch-Kaufman pivoting: a block of two rows of D has two equal negative pivots."""
def ldl_factor_ex(A: Tensor, *, hermitian: _bool = False, check_errors: _bool = False, out: Any = None) -> Any:
    """``info`` is the number of the first diagonal element of D that is 0, or 0."""
def ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: _bool = False, out: Any = None) -> Tensor:
    """linalg.ldl_solve(LD, pivots, B, *, hermitian=False) -> Tensor: ``solve`` from ``ldl_factor``'s results."""
def linalg_cross(input: Tensor, other: Tensor, *, dim: _int = -1) -> Tensor:
    """The vector product of vectors of length 3 along ``dim``; the other dimensions broadcast."""
def lstsq(A: Tensor, B: Tensor, rcond: Any = None, *, driver: _str | None = None, out: Any = None) -> Any:
    """The X with the least ``|A X - B|``, and of those the shortest. ``driver`` names LAPACK's routine, which says what else is returned: the rank (all but "gels"), the singular values ("gelsd", "gelss") and, for more rows than columns and full rank, the squared lengths of ``A X - B`` (all but "gelsy"). The solution is the pseudoinverse's."""
def lu(A: Tensor, *, pivot: _bool = True, out: Any = None) -> Any:
    """linalg.lu(A, *, pivot=True) -> (P, L, U): ``P L U = A`` with a permutation and two triangular matrices."""
def lu_factor(A: Tensor, *, pivot: _bool = True, out: Any = None) -> Any:
    """``pivots`` are the rows swapped with rows 1, 2, ..., counted from 1. RuntimeError when U has a 0 on the diagonal."""
def lu_factor_ex(A: Tensor, *, pivot: _bool = True, check_errors: _bool = False, out: Any = None) -> Any:
    """``info`` is the number of the first diagonal element of U that is 0, or 0."""
def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: _bool = True, adjoint: _bool = False, out: Any = None) -> Tensor:
    """``adjoint`` solves with A^H instead of A."""
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product ``input @ other``: vectors, matrices, or batches of matrices (batch dimensions broadcast). A vector on the left counts as a row, on the right as a column."""
def matrix_exp(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.matrix_exp(A) -> Tensor: the exponential series of a matrix, by scaling, Taylor series and squaring."""
def matrix_norm(A: Tensor, ord: Any = 'fro', dim: Any = (-2, -1), keepdim: _bool = False, *, dtype: Any = None, out: Any = None) -> Tensor:
    """``ord``: "fro" (root of the sum of squares), "nuc" (sum of the singular values), 2 and -2 (the largest and smallest of them), 1 and -1 (of the columns' sums of sizes), inf and -inf (of the rows')."""
def matrix_power(A: Tensor, n: _int, *, out: Any = None) -> Tensor:
    """linalg.matrix_power(A, n) -> Tensor: A times itself ``n`` times; negative powers of the inverse."""
def matrix_rank(A: Tensor, tol: Any = None, hermitian: _bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None) -> Tensor:
    """linalg.matrix_rank(A, *, atol=None, rtol=None, hermitian=False) -> LongTensor: singular values not 0."""
def multi_dot(tensors: Any, *, out: Any = None) -> Tensor:
    """The product of several matrices, in the order of the fewest multiplications. The first may be a row vector, the last a column vector."""
def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: _bool = False, *, dtype: Any = None, out: Any = None) -> Tensor:
    """A vector's or a matrix's norm, by the number of dimensions; without ``ord`` the root of the sum of squares."""
def pinv(A: Tensor, rcond: Any = None, hermitian: _bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None) -> Tensor:
    """Singular values up to ``max(atol, rtol * largest)`` count as 0; both may be tensors, one for each matrix."""
def qr(A: Tensor, mode: _str = 'reduced', *, out: Any = None) -> Any:
    """linalg.qr(A, mode="reduced") -> (Q, R): orthogonal times upper triangular; also "complete" and "r"."""
def slogdet(A: Tensor, *, out: Any = None) -> Any:
    """linalg.slogdet(A) -> (sign, logabsdet): sign and logarithm of the size of the determinant."""
def solve(A: Tensor, B: Tensor, *, left: _bool = True, out: Any = None) -> Tensor:
    """linalg.solve(A, B, *, left=True) -> Tensor: the X with ``A X = B`` (``X A = B`` with ``left=False``)."""
def solve_ex(A: Tensor, B: Tensor, *, left: _bool = True, check_errors: _bool = False, out: Any = None) -> Any:
    """``info`` is the number of the first pivot that is 0, or 0."""
def solve_triangular(A: Tensor, B: Tensor, *, upper: _bool, left: _bool = True, unitriangular: _bool = False, out: Any = None) -> Tensor:
    """The other triangle is not read, nor the diagonal with ``unitriangular``, which then counts as ones."""
def svd(A: Tensor, full_matrices: _bool = True, *, driver: _str | None = None, out: Any = None) -> Any:
    """linalg.svd(A, full_matrices=True) -> (U, S, Vh): singular vectors and values."""
def svdvals(A: Tensor, *, driver: _str | None = None, out: Any = None) -> Tensor:
    """linalg.svdvals(A) -> Tensor: the singular values, largest first."""
def tensorinv(A: Tensor, ind: _int = 2, *, out: Any = None) -> Tensor:
    """linalg.tensorinv(A, ind=2) -> Tensor: the inverse of A as a matrix, its first ``ind`` dimensions the rows."""
def tensorsolve(A: Tensor, B: Tensor, dims: Any = None, *, out: Any = None) -> Tensor:
    """linalg.tensorsolve(A, B, dims=None) -> Tensor: the X with ``tensordot(A, X, X.ndim) == B``."""
def vander(x: Tensor, *, N: _int | None = None, out: Any = None) -> Tensor:
    """linalg.vander(x, *, N=None) -> Tensor: the powers 0 to N-1 of each element, in a new last dimension."""
def vecdot(x: Tensor, y: Tensor, *, dim: _int = -1, out: Any = None) -> Tensor:
    """linalg.vecdot(x, y, *, dim=-1) -> Tensor: dot products along ``dim``, x conjugated."""
def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: _bool = False, *, dtype: Any = None, out: Any = None) -> Tensor:
    """``ord``: a number, inf (the largest size), -inf (the smallest) or 0 (how many are not 0)."""
