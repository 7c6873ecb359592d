"""Poisson and binomial numbers: PyTorch's for PyTorch's seeds, and the stream goes on where PyTorch's does."""

from __future__ import annotations

import glasstorch
import pytest
from support.differential import equal, raises_alike, torch


def alike(fn) -> None:
    results = []
    for E in (glasstorch, torch):
        E.manual_seed(7)
        results.append((fn(E), E.rand(3), E.randn(2)))
    equal(*results, "value")


@pytest.mark.parametrize("kind", ["float32", "float64", "float16"])
def test_poisson(kind: str) -> None:
    alike(lambda E: E.poisson(E.linspace(0, 9, 40).to(getattr(E, kind))))
    alike(lambda E: E.poisson(E.linspace(10, 300, 200).to(getattr(E, kind))))
    alike(lambda E: E.poisson(E.linspace(0, 50, 60).to(getattr(E, kind)).view(6, 10).t()))
    alike(lambda E: (E.poisson(E.ones(0)), E.poisson(E.tensor(3.0))))


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_binomial(kind: str) -> None:
    alike(
        lambda E: E.binomial(
            E.full((200,), 30.0).to(getattr(E, kind)), E.linspace(0, 1, 200).to(getattr(E, kind))
        )
    )
    alike(
        lambda E: E.binomial(
            E.full((200,), 1e3).to(getattr(E, kind)), E.linspace(0, 1, 200).to(getattr(E, kind))
        )
    )
    alike(lambda E: E.binomial(E.arange(6.0)[:, None] * 7, E.linspace(-0.1, 1.1, 8)))


def test_generators_and_gradients() -> None:
    def draw(E):
        return E.poisson(E.ones(4) * 3, generator=E.Generator().manual_seed(3))

    equal(draw(glasstorch), draw(torch), "value")
    x = glasstorch.full((3,), 4.0, requires_grad=True)
    (glasstorch.poisson(x) * x).sum().backward()
    glasstorch.manual_seed(0)
    assert x.grad.shape == (3,)
    assert bool((x.grad == x.grad.round()).all())  # the counts themselves: their own derivative is 0


def test_errors() -> None:
    raises_alike(lambda E: E.poisson(E.tensor([-1.0])), "expected rate to be non-negative")
    raises_alike(lambda E: E.poisson(E.tensor([2])), "\"poisson_cpu\" not implemented for 'Long'")
    raises_alike(lambda E: E.poisson(2.0), "must be Tensor, not float")
    raises_alike(lambda E: E.binomial(E.tensor([2]), E.tensor([1])), "only supports floating-point dtypes")
    raises_alike(
        lambda E: E.binomial(E.tensor([2.0]), E.tensor([0.5]).double()),
        "Found dtype Double but expected Float",
    )
    raises_alike(lambda E: E.binomial(E.ones(2), E.ones(3)))
