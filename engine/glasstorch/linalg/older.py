"""PyTorch's older names for linear algebra: in the main namespace and as methods of tensors."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from .. import backends
from ..core import dtype as dt
from ..core.forms import FUNCTIONS
from ..core.frames import warn
from ..core.mode import THREAD
from ..core.outputs import store, with_out
from ..core.refusals import takes_tensors
from ..core.tensor import Tensor, wrap
from ..ops import factor, packed
from ..ops.lu import lu_unpack_op
from ..ops.matrices import element_type, square
from ..ops.solve import linalg_slogdet, linalg_solve_triangular
from . import decompositions, functions, norms, results, solvers


def _deprecated(old: str, new: str) -> None:
    warn(
        f"torch.{old} is deprecated in favor of torch.linalg.{new} and will be removed in a future PyTorch release.",
    )


@takes_tensors()
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """pinverse(input, rcond=1e-15) -> Tensor: the pseudoinverse."""
    return solvers.pinv(input, rcond)


@takes_tensors()
def logdet(input: Tensor) -> Tensor:
    """logdet(input) -> Tensor: the logarithm of the determinant; nan where that is negative."""
    square("logdet", input._a)
    sign, size = linalg_slogdet(input)
    if input.is_complex():
        return size + sign.log()
    xp = backends.namespace(input._a)
    return FUNCTIONS["where"](sign < 0, wrap(xp.full(size._a.shape, math.nan, size._a.dtype)), size)


@with_out("slogdet")
@takes_tensors()
def slogdet(input: Tensor) -> Any:
    """slogdet(input) -> (sign, logabsdet): ``linalg.slogdet``."""
    return results.OlderSlogdet(*solvers.slogdet(input))


@with_out("cholesky", exact=False)
@takes_tensors()
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """cholesky(input, upper=False) -> Tensor: ``linalg.cholesky``."""
    _deprecated("cholesky", "cholesky")
    return factor.linalg_cholesky(input, upper, "cholesky")


@with_out("svd")
@takes_tensors()
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """svd(input, some=True, compute_uv=True) -> (U, S, V): ``linalg.svd`` with V instead of its transpose."""
    if input._a.ndim < 2:
        raise RuntimeError(
            f"linalg.svd: input should have at least 2 dimensions, but has {input._a.ndim} dimensions instead"
        )
    if not compute_uv:
        m, n = input._a.shape[-2:]
        batch = input._a.shape[:-2]
        u, v = input.new_zeros((*batch, m, m)), input.new_zeros((*batch, n, n))
        return results.OlderSVD(u, decompositions.svdvals(input), v)
    u, s, vh = factor.linalg_svd(input, not some)
    return results.OlderSVD(u, s, vh.mH)


@with_out("qr")
@takes_tensors()
def qr(input: Tensor, some: bool = True) -> Any:
    """qr(input, some=True) -> (Q, R): ``linalg.qr``."""
    _deprecated("qr", "qr")
    return results.OlderQR(*factor.linalg_qr(input, "reduced" if some else "complete"))


def lu(A: Tensor, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """lu(A, pivot=True, get_infos=False) -> (LU, pivots) or (LU, pivots, infos): ``linalg.lu_factor_ex``."""
    warn(
        "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and will be removed in "
        "a future PyTorch release."
    )
    made = results.OlderLU(*decompositions.lu_factor_ex(A, pivot=pivot))
    result = made if get_infos else (made.LU, made.pivots)
    if out is None:
        return result
    if not isinstance(out, (tuple, list)):
        raise TypeError(f"argument 'out' must be tuple of Tensors, not {type(out).__name__}")
    if len(out) - int(get_infos) != 2:
        raise TypeError(f"expected tuple of {2 + int(get_infos)} elements but got {len(out)}")
    for r, o in zip(result, out, strict=True):
        store("lu", r, o, True)
    return out


@with_out("lu_unpack")
@takes_tensors()
def lu_unpack(
    LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True) -> (P, L, U)

    The matrices that ``linalg.lu_factor``'s results stand for: ``P L U = A``. What is not asked for is empty.
    """
    if LU_data._a.ndim < 2:
        raise RuntimeError(
            "torch.lu_unpack: Expected tensor with 2 or more dimensions. "
            f"Got size: {list(LU_data._a.shape)} instead"
        )
    if unpack_pivots:
        if LU_pivots.dtype is not dt.int32:
            raise RuntimeError(
                "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
                "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
            )
        if bool(((LU_pivots._a < 1) | (LU_pivots._a > LU_data._a.shape[-2])).any()):
            raise RuntimeError(
                "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive."
                "Did you properly pass the result of lu_factor?"
            )
    k = min(LU_data._a.shape[-2:]) if unpack_pivots else 0
    p, low, up = lu_unpack_op(LU_data, LU_pivots._a[..., :k])
    none = LU_data.reshape(-1)[:0]
    p = p if unpack_pivots else none.detach()
    low, up = (low, up) if unpack_data else (none, none)
    return results.LUUnpack(p, low, up)


@with_out("lu_solve")
@takes_tensors()
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """lu_solve(b, LU_data, LU_pivots) -> Tensor: ``linalg.lu_solve``, its arguments in another order."""
    _deprecated("lu_solve", "lu_solve")
    return solvers.lu_solve(LU_data, LU_pivots, b)


@with_out("triangular_solve")
@takes_tensors()
def triangular_solve(
    b: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """triangular_solve(b, A, upper=True, transpose=False, unitriangular=False) -> (solution, cloned_coefficient)

    The X with ``A X = b`` (``A^T X = b`` with ``transpose``), A triangular; and a copy of A.
    """
    _deprecated("triangular_solve", "solve_triangular")
    for name, x in (("b", b), ("A", A)):
        if x._a.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it has {x._a.ndim} "
                "dimensions instead"
            )
    solvers.check_system("triangular_solve", b, A)
    element_type("triangular_solve", A._a, "triangular_solve_cpu", whole=True)
    turned = A.mT if transpose else A
    x = linalg_solve_triangular(turned, b, upper != transpose, unitriangular)
    batch = x._a.shape[:-2]
    return results.TriangularSolve(x, A.expand(*batch, *A._a.shape[-2:]).clone())


@with_out("cholesky_inverse", exact=False)
@takes_tensors()
def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """cholesky_inverse(L, upper=False) -> Tensor: the inverse of a matrix from its Cholesky factor."""
    element_type("cholesky_inverse", input._a, "cholesky_inverse_out_cpu", whole=True)
    square("cholesky_inverse", input._a)
    return packed.cholesky_inverse_op(input, upper)


@with_out("cholesky_solve", exact=False)
@takes_tensors()
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """cholesky_solve(B, L, upper=False) -> Tensor: the X with ``A X = B`` from A's Cholesky factor."""
    for name, x in (("b", B), ("u", L)):
        if x._a.ndim < 2:
            raise RuntimeError(
                f"{name} should have at least 2 dimensions, but has {x._a.ndim} dimensions instead"
            )
    solvers.check_system("cholesky_solve", B, L)
    element_type("cholesky_solve", B._a, "cholesky_solve_cpu", whole=True)
    solvers.ops.same_batch(backends.namespace(B._a), L._a, B._a)
    return packed.cholesky_solve_op(B, L, upper)


@with_out("geqrf")
@takes_tensors()
def geqrf(input: Tensor) -> Any:
    """geqrf(input) -> (a, tau): QR as Householder reflectors, for ``orgqr`` and ``ormqr``. No derivative."""
    if input._a.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    element_type("torch.geqrf", input._a, "geqrf_cpu", whole=True)
    if input._rg and THREAD.grad and input.is_complex():
        raise RuntimeError("geqrf does not support automatic differentiation for outputs with complex dtype.")
    return results.Geqrf(*packed.geqrf_op(input))


@with_out("ormqr")
@takes_tensors()
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """ormqr(input, tau, other, left=True, transpose=False) -> Tensor

    ``Q @ other``, or with ``left=False`` ``other @ Q``, for the whole Q that ``input`` and ``tau`` (from ``geqrf``)
    stand for; ``transpose`` takes its conjugate transpose.
    """
    name = "torch.ormqr"
    for which, x in (("input", input), ("other", other)):
        if x._a.ndim < 2:
            raise RuntimeError(f"{name}: {which} must have at least 2 dimensions.")
    side = -2 if left else -1
    rows, n = other._a.shape[side], tau._a.shape[-1] if tau._a.ndim else 0
    if n > rows:
        raise RuntimeError(f"{name}: other.shape[{side}] must be greater than or equal to tau.shape[-1]")
    if rows != input._a.shape[-2]:
        raise RuntimeError(f"{name}: other.shape[{side}] must be equal to input.shape[-2]")
    if n != min(rows, input._a.shape[-1]):
        raise RuntimeError(
            f"{name}: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])"
        )
    decompositions.check_reflectors(name, input, tau)
    if other._a.ndim != input._a.ndim:
        raise RuntimeError(
            f"{name}: Expected other to have the same number of dimensions as input, but got other.ndim equal to "
            f"{other._a.ndim} and input.ndim is equal to {input._a.ndim}"
        )
    if other._a.shape[:-2] != input._a.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of other to be equal to input.shape[:-2], but got "
            f"{list(other._a.shape[:-2])}"
        )
    if other.dtype is not input.dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but input has dtype{input.dtype.legacy} "
            f"and other has dtype {other.dtype.legacy}"
        )
    if not left:  # X Q = (Q^H X^H)^H
        return ormqr(input, tau, other.mH, True, not transpose).mH
    order = range(n) if transpose else range(n)[::-1]
    return decompositions.reflect(input, tau, other, order, adjoint=transpose)


@with_out("frobenius_norm")
def frobenius_norm(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """frobenius_norm(input, dim, keepdim=False) -> Tensor: the root of the sum of squares over at most two dims."""
    dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    if len(dims) > 2:
        raise RuntimeError(f"Expected at most 2 dimensions, but got {len(dims)} dimensions instead.")
    return norms.vector_norm(input, 2, dims or None, keepdim)


@with_out("nuclear_norm")
def nuclear_norm(input: Tensor, dim: Any = (-2, -1), keepdim: bool = False) -> Tensor:
    """nuclear_norm(input, dim=(-2, -1), keepdim=False) -> Tensor: the sum of the singular values."""
    if isinstance(dim, bool):  # nuclear_norm(input, keepdim)
        dim, keepdim = (-2, -1), dim
    return norms.matrix_norm(input, "nuc", dim, keepdim)


def _removed(name: str, advice: str) -> Any:
    def fn(*args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(f"This function was deprecated since version 1.9 and is now removed. {advice}")

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"Removed from PyTorch. {advice}"
    return fn


eig = _removed("eig", "`torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather than real "
               "tensors mimicking complex tensors.\n\nL, _ = torch.eig(A) should be replaced with:\n"
               "L_complex = torch.linalg.eigvals(A)\n\nand\n\nL, V = torch.eig(A, eigenvectors=True) should be "
               "replaced with:\nL_complex, V_complex = torch.linalg.eig(A)")  # fmt: skip
symeig = _removed("symeig", "The default behavior has changed from using the upper triangular portion of the matrix by "
                  "default to using the lower triangular portion.\n\nL, _ = torch.symeig(A, upper=upper) should be "
                  "replaced with:\nL = torch.linalg.eigvalsh(A, UPLO='U' if upper else 'L')\n\nand\n\n"
                  "L, V = torch.symeig(A, eigenvectors=True) should be replaced with:\n"
                  "L, V = torch.linalg.eigh(A, UPLO='U' if upper else 'L')")  # fmt: skip
solve = _removed("solve", "`torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has its "
                 "arguments reversed and does not return the LU factorization.\n\nTo get the LU factorization see "
                 "`torch.lu`, which can be used with `torch.lu_solve` or `torch.lu_unpack`.\n"
                 "X = torch.solve(B, A).solution should be replaced with:\nX = torch.linalg.solve(A, B)")  # fmt: skip
lstsq = _removed("lstsq", "`torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`.\n`torch.linalg.lstsq` has "
                 "reversed arguments and does not return the QR decomposition in the returned tuple (although it "
                 "returns other information about the problem).\n\nTo get the QR decomposition consider using "
                 "`torch.linalg.qr`.")  # fmt: skip
matrix_rank = _removed("matrix_rank", "\nPlease use the `torch.linalg.matrix_rank` function instead. The parameter "
                       "'symmetric' was renamed in `torch.linalg.matrix_rank()` to 'hermitian'.")  # fmt: skip

_BOTH: dict[str, Any] = {  # functions of the main namespace that are methods as well
    "inverse": solvers.inv, "det": solvers.det, "slogdet": slogdet, "logdet": logdet,
    "matrix_power": functions.matrix_power, "matrix_exp": functions.matrix_exp, "pinverse": pinverse,
    "cholesky": cholesky, "cholesky_inverse": cholesky_inverse, "cholesky_solve": cholesky_solve, "svd": svd, "qr": qr,
    "lu_solve": lu_solve, "triangular_solve": triangular_solve, "geqrf": geqrf, "ormqr": ormqr,
    "orgqr": decompositions.householder_product, "eig": eig, "symeig": symeig, "solve": solve, "lstsq": lstsq,
}  # fmt: skip
for _name, _fn in _BOTH.items():
    FUNCTIONS[_name] = _fn
    setattr(Tensor, _name, _fn)
FUNCTIONS.update(lu=lu, lu_unpack=lu_unpack, matrix_rank=matrix_rank, frobenius_norm=frobenius_norm)
FUNCTIONS["nuclear_norm"] = nuclear_norm
Tensor.lu = lu  # type: ignore[attr-defined]
