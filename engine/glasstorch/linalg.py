"""Linear algebra: ``glasstorch.linalg``, PyTorch's ``torch.linalg``. Matrices are the last two dimensions."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

from . import backends
from .core import dtype as dt
from .core.dims import wrap_dim
from .core.forms import FUNCTIONS
from .core.tensor import Tensor, wrap
from .ops import factor
from .ops.factor import LinAlgError
from .ops.products import linalg_cross as cross
from .ops.products import multi_dot
from .ops.reduce import norm as _norm

Slogdet = namedtuple("slogdet", ("sign", "logabsdet"))  # type: ignore[name-match]
QR = namedtuple("qr", ("Q", "R"))  # type: ignore[name-match]
SVD = namedtuple("svd", ("U", "S", "Vh"))  # type: ignore[name-match]
OlderSVD = namedtuple("svd", ("U", "S", "V"))  # type: ignore[name-match]
Eigh = namedtuple("eigh", ("eigenvalues", "eigenvectors"))  # type: ignore[name-match]
Lstsq = namedtuple("lstsq", ("solution", "residuals", "rank", "singular_values"))  # type: ignore[name-match]


def inv(A: Tensor) -> Tensor:
    """linalg.inv(A) -> Tensor: the inverse. LinAlgError when a matrix is singular."""
    return factor.linalg_inv(A)


def _is_vector(A: Tensor, B: Tensor) -> bool:
    return B._a.ndim == 1 or (A._a.ndim - 1 == B._a.ndim and B._a.shape == A._a.shape[:-1])


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """linalg.solve(A, B, *, left=True) -> Tensor: the X with ``A X = B`` (``X A = B`` with ``left=False``)."""
    vector = _is_vector(A, B)
    b = B.unsqueeze(-1) if vector else B
    if not left:
        return solve(A.mT, b.mT).mT
    out = factor.linalg_solve(A, b)
    return out.squeeze(-1) if vector else out


def det(A: Tensor) -> Tensor:
    """linalg.det(A) -> Tensor: the determinant."""
    return factor.linalg_det(A)


def slogdet(A: Tensor) -> Any:
    """linalg.slogdet(A) -> (sign, logabsdet): sign and logarithm of the size of the determinant."""
    return Slogdet(*factor.linalg_slogdet(A))


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """linalg.cholesky(A, *, upper=False) -> Tensor: the triangular factor of a positive-definite matrix."""
    low = factor.linalg_cholesky(A)
    return low.mT.conj() if upper else low


def qr(A: Tensor, mode: str = "reduced") -> Any:
    """linalg.qr(A, mode="reduced") -> (Q, R): orthogonal times upper triangular; also "complete" and "r"."""
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced', 'r', or 'complete'"
        )
    return QR(*factor.linalg_qr(A, mode))


def svd(A: Tensor, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """linalg.svd(A, full_matrices=True) -> (U, S, Vh): singular vectors and values."""
    return SVD(*factor.linalg_svd(A, full_matrices))


def svdvals(A: Tensor, *, driver: Any = None) -> Tensor:
    """linalg.svdvals(A) -> Tensor: the singular values, largest first."""
    return factor.linalg_svd(A, False)[1]


def eigh(A: Tensor, UPLO: str = "L") -> Any:
    """linalg.eigh(A, UPLO="L") -> (eigenvalues, eigenvectors) of a symmetric matrix; one triangle is read."""
    return Eigh(*factor.linalg_eigh(A, UPLO))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """linalg.eigvalsh(A, UPLO="L") -> Tensor: the eigenvalues of a symmetric matrix, in order."""
    return factor.linalg_eigh(A, UPLO)[0]


def _tolerances(A: Tensor, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """Absolute and relative cut for small singular values; the relative one by default only without the other."""
    if rtol is None:
        a = atol._a if isinstance(atol, Tensor) else atol
        eps = dt.finfo(A.dtype).eps * max(A._a.shape[-2:])
        xp = backends.namespace(A._a)
        rtol = eps if a is None else xp.where(xp.asarray(a) > 0, 0.0, eps)
    values = [0.0 if atol is None else atol, rtol]
    return tuple(v._a if isinstance(v, Tensor) else v for v in values)


def pinv(
    A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """linalg.pinv(A, *, atol=None, rtol=None, hermitian=False) -> Tensor: the Moore-Penrose pseudoinverse."""
    low, rel = _tolerances(A, atol, rtol if rcond is None else rcond)
    if not hermitian:
        return factor.linalg_pinv(A, low, rel)
    values, v = eigh(A)
    xp, size = backends.namespace(A._a), abs(values._a)
    if not size.size:
        return A.mT
    keep = wrap(size > xp.maximum(xp.asarray(low), xp.asarray(rel) * size.max(axis=-1))[..., None])
    scale = FUNCTIONS["where"](keep, 1 / values, 0.0)
    return (v * scale.to(v.dtype).unsqueeze(-2)) @ v.mT.conj()


def matrix_rank(
    A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """linalg.matrix_rank(A, *, atol=None, rtol=None, hermitian=False) -> LongTensor: singular values not 0."""
    low, rel = _tolerances(A, atol, rtol) if tol is None else (getattr(tol, "_a", tol), 0.0)
    s = svdvals(A.detach())._a
    xp = backends.namespace(s)
    if not s.size:
        return wrap(xp.zeros(s.shape[:-1], xp.int64))
    cut = xp.maximum(xp.asarray(low), xp.asarray(rel) * s.max(axis=-1))
    return wrap(xp.asarray((s > cut[..., None]).sum(axis=-1)).astype(xp.int64))


def matrix_power(A: Tensor, n: int) -> Tensor:
    """linalg.matrix_power(A, n) -> Tensor: A times itself ``n`` times; negative powers of the inverse."""
    factor.square("linalg.matrix_power", A._a) if n < 0 else None
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


def lstsq(A: Tensor, B: Tensor, rcond: Any = None, *, driver: Any = None) -> Any:
    """linalg.lstsq(A, B) -> (solution, residuals, rank, singular_values): the X with the least ``|A X - B|``."""
    vector = _is_vector(A, B) and A._a.ndim != B._a.ndim
    b = B.unsqueeze(-1) if vector else B
    x = pinv(A, rcond) @ b
    m, n = A._a.shape[-2:]
    rank = matrix_rank(A, rtol=rcond)
    none = A.new_empty((0,))
    residuals = x.reshape(-1)[:0]
    if m > n and driver != "gelsy" and bool((rank._a == n).all()):
        residuals = ((A @ x - b).abs() ** 2).sum(-2)
        residuals = residuals.squeeze(-1) if vector else residuals
    values = svdvals(A.detach()) if driver in ("gelsd", "gelss") else none
    rank = rank if driver != "gels" else wrap(rank._a[..., None].reshape(-1)[:0])
    return Lstsq(x.squeeze(-1) if vector else x, residuals, rank, values)


def vector_norm(
    x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """linalg.vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None) -> Tensor: the norm over ``dim``."""
    x = x if dtype is None else x.to(dtype)
    return _norm(x, ord, dim, keepdim)


def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """linalg.matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False) -> Tensor

    ``ord``: "fro", "nuc", 1, -1, 2, -2, inf or -inf.
    """
    factor.matrices("linalg.matrix_norm", A._a)
    x = A if dtype is None else A.to(dtype)
    a, b = (wrap_dim(d, x._a.ndim) for d in dim)
    if a == b:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    if ord == "fro":
        return _norm(x, 2, (a, b), keepdim)
    if ord in ("nuc", 2, -2):
        s = svdvals(x.movedim((a, b), (-2, -1)))
        out = s.sum(-1) if ord == "nuc" else s.amax(-1) if ord == 2 else s.amin(-1)
    elif ord in (1, -1, math.inf, -math.inf):
        along, over = (a, b) if abs(ord) == 1 else (b, a)
        sums = x.abs().sum(along, keepdim=True)
        out = (sums.amax if ord > 0 else sums.amin)((over,), True)
        return out if keepdim else out.squeeze((a, b))
    else:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if keepdim:
        for d in sorted((a, b)):
            out = out.unsqueeze(d)
    return out


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """linalg.norm(A, ord=None, dim=None, keepdim=False, *, dtype=None) -> Tensor

    A vector's or a matrix's norm, by the number of dimensions; without ``ord`` the root of the sum of squares.
    """
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    pair = isinstance(dim, (tuple, list)) and len(dim) == 2
    if isinstance(ord, str) or pair or (dim is None and A._a.ndim == 2):
        if dim is None and A._a.ndim != 2:
            raise RuntimeError("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D.")
        return matrix_norm(A, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    if dim is None and A._a.ndim > 2:
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A._a.ndim}D."
        )
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """linalg.cond(A, p=None) -> Tensor: the condition number in a matrix norm."""
    if p in (None, 2, -2):
        s = svdvals(A)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """linalg.solve_triangular(A, B, *, upper, left=True, unitriangular=False) -> Tensor: ``solve``, A triangular."""
    t = A.triu() if upper else A.tril()
    if unitriangular:
        xp = backends.namespace(A._a)
        one = wrap(xp.eye(A._a.shape[-1], dtype=A._a.dtype))
        t = (A.triu(1) if upper else A.tril(-1)) + one
    return factor.linalg_solve(t, B) if left else factor.linalg_solve(t.mT, B.mT).mT


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
    factor.square("linalg.matrix_exp", A._a)
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


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """linalg.tensorinv(A, ind=2) -> Tensor: the inverse of A as a matrix, its first ``ind`` dimensions the rows."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', got {ind}")
    first, rest = A._a.shape[:ind], A._a.shape[ind:]
    if math.prod(first) != math.prod(rest):
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{math.prod(rest)} != {math.prod(first)}"
        )
    return inv(A.reshape(math.prod(first), math.prod(rest))).reshape(*rest, *first)


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


def _older_names() -> None:
    """PyTorch's older names in the main namespace and as methods."""

    def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
        """pinverse(input, rcond=1e-15) -> Tensor: the pseudoinverse."""
        return pinv(input, rcond)

    def logdet(input: Tensor) -> Tensor:
        """logdet(input) -> Tensor: the logarithm of the determinant; nan where that is negative."""
        sign, size = factor.linalg_slogdet(input)
        xp = backends.namespace(input._a)
        return size if bool((sign._a >= 0).all()) else FUNCTIONS["where"](
            sign < 0, wrap(xp.full(size._a.shape, math.nan, size._a.dtype)), size)  # fmt: skip

    def cholesky_(input: Tensor, upper: bool = False) -> Tensor:
        """cholesky(input, upper=False) -> Tensor: ``linalg.cholesky``."""
        return cholesky(input, upper=upper)

    def svd_(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
        """svd(input, some=True, compute_uv=True) -> (U, S, V): ``linalg.svd`` with V instead of its transpose."""
        u, s, vh = svd(input, not some)
        return OlderSVD(u, s, vh.mT.conj())

    def qr_(input: Tensor, some: bool = True) -> Any:
        """qr(input, some=True) -> (Q, R): ``linalg.qr``."""
        return qr(input, "reduced" if some else "complete")

    table: dict[str, Any] = {
        "inverse": inv, "det": det, "slogdet": slogdet, "logdet": logdet, "matrix_power": matrix_power,
        "matrix_exp": matrix_exp, "pinverse": pinverse, "cholesky": cholesky_, "svd": svd_, "qr": qr_,
    }  # fmt: skip
    for name, fn in table.items():
        FUNCTIONS[name] = fn
        setattr(Tensor, name, fn)


_older_names()

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq", "matrix_exp",
    "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve",
    "solve_triangular", "svd", "svdvals", "tensorinv", "tensorsolve", "vander", "vecdot", "vector_norm",
]  # fmt: skip
