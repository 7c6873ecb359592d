"""Functions of two tensors and the products beyond matmul against PyTorch: values and two orders of gradients."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

PAIRS = [((), ()), ((3,), ()), ((2, 1), (1, 3)), ((0,), (1,))]
NAMES = [
    "atan2",
    "fmod",
    "hypot",
    "logaddexp",
    "logaddexp2",
    "xlogy",
    "copysign",
    "fmax",
    "fmin",
    "float_power",
]


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_binary(name: str, shapes: tuple) -> None:
    a, b = (rng.uniform(0.5, 2, size=s) for s in shapes)
    compare(lambda E, x, y: getattr(E, name)(x, y), a, b)


def test_edges() -> None:
    a = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 2.0, -3.0])
    b = np.array([0.0, 2.0, -1.0, 5.0, 1.0, np.nan, 4.0])
    for name in ["atan2", "fmod", "hypot", "xlogy", "copysign", "fmax", "fmin", "nextafter", "heaviside"]:
        compare(lambda E, x, y, name=name: getattr(E, name)(x, y), a, b, grad=False)
    compare(lambda E, x, y: (E.atan2(x, y), E.copysign(x, y), E.xlogy(x, y)), a[[5, 6]], b[[6, 6]] * 0 + 1)
    compare(
        lambda E, x, y: (E.fmod(x, y), E.gcd(x, y), E.lcm(x, y), E.atan2(x, y)),
        np.arange(-3, 3),
        np.arange(1, 7),
    )
    compare(lambda E, x: (E.xlogy(x, 2.0), E.fmod(x, 2), E.copysign(x, -1.0), E.float_power(x, 2)), a[5:])
    compare(lambda E, x, y: (E.isclose(x, y, equal_nan=True), E.ldexp(x, E.tensor([2])), E.rsub(x, y, alpha=2)), a, b,
            grad=False)  # fmt: skip


def test_three_operands() -> None:
    a, b, c = (rng.uniform(0.5, 2, size=s) for s in ((2, 3), (3,), (2, 1)))
    compare(lambda E, x, y, z: (E.addcmul(x, y, z, value=0.5), E.addcdiv(x, y, z, value=2)), a, b, c)
    compare(lambda E, x, y, z: (E.lerp(x, y, z), E.lerp(x, y, 0.3), E.lerp(x, y, 1.0)), a, b, c)
    compare(lambda E, x, y: (x * 1).addcmul_(y, y).atan2_(y).lerp_(y.expand(2, 3), 0.25), a, b)


PRODUCTS = [
    lambda E, x, y: E.addmm(y[0], x, y, beta=0.5, alpha=2),
    lambda E, x, y: E.addmv(x[:, 0], x, y[:, 0], beta=2),
    lambda E, x, y: E.baddbmm(y[0, 0], x[None], y[None], alpha=0.5),
    lambda E, x, y: E.addbmm(y[0], x.expand(2, 3, 4), y.expand(2, 4, 5)),
    lambda E, x, y: E.addr(y[0], x[:, 0], y[0], beta=2, alpha=3),
    lambda E, x, y: (E.outer(x[0], y[0]), E.inner(x, x), E.vdot(x[0], y[:, 0])),
    lambda E, x, y: (E.tensordot(x, y, 1), E.tensordot(x, y, ([1], [0])), E.tensordot(x, y, 0)),
    lambda E, x, y: (E.kron(x, y), E.kron(x[0], y)),
    lambda E, x, y: E.cross(x[:, 0], y[:3, 0], dim=0),
    lambda E, x, y: E.linalg.cross(x.T, y[:, :3]),
    lambda E, x, y: (E.linalg.multi_dot([x[0], y, y.T, x.T]), E.chain_matmul(x, y, y.T)),
    lambda E, x, y: E.einsum("ij,jk->ik", x, y),
    lambda E, x, y: E.einsum("ij,jk", x, y) + E.einsum("ij,jk->k", x, y),
    lambda E, x, y: E.einsum("ii->i", x[:, :3]) * E.einsum("ii", x[:, :3]),
    lambda E, x, y: E.einsum("...j,jk->...k", x.expand(2, 3, 4), y),
    lambda E, x, y: E.einsum("ij,kj,kl,ln->in", x, y.T, y.T, y),
    lambda E, x, y: E.einsum("bij,bjk->bik", x.expand(2, 3, 4), y.expand(2, 4, 5)),
    lambda E, x, y: E.einsum("i,j->ij", x[:, 0], y[0]),
    lambda E, x, y: E.einsum(x, [0, 1], y, [1, 2], [2, 0]),
]


@pytest.mark.parametrize("case", range(len(PRODUCTS)))
def test_products(case: int) -> None:
    compare(PRODUCTS[case], rng.normal(size=(3, 4)), rng.normal(size=(4, 5)))


def test_errors() -> None:
    raises_alike(lambda E: E.addmm(E.ones(2), E.ones(2, 3), E.ones(2, 3)), "2x3")
    raises_alike(lambda E: E.einsum("ij,jk->iz", E.ones(2, 2), E.ones(2, 2)), "z")
    raises_alike(lambda E: E.einsum("ij->i", E.ones(2)), "2", "1")
    raises_alike(lambda E: E.tensordot(E.ones(2, 3), E.ones(2, 3), 1), "3", "2")
    raises_alike(lambda E: E.lerp(E.ones(2), E.ones(2).double(), 0.5), "float", "double")
    raises_alike(lambda E: E.outer(E.ones(2, 2), E.ones(2)), "2-D")
