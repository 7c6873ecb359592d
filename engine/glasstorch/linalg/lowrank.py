"""Singular values of large matrices by random projection: ``svd_lowrank`` and ``pca_lowrank``.

Halko, Martinsson and Tropp, *Finding structure with randomness: probabilistic algorithms for constructing
approximate matrix decompositions* (2009), algorithms 4.4 and 5.1.
"""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.forms import FUNCTIONS, public
from ..core.tensor import Tensor
from .decompositions import qr, svd


def _range(A: Tensor, q: int, niter: int) -> Tensor:
    """Orthonormal columns whose span comes close to that of A's first ``q`` left singular vectors."""
    start = FUNCTIONS["randn"](A._a.shape[-1], q, dtype=A.dtype, device=A.device)
    basis = qr(A @ start).Q
    for _ in range(niter):  # each turn sharpens the gap between singular values
        basis = qr(A.mH @ basis).Q
        basis = qr(A @ basis).Q
    return basis


@public
def svd_lowrank(A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None) -> Any:
    """svd_lowrank(A, q=6, niter=2, M=None) -> (U, S, V)

    The first ``q`` singular values and vectors of A (of ``A - M``), up to chance: ``A`` is about ``U diag(S) V^H``.
    ``niter`` rounds of power iteration make them more exact. A: (*, m, n).
    """
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    if A.dtype.category < dt.FLOATING:
        A = A.to(dt.float32)
    if M is not None:
        A = A - M.broadcast_to(A.shape)
    wide = A._a.shape[-2] < A._a.shape[-1]
    if wide:
        A = A.mH
    basis = _range(A, q, niter)
    u, s, vh = svd(basis.mH @ A, full_matrices=False)
    u, v = basis @ u, vh.mH
    return (v, s, u) if wide else (u, s, v)


@public
def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> Any:
    """pca_lowrank(A, q=None, center=True, niter=2) -> (U, S, V)

    Principal components of the rows of A: V holds the directions, ``S**2 / (m - 1)`` the variances along them. ``q``
    (by default at most 6) is how many; ``center`` takes the columns' means off first.
    """
    m, n = A._a.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(-2, keepdim=True) if center else A, q, niter)
