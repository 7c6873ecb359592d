"""Order statistics, running products, counting and searching against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

STATISTICS = [
    lambda E, x: (x.median(), E.nanmedian(x), *x.median(1), *x.median(0, keepdim=True)),
    lambda E, x: (*x.kthvalue(2, 1), *x.kthvalue(3, 0, keepdim=True)),
    lambda E, x: tuple(E.mode((x * 2).round(), 1)),
    lambda E, x: (E.quantile(x, 0.3), E.quantile(x, E.tensor([0.1, 0.9], dtype=x.dtype), 1, keepdim=True)),
    lambda E, x: (
        E.nanquantile(x, 0.5, 0, interpolation="midpoint"),
        x.quantile(0.7, 1, interpolation="nearest"),
    ),
    lambda E, x: (E.nansum(x, 1), E.nanmean(x, 0)),
    lambda E, x: (*E.var_mean(x, 1), *E.std_mean(x, 0, correction=0)),
    lambda E, x: (*E.aminmax(x), *E.aminmax(x, dim=1, keepdim=True), E.dist(x, x * 2 + 1, 3)),
    lambda E, x: (E.diff(x), E.diff(x, 2, 0), E.diff(x, 1, 1, prepend=x[:, :1]), E.msort(x)),
    lambda E, x: (E.cumprod(x, 1), E.cumprod(x, 0)),
    lambda E, x: (*E.cummax(x, 1), *E.cummin(x, 0)),
    lambda E, x: E.logcumsumexp(x, 1),
    lambda E, x: (E.trapezoid(x, dim=0), E.trapezoid(x, x.cumsum(1)), E.cumulative_trapezoid(x, dx=0.5)),
    lambda E, x: (x.repeat_interleave(2), E.repeat_interleave(x, E.tensor([2, 0, 1, 1]), 0)),
    lambda E, x: (E.fill(x, 2.0), E.fill(x, x[0, 0])),
]


@pytest.mark.parametrize("case", range(len(STATISTICS)))
def test_statistics(case: int) -> None:
    compare(STATISTICS[case], rng.normal(size=(4, 5)))


def test_cdist() -> None:
    compare(lambda E, x, y: (E.cdist(x, y), E.cdist(x, y, p=1), E.cdist(x, y, p=3)), rng.normal(size=(2, 4, 3)),
            rng.normal(size=(5, 3)), second=False)  # fmt: skip


def test_zeros_and_nan() -> None:
    a = rng.normal(size=(3, 5))
    a[0, 2] = a[1, 0] = a[1, 3] = 0
    compare(lambda E, x: E.cumprod(x, 1), a)
    a[2, 1] = np.nan
    compare(
        lambda E, x: (x.median(), *x.median(1), E.nanmedian(x), *E.nanmedian(x, 1), *E.cummax(x, 1)),
        a,
        grad=False,
    )
    compare(
        lambda E, x: (x.nansum(0), x.nanmean(1), E.quantile(x, 0.5, 1), E.nanquantile(x, 0.5, 1)),
        a,
        second=False,
    )


def test_counting() -> None:
    a = rng.integers(0, 5, size=(4, 3))
    compare(
        lambda E, x: (*E.unique(x, return_inverse=True, return_counts=True), E.unique(x[:, :1], dim=0)), a
    )
    compare(lambda E, x: (*E.unique_consecutive(x, return_inverse=True, return_counts=True),), a)
    compare(lambda E, x: E.unique_consecutive(x.sort(0)[0], dim=0), a)
    compare(lambda E, x: (E.bincount(x[0], minlength=7), E.bincount(x[:, 0], E.tensor([0.5, 1, 2, 3]))), a)
    compare(lambda E, x: (E.isin(x, E.tensor([1, 3])), E.isin(x, 2), E.isin(x, x[0], invert=True)), a)
    b = rng.normal(size=(2, 6))
    compare(lambda E, x: (x.histc(4), E.histc(x, 5, -1, 1)), b, grad=False)
    compare(
        lambda E, x: (E.searchsorted(x.sort()[0], x[:, :3], right=True), E.bucketize(x, x[0].sort()[0])),
        b,
        grad=False,
    )
    compare(lambda E, x: (E.searchsorted(x[0].sort()[0], 0.1), E.bucketize(0.2, x[1].sort()[0], out_int32=True)), b,
            grad=False)  # fmt: skip


def test_errors() -> None:
    raises_alike(lambda E: E.quantile(E.arange(3), 0.5), "float or double")
    raises_alike(lambda E: E.quantile(E.ones(3), 1.5), "[0, 1]")
    raises_alike(lambda E: E.bincount(E.tensor([-1])), "non-negative")
    raises_alike(lambda E: E.ones(3).kthvalue(5), "5")
    raises_alike(lambda E: E.cdist(E.ones(2, 3), E.ones(2, 4)), "3", "4")
