"""Reductions, running reductions, order statistics: types, empty inputs, nan, ties, zeros, half precision."""

from __future__ import annotations

import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4))
NAN = np.where(rng.random((3, 4)) < 0.3, np.nan, X)
TIES = np.array([[1.0, 3, 3, 0], [2, 2, 2, 2], [0, -1, 3, 3]])
COMPLEX = X + 1j * rng.normal(size=X.shape)


def alike(fn) -> None:
    equal(fn(glasstorch), fn(torch), "value")


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_precision_is_added_up_in_float32(kind: str) -> None:
    values = rng.uniform(0.5, 1.5, 3000)

    def x(E):
        return E.tensor(values).to(getattr(E, kind)).reshape(1500, 2)

    for name in ("sum", "mean", "var", "std", "nansum"):
        alike(lambda E, n=name: (getattr(E, n)(x(E)), getattr(E, n)(x(E), 0)))
    alike(lambda E: (E.prod(x(E)[:40]), E.logsumexp(x(E), 0), E.cumsum(x(E), 0)[-1], E.cumprod(x(E)[:20], 0)))
    alike(lambda E: (E.logcumsumexp(x(E)[:50], 0), E.cummax(x(E)[:50], 0), E.amax(x(E), 0)))


@pytest.mark.parametrize("name", ["max", "min", "median", "nanmedian", "amax", "amin"])
def test_ties_share_the_gradient(name: str) -> None:
    compare(lambda E, x: getattr(E, name)(x), TIES)
    compare(lambda E, x: getattr(E, name)(x), TIES[1])
    compare(lambda E, x: getattr(x, name)(), np.array([1.0, np.inf, np.inf, -np.inf, -np.inf]))
    compare(lambda E, x: getattr(E, name)(x), NAN, second=False)


def test_products_with_zeros() -> None:
    for zeros in ([], [(0, 1)], [(0, 1), (0, 2)], [(0, 0), (1, 1), (2, 3)]):
        x = X.copy()
        for place in zeros:
            x[place] = 0
        compare(lambda E, x: (E.prod(x), E.prod(x, 0), E.prod(x, 1, keepdim=True)), x)
        compare(lambda E, x: E.cumprod(x, 1), x)
    compare(lambda E, x: E.prod(x, 1), np.ones((2, 0)))
    compare(lambda E, x: E.prod(x), np.asarray(0.0))


def test_variance_with_little_freedom() -> None:
    compare(
        lambda E, x: (E.var(x, 0, correction=3), E.std(x, 0, correction=5), E.var(x, correction=2.5)),
        X,
        grad=False,
    )
    compare(lambda E, x: (E.var(x), E.std(x), E.var_mean(x)), np.ones(1), grad=False)
    compare(lambda E, x: (E.var(x), E.std(x, 1), E.var(x, 0)), np.ones((2, 0)), grad=False)
    compare(lambda E, x: (E.var(x, 0, correction=0.5), E.std_mean(x, (0, 1), unbiased=False)), X)
    compare(lambda E, x: E.std(x, 1), TIES)
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        glasstorch.ones(1).std()


def test_no_dimensions() -> None:
    alike(lambda E: (E.all(E.ones(2, 3), ()), E.any(E.zeros(2, 3), dim=()), E.sum(E.ones(2, 3), ())))
    alike(
        lambda E: (E.all(E.ones(0)), E.any(E.ones(0)), E.all(E.ones(2, 0), 1), E.all(E.ones(2, 3).byte(), 0))
    )


def test_running() -> None:
    for name in ("cummax", "cummin"):
        for a in (TIES, NAN, X.astype(np.float16), np.array([[2, 1, 2], [0, 3, 3]]), np.array([True, False])):
            compare(
                lambda E, x, n=name: getattr(E, n)(x, -1),
                a,
                grad=a.dtype == np.float64 and not np.isnan(a).any(),
            )
        compare(lambda E, x, n=name: (getattr(E, n)(x, 0), getattr(E, n)(x, 1)), np.ones((0, 2)))
    compare(lambda E, x: E.logcumsumexp(x, 1), COMPLEX)
    compare(lambda E, x: E.logcumsumexp(x, 0), np.array([-np.inf, 1, np.inf, 2]), grad=False)
    compare(lambda E, x: (E.cumsum(x, 0), E.cumprod(x, 1)), COMPLEX)
    compare(
        lambda E, x: (E.cumsum(x, 0), E.cumprod(x, 0), E.cumsum(x, 0, dtype=E.float32)),
        np.arange(5, dtype=np.int8),
    )


def test_order_statistics() -> None:
    whole = rng.integers(0, 5, (3, 4, 5))
    for d in (0, 1, -1):
        compare(lambda E, x, d=d: (x.median(d), x.nanmedian(d, True), x.mode(d), x.kthvalue(2, d)[0]), whole)
        compare(lambda E, x, d=d: (x.median(d)[0], x.nanmedian(d)[0]), NAN, grad=False)
    compare(lambda E, x: E.mode(x, 1)[0], TIES)
    alike(lambda E: E.mode(E.tensor([[3, 1, 3, 1, 2], [5, 4, 3, 2, 1]], dtype=E.int32)))
    long = rng.integers(0, 50, (2, 400))
    alike(lambda E: E.mode(E.tensor(long)).values)


def test_refusals() -> None:
    def bools(E):
        return E.ones(2, 2, dtype=E.bool)

    def complexes(E):
        return E.ones(2, 2, dtype=E.complex64)

    for fn, needle in (
        (lambda E: bools(E).median(), "\"median_cpu\" not implemented for 'Bool'"),
        (lambda E: bools(E).median(0), "\"median_out\" not implemented for 'Bool'"),
        (lambda E: bools(E).argmax(), "argmax(): does not support bool input"),
        (lambda E: bools(E).kthvalue(1), "\"kthvalue_cpu\" not implemented for 'Bool'"),
        (lambda E: bools(E).topk(1), "topk does not support bool dtypes on CPU"),
        (lambda E: complexes(E).max(), "\"max_all\" not implemented for 'ComplexFloat'"),
        (lambda E: complexes(E).max(0), "max(): does not support complex input"),
        (lambda E: complexes(E).amin(0), "\"min_values_cpu\" not implemented for 'ComplexFloat'"),
        (lambda E: complexes(E).sort(), "Sort does not support complex dtypes on CPU"),
        (lambda E: complexes(E).mode(), "\"mode_cpu\" not implemented for 'ComplexFloat'"),
        (lambda E: complexes(E).unique(), "\"unique\" not implemented for 'ComplexFloat'"),
        (lambda E: complexes(E).cummax(0), "\"cummax_cpu\" not implemented for 'ComplexFloat'"),
        (lambda E: complexes(E).nansum(), "nansum on CPU does not support complex inputs"),
        (lambda E: E.ones(2).long().logcumsumexp(0), "\"logcumsumexp_out_cpu\" not implemented for 'Long'"),
        (lambda E: E.ones(2).long().var(), "only support floating point and complex dtypes"),
        (lambda E: E.ones(2, 0).amax(1), "amax(): Expected reduction dim 1 to have non-zero size."),
        (lambda E: E.ones(2, 0).max(1), "Expected reduction dim 1 to have non-zero size."),
        (lambda E: E.ones(0).max(), "Expected reduction dim to be specified for input.numel() == 0"),
        (lambda E: E.ones(2, 0).aminmax(dim=1), "Expected reduction dim 1 to have non-zero size."),
        (lambda E: E.ones(2).argmax((0, 1)), "must be int, not tuple"),
    ):
        raises_alike(fn, needle)


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(kind: str) -> None:
    """One rounding at the end, forward and backward, as PyTorch's kernels do; steps in half would be off visibly."""
    values = np.concatenate([rng.uniform(-8, 8, 40), [-12.0, 0.0, 100.0]])

    def both(E, fn):
        x = E.tensor(values).to(getattr(E, kind)).requires_grad_()
        y = fn(E, x)
        y.sum().backward()
        return y, x.grad

    def close(fn) -> None:
        ours, theirs = both(glasstorch, fn), both(torch, fn)
        for a, b in zip(ours, theirs, strict=True):
            assert str(a.dtype) == str(b.dtype)
            np.testing.assert_allclose(a.detach().float().numpy(), b.detach().float().numpy(),
                                       rtol=1e-3 if kind == "float16" else 2.5e-2, atol=2e-6)  # fmt: skip

    for fn in (
        lambda E, x: E.sigmoid(x),
        lambda E, x: E.nn.functional.silu(x),
        lambda E, x: E.nn.functional.softplus(x),
        lambda E, x: E.nn.functional.hardswish(x * 100),
        lambda E, x: E.softmax(x, 0),
        lambda E, x: E.addcmul(x, x, x, value=0.3),
        lambda E, x: E.logsumexp(x[:20], 0),
    ):
        close(fn)


def test_sigmoid_keeps_what_is_near_zero() -> None:
    compare(
        lambda E, x: (E.sigmoid(x).log(), E.nn.functional.silu(x) * 1e30), np.array([-100.0, -40, -20, 3])
    )
    compare(lambda E, x: E.sigmoid(x).log(), np.array([-80.0, -40, -20, 3], np.float32))


def test_results_are_stored_row_by_row() -> None:
    """Whatever the order of the input, so that ``view`` works on them as in PyTorch."""
    x = glasstorch.arange(24.0).reshape(2, 3, 4).transpose(0, 2)
    t = torch.arange(24.0).reshape(2, 3, 4).transpose(0, 2)
    for name in (
        "sum",
        "mean",
        "prod",
        "var",
        "std",
        "amax",
        "amin",
        "any",
        "logsumexp",
        "cumsum",
        "cumprod",
        "argmax",
    ):
        assert getattr(x, name)(1).stride() == getattr(t, name)(1).stride(), name
