"""Differences, trapezoids, derivatives of samples, covariance, Vandermonde matrices, parts of floats."""

from __future__ import annotations

import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch

rng = np.random.default_rng(0)
V = rng.normal(size=6)
M = rng.normal(size=(3, 5))
T3 = rng.normal(size=(2, 3, 4))


def alike(fn) -> None:
    equal(fn(glasstorch), fn(torch), "value")


def test_diff() -> None:
    compare(lambda E, x: (E.diff(x), E.diff(x, 2, 0), x.diff(n=7), E.diff(x, 0, prepend=x)), M)
    compare(lambda E, x, y: E.diff(x, prepend=y, append=y, n=2), M, M[:, :2].copy())
    compare(lambda E, x: E.diff(x > 0), M)
    compare(lambda E, x: E.diff(x), np.array([3, 1, 2], np.uint8))
    raises_alike(lambda E: E.diff(E.tensor(1.0)), "at least one-dimensional")
    raises_alike(lambda E: E.diff(E.ones(2), -1), "order must be non-negative but got -1")
    raises_alike(lambda E: E.diff(E.ones(2, 2), prepend=E.ones(2)), "to be the same dimension as input")
    raises_alike(lambda E: E.diff(E.ones(2, 2), prepend=E.ones(3, 1)), "to match that of input")


def test_trapezoid() -> None:
    compare(
        lambda E, y: (E.trapezoid(y), E.trapz(y, dx=0.3), E.trapezoid(y, dim=0), E.cumulative_trapezoid(y)), M
    )
    compare(lambda E, y, x: (E.trapezoid(y, x), E.cumulative_trapezoid(y, x)), M, np.sort(V[:5]))
    compare(
        lambda E, y, x: (E.trapezoid(y, x, dim=1), E.cumulative_trapezoid(y, x, dim=1)), T3, np.sort(V[:3])
    )
    compare(
        lambda E, y, x: (E.trapezoid(y, x, dim=1), E.cumulative_trapezoid(y, x, dim=1)), T3, M[:, :4].copy()
    )
    compare(lambda E, y: (E.trapezoid(y), E.cumulative_trapezoid(y, dx=2)), np.arange(5))
    compare(lambda E, y: (E.trapezoid(y, dim=0), E.trapezoid(y), E.cumulative_trapezoid(y)), np.ones((2, 0)))
    raises_alike(
        lambda E: E.trapezoid(E.ones(3), E.ones(2)), "There must be one `x` value for each sample point"
    )
    raises_alike(lambda E: E.trapezoid(E.ones(3, dtype=E.bool)), "bool is not supported")
    raises_alike(lambda E: E.trapezoid(E.ones(3), E.ones(3), dx=1))


def test_gradient() -> None:
    compare(lambda E, x: (E.gradient(x), E.gradient(x, spacing=0.3, edge_order=2), E.gradient(x, dim=1)), M)
    compare(lambda E, x: (E.gradient(x, spacing=[2, 0.5]), E.gradient(x, spacing=(2, 3.0), dim=(1, 0))), M)
    places = np.array([0, 0.5, 2.0]), np.array([0, 1, 1.5, 4, 7.0])
    for order in (1, 2):
        compare(lambda E, x, a, b, o=order: E.gradient(x, spacing=[a, b], edge_order=o), M, *places)
        compare(lambda E, x, b, o=order: E.gradient(x, spacing=(b,), dim=1, edge_order=o), M, places[1])
    compare(lambda E, x: (E.gradient(x), E.gradient(x, spacing=2)), np.arange(5) ** 2)
    compare(lambda E, x: (E.gradient(x, dim=()), E.gradient(x[0, 0])), M)
    for wrong in ({"spacing": [1.0]}, {"spacing": [1.0, 2.0], "dim": 0}, {"edge_order": 3}, {"dim": 2}):
        raises_alike(lambda E, w=wrong: E.gradient(E.ones(3, 3), **w))
    raises_alike(lambda E: E.gradient(E.ones(2), edge_order=2), "at least edge_order+1")
    raises_alike(lambda E: E.gradient(E.ones(3), spacing=[E.ones(3, 1)]), "to have one dimension")
    raises_alike(lambda E: E.gradient(E.ones(3, dtype=E.uint8)), "does not support uint8")


def test_covariance() -> None:
    counts, weights = np.array([1, 2, 0, 3, 1]), rng.uniform(0.1, 2, 5)
    compare(lambda E, x: (E.cov(x), E.corrcoef(x), x.cov(correction=0), E.cov(x[0])), M)
    compare(lambda E, x, f, a: (E.cov(x, fweights=f), E.cov(x, fweights=f, aweights=a)), M, counts, weights)
    compare(
        lambda E, x, a: (E.cov(x, aweights=a, correction=2), E.cov(x, aweights=a, correction=0)), M, weights
    )
    compare(lambda E, x: (E.cov(x), E.corrcoef(x)), M + 1j * rng.normal(size=M.shape))
    compare(lambda E, x: (E.cov(x), E.corrcoef(x)), np.arange(6).reshape(2, 3) ** 2)
    compare(lambda E, x: E.cov(x), M.astype(np.float16), grad=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compare(lambda E, x: (E.cov(x), E.corrcoef(x)), np.asarray(2.0), grad=False)
        compare(lambda E, x: (E.cov(x), E.cov(x.t())), np.ones((2, 0)), grad=False)
        compare(lambda E, x: E.cov(x, correction=9), M, grad=False)
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        glasstorch.cov(glasstorch.ones(2), correction=2)
    raises_alike(lambda E: E.cov(E.ones(2, 2, 2)), "two or fewer dimensions but got an input with 3")
    raises_alike(lambda E: E.cov(E.ones(2, dtype=E.bool)), "bool dtype is not supported")
    for kind in ("fweights", "aweights"):
        other = "float32" if kind == "fweights" else "int64"
        right = "int64" if kind == "fweights" else "float32"
        raises_alike(
            lambda E, k=kind, o=other: E.cov(E.ones(2), **{k: E.ones(2, dtype=getattr(E, o))}), "dtype but"
        )
        for bad in ([1, 1, 1], [[1, 1]], [-1, 1], [0, 0]):
            raises_alike(
                lambda E, k=kind, r=right, b=bad: E.cov(E.ones(2), **{k: E.tensor(b, dtype=getattr(E, r))}),
                "cov(): ",
            )


def test_vander() -> None:
    for args in ((), (3,), (1,), (4, True)):
        compare(lambda E, x, a=args: E.vander(x, *a), V, grad=False)
    x = glasstorch.from_numpy(V.copy()).requires_grad_()  # PyTorch's own fails on its backward here
    glasstorch.vander(x, 4).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 + 2 * V + 3 * V**2)
    compare(
        lambda E, x: (E.vander(x), E.vander(x, 0), E.vander(x, increasing=True)), np.arange(4, dtype=np.int32)
    )
    compare(lambda E, x: (E.vander(x), E.vander(x, 2)), np.zeros(0), grad=False)
    compare(lambda E, x: E.vander(x, 4), np.array([1j, 2 + 1j]), grad=False)
    raises_alike(lambda E: E.vander(E.ones(2, 2)), "x must be a one-dimensional tensor")
    raises_alike(lambda E: E.vander(E.ones(2), -1), "N must be non-negative")


def test_frexp() -> None:
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -3.7, 1.0])
    compare(lambda E, x: E.frexp(x), np.concatenate([V, [3.0]]))
    for kind in (np.float64, np.float32, np.float16):
        compare(lambda E, x: x.frexp(), edges.astype(kind), grad=False)
    compare(lambda E, x: E.frexp(x), np.asarray(3.0))
    alike(lambda E: E.frexp(E.tensor([1.5, -3.0], dtype=E.bfloat16)))
    assert glasstorch.frexp(glasstorch.ones(1))._fields == ("mantissa", "exponent")
    raises_alike(lambda E: E.frexp(E.ones(2, dtype=E.int64)), "only supports floating-point dtypes")


def test_renorm() -> None:
    for p in (1, 2, 3, 1.5, float("inf")):
        compare(lambda E, x, p=p: (E.renorm(x, p, 0, 1.0), x.renorm(p, -1, 2)), M)
        compare(lambda E, x, p=p: E.renorm(x, p, 1, 1.3), T3)
    compare(lambda E, x: E.renorm(x, 2, 0, 1.0), M + 1j * M[::-1], grad=False)
    compare(lambda E, x: E.renorm(x, 2, 0, 0.5), M.astype(np.float16), grad=False)
    for args in ((0, 0, 1), (-1, 0, 1), (1, 0, -1), (1, 5, 1), (1j, 0, 1)):
        raises_alike(lambda E, a=args: E.renorm(E.ones(2, 2), *a))
    raises_alike(
        lambda E: E.renorm(E.ones(2), 1, 0, 1), "input needs at least 2 dimensions, got 1 dimensions"
    )


def test_constant_pad_nd() -> None:
    compare(lambda E, x: (E.constant_pad_nd(x, (1, 2)), E.constant_pad_nd(x, (1, -1, 0, 2), 7)), M)
    compare(lambda E, x: (E.constant_pad_nd(x, (1, 1), 2.5), E.constant_pad_nd(x, ())), np.arange(3))
    raises_alike(
        lambda E: E.constant_pad_nd(E.ones(3), (1,)), "Length of pad must be even but instead it equals 1"
    )
    raises_alike(
        lambda E: E.constant_pad_nd(E.ones(3), (1, 2, 3, 4)), "no more than twice the number of dimensions"
    )
    raises_alike(lambda E: E.constant_pad_nd(E.ones(3), (-2, -2)))


def test_combinations() -> None:
    compare(lambda E, x: (E.combinations(x), E.combinations(x, 3), E.combinations(x, 2, True)), V[:4])
    compare(lambda E, x, y: (E.cartesian_prod(x, y), E.cartesian_prod(x)), V[:2], V[:3])
    raises_alike(lambda E: E.combinations(E.ones(2, 2)))
    raises_alike(lambda E: E.combinations(E.ones(2), -1))
    raises_alike(
        lambda E: E.cartesian_prod(E.ones(2), E.ones(2, 2)), "Expect a 1D vector, but got shape [2, 2]"
    )
