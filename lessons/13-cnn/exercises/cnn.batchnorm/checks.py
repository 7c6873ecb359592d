"""Batch normalization in float64, in both of its lives."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng, shape):
    c = shape[1]
    away = (1, c) + (1,) * (len(shape) - 2)
    x = rng.normal(size=shape) * rng.uniform(0.5, 3, size=away) + rng.normal(0, 3, size=away)
    others = [rng.normal(size=c), rng.uniform(0.5, 2, size=c), rng.normal(size=c), rng.normal(size=c)]
    return [one.astype("float32") for one in (x, *others)]


def _normed(x, mean, var, weight, bias, eps=1e-5):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    mean, var, weight, bias = (one.astype(np.float64).reshape(shape) for one in (mean, var, weight, bias))
    return (x - mean) / np.sqrt(var + eps) * weight + bias


def _statistics(x, ddof=0):
    flat = np.moveaxis(x.astype(np.float64), 1, 0).reshape(x.shape[1], -1)
    return flat.mean(axis=1), flat.var(axis=1, ddof=ddof)


def _answer(box, arrays, training, momentum=0.1, eps=1e-5):
    got = box.call("harness.batch_norm", *arrays, training, momentum, eps)
    if got["result"] is None:
        raise CheckFailed("`batch_norm` returned None. Is a `return` missing?", got="None", kind="type")
    for name in ("x", "weight", "bias"):
        if name in got["changed"]:
            raise CheckFailed(f"Your function changed `{name}`, which belongs to its caller.")
    return got


def check_training(box, rng):
    for shape in [(6, 3), (4, 3, 2, 3)]:
        arrays = _problem(rng, shape)
        x, running_mean, running_var, weight, bias = arrays
        got = _answer(box, arrays, True)["result"]
        mean, var = _statistics(x)
        mistakes = {
            "These are the running averages; in training the batch's own mean and variance are used.": (
                _normed(x, running_mean, running_var, weight, bias)
            ),
            "The variance that divides has n in the denominator, not n − 1 (`x.var` without ddof).": (
                _normed(x, mean, _statistics(x, 1)[1], weight, bias)
            ),
            "Weight and bias are left out.": _normed(x, mean, var, weight * 0 + 1, bias * 0),
            "Divide by the standard deviation, the square root of the variance.": (
                _normed(x, mean, (var + 1e-5) ** 2, weight, bias, 0)
            ),
        }
        if x.ndim == 4:
            everything = np.full(3, x.mean()), np.full(3, x.var())
            mistakes["Mean and variance are taken over everything; each channel has its own."] = _normed(
                x, *everything, weight, bias
            )
        close(got, _normed(x, mean, var, weight, bias), 1e-3, 1e-4, what="the result", mistakes=mistakes)


def check_running(box, rng):
    for shape in [(6, 3), (4, 3, 2, 3)]:
        arrays = _problem(rng, shape)
        x, old_mean, old_var, *_ = arrays
        got = _answer(box, arrays, True)
        if "running_mean" not in got["changed"] and "running_var" not in got["changed"]:
            raise CheckFailed(
                "`running_mean` and `running_var` are what they were. `running_mean = …` only gives a name to a new "
                "array: write into the caller's, with `*=`, `+=` or `[...] =`."
            )
        (mean, biased), (_, var) = _statistics(x), _statistics(x, 1)
        turned = "`momentum` is the share of the new, not of the old: 0.9 · old + 0.1 · new."
        close(
            got["mean"],
            0.9 * old_mean + 0.1 * mean,
            1e-4,
            1e-4,
            what="`running_mean`",
            mistakes={
                turned: 0.1 * old_mean + 0.9 * mean,
                "The old average is replaced; keep nine tenths of it.": mean,
            },
        )
        close(
            got["var"],
            0.9 * old_var + 0.1 * var,
            1e-4,
            1e-4,
            what="`running_var`",
            mistakes={
                "The variance that goes in has n − 1 in the denominator (`ddof=1`).": 0.9 * old_var
                + 0.1 * biased
            },
        )


def check_use(box, rng):
    for shape in [(5, 4), (1, 2, 3, 3)]:
        arrays = _problem(rng, shape)
        got = _answer(box, arrays, False)
        close(got["result"], _normed(*arrays), 1e-3, 1e-4, what="the result in use")
        if got["changed"]:
            raise CheckFailed("In use the running averages must stay as they are.")
    arrays = _problem(rng, (4, 3))
    got = _answer(box, arrays, True, momentum=0.5, eps=0.1)
    mean, var = _statistics(arrays[0])
    close(got["result"], _normed(arrays[0], mean, var, *arrays[3:], eps=0.1), 1e-3, 1e-4, what="the result")
    close(got["mean"], 0.5 * arrays[1] + 0.5 * mean, 1e-4, 1e-4, what="`running_mean`")
