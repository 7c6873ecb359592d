"""SiLU's gradient in float64, and what common mistakes look like."""

import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close
from glasstorch_web.grader.graph_checks import showing_graph


def _sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x.astype(np.float64)))


def _local(x):
    s = _sigmoid(x)
    return s + x * s * (1 - s)


def _answer(box, grad_output, x):
    try:
        got = box.call("harness.gradient", grad_output, x)
    except CallFailed as failed:
        if "does not require grad" in failed.message:
            raise CheckFailed(
                "Autograd is switched off here: write the formula itself, without backward() or autograd.grad()."
            ) from None
        raise
    if got["result"] is None:
        raise CheckFailed("`silu_backward` returned None. Is a `return` missing?", got="None")
    if got["kind"] != "tensor":
        raise CheckFailed(
            f"`silu_backward` must return a tensor; it returned a {got['kind']}.", got=got["kind"]
        )
    return got


def _explain(got, x, grad_output):
    """Raise with a message of its own where the answer is a well-known wrong one."""
    s = _sigmoid(x)
    slope = s * (1 - s)
    known = [
        (s, "This is one of two contributions: x is also used inside the sigmoid, and that path counts too."),
        (
            x * slope,
            "This is one of two contributions: x is also a factor of its own, and that path counts too.",
        ),
        (
            slope,
            "This is the derivative of the sigmoid alone. y is x times the sigmoid: use the product rule.",
        ),
        (s + slope, "Nearly: along the path through the sigmoid, its derivative is still multiplied by x."),
        (x * s, "This is the forward value x · sigmoid(x). The gradient asks how it changes with x."),
    ]
    if got.shape != x.shape:
        return
    for wrong, message in known:
        if np.allclose(got, wrong * grad_output, 1e-4, 1e-5):
            raise CheckFailed(message, expected=_shown(_local(x) * grad_output), got=_shown(got))


def check_local(box, rng):
    x = _spread(rng, 8)
    ones = np.ones_like(x)
    got = _answer(box, ones, x)["result"]
    with showing_graph(box, "harness.formula", ones, x):
        _explain(got, x, ones)
        close(got, _local(x), 1e-4, 1e-5, what="the gradient")


def check_incoming(box, rng):
    x = _spread(rng, 8)
    grad_output = rng.normal(size=8).astype(np.float32)
    got = _answer(box, grad_output, x)["result"]
    with showing_graph(box, "harness.formula", grad_output, x):
        _require_incoming(got, x, grad_output)


def _require_incoming(got, x, grad_output):
    local = _local(x)
    if got.shape == x.shape and np.allclose(got, local, 1e-4, 1e-5):
        raise CheckFailed(
            "This is the local derivative; `grad_output`, the gradient that arrives from above, is left out.",
            expected=_shown(local * grad_output),
            got=_shown(got),
        )
    if got.shape == x.shape and np.allclose(got, local + grad_output, 1e-4, 1e-5):
        raise CheckFailed(
            "The incoming gradient is added; it must be multiplied (the chain rule).",
            expected=_shown(local * grad_output),
            got=_shown(got),
        )
    _explain(got, x, grad_output)
    close(got, local * grad_output, 1e-4, 1e-5, what="the gradient")


def check_shapes(box, rng):
    for shape in [(), (1,), (2, 3), (2, 1, 4)]:
        x, grad_output = rng.normal(size=(2, *shape)).astype(np.float32)
        x, grad_output = np.asarray(x), np.asarray(grad_output)
        got = _answer(box, grad_output, x)
        for name, before in (("x", x), ("grad_output", grad_output)):
            if not np.array_equal(got[name], before):
                raise CheckFailed(
                    f"Your function changed `{name}`, which belongs to its caller. "
                    "Compute new tensors instead of writing into this one.",
                    expected=_shown(before),
                    got=_shown(got[name]),
                )
        what = f"the gradient for shape {shape}"
        close(got["result"], _local(x) * grad_output, 1e-4, 1e-5, what=what, dtype="float32")


def check_large(box, rng):
    sign = rng.permutation(np.resize([1, -1], 12))
    large = (sign * rng.uniform(90, 400, size=12)).astype(np.float32)
    x = np.concatenate([large, _spread(rng, 4)])
    grad_output = rng.normal(size=16).astype(np.float32)
    close(_answer(box, grad_output, x)["result"], _local(x) * grad_output, 1e-4, 1e-5)


def _shown(array):
    return [float(f"{value:.5g}") for value in np.ravel(array)]


def _spread(rng, size):
    """Numbers of both signs, apart from 0, where several wrong formulas agree with the right one."""
    sign = rng.permutation(np.resize([1, -1], size))
    return (sign * rng.uniform(0.5, 3, size)).astype(np.float32)
