"""What a model with batch normalization says in use and in training, computed by hand."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng, sizes):
    """Weight, running mean, and batches that lie elsewhere than the running mean says."""
    weight = rng.normal(size=(3, 4)).astype("float32")
    mean = rng.normal(size=4).astype("float32")
    batches = []
    for size in sizes:
        pictures = (rng.normal(size=(size, 4)) + rng.normal(size=4)).astype("float32")
        batches.append((pictures, rng.integers(0, 3, size=size)))
    return weight, mean, batches


def _right(weight, mean, batches, by_batch):
    right = []
    for pictures, labels in batches:
        x = pictures.astype(np.float64)
        normed = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) if by_batch else (x - mean) / np.sqrt(1 + 1e-5)
        right.append((normed @ weight.T).argmax(1) == labels)
    return right


def _share(right):
    return float(np.concatenate(right).mean())


def _answer(box, weight, mean, batches, training):
    got = box.call("harness.evaluate", weight, mean, batches, training)
    if got["kind"] == "NoneType":
        raise CheckFailed("`evaluate` returned None. Is a `return` missing?", got="None", kind="type")
    if got["share"] is None:
        raise CheckFailed(
            f"`evaluate` must return a number from 0 to 1; it returned: {got['kind']}.",
            got=got["kind"],
            kind="type",
        )
    return got


def check_mode(box, rng):
    for _ in range(100):  # until the two modes give shares that differ clearly
        weight, mean, batches = _problem(rng, [40, 40])
        use, training = (_share(_right(weight, mean, batches, mode)) for mode in (False, True))
        if abs(use - training) > 0.1:
            break
    got = _answer(box, weight, mean, batches, True)
    close(
        got["share"],
        use,
        what="the share",
        mistakes={
            "This is what the model does in training mode: BatchNorm used the batch instead of its running averages. "
            "Call model.eval() first.": training,
            "The result is a share from 0 to 1, not per cent.": 100 * use,
        },
    )


def check_share(box, rng):
    for _ in range(100):
        weight, mean, batches = _problem(rng, [30, 3])
        right = _right(weight, mean, batches, False)
        of_shares = float(np.mean([one.mean() for one in right]))
        if abs(of_shares - _share(right)) > 0.1:
            break
    got = _answer(box, weight, mean, batches, False)
    close(
        got["share"],
        _share(right),
        what="the share",
        mistakes={
            "This is the mean of the batches' shares: 3 pictures of a small batch count as much as 30 of a large one. "
            "Count right answers, and divide once.": of_shares,
        },
    )


def check_manners(box, rng):
    weight, mean, batches = _problem(rng, [20, 20])
    for training in (True, False):
        got = _answer(box, weight, mean, batches, training)
        if not np.allclose(got["mean"], mean, atol=1e-6):
            raise CheckFailed(
                "The running averages of BatchNorm have changed: the model was in training mode while it was asked."
            )
        if got["training"] != [training, training]:
            now, before = ("training" if mode else "evaluation" for mode in (got["training"][0], training))
            raise CheckFailed(
                f"The model arrived in {before} mode and is in {now} mode now. "
                "Remember `model.training` and restore it.",
                expected=before,
                got=now,
            )


def check_memory(box, rng):
    weight, mean, batches = _problem(rng, [5, 5])
    if _answer(box, weight, mean, batches, False)["graphs"]:
        raise CheckFailed(
            "The model ran with gradients on, so a graph was kept for nothing. Use torch.no_grad()."
        )
