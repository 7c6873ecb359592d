"""Linear equations: inverse, solve, triangular solve, determinants, pseudoinverse, with their derivatives.

Batches of matrices in the last two dimensions. The derivatives follow Giles, *An extended collection of matrix
derivative results* (2008).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backends import elimination
from ..core.op import op
from ..core.tensor import Tensor
from .factor import finite
from .matrices import (
    H,
    LinAlgError,
    T,
    array_of,
    as_type,
    attempt,
    eye_like,
    first_failure,
    is_complex,
    same_batch,
    same_type,
    square,
)


def solve_by_lu(xp: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The x with ``a x = b``, inf and nan where there is none, and LU's ``info``."""
    lu, pivots, info = elimination.lu(xp, a)
    order = elimination.permutation(xp, pivots, a.shape[-1])
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    order = xp.broadcast_to(order[..., None], (*batch, *b.shape[-2:]))
    b = xp.take_along_axis(xp.broadcast_to(b, order.shape), order, -2)
    y = elimination.solve_triangular(xp, lu, b, False, True)
    return elimination.solve_triangular(xp, lu, y, True, False), info


@op(method=False, function=False, name="LinalgInvExBackward0")
class linalg_inv:
    """The inverse. ``blame`` is the function that an error names; without it there is inf or nan and no error."""

    label = "inv"
    formula = r"X^{-1}"

    def forward(xp, input: Array, blame="linalg.inv"):
        square("linalg.inv", input)
        out = attempt(xp, xp.linalg.inv, input)
        if out is not None:
            return out
        out, info = solve_by_lu(xp, input, xp.eye(input.shape[-1], dtype=input.dtype))
        failed = first_failure(xp, info)
        if blame and failed:
            raise LinAlgError(
                f"{blame}: {failed[0]}The diagonal element {failed[1]} is zero, the inversion could not be completed "
                "because the input matrix is singular."
            )
        return out

    def d_input(F, g, out):
        r"-Y^{\top} \bar Y\, Y^{\top}"
        y = T(F, out)
        return -F.batched_matmul(F.batched_matmul(y, g), y)


@op(method=False, function=False, name="LinalgSolveExBackward0")
class linalg_solve:
    """The X with ``A X = B``. ``blame`` as for ``linalg_inv``."""

    label = "solve"
    formula = r"A^{-1} B"

    def forward(xp, input: Array, other: Array, blame="torch.linalg.solve"):
        square("linalg.solve", input, "lu_cpu")
        same_type("linalg.solve", input, other)
        fits("linalg.solve", input, other)
        same_batch(xp, input, other)
        out = attempt(xp, xp.linalg.solve, input, other)
        if out is not None:
            return out
        out, info = solve_by_lu(xp, input, other)
        failed = first_failure(xp, info)
        if blame and failed:
            raise LinAlgError(f"{blame}: {failed[0]}The solver failed because the input matrix is singular.")
        return out

    def d_input(F, g, input, other_shape, out):
        r"-A^{-\top} \bar X\, X^{\top}"
        return F.sum_to_size(-F.batched_matmul(F.linalg_solve(T(F, input), g, None), T(F, out)), input.shape)

    def d_other(F, g, input, other_shape):
        r"A^{-\top} \bar X"
        return F.sum_to_size(F.linalg_solve(T(F, input), g, None), other_shape)


def fits(name: str, a: Any, b: Any, left: bool = True) -> None:
    """RuntimeError unless ``a x = b`` (or ``x a = b``) makes sense."""
    if a.shape[-1] != b.shape[-2 if left else -1]:
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {'AX' if left else 'XA'} = B "
            f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})"
        )


@op(method=False, function=False, name="LinalgSolveTriangularBackward0")
class linalg_solve_triangular:
    """The X with ``A X = B``, of A only one triangle; ``unit``: its diagonal counts as ones."""

    label = "solve_triangular"
    formula = r"A^{-1} B"

    def forward(xp, input: Array, other: Array, upper, unit=False):
        same_type("linalg.solve_triangular", input, other)
        same_batch(xp, input, other)
        return elimination.solve_triangular(xp, input, other, upper, unit)

    def d_input(F, g, input, out, upper, unit):
        r"-\mathrm{tri}(A^{-\top} \bar X\, X^{\top})"
        whole = -F.batched_matmul(F.linalg_solve_triangular(T(F, input), g, not upper, unit), T(F, out))
        part = F.triu(whole, int(unit)) if upper else F.tril(whole, -int(unit))
        return F.sum_to_size(part, input.shape)

    def d_other(F, g, input, other_shape, upper, unit):
        r"A^{-\top} \bar X"
        return F.sum_to_size(F.linalg_solve_triangular(T(F, input), g, not upper, unit), other_shape)


@op(method=False, function=False, name="LinalgDetBackward0")
class linalg_det:
    """The determinant.

    Where it is 0, PyTorch's plain backward gives a gradient of zeros, and so does this one; with ``create_graph``
    both give the true one, the matrix of cofactors.
    """

    label = "det"
    formula = r"\det X"

    def forward(xp, input: Array):
        square("linalg.det", input, "lu_cpu")
        return xp.linalg.det(input)

    def d_input(F, g, input, out):
        r"\bar y \, \det(X)\, X^{-\top}"
        scale = F.unsqueeze(F.unsqueeze(g, -1), -1)
        zero = array_of(out) == 0
        if isinstance(g, Tensor):
            if zero.any():
                return scale * _cofactors(F, input)
            return scale * F.unsqueeze(F.unsqueeze(out, -1), -1) * T(F, F.linalg_inv(input))
        whole = scale * out[..., None, None]
        if zero.any():
            one = F.xp.eye(input.shape[-1], dtype=input.dtype)
            input = F.xp.where(zero[..., None, None], one, input)
        return whole * T(F, F.linalg_inv(input, None))


def _cofactors(F: Any, a: Any) -> Any:
    """The matrix of cofactors, which exists for singular matrices too: from the singular values."""
    u, s, vh = F.linalg_svd(a, True)
    n = a.shape[-1]
    others = F.where(eye_like(F, a, n) == 1, s.detach().unsqueeze(-2) * 0 + 1, s.unsqueeze(-2))
    sign = F.linalg_det(u) * F.linalg_det(vh)
    product = as_type(F, others.prod(-1), u)
    return sign.unsqueeze(-1).unsqueeze(-1) * F.batched_matmul(F.conj(u) * product.unsqueeze(-2), F.conj(vh))


@op(method=False, function=False, name="LinalgSlogdetBackward0")
class linalg_slogdet:
    """Sign and logarithm of the size of the determinant."""

    label = "slogdet"
    formula = r"\mathrm{sgn} \det X,\ \log |\det X|"
    several, holomorphic = True, False

    def forward(xp, input: Array):
        square("linalg.slogdet", input)
        sign, size = xp.linalg.slogdet(input)
        return xp.where(xp.isnan(size), 0, sign).astype(input.dtype, copy=False), size

    def d_input(F, g, input, out):
        r"(\bar y_2 - i\, \mathrm{Im}(\bar y_1^{*} y_1))\, X^{-\mathrm{H}}"
        scale = g.get(1)
        if 0 in g and is_complex(input):
            turn = F.imag(F.conj(g[0]) * out[0]) * -1j
            scale = turn if scale is None else scale + turn
        if scale is None:
            return input * 0
        n = input.shape[-1]
        one = as_type(F, eye_like(F, input, n), input)
        scaled = as_type(F, F.unsqueeze(F.unsqueeze(scale, -1), -1), input) * one
        return F.linalg_solve(H(F, input), scaled, None)


@op(method=False, function=False, name="LinalgPinvBackward0")
class linalg_pinv:
    """The pseudoinverse; singular values up to ``max(atol, rtol * largest)`` count as 0."""

    label = "pinv"
    formula = r"X^{+}"
    holomorphic = False

    def forward(xp, input: Array, atol, rtol, hermitian):
        if not input.size:
            return xp.zeros((*input.shape[:-2], input.shape[-1], input.shape[-2]), input.dtype)
        if hermitian:
            s, u = xp.linalg.eigh(input)
            v = u
        else:
            finite(xp, input)
            u, s, vh = xp.linalg.svd(input, full_matrices=False)
            v = xp.conj(xp.swapaxes(vh, -1, -2))
        size = xp.abs(s)
        cut = xp.maximum(xp.asarray(atol), xp.asarray(rtol) * size.max(axis=-1))[..., None]
        scale = xp.where(size > cut, 1 / xp.where(size > cut, s, 1), 0).astype(s.dtype)
        return v @ (scale[..., None] * xp.conj(xp.swapaxes(u, -1, -2)))

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
