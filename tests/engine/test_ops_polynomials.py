"""Orthogonal polynomials of ``special`` against PyTorch: degrees as numbers and tensors, ends, odd inputs."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

NAMES = [
    *(f"{s}chebyshev_polynomial_{k}" for s in ("", "shifted_") for k in "tuvw"),
    "hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p",
]  # fmt: skip
X = np.concatenate([rng.uniform(-2.5, 2.5, 40), [0.0, -0.0, 1.0, -1.0, 0.5, 1e-30, 30.0, np.inf, -np.inf]])


@pytest.mark.parametrize("name", NAMES)
def test_degrees_as_numbers(name: str) -> None:
    for n in (-3, 0, 1, 2, 4, 5, 7, 9, 24, 2.9):
        compare(lambda E, x, n=n: getattr(E.special, name)(x, n), X, grad=False)
    compare(lambda E, x: getattr(E.special, name)(x, 5), X.astype(np.float32), grad=False)
    compare(lambda E, n: getattr(E.special, name)(0.3, n), np.arange(-2, 20), grad=False)


@pytest.mark.parametrize("name", NAMES)
def test_degrees_as_tensors(name: str) -> None:
    compare(lambda E, x, n: getattr(E.special, name)(x, n), X[:, None], np.arange(-2.0, 14.0), grad=False)
    compare(
        lambda E, x, n: getattr(E.special, name)(x, n), np.arange(-3, 4)[:, None], np.arange(5), grad=False
    )
    compare(lambda E, x, n: getattr(E.special, name)(x, n), np.ones((0, 2)), np.ones(2), grad=False)
    compare(lambda E, x, n: getattr(E.special, name)(x, n), np.asarray(0.4), np.asarray(3.0), grad=False)


def test_degrees_that_are_none() -> None:
    odd = np.array([np.nan, np.inf, -np.inf, -0.5])
    compare(lambda E, n: E.special.hermite_polynomial_h(0.3, n), odd, grad=False)
    for dtype in (np.float32, np.float64):
        x = np.full(4, 0.1, dtype)
        n = np.array([128, 129, 512, 513], dtype)
        compare(lambda E, x, n: E.special.hermite_polynomial_h(x, n).isnan(), x, n, grad=False)
        compare(lambda E, x, n: E.special.hermite_polynomial_he(x, n).isnan(), x, n, grad=False)


def test_nan_stays_nan() -> None:
    """PyTorch returns memory that was never written for some polynomials of nan; ours are nan from degree 1 on."""
    x = glasstorch.tensor([float("nan")])
    for name in NAMES:
        values = [float(getattr(glasstorch.special, name)(x, n)) for n in (-1, 0, 1, 2, 12)]
        assert values[:2] == [0.0, 1.0]
        assert all(np.isnan(values[2:])), name


def test_orthogonality() -> None:
    """Gauss-Legendre quadrature of products of Legendre polynomials is exact: 2 / (2n + 1) on the diagonal."""
    t, w = np.polynomial.legendre.leggauss(12)
    n = glasstorch.arange(10)
    p = glasstorch.special.legendre_polynomial_p(glasstorch.from_numpy(t)[:, None], n).numpy()
    np.testing.assert_allclose(p.T @ (w[:, None] * p), np.diag(2 / (2 * np.arange(10) + 1)), atol=1e-13)


def test_out_gradient_and_errors() -> None:
    x = glasstorch.tensor([0.3, 0.6], requires_grad=True)
    assert not glasstorch.special.legendre_polynomial_p(x, 2).requires_grad
    out = glasstorch.empty(0, dtype=glasstorch.float64)
    y = glasstorch.special.laguerre_polynomial_l(glasstorch.tensor([2.0, 3.0]), 1, out=out)
    assert y is out
    assert out.tolist() == [-1.0, -2.0]
    raises_alike(lambda E: E.special.hermite_polynomial_he(2, 3))
    for kind in ("float16", "bfloat16", "complex64"):
        raises_alike(
            lambda E, kind=kind: E.special.legendre_polynomial_p(E.ones(2, dtype=getattr(E, kind)), 2),
            '"legendre_polynomial_p_cpu" not implemented for',
        )
