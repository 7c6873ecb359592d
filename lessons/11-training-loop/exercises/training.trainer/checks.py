"""A linear model trained by hand in float64, with and without well-known mistakes."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close

LR = 0.05
SLOW = 0.004  # for `fit`: the best validation loss is some epochs away


def _batches(rng, sizes, weights=None, noise=0.0):
    made = []
    for n in sizes:
        x = rng.normal(size=(n, 3))
        y = rng.normal(size=n) if weights is None else x @ weights + noise * rng.normal(size=n)
        made.append((x.astype("float32"), y.astype("float32")))
    return made


def _epoch(weights, batches, factor=2, clear=True, lr=LR):
    """Weights at the end, the mean loss of an example, and the mean of the batches' losses."""
    w, g, losses = np.array(weights, np.float64), 0.0, []
    for x, y in batches:
        error = factor * (x.astype(np.float64) @ w) - y
        g = 2 * factor * (x.T @ error) / len(y) + (0.0 if clear else g)
        w = w - lr * g
        losses.append((error**2).mean())
    sizes = [len(y) for _, y in batches]
    return w, np.dot(losses, sizes) / sum(sizes), np.mean(losses)


def _loss(weights, batches, factor=1):
    losses = [((factor * (x.astype(np.float64) @ weights) - y) ** 2).mean() for x, y in batches]
    sizes = [len(y) for _, y in batches]
    return np.dot(losses, sizes) / sum(sizes), np.mean(losses)


def _number(got, what):
    if got["kind"] == "tensor":
        raise CheckFailed(
            f"`{what}` returned a tensor, which keeps its graph. Add up `loss.item()`.", got="a tensor"
        )
    if got["value"] is None or got["kind"] == "list":
        raise CheckFailed(f"`{what}` must return a float; it returned: {got['kind']}.", got=got["kind"])
    return got["value"]


def _learns(box, rng, plain):
    weights = rng.normal(size=3).astype("float32")
    batches = _batches(rng, [6, 6, 2])
    got = box.call("harness.train_epoch", weights, batches, LR, plain)
    value = _number(got, "train_epoch")
    after, mean, of_batches = _epoch(weights, batches)
    mistakes = {
        "The model was in eval mode before, and learnt in it: `train_epoch` must set train mode itself.": _epoch(
            weights, batches, factor=1
        )[0],
        "The gradients of the batches were added to each other; each step needs fresh ones.": _epoch(
            weights, batches, clear=False
        )[0],
        "The weights have not moved.": weights,
    }
    close(got["weights"], after, 1e-4, 1e-5, what="the weights after the epoch", mistakes=mistakes)
    mistakes = {
        "This is the mean of the batches' losses. Their sizes differ: add up examples, and divide once.": of_batches
    }
    close(value, mean, 1e-4, what="the mean loss of an example", mistakes=mistakes)


def _looks(box, rng, plain):
    weights = rng.normal(size=3).astype("float32")
    batches = _batches(rng, [6, 6, 2])
    got = box.call("harness.evaluate", weights, batches, plain)
    value = _number(got, "evaluate")
    mean, of_batches = _loss(weights, batches)
    mistakes = {
        "The model was measured in train mode, where it behaves differently.": _loss(weights, batches, 2)[0],
        "This is the mean of the batches' losses. Their sizes differ: add up examples, and divide once.": of_batches,
    }
    close(value, mean, 1e-4, what="the loss", mistakes=mistakes)
    close(got["weights"], weights, 1e-6, what="the weights after evaluate (it must not learn)")


def _problem(rng):
    """Validation data whose best weights lie on the way to the training data's: its loss falls, then rises."""
    start = rng.normal(size=3)
    way = rng.choice([-1, 1], size=3) * rng.uniform(2, 3, size=3)
    batches = _batches(rng, [12, 12, 12], 2 * (start + way))  # in train mode the model gives twice as much
    valid = _batches(rng, [20, 7], start + rng.uniform(0.4, 0.5) * way)
    return start.astype("float32"), batches, valid


def _fit(start, batches, valid, epochs, patience):
    """Losses, the best weights, the last weights, and the weights one epoch after the best."""
    w, losses, ways, best = start, [], [], 0
    for epoch in range(1, epochs + 1):
        w = _epoch(w, batches, lr=SLOW)[0]
        losses.append(_loss(w, valid)[0])
        ways.append(w)
        if losses[-1] < losses[best - 1] or epoch == 1:
            best = epoch
        elif epoch - best >= patience:
            break
    return losses, ways[best - 1], ways[-1]


def _list(got):
    if got["kind"] != "list":
        raise CheckFailed(
            f"`fit` must return a list with the validation loss of each epoch; it returned: {got['kind']}.",
            got=got["kind"],
        )
    return np.array(got["value"])


def check_learns(box, rng):
    _learns(box, rng, plain=False)


def check_looks(box, rng):
    _looks(box, rng, plain=False)
    weights = rng.normal(size=3).astype("float32")
    batches = _batches(rng, [5])
    value = _number(box.call("harness.evaluate", weights, batches, False, True), "evaluate")
    if np.isclose(value, (batches[0][1] ** 2).mean(), 1e-4):
        raise CheckFailed("Autograd records a graph for every batch in `evaluate`, though nothing is learnt.")
    close(value, _loss(weights, batches)[0], 1e-4, what="the loss")


def check_stops(box, rng):
    start, batches, valid = _problem(rng)
    patience = int(rng.integers(2, 5))
    losses, _, _ = _fit(start, batches, valid, 30, patience)
    got = _list(box.call("harness.fit", start, batches, valid, SLOW, 30, patience))
    if len(got) > len(losses):
        raise CheckFailed(
            f"Training went on for {len(got)} epochs; with patience {patience} it stops after {len(losses)}.",
            expected=len(losses),
            got=len(got),
        )
    close(got, losses, 1e-3, 1e-5, what="the validation losses")
    got = _list(box.call("harness.fit", start, batches, valid, SLOW, 2, 30))
    close(got, _fit(start, batches, valid, 2, 30)[0], 1e-3, 1e-5, what="the validation losses of two epochs")


def _best(box, rng, plain):
    start, batches, valid = _problem(rng)
    _, best, last = _fit(start, batches, valid, 30, 3)
    got = box.call("harness.fit", start, batches, valid, SLOW, 30, 3, plain)
    if np.allclose(got["weights"], last, 1e-3, 1e-4):
        raise CheckFailed(
            "The model ends with the weights of the last epoch. If you did store and load the best: "
            "state_dict() gives the tensors themselves, and training goes on in them. Store a deep copy."
        )
    close(got["weights"], best, 1e-3, 1e-4, what="the weights at the end")


def check_best(box, rng):
    _best(box, rng, plain=False)


def check_own(box, rng):
    _learns(box, rng, plain=True)
    _looks(box, rng, plain=True)
    _best(box, rng, plain=True)
