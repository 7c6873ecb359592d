"""LU as ops: the factors in one matrix, or apart, with their derivatives.

De Hoog, Anderssen and Lukas, *Differentiation of matrix functionals using triangular factorization* (2011).
"""

from __future__ import annotations

from typing import Any

from .. import backends
from ..backends import elimination
from ..core.op import op
from .matrices import H, array_of, as_type, element_type


def _check(a: Any) -> None:
    if a.ndim < 2:
        raise RuntimeError(
            f"torch.lu_factor: Expected tensor with 2 or more dimensions. Got size: {list(a.shape)} instead"
        )
    element_type("torch.lu_factor", a, "lu_cpu", whole=True)


def permutation_array(xp: Any, pivots: Any, rows: int, dtype: Any) -> Any:
    """The P of ``P L U = A``, of ones and zeros."""
    order = elimination.permutation(xp, pivots, rows)
    return (order[..., None, :] == xp.arange(rows)[:, None]).astype(dtype)


def _apart(xp: Any, both: Any) -> tuple[Any, Any]:
    """L and U from the one matrix that holds them."""
    k = min(both.shape[-2:])
    one = xp.eye(both.shape[-2], k, dtype=both.dtype)
    return xp.tril(both[..., :k], -1) + one, xp.triu(both[..., :k, :])


@op(method=False, function=False, name="LinalgLuFactorExBackward0")
class linalg_lu_factor:
    """L and U in one matrix, with ``P L U = A``; the pivots; the number of the first pivot that is 0, or 0."""

    label = "lu_factor"
    formula = r"L, U : P L U = X"
    several, holomorphic, nondifferentiable = True, False, (1, 2)

    def forward(xp, input: Array):
        _check(input)
        return elimination.lu(xp, input)

    def d_input(F, g, out):
        r"P L^{-\top} (\mathrm{tril}_{-1}(L^{\top} \bar L) + \mathrm{triu}(\bar U U^{\top})) U^{-\top}"
        both, pivots = out[0], array_of(out[1])
        m, n = both.shape[-2:]
        k = min(m, n)
        xp = backends.namespace(array_of(both))
        p = F.constant(permutation_array(xp, pivots, m, array_of(both).dtype), both)
        one = as_type(F, F.constant(xp.eye(m, k), both), both)
        low, up = F.tril(F.narrow(both, -1, 0, k), -1) + one, F.triu(F.narrow(both, -2, 0, k), 0)
        gl, gu = F.tril(F.narrow(g[0], -1, 0, k), -1), F.triu(F.narrow(g[0], -2, 0, k), 0)
        return _gradient(F, p, low, up, gl, gu)


@op(method=False, function=False, name="LinalgLuBackward0")
class linalg_lu:
    """A permutation and two triangular matrices with ``P L U = A``."""

    label = "lu"
    formula = r"P, L, U : P L U = X"
    several, holomorphic, nondifferentiable = True, False, (0,)

    def forward(xp, input: Array):
        _check(input)
        both, pivots, _ = elimination.lu(xp, input)
        return permutation_array(xp, pivots, input.shape[-2], input.dtype), *_apart(xp, both)

    def d_input(F, g, out):
        r"P L^{-\top} (\mathrm{tril}_{-1}(L^{\top} \bar L) + \mathrm{triu}(\bar U U^{\top})) U^{-\top}"
        p, low, up = out
        gl = g[1] if 1 in g else F.zeros_of(low.shape, low)
        gu = g[2] if 2 in g else F.zeros_of(up.shape, up)
        return _gradient(F, p, low, up, gl, gu)


@op(method=False, function=False, name="LuUnpackBackward0")
class lu_unpack_op:
    """P, L and U from the matrix that holds the factors and from the pivots."""

    label = "lu_unpack"
    formula = r"P, L, U"
    several, holomorphic, nondifferentiable = True, False, (0,)

    def forward(xp, input: Array, pivots):
        return permutation_array(xp, pivots, input.shape[-2], input.dtype), *_apart(xp, input)

    def d_input(F, g, input_shape):
        r"\mathrm{tril}_{-1}(\bar L) + \mathrm{triu}(\bar U)"
        m, n = input_shape[-2:]
        k, batch = min(m, n), input_shape[:-2]
        total = None
        if 1 in g:
            total = F.tril(g[1], -1)
            total = total if n == k else F.cat([total, F.zeros_of((*batch, m, n - k), total)], -1)
        if 2 in g:
            part = F.triu(g[2], 0)
            part = part if m == k else F.cat([part, F.zeros_of((*batch, m - k, n), part)], -2)
            total = part if total is None else total + part
        return total


def _gradient(F: Any, p: Any, low: Any, up: Any, gl: Any, gu: Any) -> Any:
    """The gradient of A from those of L (m, k) and U (k, n); only their own triangles of ``gl`` and ``gu`` count."""
    m, k = low.shape[-2:]
    n = up.shape[-1]
    mm, solve = F.batched_matmul, F.linalg_solve_triangular
    l1, u1 = F.narrow(low, -2, 0, k), F.narrow(up, -1, 0, k)
    for_l, for_u = mm(H(F, l1), F.narrow(gl, -2, 0, k)), mm(F.narrow(gu, -1, 0, k), H(F, u1))
    right = bottom = None
    if n > k:  # the columns of U beyond the square part
        gu2 = F.narrow(gu, -1, k, n - k)
        right = solve(H(F, l1), gu2, True, True)
        for_l = for_l - mm(gu2, H(F, F.narrow(up, -1, k, n - k)))
    if m > k:  # the rows of L below it
        gl2 = F.narrow(gl, -2, k, m - k)
        bottom = H(F, solve(u1, H(F, gl2), True))
        for_u = for_u - mm(H(F, F.narrow(low, -2, k, m - k)), gl2)
    inner = solve(H(F, l1), F.tril(for_l, -1) + F.triu(for_u, 0), True, True)
    whole = H(F, solve(u1, H(F, inner), True))
    whole = whole if right is None else F.cat([whole, right], -1)
    whole = whole if bottom is None else F.cat([whole, bottom], -2)
    return mm(as_type(F, p, whole), whole)
