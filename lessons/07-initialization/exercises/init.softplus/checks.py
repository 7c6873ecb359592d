"""Softplus and its slope in float64."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, same_gradients


def _softplus(x):
    return np.logaddexp(0, np.asarray(x, np.float64))


def _answer(box, x):
    got = box.call("softplus", x)
    if got is None:
        raise CheckFailed("`softplus` returned None. Is a `return` missing?", kind="type")
    return got


def check_values(box, rng):
    x = rng.normal(0, 3, size=(2, 5)).astype("float32")
    close(
        _answer(box, x),
        _softplus(x),
        1e-4,
        1e-6,
        what="softplus",
        mistakes={
            "This is ReLU, corner and all.": np.maximum(x, 0),
            "The 1 is missing: log(exp(x)) is x again.": x,
            "This is the sigmoid, the slope of softplus.": 1 / (1 + np.exp(-x)),
            "This is right for positive numbers. For negative ones an x is too much.": x
            + np.log1p(np.exp(-np.abs(x))),
        },
    )


def check_large(box, rng):
    x = np.concatenate([rng.uniform(90, 900, size=4), rng.uniform(15, 40, size=3)]).astype("float32")
    got = _answer(box, x)
    if np.isinf(got).any() or np.isnan(got).any():
        raise CheckFailed(
            f"softplus({float(x[0]):.0f}) must be {float(x[0]):.0f}, and exp of that is infinite in float32. "
            "Never give `exp` a large positive number.",
            kind="not finite",
        )
    close(got, _softplus(x), 1e-5, 0, what="softplus of large numbers")


def check_small(box, rng):
    x = -rng.uniform(8, 80, size=8).astype("float32")
    got = _answer(box, x)
    if (got == 0).any():
        raise CheckFailed(
            "Numbers below about -17 give 0: 1 + exp(x) is rounded to 1 before the logarithm sees it. "
            "There is a function for the logarithm of 1 plus something small.",
            expected=float(_softplus(x).max()),
            got=0.0,
        )
    close(got, _softplus(x), 1e-4, 0, what="softplus of negative numbers")


def check_gradient(box, rng):
    x = rng.normal(0, 3, size=(3, 4)).astype("float32")
    upstream = rng.normal(size=(3, 4)).astype("float32")
    same_gradients(
        box,
        "softplus_backward",
        upstream,
        x,
        of=_softplus,
        mistakes={
            "This is the slope of ReLU: 0 or 1.": upstream * (x > 0),
            "This is softplus itself, not its slope.": upstream * _softplus(x),
        },
    )
    far = np.concatenate([rng.uniform(90, 900, size=3), -rng.uniform(20, 80, size=3)]).astype("float32")
    above = rng.uniform(1, 2, size=6).astype("float32")
    got = box.call("softplus_backward", above, far)
    close(
        got,
        above * np.exp(np.minimum(far, 0) - np.log1p(np.exp(-np.abs(far)))),
        1e-4,
        0,
        what="the gradient far out",
    )


def check_shapes(box, rng):
    for shape in [(), (1,), (2, 1, 3)]:
        x = np.asarray(rng.normal(0, 3, size=shape)).astype("float32")
        got = box.call("harness.both", x, np.ones_like(x))
        close(got["value"], _softplus(x), 1e-4, 1e-6)
        close(got["gradient"], 1 / (1 + np.exp(-x.astype(np.float64))), 1e-4, 1e-6)
        close(got["x"], x, 0, 0)
