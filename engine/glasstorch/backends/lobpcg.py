"""A few eigenpairs at one end of a symmetric matrix's spectrum, from products with the matrix only.

Knyazev, *Toward the optimal preconditioned eigensolver: locally optimal block preconditioned conjugate gradient
method* (2001). The basis of each step is made orthonormal, as Hetmaniuk and Lehoucq, *Basis selection in LOBPCG*
(2006), advise.
"""

from __future__ import annotations

from typing import Any


def solve(
    xp: Any, A: Any, B: Any, X: Any, precondition: Any, largest: bool, tol: float, steps: int
) -> tuple[Any, Any]:
    """Eigenvalues (k) and vectors (n, k) of ``A x = e B x``, starting from the columns of ``X``. ``B`` may be None.

    Ends when each residual is below ``tol`` times the size of the matrices, or after ``steps`` steps (-1: any number
    up to 1000).
    """
    k = X.shape[1]
    size_a = _size(xp, A, X)
    size_b = 1.0 if B is None else _size(xp, B, X)
    X = _orthonormal(xp, X, B)
    E, Z = _rayleigh_ritz(xp, A, X, k, largest)
    X = X @ Z
    P = X[:, :0]
    for _ in range(1000 if steps < 0 else steps):
        BX = X if B is None else B @ X
        R = A @ X - BX * E
        length = xp.sqrt((R * R).sum(0))
        error = length / (xp.sqrt((X * X).sum(0)) * (size_a + xp.abs(E) * size_b))
        if bool((error < tol).all()):
            break
        W = R if precondition is None else precondition @ R
        S = _orthonormal(xp, xp.concatenate([X, W, P], axis=1), B)
        E, Z = _rayleigh_ritz(xp, A, S, k, largest)
        new = S @ Z
        P = new - X @ (X.T @ (new if B is None else B @ new))  # the direction of this step
        X = new
    return E, X


def _size(xp: Any, A: Any, X: Any) -> float:
    """An estimate of a matrix's norm, from what it does to random columns."""
    return float(xp.linalg.norm(A @ X) / xp.linalg.norm(X))


def _orthonormal(xp: Any, S: Any, B: Any) -> Any:
    """A basis of the columns' span, orthonormal in the product by ``B``; directions that add nothing are dropped."""
    eps = xp.finfo(S.dtype).eps
    for _ in range(2):  # the second time removes what rounding left
        lengths = xp.sqrt((S * S).sum(0))
        S = S[:, lengths > 0] / lengths[lengths > 0]
        values, vectors = xp.linalg.eigh(S.T @ (S if B is None else B @ S))
        keep = values > eps * S.shape[1] * values[-1]
        S = S @ (vectors[:, keep] / xp.sqrt(values[keep]))
    return S


def _rayleigh_ritz(xp: Any, A: Any, S: Any, k: int, largest: bool) -> tuple[Any, Any]:
    """The best ``k`` eigenpairs within a subspace."""
    values, vectors = xp.linalg.eigh(S.T @ (A @ S))
    if largest:
        values, vectors = values[::-1], vectors[:, ::-1]
    return values[:k], vectors[:, :k]
