"""Eigenvalues and eigenvectors: of symmetric (Hermitian) matrices and of any square ones, with their derivatives.

Eigenvectors have length 1 and a free sign, or phase: a loss must not depend on it. Giles, *An extended collection of
matrix derivative results* (2008); Boeddeker et al., *On the computation of complex-valued gradients with
application to statistically optimum beamforming* (2017).
"""

from __future__ import annotations

import numpy as np

from .. import backends
from ..backends import lobpcg
from ..core import dtype as dt
from ..core.op import op
from .matrices import H, LinAlgError, array_of, as_type, element_type, eye_like, gauge, is_complex, square


@op(method=False, function=False, name="LinalgEighBackward0")
class linalg_eigh:
    """Eigenvalues, in order, and eigenvectors of symmetric (Hermitian) matrices."""

    label = "eigh"
    formula = r"\Lambda, V : V \Lambda V^{\top} = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, UPLO):
        element_type("linalg.eigh", input, "linalg_eigh_cpu", whole=True)
        square("linalg.eigh", input)
        try:
            return tuple(xp.linalg.eigh(input, UPLO))
        except np.linalg.LinAlgError:
            raise LinAlgError(
                "linalg.eigh: The algorithm failed to converge because the input matrix is ill-conditioned or has too "
                "many repeated eigenvalues."
            ) from None

    def d_input(F, g, input, out):
        r"V (\bar \Lambda + \mathrm{skew}(V^{\top} \bar V) / E) V^{\top}"
        values, v = out
        n = values.shape[-1]
        mm = F.batched_matmul
        middle = None
        if 0 in g:
            middle = F.embed_diagonal(g[0], (*values.shape, n), 0, -2, -1)
        if 1 in g:
            eye = eye_like(F, values, n)
            gaps = F.unsqueeze(values, -2) - F.unsqueeze(values, -1) + eye
            x = mm(H(F, v), g[1])
            gauge("linalg_eigh_backward", F.diagonal(x, 0, -2, -1), "eigenvectors")
            part = (x - H(F, x)) / 2 / gaps * (1 - eye)
            middle = part if middle is None else middle + part
        return mm(mm(v, as_type(F, middle, v)), H(F, v))


@op(method=False, function=False, name="LinalgEigBackward0")
class linalg_eig:
    """Eigenvalues and eigenvectors of length 1 of square matrices, always complex."""

    label = "eig"
    formula = r"\Lambda, V : V \Lambda V^{-1} = X"
    several, holomorphic = True, False

    def forward(xp, input: Array, name="linalg.eig"):
        if input.dtype.kind in "biu":
            raise RuntimeError(
                f"Unknown Complex ScalarType for {dt.from_numpy_dtype(input.dtype).legacy}. {name} wants floating "
                "point or complex numbers: convert first, .float()"
            )
        square(name, input, "linalg_eig_out_cpu")
        if not xp.isfinite(input).all():
            raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
        to = np.result_type(input.dtype, np.complex64)
        return tuple(part.astype(to, copy=False) for part in xp.linalg.eig(input))

    def d_input(F, g, input, out):
        r"V^{-\mathrm{H}} (\bar \Lambda + \mathrm{off}(V^{\mathrm{H}} \bar V_{\perp} / E)) V^{\mathrm{H}}"
        values, v = out
        n = values.shape[-1]
        mm, vh = F.batched_matmul, H(F, v)
        middle = None
        if 0 in g:
            middle = F.embed_diagonal(g[0], (*values.shape, n), 0, -2, -1)
        if 1 in g:
            eye = eye_like(F, values, n)
            x = mm(vh, g[1])
            along = F.diagonal(x, 0, -2, -1)
            gauge("linalg_eig_backward", along, "eigenvectors")
            x = x - mm(vh, v) * F.unsqueeze(F.real(along), -2)  # lengths stay 1
            gaps = F.conj(F.unsqueeze(values, -2) - F.unsqueeze(values, -1)) + eye
            part = x / gaps * (1 - eye)
            middle = part if middle is None else middle + part
        whole = F.linalg_solve(vh, mm(middle, vh), None)
        return whole if is_complex(input) else as_type(F, whole, input)


@op(method=False, function=False, name="LOBPCGAutogradFunctionBackward")
class lobpcg_op:
    """Some eigenvalues and eigenvectors at one end of a symmetric matrix's spectrum, found step by step."""

    label = "lobpcg"
    formula = r"\Lambda_k, V_k : X V_k = V_k \Lambda_k"
    several = True

    def forward(xp, input: Array, B, start, precondition, largest, tol, steps):
        batch, n = input.shape[:-2], input.shape[-1]
        k = start.shape[-1]
        values, vectors = xp.empty((*batch, k), input.dtype), xp.empty((*batch, n, k), input.dtype)
        for at in np.ndindex(*batch):
            values[at], vectors[at] = lobpcg.solve(
                xp, input[at], None if B is None else B[at], start[at], precondition, largest, tol, steps
            )
        return values, vectors

    def d_input(F, g, input, out, B, largest):
        r"V_k \bar \Lambda V_k^{\top} + V ((V^{\top} \bar V_k) / E) V_k^{\top}"
        if B is not None:
            raise ValueError("lobpcg.backward does not support backward with B != I yet.")
        values, x = out
        k, n = values.shape[-1], input.shape[-1]
        mm, total = F.batched_matmul, None
        if 0 in g:
            total = mm(x * F.unsqueeze(g[0], -2), H(F, x))
        if 1 in g:  # the other eigenvectors are found here, all at once
            every, v = F.linalg_eigh(input, "L")
            xp = backends.namespace(array_of(x))
            chosen = xp.arange(n - 1, n - 1 - k, -1) if largest else xp.arange(k)
            own = F.constant((xp.arange(n)[:, None] == chosen).astype(array_of(x).dtype), x)
            gaps = F.unsqueeze(values, -2) - F.unsqueeze(every, -1) + own
            part = mm(v, mm(mm(H(F, v), g[1]) / gaps * (1 - own), H(F, x)))
            total = part if total is None else total + part
        return total
