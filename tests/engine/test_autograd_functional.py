"""``autograd.functional`` against PyTorch: products, Jacobians, Hessians, structures, strictness."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support.alike import alike, attempt, leaf


def one(x: Any) -> Any:
    return (x**2 * x.roll(1)).sin()


def two(x: Any, y: Any) -> Any:
    return x * y.sum(), (x * 2).exp()


def number(x: Any) -> Any:
    return (x**3).sum().sin()


def number_of_two(x: Any, y: Any) -> Any:
    return (x * y.sum()).sin().sum()


PRODUCTS = {
    "vjp": (one, two, ((3,), (3, 3))),
    "jvp": (one, two, ((3,), (3, 2))),
    "vhp": (number, number_of_two, ((3,), (3, 2))),
    "hvp": (number, number_of_two, ((3,), (3, 2))),
}


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize(("graph", "grad", "strict"), list(itertools.product([False, True], repeat=3)))
def test_products(name: str, graph: bool, grad: bool, strict: bool) -> None:
    single, several, ((n,), (a, b)) = PRODUCTS[name]

    def program(E: Any) -> Any:
        fn = getattr(E.autograd.functional, name)
        x, y = leaf(E, 3, grad=grad), leaf(E, 2, grad=False)
        v = lambda n: leaf(E, n, grad=False)  # noqa: E731
        return (
            attempt(lambda: fn(single, x, v(n), create_graph=graph, strict=strict)),
            attempt(lambda: fn(several, (x, y), (v(a), v(b)), create_graph=graph, strict=strict)),
        )

    alike(program)


@pytest.mark.parametrize(
    "how", [{}, {"strict": True}, {"vectorize": True}, {"vectorize": True, "strict": True}]
)
@pytest.mark.parametrize(("graph", "grad"), list(itertools.product([False, True], repeat=2)))
def test_matrices(how: dict, graph: bool, grad: bool) -> None:
    def program(E: Any) -> Any:
        F = E.autograd.functional
        x, y = leaf(E, 3, grad=grad), leaf(E, 2, grad=False)
        return (
            attempt(lambda: F.jacobian(one, x, create_graph=graph, **how)),
            attempt(lambda: F.jacobian(two, (x, y), create_graph=graph, **how)),
            attempt(lambda: F.jacobian(lambda x: x.sum() * 1, leaf(E, 2, 2), create_graph=graph, **how)),
            attempt(lambda: F.hessian(number, x, create_graph=graph, **how)),
            attempt(lambda: F.hessian(number_of_two, (x, y), create_graph=graph, **how)),
        )

    alike(program)


def test_forward_mode() -> None:
    def program(E: Any) -> Any:
        F, x, y = E.autograd.functional, leaf(E, 3), leaf(E, 2, grad=False)
        forward = {"vectorize": True, "strategy": "forward-mode"}
        return (
            F.jacobian(one, x, **forward),
            F.jacobian(two, (x, y), **forward),
            F.hessian(number, x, vectorize=True, outer_jacobian_strategy="forward-mode"),
            attempt(lambda: F.jacobian(one, x, strategy="forward-mode")),
            attempt(lambda: F.jacobian(one, x, create_graph=True, **forward)),
            attempt(lambda: F.jacobian(one, x, strict=True, **forward)),
        )

    alike(program)


ERRORS = [
    lambda F, E, x: F.vjp(one, x),
    lambda F, E, x: F.jvp(one, x),
    lambda F, E, x: F.vhp(number, x),
    lambda F, E, x: F.vhp(one, x, x),
    lambda F, E, x: F.hvp(two, (x, x), (x, x)),
    lambda F, E, x: F.vjp(one, 3),
    lambda F, E, x: F.vjp(one, (x, 2)),
    lambda F, E, x: F.vjp(lambda x: 3, x),
    lambda F, E, x: F.vjp(one, x, leaf(E, 2)),
    lambda F, E, x: F.vjp(two, (x, x), (x, leaf(E, 2))),
    lambda F, E, x: F.vjp(two, (x, x), x),
    lambda F, E, x: F.vjp(lambda x: E.ones(3), x, x, strict=True),
    lambda F, E, x: F.vjp(lambda x, y: x * 2, (x, x), x, strict=True),
    lambda F, E, x: F.jacobian(lambda x, y: x * 2, (x, x), strict=True),
    lambda F, E, x: F.jacobian(lambda x, y: x * y, (x, x), strict=True, create_graph=True),
    lambda F, E, x: F.jacobian(one, x, strategy="x"),
    lambda F, E, x: F.hessian(lambda x: x.sum(), x, strict=True),
    lambda F, E, x: F.hessian(lambda x: x.sum(), x),
    lambda F, E, x: F.hessian(lambda x: x * 2, x),
    lambda F, E, x: F.hvp(lambda x: x.sum(), x, x, strict=True),
    lambda F, E, x: F.vhp(lambda x: x.sum(), x, x, strict=True),
]


@pytest.mark.parametrize("k", range(len(ERRORS)))
def test_errors(k: int) -> None:
    alike(lambda E: ERRORS[k](E.autograd.functional, E, leaf(E, 3)))
