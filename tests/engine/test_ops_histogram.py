"""Histograms against PyTorch: edges, ends, weights, densities, types and messages."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)
X = np.round(rng.normal(size=(7, 3)) * 4) / 4  # many elements on edges
EDGES = [np.array([-2, -0.5, 0.25, 3]), np.array([-1.0, 0, 1])]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_histogram(dtype) -> None:
    x = X.astype(dtype)
    weights = rng.uniform(size=X.shape).astype(dtype)
    compare(lambda E, x: (E.histogram(x, 5), x.histogram(8, density=True), E.histogram(x)), x, grad=False)
    compare(
        lambda E, x: (E.histogram(x, 4, range=(-1, 1)), E.histogram(x, 4, range=(0.5, 0.5))), x, grad=False
    )
    compare(
        lambda E, x, e: (E.histogram(x, e), E.histogram(x, e, density=True)),
        x,
        EDGES[0].astype(dtype),
        grad=False,
    )
    compare(lambda E, x, w: (E.histogram(x, 6, weight=w), E.histogram(x, 6, weight=w, density=True)), x, weights,
            grad=False)  # fmt: skip
    for odd in (np.zeros(0), np.array([2.0, 2.0]), np.asarray(2.0)):
        compare(lambda E, x: E.histogram(x, 3), odd.astype(dtype), grad=False)
    compare(
        lambda E, x: E.histogram(x, 2, range=(0.0, 1.0)),
        np.array([0, np.nan, np.inf, 1, 0.5], dtype),
        grad=False,
    )


def test_histogramdd() -> None:
    compare(lambda E, x: (E.histogramdd(x, 3), E.histogramdd(x, [2, 3, 1])), X, grad=False)
    compare(
        lambda E, x: E.histogramdd(x, [2, 3], range=[-1.0, 1, -2, 2], density=True),
        X[:, :2].copy(),
        grad=False,
    )
    compare(lambda E, x, a, b: E.histogramdd(x, [a, b]), X[:, :2].copy(), *EDGES, grad=False)
    compare(lambda E, x, w: E.histogramdd(x, [2, 3, 2], weight=w), X, rng.uniform(size=7), grad=False)
    compare(lambda E, x: E.histogramdd(x, [2, 3]), X[:6].reshape(3, 3, 2), grad=False)
    assert glasstorch.histogramdd(glasstorch.ones(2, 2), 2)._fields == ("hist", "bin_edges")


def test_histc() -> None:
    compare(lambda E, x: (E.histc(x), x.histc(5, -1, 1), E.histc(x, bins=3, min=0, max=1)), X, grad=False)
    for kind in (np.float32, np.float16):
        compare(lambda E, x: E.histc(x, 9), X.astype(kind), grad=False)
    compare(lambda E, x: E.histc(x, 4), np.ones(3), grad=False)
    compare(lambda E, x: E.histc(x, 4), np.zeros(0), grad=False)
    compare(lambda E, x: E.histc(x, 4, 0, 1), np.array([0, np.nan, np.inf, 1, 0.5]), grad=False)


def test_errors() -> None:
    def x(E):
        return E.arange(6.0)

    for fn, needle in (
        (lambda E: E.histc(x(E), 0), "bins must be > 0, but got 0"),
        (lambda E: E.histc(x(E), 3, 2, 1), "max must be larger than min"),
        (lambda E: E.histc(x(E), 3, 1, float("inf")), "range of [1, inf] is not finite"),
        (lambda E: E.histc(x(E).long(), 3), "\"histogram_cpu\" not implemented for 'Long'"),
        (lambda E: E.histc(x(E), 3.0), "must be int, not float"),
        (lambda E: E.histogram(x(E), 0), "bins must be > 0, but got 0 for dimension 0"),
        (lambda E: E.histogram(x(E), 3.0), "invalid combination of arguments"),
        (lambda E: E.histogram(x(E).half(), 3), "\"histogramdd\" not implemented for 'Half'"),
        (lambda E: E.histogram(x(E), E.arange(3)), "should have the same dtype"),
        (lambda E: E.histogram(x(E), E.ones(2, 2)), "bins tensor should have one dimension, but got 2"),
        (lambda E: E.histogram(x(E), 3, range=(4, 1)), "min should not exceed max, but got min 4 max 1"),
        (lambda E: E.histogram(x(E), 3, range=(4,)), "range should have 2 elements, but got 1"),
        (lambda E: E.histogram(x(E), 3, weight=x(E)[:5]), "with shape [6, 1] and weight with shape [5]"),
        (lambda E: E.histogram(x(E), 3, weight=x(E).double()), "input(float), and weight(double)"),
        (lambda E: E.histogram(x(E), E.ones(2), range=(0, 1)), "invalid combination of arguments"),
        (lambda E: E.histogram(E.tensor([0, float("inf")]), 3), "range [0, inf] is not finite"),
        (lambda E: E.histogramdd(x(E), [2]), "at least 2 dimensions"),
        (lambda E: E.histogramdd(x(E).view(3, 2), [2]), "The size of bins must be equal"),
        (lambda E: E.histogramdd(x(E).view(3, 2), [x(E)]), "expected 2 sequences of bin edges"),
        (
            lambda E: E.histogramdd(x(E).view(3, 2), [2, 2], range=[0.0, 1.0]),
            "range should have 4 elements, but got 2",
        ),
    ):
        raises_alike(fn, needle)
