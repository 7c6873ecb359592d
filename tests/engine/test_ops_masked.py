"""``glasstorch.masked`` against PyTorch: masks that broadcast, slices without any element, types and dimensions."""

from __future__ import annotations

import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4, 5))
MASK = rng.random((3, 4, 5)) < 0.6
MASK[1, 2] = False
MASK[0] = False
COLUMN = np.array([[True], [False], [True], [True]])

REDUCTIONS = ["sum", "prod", "amax", "amin", "mean", "var", "std", "logsumexp"]
ALONG = ["cumsum", "cumprod", "softmax", "log_softmax", "softmin"]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def call(E, name: str, x, *args, mask=None, **kwargs):
    m = None if mask is None else E.tensor(np.asarray(mask))
    return getattr(E.masked, name)(x, *args, mask=m, **kwargs)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name: str) -> None:
    for dim in (None, 0, -1, (0, 2), (), (2, 1)):
        for mask in (None, MASK, COLUMN):
            compare(lambda E, x, d=dim, m=mask: call(E, name, x, d, mask=m), X, grad=False)
    compare(lambda E, x: call(E, name, x, 1, mask=MASK, keepdim=True), X, grad=False)
    compare(lambda E, x: call(E, name, x, 1, mask=MASK), X.astype(np.float32), grad=False)
    compare(lambda E, x: call(E, name, x, 1, mask=MASK, dtype=E.float64), X.astype(np.float32), grad=False)
    compare(lambda E, x: call(E, name, x, mask=np.asarray(True)), np.asarray(2.5), grad=False)
    kept = rng.random((3, 4, 5)) < 0.7
    kept[..., 0] = kept[..., 1] = True  # gradients where every result is defined
    compare(lambda E, x: call(E, name, x, 2, mask=kept), X)
    compare(lambda E, x: call(E, name, x, (0, 2), mask=kept, keepdim=True), X)


@pytest.mark.parametrize("name", ALONG)
def test_along_a_dimension(name: str) -> None:
    for dim in (0, -1):
        for mask in (None, MASK, COLUMN):
            compare(lambda E, x, d=dim, m=mask: call(E, name, x, d, mask=m), X, grad=False)
    kept = MASK | (np.arange(5) < 2)
    compare(lambda E, x: call(E, name, x, -1, mask=kept), X)
    compare(lambda E, x: call(E, name, x, 0, mask=MASK, dtype=E.float64), X.astype(np.float32), grad=False)


def test_positions_of_extremes() -> None:
    whole = rng.integers(-9, 9, (3, 4))
    mask = rng.random((3, 4)) < 0.7
    for name in ("argmax", "argmin"):
        for dim in (None, 0, -1):
            compare(lambda E, x, n=name, d=dim: call(E, n, x, d, mask=mask), whole, grad=False)
            compare(
                lambda E, x, n=name, d=dim: call(E, n, x, d, mask=mask, dtype=E.int64),
                whole * 0.5,
                grad=False,
            )


def test_median_norm_normalize() -> None:
    for mask in (None, MASK, COLUMN):
        compare(lambda E, x, m=mask: call(E, "median", x, 1, mask=m), X, grad=False)
        for p in (2.0, 1, 0, float("inf"), -float("inf"), 3.5):
            compare(lambda E, x, m=mask, p=p: call(E, "norm", x, p, (0, 2), mask=m), X, grad=False)
        compare(lambda E, x, m=mask: call(E, "normalize", x, 2.0, -1, mask=m), X, grad=False)
    kept = MASK | (np.arange(5) < 2)
    compare(lambda E, x: call(E, "norm", x, 2.0, 2, mask=kept), X)
    compare(lambda E, x: call(E, "normalize", x, 3.0, 2, mask=kept), X)
    compare(lambda E, x: call(E, "median", x, 2, mask=kept, keepdim=True), X)
    whole = np.arange(20).reshape(4, 5)
    compare(lambda E, x: call(E, "median", x, 1, mask=whole % 3 > 0), whole, grad=False)
    raises_alike(
        lambda E: call(E, "median", E.tensor([[1, 2]]), mask=[[False, False]]), "no fully masked out rows"
    )


def test_logaddexp() -> None:
    def f(E, x, y):
        m, n = (E.tensor(v) for v in (MASK, ~MASK | (X > 0)))
        return E.masked.logaddexp(x, y, input_mask=m, other_mask=n), E.masked.logaddexp(x, y)

    compare(f, X, rng.normal(size=X.shape), grad=False)


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8", "bool", "float16", "bfloat16", "complex128"])
def test_types(kind: str) -> None:
    values = rng.integers(0, 5, (3, 4))
    for name in ("sum", "prod", "cumsum", "mean", "var", "amax", "amin", "logsumexp"):

        def f(E, n=name):
            return call(E, n, E.tensor(values).to(getattr(E, kind)), 1, mask=values % 3 > 0)

        try:
            theirs = f(torch)
        except Exception:
            raises_alike(f)
        else:
            equal(f(glasstorch), theirs, name)


def test_errors() -> None:
    raises_alike(
        lambda E: call(E, "sum", E.ones(2), mask=np.ones((2, 2), bool)), "expected broadcastable mask"
    )
    raises_alike(lambda E: call(E, "mean", E.ones(2, dtype=E.int64)), "Could not infer output dtype")
    raises_alike(lambda E: call(E, "sum", E.ones(2), 3), "Dimension out of range")
    raises_alike(lambda E: call(E, "sum", E.ones(2), (0, 0)), "appears multiple times")
    raises_alike(
        lambda E: call(E, "amax", E.ones(2, dtype=E.bool), mask=[True, False]), "identity of amax on"
    )
