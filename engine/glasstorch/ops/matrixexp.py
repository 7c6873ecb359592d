"""The exponential of a matrix. Moler and Van Loan, *Nineteen dubious ways to compute the exponential of a matrix*."""

from __future__ import annotations

import math

from ..core.op import op
from .matmul import _product
from .matrices import T

TERMS = 14  # of the Taylor series: with a norm of 1/8 the rest is below float64's rounding


@op(method=False, function=False, name="LinalgMatrixExpBackward0")
class linalg_matrix_exp:
    """The exponential series of a matrix, by scaling, Taylor series and squaring (their method 3)."""

    label = "matrix_exp"
    formula = r"e^X"

    def forward(xp, input: Array):
        norms = xp.abs(input).sum(axis=-1)
        size = float(xp.where(xp.isfinite(norms), norms, 0).max(initial=0))
        halvings = max(0, math.ceil(math.log2(size)) + 3) if size > 0 else 0
        x = input * input.dtype.type(0.5**halvings)
        one = xp.eye(input.shape[-1], dtype=input.dtype)
        out = xp.broadcast_to(one, input.shape)
        for k in range(TERMS, 0, -1):
            out = one + _product(xp, x, out) / input.dtype.type(k)
        for _ in range(halvings):
            out = _product(xp, out, out)
        return out

    def d_input(F, g, input):
        r"\left( \exp \begin{pmatrix} X^{\top} & \bar Y \\ 0 & X^{\top} \end{pmatrix} \right)_{12}"
        n = input.shape[-1]
        turned = T(F, input)
        upper = F.cat([turned, g], -1)
        lower = F.cat([F.zeros_of(g.shape, turned), turned], -1)
        whole = F.linalg_matrix_exp(F.cat([upper, lower], -2))
        return F.narrow(F.narrow(whole, -2, 0, n), -1, n, n)
