import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng, sizes):
    weights = rng.normal(size=(4, 3)).astype("float32")
    batches = []
    for n in sizes:
        x = rng.normal(size=(n, 4)).astype("float32")
        best, worst = (x @ weights).argmax(1), (x @ weights).argmin(1)
        right = rng.permutation(n) < n * (rng.uniform(0.1, 0.3) if n < 6 else rng.uniform(0.6, 0.9))
        batches.append((x, np.where(right, best, worst)))
    return weights, batches


def _ask(box, weights, batches, turns):
    got = box.call("harness.accuracy", weights, batches, turns)
    if isinstance(got, str):
        raise CheckFailed(f"`accuracy_of` must return a float; it returned: {got}.", got=got)
    return got


def _counts(weights, batches, sign=1):
    return [((sign * (x @ weights)).argmax(1) == y).sum() for x, y in batches], [len(y) for _, y in batches]


def _whole(weights, batches, sign=1):
    right, count = _counts(weights, batches, sign)
    return 100 * sum(right) / sum(count)


def check_mode(box, rng):
    weights, batches = _problem(rng, [24, 24])
    got = _ask(box, weights, batches, "mode")
    if np.isclose(got, _whole(weights, batches, -1)):
        raise CheckFailed("The model was measured in train mode, where it behaves differently.")
    close(got, _whole(weights, batches), 1e-4, what="the accuracy")


def check_graphs(box, rng):
    weights, batches = _problem(rng, [24, 24])
    got = _ask(box, weights, batches, "graph")
    if np.isclose(got, _whole(weights, batches, -1)):
        raise CheckFailed("Autograd records a graph for every batch here, though nothing is learnt.")
    close(got, _whole(weights, batches), 1e-4, what="the accuracy")


def check_sizes(box, rng):
    weights, batches = _problem(rng, [20, 20, 5])
    got = _ask(box, weights, batches, "")
    right, count = _counts(weights, batches)
    mistakes = {
        "This is the mean of the batches: the few examples of the last one count as much as a full batch.": np.mean(
            100 * np.divide(right, count)
        ),
        "This is a share between 0 and 1; the answer is in per cent.": sum(right) / sum(count),
    }
    close(got, _whole(weights, batches), 1e-4, what="the accuracy", mistakes=mistakes)
