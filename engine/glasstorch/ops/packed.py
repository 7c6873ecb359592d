"""Linear algebra's ops that make or use packed factors: LDL, Householder reflectors, Cholesky's factor."""

from __future__ import annotations

from ..backends import elimination
from ..core.op import op
from .matrices import H, LinAlgError, square


@op(method=False, function=False)
class linalg_ldl_factor:
    """L and D in one matrix, pivots, info. PyTorch has no derivative either."""

    label = "ldl_factor"
    formula = r"L, D : P L D L^{\top} P^{\top} = X"
    several, holomorphic, nondifferentiable = True, False, (1, 2)

    def forward(xp, input: Array, hermitian):
        square("torch.linalg.ldl_factor_ex", input, "ldl_factor_kernel_cpu")
        return elimination.ldl(xp, input, hermitian and input.dtype.kind == "c")

    def d_input(F, g):
        r"\text{not implemented}"
        raise RuntimeError("derivative for aten::linalg_ldl_factor_ex is not implemented")


@op(method=False, function=False)
class linalg_ldl_solve:
    """The X with ``A X = B`` from A's LDL factors. PyTorch has no derivative either."""

    label = "ldl_solve"
    formula = r"A^{-1} B"

    def forward(xp, input: Array, pivots: Array, other: Array, hermitian):
        return elimination.ldl_solve(xp, input, pivots, other, hermitian)

    def d_input(F, g):
        r"\text{not implemented}"
        raise RuntimeError("derivative for aten::linalg_ldl_solve is not implemented")

    def d_other(F, g):
        r"\text{not implemented}"
        raise RuntimeError("derivative for aten::linalg_ldl_solve is not implemented")


@op(method=False, function=False)
class cholesky_inverse_op:
    """The inverse of ``L L^H`` (``U^H U`` with ``upper``) from its Cholesky factor."""

    label = "cholesky_inverse"
    formula = r"(L L^{\top})^{-1}"
    holomorphic = False

    def forward(xp, input: Array, upper):
        factor_of = xp.conj(xp.swapaxes(input, -1, -2)) if upper else input
        diagonal = xp.diagonal(factor_of, axis1=-2, axis2=-1) == 0
        if diagonal.any():
            at = xp.argwhere(diagonal)[0]
            where = f"(Batch element {int(xp.ravel(diagonal.any(-1)).argmax())}): " if input.ndim > 2 else ""
            raise LinAlgError(
                f"cholesky_inverse: {where}The diagonal element {int(at[-1]) + 1} is zero, the inversion could not be "
                "completed because the input matrix is singular."
            )
        half = elimination.solve_triangular(
            xp, factor_of, xp.eye(input.shape[-1], dtype=input.dtype), False, False
        )
        return xp.conj(xp.swapaxes(half, -1, -2)) @ half

    def d_input(F, g, input, out, upper):
        r"-Y (\bar Y + \bar Y^{\top}) Y L"
        mm = F.batched_matmul
        both = mm(out, mm(g + H(F, g), out))
        return -mm(input, both) if upper else -mm(both, input)


@op(method=False, function=False)
class cholesky_solve_op:
    """The X with ``L L^H X = B`` (``U^H U X = B`` with ``upper``)."""

    label = "cholesky_solve"
    formula = r"(L L^{\top})^{-1} B"
    holomorphic = False

    def forward(xp, input: Array, input2: Array, upper):
        turned = xp.conj(xp.swapaxes(input2, -1, -2))
        low, up = (turned, input2) if upper else (input2, turned)
        half = elimination.solve_triangular(xp, low, input, False, False)
        return elimination.solve_triangular(xp, up, half, True, False)

    def d_input(F, g, input_shape, input2, upper):
        r"(L L^{\top})^{-1} \bar X"
        return F.sum_to_size(F.cholesky_solve(g, input2, upper), input_shape)

    def d_input2(F, g, input2, upper, out):
        r"-(S + S^{\top}) L,\; S = (L L^{\top})^{-1} \bar X X^{\top}"
        mm = F.batched_matmul
        both = mm(F.cholesky_solve(g, input2, upper), H(F, out))
        both = both + H(F, both)
        return F.sum_to_size(-mm(input2, both) if upper else -mm(both, input2), input2.shape)


@op(method=False, function=False)
class geqrf_op:
    """QR as LAPACK keeps it: R and the columns of the reflectors below it, and their factors tau."""

    label = "geqrf"
    formula = r"v_i, \tau_i, R : (1 - \tau_1 v_1 v_1^{\top}) \cdots R = X"
    several = True

    def forward(xp, input: Array):
        k = min(input.shape[-2:])
        if not input.size:
            return input.copy(), xp.zeros((*input.shape[:-2], k), input.dtype)
        columns, tau = xp.linalg.qr(input, mode="raw")
        return (
            xp.ascontiguousarray(xp.swapaxes(columns, -1, -2)).astype(input.dtype, copy=False),
            tau.astype(input.dtype, copy=False),
        )

    def d_input(F, g):
        r"\text{not implemented}"
        raise NotImplementedError("the derivative for 'geqrf' is not implemented.")
