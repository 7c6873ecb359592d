"""Factorisations against PyTorch: values, pivots, first and second gradients, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from glasstorch.backends import elimination
from support.differential import compare
from support.matrices import BATCHES, KINDS, adjoint, random, same

SHAPES = [(4, 3), (3, 4), (3, 3)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES)
def test_lu(kind: str, batch: tuple) -> None:
    for shape in SHAPES:
        a = random(kind, *batch, *shape)
        compare(lambda E, x: tuple(E.linalg.lu(x)), a)
        compare(lambda E, x: (*E.linalg.lu_factor(x), *E.linalg.lu_factor_ex(x), *E.lu(x), *x.lu()), a)
        compare(lambda E, x: (*E.lu_unpack(*E.linalg.lu_factor(x)), E.linalg.lu(x)[2]), a)
        compare(lambda E, x: tuple(E.lu_unpack(*E.linalg.lu_factor(x), unpack_pivots=False)), a)


@pytest.mark.parametrize("kind", KINDS)
def test_cholesky(kind: str) -> None:
    for batch in BATCHES:
        a = random(kind, *batch, 3, 3)
        p = a @ adjoint(a) + np.eye(3) + 0.01 * np.triu(a, 1)  # the other triangle is not read
        compare(lambda E, x: (E.linalg.cholesky(x), *E.linalg.cholesky_ex(x), E.cholesky(x)), p)
        compare(lambda E, x: (E.linalg.cholesky(x, upper=True), x.cholesky(upper=True)), p)
        factor = np.tril(a, -1) + np.eye(3) * (1 + np.abs(a))
        compare(lambda E, x: (E.cholesky_inverse(x), x.mT.cholesky_inverse(upper=True)), factor)
        compare(lambda E, x, y: (E.cholesky_solve(y, x), y.cholesky_solve(x, True)), a, random(kind, 2, 3, 2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_qr_and_householder(kind: str, shape: tuple) -> None:
    m, n = shape
    for batch in BATCHES:
        a = random(kind, *batch, m, n)
        for mode in ("reduced", "complete", "r"):
            differentiable = mode == "reduced" or (mode == "complete" and m <= n)
            compare(lambda E, x, mode=mode: tuple(E.linalg.qr(x, mode)), a, grad=differentiable)
        compare(lambda E, x: tuple(E.geqrf(x)), a, grad=False)
        k = min(m, n)
        tau, c = random(kind, *batch, k), random(kind, *batch, m, 2)
        for adj in (False, True):
            compare(lambda E, x, t, y, adj=adj: E.ormqr(x, t, y, transpose=adj), a, tau, c)
            compare(lambda E, x, t, y, adj=adj: x.ormqr(t, y.mT, left=False, transpose=adj), a, tau, c)
        if m >= n:
            compare(lambda E, x, t: (E.orgqr(x, t), E.linalg.householder_product(x, t[..., :-1])), a, tau)


@pytest.mark.parametrize("kind", KINDS)
def test_ldl(kind: str) -> None:
    for n in (3, 12):
        a = random(kind, 2, n, n)
        for hermitian in (False, True):
            s = a + (adjoint(a) if hermitian else np.swapaxes(a, -1, -2))

            def solved(E, x, y, h=hermitian):
                made = E.linalg.ldl_factor(x, hermitian=h)
                return (
                    *made,
                    *E.linalg.ldl_factor_ex(x, hermitian=h),
                    E.linalg.ldl_solve(*made, y, hermitian=h),
                )

            compare(solved, s, random(kind, 2, n, 2), grad=False)


def test_large_matrices_go_through_the_halving() -> None:
    a = random("real", 50, 41)
    lu, pivots, info = elimination.lu(np, a)
    order = elimination.permutation(np, pivots, 50)
    low, up = np.tril(lu, -1) + np.eye(50, 41), np.triu(lu[:41])
    np.testing.assert_allclose(low @ up, a[order], atol=1e-12)
    assert not info
    assert np.abs(low).max() <= 1
    t = np.tril(a[:41]) + 9 * np.eye(41)
    x = elimination.solve_triangular(np, t, a[:41], False, False)
    np.testing.assert_allclose(t @ x, a[:41], atol=1e-11)


@pytest.mark.parametrize("shape", SHAPES)
def test_singular_values(shape: tuple) -> None:
    for kind in KINDS:
        a = random(kind, 2, *shape)
        compare(
            lambda E, x: (E.linalg.svdvals(x), *(p.abs() for p in E.linalg.svd(x, full_matrices=False))), a
        )
        compare(lambda E, x: (lambda u, s, vh: u[..., 0] * vh[..., 0, :1])(*E.linalg.svd(x, False)), a)
        compare(lambda E, x: (lambda u, s, v: (u.abs(), s, v.abs()))(*E.svd(x)), a)
        compare(lambda E, x: tuple(E.svd(x, compute_uv=False)), a, grad=False)


@pytest.mark.cpu  # a GPU has its own random numbers
def test_random_projections_use_pytorchs_numbers() -> None:
    def seeded(E, name, x, **options):
        E.manual_seed(3)
        u, s, v = getattr(E, name)(x, **options)
        return u.abs(), s, v.abs()

    for kind in KINDS:
        for shape in ((7, 5), (5, 7)):
            a = random(kind, *shape)
            compare(lambda E, x: seeded(E, "svd_lowrank", x, q=3), a, second=False)
            compare(lambda E, x: seeded(E, "svd_lowrank", x, q=2, niter=1, M=x[:1] * 0.5), a, second=False)
            if kind == "real":
                compare(lambda E, x: seeded(E, "pca_lowrank", x, q=2), a, second=False)
                compare(lambda E, x: (E.nuclear_norm(x), E.frobenius_norm(x, 1, keepdim=True)), a)


REFUSED = [
    f"L.{name}({a})"
    for name in ("cholesky", "cholesky_ex", "svdvals", "qr", "lu", "lu_factor", "lu_factor_ex", "ldl_factor_ex")
    for a in ("ones(3)", "ones(2, 3)", "eye(2).long()", "eye(2).half()", "ones(0, 0)", "ones(0, 2, 2)", "[[1.0]]")
] + """
L.cholesky(Z)
L.cholesky(S)
L.cholesky(B)
L.cholesky(I * nan)
L.cholesky_ex(B)
L.cholesky_ex(B, check_errors=True)
L.lu_factor(B)
L.lu_factor_ex(B)
L.lu_factor_ex(B, check_errors=True)
L.lu_factor(S, pivot=False)
L.lu(B)
L.ldl_factor_ex(S)
L.svd(A * nan)
L.svd(A, driver='gesvd')
L.qr(A, mode='x')
E.lu_unpack(eye(2), ones(2).long())
E.lu_unpack(eye(2), tensor([1, 7], dtype=i32))
E.lu_unpack(ones(2), tensor([1, 2], dtype=i32))
E.cholesky_inverse(A)
E.cholesky_inverse(Z)
E.cholesky_solve(A, S)
E.cholesky_solve(S, S.double())
E.geqrf(ones(3))
E.geqrf(ones(0, 3))
L.householder_product(A.T, v)
L.householder_product(A, ones(3))
L.householder_product(A, v.double())
L.householder_product(A.expand(2, 3, 2), v)
L.householder_product(ones(3, 2), ones(0))
E.ormqr(A, v, ones(2, 3))
E.ormqr(A, ones(1), ones(3, 3))
E.ormqr(A, v, ones(3, 3).double())
E.ormqr(A, v, ones(3))
x.eig()
E.symeig(x)
x.lstsq(x)
E.solve(x, x)
E.matrix_rank(x)
""".strip().split("\n")  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("text", REFUSED)
def test_edges_and_refusals(text: str) -> None:
    same(text)


def test_nodes_have_pytorchs_names() -> None:
    def names(E, x):
        L = E.linalg
        made = [L.lu(x)[1], L.lu_factor(x)[0], E.lu_unpack(*L.lu_factor(x))[2], L.cholesky(x), L.qr(x)[0], L.svdvals(x),
                L.eigh(x)[0], L.eig(x)[1], L.inv(x), L.solve(x, x), L.det(x), L.slogdet(x)[1], L.pinv(x), E.logdet(x),
                L.vector_norm(x), L.solve_triangular(x, x, upper=True)]  # fmt: skip
        return [t.grad_fn.name() for t in made]

    compare(names, 2 * np.eye(2))


def test_what_has_no_derivative_says_so() -> None:
    import glasstorch as E

    a = E.eye(2).requires_grad_()
    with pytest.raises(NotImplementedError, match="derivative for 'geqrf'"):
        E.geqrf(a).a.sum().backward()
    with pytest.raises(RuntimeError, match="linalg_ldl_factor_ex is not implemented"):
        E.linalg.ldl_factor(a).LD.sum().backward()


def test_out_form() -> None:
    import glasstorch as E

    q, r = E.empty(0), E.empty(3)
    with pytest.warns(UserWarning, match="was resized"):
        made = E.linalg.qr(E.eye(2) * 2, out=(q, r))
    assert made.Q is q
    assert q.tolist() == [[1, 0], [0, 1]]
    assert r.shape == (2, 2)
    with pytest.raises(RuntimeError, match="Expected out tensor to have dtype float, but got double instead"):
        E.linalg.cholesky(E.eye(2), out=E.empty(2, 2, dtype=E.float64))
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        E.linalg.inv(E.eye(2).requires_grad_(), out=E.empty(2, 2))
