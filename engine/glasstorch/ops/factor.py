"""Factorisations: Cholesky, QR, singular values, with their derivatives.

Batches of matrices in the last two dimensions. The derivatives follow Giles, *An extended collection of matrix
derivative results* (2008), and for QR Walter and Lehmann (2018). Factorisations whose derivative does not exist
(equal singular values) give inf or nan there, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import op
from .matrices import H, LinAlgError, as_type, eye_like, first_failure, gauge, is_complex, matrices, square


def cholesky_by_columns(xp: Any, a: Any) -> tuple[Any, Any]:
    """The triangular factor as far as it goes, and the order of the first leading minor that is not positive."""
    low = xp.tril(a)
    n = a.shape[-1]
    info = xp.zeros(a.shape[:-2], xp.int32)
    for j in range(n):
        row = low[..., j, :j]
        pivot = low[..., j, j].real - (xp.abs(row) ** 2).sum(-1)
        info = xp.where((info == 0) & ~(pivot > 0), j + 1, info).astype(xp.int32)
        going = info == 0
        root = xp.sqrt(xp.where(going, pivot, 1))
        rest = low[..., j + 1 :, j] - (low[..., j + 1 :, :j] @ xp.conj(row)[..., None])[..., 0]
        low[..., j, j] = xp.where(going, root, pivot)
        low[..., j + 1 :, j] = xp.where(going[..., None], rest / root[..., None], low[..., j + 1 :, j])
    return low, info


@op(method=False, function=False, name="LinalgCholeskyExBackward0")
class linalg_cholesky:
    """The triangular L with ``L L^H = A`` (U with ``U^H U = A``); ``blame`` is the function an error names, if any."""

    label = "cholesky"
    formula = r"L : L L^{\top} = X"
    holomorphic = False

    def forward(xp, input: Array, upper=False, blame="linalg.cholesky"):
        square("linalg.cholesky", input, "cholesky_cpu")
        if upper:
            input = xp.conj(xp.swapaxes(input, -1, -2))
        try:
            out = xp.linalg.cholesky(input)
        except np.linalg.LinAlgError:
            out = None
        if out is None or xp.isnan(out[..., -1:, -1:]).any():  # a nan anywhere reaches the last element
            out, info = cholesky_by_columns(xp, input)
        else:
            info = xp.zeros(())
        failed = first_failure(xp, info)
        if blame and failed:
            raise LinAlgError(
                f"{blame}: {failed[0]}The factorization could not be completed because the input is not "
                f"positive-definite (the leading minor of order {failed[1]} is not positive-definite)."
            )
        return xp.conj(xp.swapaxes(out, -1, -2)) if upper else out

    def d_input(F, g, out, upper):
        r"L^{-\top} \mathrm{sym}(\mathrm{tril}(L^{\top} \bar L)) L^{-1}"
        if upper:
            out, g = H(F, out), H(F, g)
        low = F.tril(F.batched_matmul(H(F, out), g), 0)
        half = (low + H(F, F.tril(low, -1))) / 2
        left = F.linalg_solve_triangular(H(F, out), half, True)
        return H(F, F.linalg_solve_triangular(H(F, out), H(F, left), True))


@op(method=False, function=False, name="LinalgQrBackward0")
class linalg_qr:
    """An orthogonal Q and an upper triangular R with ``Q R = A``."""

    label = "qr"
    formula = r"Q, R : Q R = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, mode):
        matrices("linalg.qr", input, "geqrf_cpu")
        if mode == "r":
            return xp.zeros((0,), input.dtype), xp.linalg.qr(input, mode="r")
        return tuple(xp.linalg.qr(input, mode=mode))

    def d_input(F, g, input, out, mode):
        r"(\bar Q + Q\, \mathrm{copyltu}(R \bar R^{\top} - \bar Q^{\top} Q)) R^{-\top}"
        q, r = out
        m, n = input.shape[-2:]
        if mode == "r":
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
                "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
            )
        if mode == "complete" and m > n:
            raise RuntimeError(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols"
            )
        mm = F.batched_matmul
        gq, gr = g.get(0), g.get(1)
        right = None
        if m < n:  # the columns beyond the square part follow from it
            rest = F.narrow(input, -1, m, n - m)
            if gr is not None:
                tail = F.narrow(gr, -1, m, n - m)
                more = mm(rest, H(F, tail))
                gq = more if gq is None else gq + more
                right = mm(q, tail)
                gr = F.narrow(gr, -1, 0, m)
            else:
                right = rest * 0
            r = F.narrow(r, -1, 0, m)
        inner = None
        if gr is not None:
            inner = mm(r, H(F, gr))
        if gq is not None:
            with_q = mm(H(F, gq), q)
            inner = -with_q if inner is None else inner - with_q
        low = F.tril(inner, -1)
        diagonal = F.diagonal(inner, 0, -2, -1)
        diagonal = F.real(diagonal) if is_complex(inner) else diagonal
        symmetric = low + H(F, low) + as_type(F, F.embed_diagonal(diagonal, inner.shape, 0, -2, -1), low)
        left = mm(q, symmetric)
        left = left if gq is None else left + gq
        left = mm(left, F.linalg_inv(H(F, r)))
        return left if right is None else F.cat([left, right], -1)


def finite(xp: Any, a: Any) -> None:
    """LinAlgError for inf and nan, on which the search for singular values does not end."""
    bad = first_failure(xp, ~xp.isfinite(a).all((-2, -1)))
    if bad:
        raise LinAlgError(
            f"linalg.svd: {bad[0]}The algorithm failed to converge because the input matrix contained non-finite "
            "values."
        )


def singular_values(xp: Any, a: Any) -> Any:
    """The singular values of an array's matrices, without the vectors."""
    matrices("linalg.svd", a, "linalg_svd_cpu")
    finite(xp, a)
    return xp.linalg.svd(a, compute_uv=False)


@op(method=False, function=False, name="LinalgSvdBackward0")
class linalg_svd:
    """Singular values and vectors."""

    label = "svd"
    formula = r"U, S, V^{\top} : U S V^{\top} = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, full_matrices):
        matrices("linalg.svd", input, "linalg_svd_cpu")
        finite(xp, input)
        return tuple(xp.linalg.svd(input, full_matrices=full_matrices))

    def d_input(F, g, input, out):
        r"U (\mathrm{skew}(U^{\top} \bar U) / E \cdot S + S \cdot \mathrm{skew}(V^{\top} \bar V) / E + \bar S) V^{\top}"
        u, s, vh = out
        m, n, k = input.shape[-2], input.shape[-1], s.shape[-1]
        mm = F.batched_matmul
        u, vh = F.narrow(u, -1, 0, k), F.narrow(vh, -2, 0, k)
        row, column = F.unsqueeze(s, -2), F.unsqueeze(s, -1)
        gu = None if 0 not in g else F.narrow(g[0], -1, 0, k)
        gv = None if 2 not in g else H(F, F.narrow(g[2], -2, 0, k))
        middle = None
        if 1 in g:
            middle = F.embed_diagonal(g[1], (*s.shape, k), 0, -2, -1)
        gaps = (row - column) * (row + column)
        gaps = gaps + eye_like(F, gaps, k)
        phase = None
        if gu is not None:
            x = mm(H(F, u), gu)
            phase = F.diagonal(x, 0, -2, -1)
            part = (x - H(F, x)) / gaps * row
            if is_complex(input):  # the phases of U and V turn together
                part = part + F.embed_diagonal(F.imag(phase) * 1j / s, (*s.shape, k), 0, -2, -1)
            middle = part if middle is None else middle + part
        if gv is not None:
            x = mm(vh, gv)
            turn = F.diagonal(x, 0, -2, -1)
            phase = turn if phase is None else phase + turn
            part = column * ((x - H(F, x)) / gaps)
            middle = part if middle is None else middle + part
        if phase is not None:
            gauge("svd_backward", phase, "singular vectors", "phase term, making it ill-defined")
        middle = as_type(F, middle, u)
        total = mm(mm(u, middle), vh)
        if gu is not None and m > k:
            outside = gu - mm(u, mm(H(F, u), gu))
            total = total + mm(outside / row, vh)
        if gv is not None and n > k:
            outside = H(F, gv) - mm(mm(H(F, gv), H(F, vh)), vh)
            total = total + mm(u, outside / column)
        return total
