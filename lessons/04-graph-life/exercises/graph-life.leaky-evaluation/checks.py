import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _evaluated(box, rng, sizes=(6, 6, 2)):
    weight = rng.normal(size=(3, 4)).astype("float32")
    bias = rng.normal(size=3).astype("float32")
    batches = [(rng.normal(0, 2, size=(n, 4)).astype("float32"), rng.integers(0, 3, size=n)) for n in sizes]
    got = box.call("harness.evaluated", weight, bias, batches)
    if got["kind"] == "NoneType":
        raise CheckFailed("`evaluate` returned None. Is a `return` missing?", got="None")
    means = []
    for pictures, labels in batches:
        logits = pictures.astype(np.float64) @ weight.T + bias
        logits -= logits.max(axis=1, keepdims=True)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        means.append(-log_p[np.arange(len(labels)), labels].mean())
    return got, np.array(means), np.array(sizes)


def check_value(box, rng):
    got, means, sizes = _evaluated(box, rng)
    mistakes = {
        "This is the mean of the batches' means: the pictures of the small last batch count too much.": means.mean(),
        "This is the sum over all pictures. Divide by their number.": (means * sizes).sum(),
        "This is the sum of the batches' means.": means.sum(),
        "The sum is right, but it is divided by the number of batches, not of pictures.": (
            means * sizes
        ).sum()
        / len(sizes),
        "The sum of the batches' means is divided by the number of pictures: a mean of a batch "
        "stands for all of "
        "its pictures, so multiply it by their number first.": means.sum() / sizes.sum(),
    }
    right = (means * sizes).sum() / sizes.sum()
    close(got["value"], right, 1e-4, what="the mean loss", mistakes=mistakes)


def check_plain(box, rng):
    got, means, _ = _evaluated(box, rng, sizes=(6, 6, 6))
    if got["kind"] == "tensor":
        raise CheckFailed(
            "A tensor came back. Its caller would keep the graphs of all batches alive; return a number.",
            expected="a float",
            got="a tensor",
        )
    if got["kind"] != "float":
        raise CheckFailed(f"`evaluate` must return a float; it returned: {got['kind']}.", got=got["kind"])
    close(got["value"], means.mean(), 1e-4, what="the mean loss")


def check_clean(box, rng):
    got, means, _ = _evaluated(box, rng, sizes=(5, 5))
    if got["gradient"]:
        raise CheckFailed(
            "The parameters have gradients now. The next training step would add its own to them."
        )
    if not got["wanted"]:
        raise CheckFailed("The parameters no longer want gradients: the next training step could not learn.")
    close(got["value"], means.mean(), 1e-4, what="the mean loss")


def check_graphless(box, rng):
    got, means, _ = _evaluated(box, rng, sizes=(4, 4, 4))
    if any(got["recorded"]) or len(got["recorded"]) != 3:
        raise CheckFailed("The model recorded a graph.")
    if not got["enabled"]:
        raise CheckFailed("Recording is still off after the call.")
    close(got["value"], means.mean(), 1e-4)
