"""A range test of a linear model, by hand in float64."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng):
    weight, bias = rng.normal(size=3).astype("float32"), rng.normal(size=1).astype("float32")
    count = int(rng.integers(6, 12))
    batches = [
        (rng.normal(size=(5, 3)).astype("float32"), rng.normal(size=5).astype("float32"))
        for _ in range(count)
    ]
    return weight, bias, batches, float(rng.uniform(0.001, 0.003)), float(rng.uniform(0.2, 0.4))


def _ask(box, weight, bias, batches, low, high, lrs):
    got = box.call("harness.test", weight, bias, batches, low, high, lrs)
    if got["kinds"] == ["NoneType"]:
        raise CheckFailed("`find_rates` returned None. Is a `return` missing?", got="None")
    if len(got["kinds"]) != 2:
        raise CheckFailed("`find_rates` must return two lists: rates, losses.", got=repr(got["kinds"])[:60])
    if "tensors" in got["kinds"]:
        raise CheckFailed("The lists hold tensors, each with its graph; keep plain numbers (`loss.item()`).")
    if got["kinds"] != ["list", "list"]:
        raise CheckFailed("`find_rates` must return two lists of numbers.", got=repr(got["kinds"])[:60])
    return got


def _rates(low, high, count):
    return low * (high / low) ** (np.arange(count) / (count - 1))


def _losses(weight, bias, batches, rates, clear=True):
    w, b = weight.astype(np.float64), float(bias[0])
    gw, gb, losses = 0.0, 0.0, []
    for (x, y), rate in zip(batches, rates):
        error = x.astype(np.float64) @ w + b - y
        losses.append((error**2).mean())
        gw = 2 * x.T @ error / len(y) + (0.0 if clear else gw)
        gb = 2 * error.mean() + (0.0 if clear else gb)
        w, b = w - rate * gw, b - rate * gb
    return np.array(losses), w


def check_rates(box, rng):
    weight, bias, batches, low, high = _problem(rng)
    got = np.array(_ask(box, weight, bias, batches, low, high, [0.1, 0.1])["lists"][0])
    n = len(batches)
    mistakes = {
        "The rates grow by equal steps; they must grow by equal factors.": low
        + (high - low) * np.arange(n) / (n - 1),
        "The last rate never reaches `high`: n rates have n - 1 gaps between them.": low
        * (high / low) ** (np.arange(n) / n),
    }
    close(got, _rates(low, high, n), 1e-4, what="the rates", mistakes=mistakes)


def check_losses(box, rng):
    weight, bias, batches, low, high = _problem(rng)
    got = np.array(_ask(box, weight, bias, batches, low, high, [0.1, 0.1])["lists"][1])
    rates = _rates(low, high, len(batches))
    mistakes = {
        "The gradients of the batches were added to each other: is `zero_grad()` missing?": _losses(
            weight, bias, batches, rates, clear=False
        )[0],
        "Each rate is set after the step that should use it.": _losses(weight, bias, batches, [0.1, *rates])[
            0
        ],
    }
    close(got, _losses(weight, bias, batches, rates)[0], 1e-3, 1e-5, what="the losses", mistakes=mistakes)


def check_restores(box, rng):
    weight, bias, batches, low, high = _problem(rng)
    lrs = [float(rng.uniform(0.01, 0.1)), float(rng.uniform(0.2, 0.3))]
    got = _ask(box, weight, bias, batches, low, high, lrs)
    end = _losses(weight, bias, batches, _rates(low, high, len(batches)))[1]
    if np.allclose(got["weight"], end, 1e-3, 1e-4):
        raise CheckFailed(
            "The weights are those of the end of the test. If you did store them before: state_dict() gives the "
            "tensors themselves, and the steps go on in them. Store a deep copy."
        )
    close(got["weight"], weight, 1e-6, what="the weights after the test")
    close(got["bias"], bias, 1e-6, what="the bias after the test")
    if np.allclose(got["lrs"], high):
        raise CheckFailed("The learning rate was left at the highest one.", expected=lrs, got=got["lrs"])
    if np.allclose(got["lrs"], lrs[0]):
        raise CheckFailed(
            "Each parameter group has a rate of its own to go back to.", expected=lrs, got=got["lrs"]
        )
    close(np.array(got["lrs"]), lrs, 1e-6, what="the learning rates after the test")
