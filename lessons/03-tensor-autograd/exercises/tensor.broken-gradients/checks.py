"""The gradients in float64, and what each of the four mistakes does to them."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng):
    n, sizes = 6, (4, 5, 2)
    x, target = rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[2]))
    w1, w2 = rng.normal(size=sizes[:2]), rng.normal(size=sizes[1:])
    b1 = rng.normal(0, 0.3, size=sizes[1])
    return [array.astype("float32") for array in (x, target, w1, b1, w2)]


def _pieces(x, target, w1, b1, w2, averaged=True, through="before"):
    """What goes in and out of relu, the loss, and the gradients at out and at before."""
    x, target, w1, b1, w2 = (array.astype(float) for array in (x, target, w1, b1, w2))
    before = x @ w1 + b1
    hidden = np.maximum(before, 0)
    difference = hidden @ w2 - target
    grad_out = 2 * difference / (difference.size if averaged else 1)
    grad_hidden = grad_out @ w2.T
    gate = {"before": before > 0, "grad": grad_hidden > 0, "open": 1}[through]
    return before, hidden, (difference**2).mean(), grad_out, grad_hidden * gate


def _ask(box, problem):
    got = box.call("loss_and_gradients", *problem)
    if not isinstance(got, dict) or not {"loss", "w1", "b1", "w2"} <= set(got):
        raise CheckFailed(
            'The function must return {"loss": ..., "w1": ..., "b1": ..., "w2": ...}.', kind="type"
        )
    return got


def check_loss(box, rng):
    problem = _problem(rng)
    before, hidden, loss, grad_out, _ = _pieces(*problem)
    got = _ask(box, problem)
    close(got["loss"], loss, 1e-4, what="the loss")
    mean = "The loss is a mean: its gradient has to be divided by the number of elements of out."
    met = "In the forward, w2 is multiplied by hidden, not by before."
    mistakes = {
        f"{mean} And there is another mistake: which array does w2 meet in the forward?": before.T
        @ grad_out
        * grad_out.size,
        mean: hidden.T @ grad_out * grad_out.size,
        "The mean runs over all elements of out, not only over the rows.": hidden.T
        @ grad_out
        * grad_out.shape[1],
        met: before.T @ grad_out,
    }
    close(got["w2"], hidden.T @ grad_out, 1e-3, 1e-5, "the gradient of `w2`", mistakes=mistakes)


def check_gate(box, rng):
    problem = _problem(rng)
    x = problem[0].astype(float)
    mean = "The loss is a mean: the gradient is not divided yet."
    mistakes = {mean: x.T @ _pieces(*problem, averaged=False)[4]}
    for averaged in (True, False):
        also = "" if averaged else f" And: {mean}"
        by_gradient = x.T @ _pieces(*problem, averaged=averaged, through="grad")[4]
        opened = x.T @ _pieces(*problem, averaged=averaged, through="open")[4]
        rule = (
            "relu lets the gradient through where its input was positive, whatever the sign of the gradient."
        )
        mistakes[rule + also] = by_gradient
        mistakes["Now relu lets everything through; it is shut where its input was negative." + also] = opened
    expected = x.T @ _pieces(*problem)[4]
    close(_ask(box, problem)["w1"], expected, 1e-3, 1e-5, "the gradient of `w1`", mistakes=mistakes)


def check_bias(box, rng):
    problem = _problem(rng)
    grad_before = _pieces(*problem)[4]
    mistakes = {
        "This is the gradient of the first example only; b1 was added to all of them.": grad_before[0],
        "This is the mean over the examples; contributions add up.": grad_before.mean(0),
    }
    got = _ask(box, problem)["b1"]
    close(got, grad_before.sum(0), 1e-3, 1e-5, "the gradient of `b1`", mistakes=mistakes)
