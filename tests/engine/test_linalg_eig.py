"""Eigenvalues and eigenvectors, and functions of matrices, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike
from support.matrices import BATCHES, KINDS, adjoint, random, same


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES)
def test_symmetric(kind: str, batch: tuple) -> None:
    a = random(kind, *batch, 3, 3)
    s = a + adjoint(a)
    compare(lambda E, x: (E.linalg.eigh(x)[0], E.linalg.eigh(x)[1].abs()), s)
    compare(lambda E, x: (E.linalg.eigvalsh(x, "U"), E.linalg.eigh(x, UPLO="u")[1].abs()), s + 0.1 * a)
    compare(lambda E, x: (lambda w, v: v @ (w.exp().to(v.dtype).unsqueeze(-1) * v.mH))(*E.linalg.eigh(x)), s)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES)
def test_general(kind: str, batch: tuple) -> None:
    a = random(kind, *batch, 3, 3)

    def without_order(E, x):  # symmetric in the eigenvalues, and free of the vectors' phases
        w, v = E.linalg.eig(x)
        weight = (v * v.conj()).real * w.abs().unsqueeze(-2)
        return (w**3).sum(-1), (w.abs() ** 1.5).sum(-1), weight.sum(-1), (E.linalg.eigvals(x) ** 2).sum(-1)

    compare(without_order, a)
    compare(lambda E, x: (lambda w, v: v @ (w.exp().unsqueeze(-1) * E.linalg.inv(v)))(*E.linalg.eig(x)), a)


def test_eigenvectors_have_length_one() -> None:
    import glasstorch as E

    w, v = E.linalg.eig(E.tensor([[0.0, 1.0], [-1.0, 0.0]]))
    assert w.dtype is v.dtype is E.complex64
    np.testing.assert_allclose((v.abs() ** 2).sum(-2).numpy(), 1, rtol=1e-6)
    np.testing.assert_allclose(np.sort(w.numpy().imag), [-1, 1], atol=1e-6)


@pytest.mark.parametrize("name", ["eig", "eigh"])
def test_a_loss_that_depends_on_the_phase_is_refused(name: str) -> None:
    a = random("complex", 3, 3)

    def backward(E):
        x = E.from_numpy(a + adjoint(a)).requires_grad_()
        getattr(E.linalg, name)(x)[1].imag.sum().backward()

    raises_alike(backward, "specified up to multiplication by e^{i phi}")


@pytest.mark.parametrize("kind", KINDS)
def test_functions_of_matrices(kind: str) -> None:
    for batch in BATCHES:
        a = random(kind, *batch, 3, 3)
        compare(lambda E, x: (E.linalg.matrix_exp(x), x.matrix_exp(), E.matrix_exp(x * 3) * 1e-3), a)
        for n in (0, 1, 2, 5, -1, -3):
            compare(lambda E, x, n=n: (E.linalg.matrix_power(x, n), x.matrix_power(n)), a)


def test_a_few_eigenpairs_of_a_large_matrix() -> None:
    a = random("real", 2, 10, 10)
    p, b = a @ adjoint(a), a[0] @ a[0].T + np.eye(10)
    exact = {"tol": 1e-13, "niter": 400}
    for options in ({"k": 2}, {"k": 3, "largest": False}, {"k": 1}):
        compare(
            lambda E, x, o=options: (lambda e, v: (e, v.abs()))(*E.lobpcg(x, **exact, **o)), p, second=False
        )
    compare(lambda E, x, y: E.lobpcg(x[0], k=2, B=y, **exact)[0], p, b, grad=False)
    raises_alike(
        lambda E: E.lobpcg(E.eye(5), k=2), "smaller than 3 x the number of requested eigenpairs (=2)"
    )


TEXTS = """
L.eig(ones(3))
L.eig(ones(2, 3))
L.eig(eye(2).long())
L.eig(eye(2).bfloat16())
L.eig(I * nan)
L.eig(ones(0, 0))
L.eigvals(ones(2, 0, 0))
L.eigvals(ones(2, 3))
L.eigvals(ones(3))
L.eigvals([[1.0]])
L.eigh(ones(3))
L.eigh(ones(2, 3))
L.eigh(eye(2).long())
L.eigh(eye(2).half())
L.eigh(ones(0, 0))
L.eigh(S, UPLO='x')
L.eigvalsh(S, UPLO='Lower')
L.eigvalsh(ones(0, 2, 2))
""".strip().split("\n")


@pytest.mark.parametrize("text", TEXTS)
def test_edges_and_refusals(text: str) -> None:
    same(text)
