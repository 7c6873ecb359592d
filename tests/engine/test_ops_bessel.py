"""Airy, Bessel and incomplete gamma functions against PyTorch and against known values."""

from __future__ import annotations

import math

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

NAMES = ["airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_i0", "modified_bessel_i1",
         "modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1",
         "spherical_bessel_j0", "i0", "i0e", "i1", "i1e"]  # fmt: skip
X = np.concatenate([
    np.linspace(-30, 30, 241), 10.0 ** np.linspace(-12, 3, 40), -(10.0 ** np.linspace(-12, 3, 40)),
    [0.0, -0.0, 5.0, 8.0, 2.0, 2.09, -2.09, np.inf, -np.inf, np.nan, 720.0],
])  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    compare(lambda E, x: getattr(E.special, name)(x), X, grad=False)
    compare(lambda E, x: getattr(E.special, name)(x), np.linspace(-6, 9, 31).astype(np.float32), grad=False)
    compare(lambda E, x: getattr(E.special, name)(x), np.arange(-4, 5), grad=False)
    compare(lambda E, x: getattr(E.special, name)(x), np.array([True, False]), grad=False)
    compare(lambda E, x: getattr(E.special, name)(x), np.ones((2, 0, 3)), grad=False)
    compare(lambda E, x: getattr(E.special, name)(x.t()), rng.uniform(0.1, 9, (3, 2)), grad=False)
    compare(lambda E, x: getattr(E.special, name)(x), np.asarray(1.5), grad=False)


@pytest.mark.parametrize("name", NAMES[:12])
def test_no_derivative_and_no_half(name: str) -> None:
    x = glasstorch.ones(2, requires_grad=True)
    assert not getattr(glasstorch.special, name)(x).requires_grad
    raises_alike(
        lambda E: getattr(E.special, name)(E.ones(2, dtype=E.float16)), f'"{name}_cpu" not implemented'
    )


def test_wronskians() -> None:
    """Identities that tie the functions together: J1 Y0 - J0 Y1 = I0 K1 + I1 K0 = ... (DLMF 10.5.2, 10.28.2)."""
    x = glasstorch.linspace(0.1, 40, 500, dtype=glasstorch.float64)
    s = glasstorch.special
    j = s.bessel_j1(x) * s.bessel_y0(x) - s.bessel_j0(x) * s.bessel_y1(x)
    i = s.modified_bessel_i0(x) * s.modified_bessel_k1(x) + s.modified_bessel_i1(x) * s.modified_bessel_k0(x)
    assert float((j * x * math.pi / 2 - 1).abs().max()) < 1e-6  # see the head of backends/bessel.py
    assert float((j * x * math.pi / 2 - 1)[x > 20].abs().max()) < 1e-12
    assert float((i * x - 1).abs().max()) < 1e-13


# ---------------------------------------------------------------------- incomplete gamma
@pytest.mark.parametrize("name", ["igamma", "igammac", "special.gammainc", "special.gammaincc"])
def test_incomplete_gamma(name: str) -> None:
    def call(E, a, x):
        for part in name.split("."):
            E = getattr(E, part)
        return E(a, x)

    a, x = rng.uniform(0.05, 12, (2, 60))
    compare(call, a, x, grad=False)
    compare(call, a[:, None], x[:7], grad=False)
    # PyTorch's expansion for large arguments is right to some nine digits.
    wide = 10 ** rng.uniform(-3, 4, (2, 200))
    compare(lambda E, a, x: call(E, a, x).float(), *wide, grad=False)
    odd = np.array([0.0, -0.0, 1.0, -1.0, np.inf, np.nan, 1e-300, 1e8])
    compare(call, *(v.reshape(-1) for v in np.meshgrid(odd, odd)), grad=False)
    compare(call, a.astype(np.float32), x.astype(np.float32), grad=False)
    compare(call, a[:5], x[:5].astype(np.float32), grad=False)
    raises_alike(lambda E: call(E, E.tensor([1]), E.tensor([2])), "igamma", "not implemented for 'Long'")
    raises_alike(lambda E: call(E, E.tensor([1.0]), 2.0), "must be Tensor, not float")


def test_incomplete_gamma_known_values() -> None:
    a, x = (np.asarray(v, float) for v in ((100, 1e4, 21, 50), (100, 9700, 19, 120)))
    # mpmath with 40 digits
    known = [0.5132987982791487, 0.0012341755844684920, 0.3528256347634999, 1 - 1.6008226793e-13]
    ours = glasstorch.igamma(glasstorch.from_numpy(a), glasstorch.from_numpy(x)).numpy()
    np.testing.assert_allclose(ours, known, rtol=2e-13)
    half = glasstorch.from_numpy(np.full(200, 0.5))
    y = glasstorch.linspace(0.01, 6, 200, dtype=glasstorch.float64)
    np.testing.assert_allclose(glasstorch.igamma(half, y * y).numpy(), glasstorch.erf(y).numpy(), rtol=1e-13)
    np.testing.assert_allclose(
        glasstorch.igammac(half, y * y).numpy(), glasstorch.erfc(y).numpy(), rtol=2e-13
    )


@pytest.mark.parametrize("name", ["igamma", "igammac"])
def test_incomplete_gamma_gradients(name: str) -> None:
    a, x = rng.uniform(0.5, 6, (2, 5))
    compare(lambda E, x: getattr(E, name)(E.tensor(a), x), x)
    raises_alike(
        lambda E: getattr(E, name)(E.ones(2, requires_grad=True), E.ones(2)).sum().backward(),
        f"the derivative for '{name}: input' is not implemented",
    )
    compare(lambda E, a, x: getattr(a.clone(), name + "_")(x), a, x, grad=False)
