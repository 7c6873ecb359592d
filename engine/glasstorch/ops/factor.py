"""Linear algebra's ops: inverse, solve, determinant and the factorisations, with their derivatives.

Batches of matrices in the last two dimensions. The derivatives follow Giles, *An extended collection of matrix
derivative results* (2008), and for QR Walter and Lehmann (2018). Factorisations whose derivative does not exist
(equal singular values or eigenvalues) give inf or nan there, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.op import op
from ..core.tensor import Tensor


class LinAlgError(RuntimeError):
    """A matrix has no inverse or no such factorisation. PyTorch's ``torch.linalg.LinAlgError``."""


def square(name: str, a: Any) -> None:
    """RuntimeError unless ``a`` is a batch of square floating matrices."""
    matrices(name, a)
    if a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {a.shape[-2]} by {a.shape[-1]} matrices"
        )


def matrices(name: str, a: Any) -> None:
    """RuntimeError unless ``a`` is a batch of floating matrices."""
    if a.ndim < 2:
        raise RuntimeError(
            f"{name}: The input tensor A must have at least 2 dimensions, but it has {a.ndim} dimension(s)."
        )
    if a.dtype.kind not in "fc":
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. "
            f"Got {dt.from_numpy_dtype(a.dtype).legacy}. Convert first: .float()"
        )


def T(F: Any, x: Any) -> Any:
    """The transpose of the last two dimensions."""
    return F.transpose(x, -2, -1)


def H(F: Any, x: Any) -> Any:
    """The conjugate transpose of the last two dimensions."""
    return F.conj(F.transpose(x, -2, -1))


def _singular(name: str, what: str) -> LinAlgError:
    return LinAlgError(f"{name}: {what} because the input matrix is singular.")


@op(method=False, function=False, name="LinalgInvExBackward0")
class linalg_inv:
    """The inverse."""

    label = "inv"
    formula = r"X^{-1}"

    def forward(xp, input: Array):
        square("linalg.inv", input)
        try:
            return xp.linalg.inv(input)
        except np.linalg.LinAlgError:
            raise _singular("linalg.inv", "The inversion could not be completed") from None

    def d_input(F, g, out):
        r"-Y^{\top} \bar Y\, Y^{\top}"
        y = T(F, out)
        return -F.batched_matmul(F.batched_matmul(y, g), y)


@op(method=False, function=False, name="LinalgSolveExBackward0")
class linalg_solve:
    """The X with ``A X = B``."""

    label = "solve"
    formula = r"A^{-1} B"

    def forward(xp, input: Array, other: Array):
        square("linalg.solve", input)
        if input.shape[-1] != other.shape[-2]:
            raise RuntimeError(
                f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({input.shape[-2]}x"
                f"{input.shape[-1]} and {other.shape[-2]}x{other.shape[-1]})"
            )
        try:
            return xp.linalg.solve(input, other)
        except np.linalg.LinAlgError:
            raise _singular("torch.linalg.solve", "The solver failed") from None

    def d_input(F, g, input, other_shape, out):
        r"-A^{-\top} \bar X\, X^{\top}"
        return F.sum_to_size(-F.batched_matmul(F.linalg_solve(T(F, input), g), T(F, out)), input.shape)

    def d_other(F, g, input, other_shape):
        r"A^{-\top} \bar X"
        return F.sum_to_size(F.linalg_solve(T(F, input), g), other_shape)


@op(method=False, function=False, name="LinalgDetBackward0")
class linalg_det:
    """The determinant."""

    label = "det"
    formula = r"\det X"

    def forward(xp, input: Array):
        square("linalg.det", input)
        return xp.linalg.det(input)

    def d_input(F, g, input, out):
        r"\bar y \, \det(X)\, X^{-\top}"
        scale = F.unsqueeze(F.unsqueeze(g, -1), -1)
        zero = bool((out == 0).any()) or (input.shape[-1] and _nearly_singular(input))
        if isinstance(g, Tensor) or not zero:
            whole = F.unsqueeze(F.unsqueeze(out, -1), -1)
            return scale * whole * T(F, F.linalg_inv(input))
        return scale * _cofactors(F.xp, input)


def _nearly_singular(a: Any) -> bool:
    a = getattr(a, "_a", a)
    s = np.linalg.svd(a, compute_uv=False) if isinstance(a, np.ndarray) else None
    return s is not None and bool((s[..., -1] <= s[..., 0] * np.finfo(a.dtype).eps * 100).any())


def _cofactors(xp: Any, a: Any) -> Any:
    """The matrix of cofactors, which exists for singular matrices too: from the singular values."""
    u, s, vh = xp.linalg.svd(a)
    n = s.shape[-1]
    others = xp.stack([xp.prod(xp.delete(s, k, axis=-1), axis=-1) for k in range(n)], axis=-1)
    sign = xp.linalg.det(u) * xp.linalg.det(vh)
    return sign[..., None, None] * ((u * others[..., None, :]) @ vh)


@op(method=False, function=False, name="LinalgSlogdetBackward0")
class linalg_slogdet:
    """Sign and logarithm of the size of the determinant."""

    label = "slogdet"
    formula = r"\mathrm{sgn} \det X,\ \log |\det X|"
    several = True

    def forward(xp, input: Array):
        square("linalg.slogdet", input)
        return tuple(xp.linalg.slogdet(input))

    def d_input(F, g, input):
        r"\bar y_2\, X^{-\top}"
        if 1 not in g:
            return input * 0
        return F.unsqueeze(F.unsqueeze(g[1], -1), -1) * T(F, F.linalg_inv(input))


@op(method=False, function=False, name="LinalgCholeskyExBackward0")
class linalg_cholesky:
    """The lower triangular L with ``L L^H = A``."""

    label = "cholesky"
    formula = r"L : L L^{\top} = X"
    holomorphic = False

    def forward(xp, input: Array):
        square("linalg.cholesky", input)
        try:
            return xp.linalg.cholesky(input)
        except np.linalg.LinAlgError:
            raise LinAlgError(
                "linalg.cholesky: The factorization could not be completed because the input is not positive-definite."
            ) from None

    def d_input(F, g, out):
        r"\mathrm{sym}(L^{-\top} \Phi(L^{\top} \bar L) L^{-1})"
        low = F.tril(F.batched_matmul(H(F, out), g), 0)
        half = (low + F.tril(low, -1)) / 2
        inverse = F.linalg_inv(out)
        full = F.batched_matmul(F.batched_matmul(H(F, inverse), half), inverse)
        return (full + H(F, full)) / 2


@op(method=False, function=False, name="LinalgQrBackward0")
class linalg_qr:
    """An orthogonal Q and an upper triangular R with ``Q R = A``."""

    label = "qr"
    formula = r"Q, R : Q R = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, mode):
        matrices("linalg.qr", input)
        if mode == "r":
            return xp.zeros((0,), input.dtype), xp.linalg.qr(input, mode="r")
        return tuple(xp.linalg.qr(input, mode=mode))

    def d_input(F, g, input, out, mode):
        r"(\bar Q + Q\, \mathrm{copyltu}(R \bar R^{\top} - \bar Q^{\top} Q)) R^{-\top}"
        q, r = out
        m, n = input.shape[-2:]
        if mode == "r":
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Use mode='reduced'."
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
        symmetric = F.tril(inner, 0) + H(F, low)
        left = mm(q, symmetric)
        left = left if gq is None else left + gq
        left = mm(left, F.linalg_inv(H(F, r)))
        return left if right is None else F.cat([left, right], -1)


@op(method=False, function=False, name="LinalgSvdBackward0")
class linalg_svd:
    """Singular values and vectors."""

    label = "svd"
    formula = r"U, S, V^{\top} : U S V^{\top} = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, full_matrices):
        matrices("linalg.svd", input)
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
        gaps = gaps + F.constant(_eye(input, k), gaps)
        if gu is not None:
            x = mm(H(F, u), gu)
            part = (x - H(F, x)) / gaps * row
            middle = part if middle is None else middle + part
        if gv is not None:
            x = mm(vh, gv)
            part = column * ((x - H(F, x)) / gaps)
            middle = part if middle is None else middle + part
        total = mm(mm(u, middle), vh)
        if gu is not None and m > k:
            outside = gu - mm(u, mm(H(F, u), gu))
            total = total + mm(outside / row, vh)
        if gv is not None and n > k:
            outside = H(F, gv) - mm(mm(H(F, gv), H(F, vh)), vh)
            total = total + mm(u, outside / column)
        return total


def _eye(like: Any, n: int) -> Any:
    a = getattr(like, "_a", like)
    from .. import backends

    return backends.namespace(a).eye(n, dtype=a.real.dtype)


@op(method=False, function=False, name="LinalgEighBackward0")
class linalg_eigh:
    """Eigenvalues, in order, and eigenvectors of symmetric (Hermitian) matrices."""

    label = "eigh"
    formula = r"\Lambda, V : V \Lambda V^{\top} = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, UPLO):
        square("linalg.eigh", input)
        return tuple(xp.linalg.eigh(input, UPLO))

    def d_input(F, g, input, out):
        r"V (\bar \Lambda + (V^{\top} \bar V) / E) V^{\top}"
        values, v = out
        n = values.shape[-1]
        mm = F.batched_matmul
        middle = None
        if 0 in g:
            middle = F.embed_diagonal(g[0], (*values.shape, n), 0, -2, -1)
        if 1 in g:
            eye = F.constant(_eye(input, n), values)
            gaps = F.unsqueeze(values, -2) - F.unsqueeze(values, -1) + eye
            part = mm(H(F, v), g[1]) / gaps * (1 - eye)
            middle = part if middle is None else middle + part
        if hasattr(middle, "astype") and middle.dtype != v.dtype:
            middle = middle.astype(v.dtype)
        elif isinstance(middle, Tensor) and middle.dtype is not v.dtype:
            middle = middle.to(v.dtype)
        return mm(mm(v, middle), H(F, v))


@op(method=False, function=False, name="LinalgPinvBackward0")
class linalg_pinv:
    """The pseudoinverse; singular values up to ``max(atol, rtol * largest)`` count as 0."""

    label = "pinv"
    formula = r"X^{+}"
    holomorphic = False

    def forward(xp, input: Array, atol, rtol):
        matrices("linalg.pinv", input)
        if not input.size:
            return xp.zeros((*input.shape[:-2], input.shape[-1], input.shape[-2]), input.dtype)
        u, s, vh = xp.linalg.svd(input, full_matrices=False)
        cut = xp.maximum(xp.asarray(atol), xp.asarray(rtol) * s.max(axis=-1))[..., None]
        scale = xp.where(s > cut, 1 / xp.where(s > cut, s, 1), 0).astype(s.dtype)
        return xp.conj(xp.swapaxes(vh, -1, -2)) @ (scale[..., None] * xp.conj(xp.swapaxes(u, -1, -2)))

    def d_input(F, g, input, out):
        r"-(Y \bar Y^{\top} Y)^{\top} + \dots"
        mm = F.batched_matmul
        y, yh, gh = out, H(F, out), H(F, g)
        if input.shape[-2] <= input.shape[-1]:
            k = mm(gh, y)
            ky = mm(k, yh)
            return ky - H(F, mm(y, k)) - mm(mm(input, y), ky) + mm(mm(yh, y), gh - mm(k, input))
        k = mm(y, gh)
        yk = mm(yh, k)
        return yk - H(F, mm(k, y)) + mm(mm(gh - mm(input, k), y), yh) - mm(mm(yk, y), input)
