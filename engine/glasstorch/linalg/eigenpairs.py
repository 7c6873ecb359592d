"""``lobpcg``: a few eigenpairs of a large symmetric matrix."""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.forms import FUNCTIONS, public
from ..core.tensor import Tensor
from ..ops.eigen import lobpcg_op


@public
def lobpcg(
    A: Tensor, k: int | None = None, B: Tensor | None = None, X: Tensor | None = None, n: int | None = None,
    iK: Tensor | None = None, niter: int | None = None, tol: float | None = None, largest: bool | None = None,
    method: str | None = None, tracker: Any = None, ortho_iparams: Any = None, ortho_fparams: Any = None,
    ortho_bparams: Any = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """lobpcg(A, k=1, B=None, X=None, n=None, iK=None, niter=-1, tol=None, largest=True) -> (E, X)

    The ``k`` largest (or smallest) eigenvalues and their eigenvectors of symmetric matrices A: (*, m, m), with
    ``3 k <= m``; with ``B``, symmetric and positive-definite, of ``A x = e B x``. ``X`` (*, m, n): where to start,
    by default random numbers; ``iK``: a preconditioner. The gradient is that of ``eigh``. ``method`` and the
    ``ortho_`` parameters are accepted: the basis is always made orthonormal.
    """
    if A._a.ndim < 2:
        raise IndexError("tuple index out of range")
    if A._a.shape[-1] != A._a.shape[-2]:
        raise AssertionError(f"A must be square, got shape {A.shape}")
    if tracker is not None:
        raise NotImplementedError("lobpcg(): tracker is not supported")
    if A.dtype not in (dt.float32, dt.float64):
        raise RuntimeError(f"lobpcg: Expected float32 or float64. Got {A.dtype.legacy}")
    m = A._a.shape[-1]
    k = (1 if X is None else X._a.shape[-1]) if k is None else k
    columns = (k if n is None else n) if X is None else X._a.shape[-1]
    if m < 3 * columns:
        raise ValueError(
            f"LOBPCG algorithm is not applicable when the number of A rows (={m}) is smaller than 3 x the number of "
            f"requested eigenpairs (={columns})"
        )
    if X is None:
        X = FUNCTIONS["randn"](*A._a.shape[:-2], m, columns, dtype=A.dtype, device=A.device)
    tol = dt.finfo(A.dtype).eps ** 0.5 if tol is None else tol
    if A._rg:
        A = (A + A.mT) / 2
    values, vectors = lobpcg_op(
        A, None if B is None else B._a, X._a, None if iK is None else iK._a, largest is None or largest, tol,
        -1 if niter is None else niter,
    )  # fmt: skip
    return values[..., :k], vectors[..., :k]
