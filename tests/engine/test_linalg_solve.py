"""Linear equations, inverses, determinants and least squares against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare
from support.matrices import BATCHES, KINDS, adjoint, random, same


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES)
def test_inverse_and_solve(kind: str, batch: tuple) -> None:
    a, b = random(kind, *batch, 3, 3), random(kind, *batch, 3, 2)
    compare(lambda E, x: (E.linalg.inv(x), *E.linalg.inv_ex(x), x.inverse()), a)
    compare(
        lambda E, x, y: (E.linalg.solve(x, y), *E.linalg.solve_ex(x, y), E.linalg.solve(x, y[..., 0])), a, b
    )
    compare(lambda E, x, y: E.linalg.solve(x, y.mT, left=False), a, b)
    compare(lambda E, x, y: E.linalg.solve(x, y), a, random(kind, 3, 2))  # one right side for all matrices
    for left, adj in ((True, False), (True, True), (False, False), (False, True)):
        compare(
            lambda E, x, y, left=left, adj=adj: E.linalg.lu_solve(*E.linalg.lu_factor(x), y, left=left, adjoint=adj),
            a, random(kind, *batch, 3, 3),
        )  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_triangular(kind: str) -> None:
    a, b = random(kind, 2, 3, 3), random(kind, 2, 3, 2)
    for upper in (True, False):
        for unit in (True, False):
            options = {"upper": upper, "unitriangular": unit}
            compare(lambda E, x, y, o=options: E.linalg.solve_triangular(x, y, **o), a, b)
            compare(lambda E, x, y, o=options: E.linalg.solve_triangular(x, y[0].mT, left=False, **o), a, b)
            for turned in (True, False):
                compare(
                    lambda E, x, y, o=options, t=turned: tuple(y.triangular_solve(x, transpose=t, **o)), a, b
                )
    compare(lambda E, x, y: (y.lu_solve(*E.linalg.lu_factor(x)), E.lu_solve(y, *E.linalg.lu_factor(x))), a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_determinants(kind: str) -> None:
    for batch in BATCHES:
        a = random(kind, *batch, 3, 3)
        compare(lambda E, x: (E.linalg.det(x), E.logdet(x @ x.mH), *E.linalg.slogdet(x), *E.slogdet(x)), a)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 3)])
def test_least_squares_and_rank(kind: str, shape: tuple) -> None:
    for batch in BATCHES:
        a, b = random(kind, *batch, *shape), random(kind, *batch, shape[0], 2)
        for driver in (None, "gels", "gelsy", "gelsd", "gelss"):
            compare(lambda E, x, y, d=driver: tuple(E.linalg.lstsq(x, y, driver=d)), a, b)
        compare(
            lambda E, x: (
                E.linalg.pinv(x),
                x.pinverse(),
                E.linalg.pinv(x, rtol=0.5),
                E.linalg.pinv(x, atol=0.5),
            ),
            a,
        )
        compare(lambda E, x: (E.linalg.matrix_rank(x), E.linalg.matrix_rank(x, tol=1.0),
                              E.linalg.matrix_rank(x, atol=0.1, rtol=0.5)), a)  # fmt: skip
    square = random(kind, 2, 3, 3)
    compare(lambda E, x: E.linalg.pinv(x, hermitian=True), square + adjoint(square))
    compare(lambda E, x: E.linalg.matrix_rank(x, hermitian=True, tol=1.0), square)  # one triangle is read


def test_single_precision_stays_single() -> None:
    a = random("real", 3, 3).astype(np.float32)
    compare(
        lambda E, x: (E.linalg.inv(x), E.linalg.solve(x, x[:, :1]), E.linalg.det(x), *E.linalg.lu(x)),
        a,
        second=False,
    )


TEXTS = [
    f"L.{name}({a})"
    for name in ("inv", "inv_ex", "det", "slogdet", "pinv", "matrix_rank", "matrix_exp")
    for a in ("ones(3)", "ones(2, 3)", "eye(2).long()", "ones(0, 0)", "ones(2, 0, 0)", "ones(0, 2, 2)", "I * nan")
] + """
L.inv(Z)
L.inv(S)
L.inv(B)
L.inv(B.expand(2, 3, 2, 2))
L.inv_ex(B)
L.inv_ex(B, check_errors=True)
L.inv([[1.0]])
L.inv(eye(2).half())
L.det(eye(2).half())
L.solve(S, I)
L.solve(B, I)
L.solve_ex(B, I)
L.solve_ex(B, I, check_errors=True)
L.solve(S, ones(3, 2))
L.solve(S, ones(3))
L.solve(S, v.double())
L.solve(ones(2, 3), v)
L.solve(I.expand(3, 2, 2), ones(4, 2, 2))
L.solve(I, v, left=False)
L.solve(I.long(), v.long())
L.solve(ones(0, 0), ones(0, 3))
L.solve_triangular(S, ones(3, 2), upper=True)
L.solve_triangular(S, v, upper=True)
L.solve_triangular(S.long(), S.long(), upper=True)
L.solve_triangular(Z, I, upper=True)
L.lu_solve(S, ones(2).long(), S)
L.lu_solve(S, ones(3, dtype=i32), S)
L.lu_solve(S, ones(2, dtype=i32), S.double())
L.lu_solve(S, ones(2, dtype=i32), v)
L.ldl_solve(S, ones(3, dtype=i32), S)
L.ldl_solve(S, ones(2, dtype=i32), A)
L.lstsq(A, ones(3))
L.lstsq(A, ones(3, 1), driver='x')
L.lstsq(A, ones(3, 1), rcond=0.5, driver='gelsd')
L.lstsq(A, ones(2, 1))
L.lstsq(A, ones(2, 3, 1))
L.lstsq(A, ones(3, 1).double())
L.lstsq(ones(0, 2), ones(0, 1))
L.lstsq(ones(3, 0), ones(3, 1))
L.tensorinv(eye(4).reshape(2, 2, 4))
L.tensorinv(eye(4), ind=0)
L.tensorinv(eye(4).reshape(2, 2, 4), ind=1)
L.tensorsolve(eye(6).reshape(2, 3, 6), ones(2, 3))
L.tensorsolve(eye(6).reshape(2, 6, 3), ones(2, 3), dims=(1,))
L.tensorsolve(ones(2, 3, 6), ones(2, 2))
L.tensorsolve(S, v)
E.triangular_solve(A, S)
E.triangular_solve(v, S)
E.triangular_solve(S.double(), S)
E.logdet(Z)
E.logdet(-S)
E.inverse(Z)
E.matrix_power(A, 2)
E.matrix_power(S, -1)
E.matrix_power(S.long(), 2)
E.matrix_power(S.long(), -2)
E.matrix_power(v, 3)
E.matrix_power(S, 0)
E.matrix_power(S, 2.5)
E.matrix_power(S.bool(), 2)
""".strip().split("\n")  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("text", TEXTS)
def test_edges_and_refusals(text: str) -> None:
    same(text)
