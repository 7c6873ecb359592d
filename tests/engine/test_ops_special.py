"""Special functions against PyTorch, and against the standard library to 1e-12 in float64."""

from __future__ import annotations

import math

import glasstorch
import numpy as np
import pytest
from support.differential import compare

rng = np.random.default_rng(0)

EVERYWHERE = ["erf", "erfc", "lgamma", "digamma", "sinc", "asinh", "deg2rad", "rad2deg", "frac", "nan_to_num", "i0",
              "special.i0e", "special.i1", "special.i1e", "special.ndtr", "special.log_ndtr",
              "special.erfcx"]  # fmt: skip
BETWEEN = ["erfinv", "logit", "atanh", "special.ndtri", "special.entr"]


def named(E, name: str):
    for part in name.split("."):
        E = getattr(E, part)
    return E


@pytest.mark.parametrize("name", EVERYWHERE)
def test_everywhere(name: str) -> None:
    compare(lambda E, x: named(E, name)(x), rng.normal(size=(4, 5)) * 3)
    compare(lambda E, x: named(E, name)(x), rng.normal(size=7).astype(np.float32))


@pytest.mark.parametrize("name", BETWEEN)
def test_between_0_and_1(name: str) -> None:
    compare(lambda E, x: named(E, name)(x), rng.uniform(0.02, 0.98, size=(4, 5)))
    compare(lambda E, x: named(E, name)(x), np.array([0.0, 1.0, 2.0, -1.5, np.nan]), grad=False)


def test_others() -> None:
    a = rng.uniform(1.1, 4, size=5)
    compare(
        lambda E, x: (E.acosh(x), E.polygamma(2, x), E.special.zeta(x.detach(), x), E.mvlgamma(x + 2, 3)), a
    )
    compare(lambda E, x: (E.special.xlog1py(x, x), E.logit(x / 5, eps=0.3), x.polygamma(1)), a)
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0])
    compare(
        lambda E, x: (E.signbit(x), E.isposinf(x), E.isneginf(x), E.nan_to_num(x, 1, 2, 3)), edges, grad=False
    )
    compare(lambda E, x: (E.lgamma(x), E.digamma(x), E.erfc(x), E.sinc(x)), edges, grad=False)


def test_twelve_digits() -> None:
    x = np.concatenate([np.linspace(-25, 25, 997), np.linspace(1e-3, 1, 200)])

    def off(ours, exact) -> float:
        want = np.array([exact(v) for v in x])
        return float(
            np.max(np.abs(ours(glasstorch.from_numpy(x)).numpy() - want) / np.maximum(np.abs(want), 1e-280))
        )

    assert off(glasstorch.erf, math.erf) < 1e-12
    assert off(glasstorch.erfc, math.erfc) < 1e-12
    x = np.linspace(0.1, 150, 1000)
    assert float(np.max(np.abs(glasstorch.lgamma(glasstorch.from_numpy(x)).numpy()
                               - [math.lgamma(v) for v in x]) / (1 + np.log(x)))) < 1e-12  # fmt: skip
    y = glasstorch.linspace(-0.9999, 0.9999, 1001, dtype=glasstorch.float64)
    assert float((glasstorch.erf(glasstorch.erfinv(y)) - y).abs().max()) < 1e-12


def test_odd_places() -> None:
    odd = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-320, 65504.0])
    for fn in (
        lambda E, x: (E.sign(x), E.sgn(x), E.lgamma(x), E.round(x, decimals=1), x**0.5, x**-0.5),
        lambda E, x: (E.polygamma(2, x), E.special.zeta(2.0, x.abs() + 1).nan_to_num(), E.sinc(x[:2])),
    ):
        compare(fn, odd, grad=False)
    compare(
        lambda E, x: (E.sinc(x), E.round(x, decimals=1)), np.array([65504, 0.25, -3], np.float16), grad=False
    )
    compare(lambda E, x: E.acosh(x), np.array([-50.0, -1.5, 1.5, 20]) + 0.0)
    compare(lambda E, x: E.logit(x, eps=0.1), np.array([-1.0, 0.05, 0.3, 2]), second=False)
    x, y = np.array([1.0, np.nan, 1, 2, 2]), np.array([np.nan, 1.0, 2, 1, 2])
    compare(lambda E, x, y: (E.maximum(x, y), E.minimum(x, y), E.fmax(x, y), E.fmin(x, y)), x, y)
    compare(lambda E, x, y: E.nextafter(x, y), x, y)
