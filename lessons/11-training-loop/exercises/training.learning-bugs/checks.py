"""One epoch of a linear model by hand, with and without each bug."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close

LR = 0.05


def _problem(rng, sizes):
    weights = rng.normal(size=3).astype("float32")
    batches = [
        (rng.normal(size=(n, 3)).astype("float32"), rng.normal(size=n).astype("float32")) for n in sizes
    ]
    return weights, batches


def _epoch(weights, batches, factor=2, clear=True, every=True, leftover=0.0):
    """Weights at the end, and the mean loss of an example. factor: 2 in train mode, 1 in eval mode."""
    w, g = weights.astype(np.float64), np.zeros(3) + leftover
    total = count = 0
    for x, y in batches:
        error = factor * (x.astype(np.float64) @ w) - y
        new = 2 * factor * (x.T @ error) / len(y)
        g = new if clear else g + new
        if every:
            w = w - LR * g
        total, count = total + (error**2).sum(), count + len(y)
    return (w if every else w - LR * g), total / count


def _alike(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, 1e-4, 1e-5)


def check_mode(box, rng):
    weights, batches = _problem(rng, [4])
    got = box.call("harness.epoch", weights, batches, LR, False)
    for clear in (True, False):
        if _alike(got["weights"], _epoch(weights, batches, factor=1, clear=clear)[0]):
            raise CheckFailed(
                "The model came in eval mode and was trained in the mode that it was in. "
                "Training must set train mode itself."
            )
    close(got["weights"], _epoch(weights, batches)[0], 1e-4, 1e-5, what="the weights after the epoch")


def check_fresh(box, rng):
    weights, batches = _problem(rng, [5])
    leftover = rng.uniform(1, 2, size=3).astype("float32")
    got = box.call("harness.epoch", weights, batches, LR, True, leftover)["weights"]
    if _alike(got, _epoch(weights, batches, clear=False, leftover=leftover)[0]):
        raise CheckFailed(
            "Nothing clears the gradients that were there before: the new ones were added to them."
        )
    if _alike(got, weights):
        raise CheckFailed(
            "The model has not moved: the gradients were cleared before the step could use them."
        )
    close(got, _epoch(weights, batches)[0], 1e-4, 1e-5, what="the weights after the epoch")


def check_steps(box, rng):
    weights, batches = _problem(rng, [4, 4, 4])
    got = box.call("harness.epoch", weights, batches, LR, True)["weights"]
    if any(_alike(got, _epoch(weights, batches, clear=clear, every=False)[0]) for clear in (True, False)):
        raise CheckFailed(
            "The optimizer steps only once, after the last batch; it must step after each batch."
        )
    if _alike(got, _epoch(weights, batches, clear=False)[0]):
        return  # a step for each batch; that gradients add up is another check's business
    close(got, _epoch(weights, batches)[0], 1e-4, 1e-5, what="the weights after three batches")


def check_loss(box, rng):
    weights, batches = _problem(rng, [6, 2, 1])
    got = box.call("harness.epoch", weights, batches, LR, True)
    if got["kind"] == "tensor":
        raise CheckFailed(
            "`train_epoch_of` returned a tensor, and with it the graphs of all batches. Add up plain numbers.",
            expected="a float",
            got="a tensor",
        )
    if got["value"] is None:
        raise CheckFailed(
            f"`train_epoch_of` must return a float; it returned: {got['kind']}.", got=got["kind"]
        )
    ways = [{"clear": clear, "every": every} for clear in (True, False) for every in (True, False)]
    if not any(_alike(got["value"], _epoch(weights, batches, **way)[1]) for way in ways):
        close(got["value"], _epoch(weights, batches)[1], 1e-4, what="the mean loss of an example")
