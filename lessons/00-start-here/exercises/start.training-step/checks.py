"""What one step does to a network of two layers, computed by hand in float64."""

import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close

NAMES = ("the weight of layer 1", "the bias of layer 1", "the weight of layer 2", "the bias of layer 2")
LR = 0.1


def _loss_and_gradients(parameters, images, labels):
    w1, b1, w2, b2 = parameters
    before = images @ w1.T + b1
    hidden = np.maximum(before, 0)
    logits = hidden @ w2.T + b2
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    to_logits = np.exp(log_p)
    to_logits[rows, labels] -= 1
    to_logits /= len(labels)
    to_before = (to_logits @ w2) * (before > 0)
    gradients = [to_before.T @ images, to_before.sum(0), to_logits.T @ hidden, to_logits.sum(0)]
    return -log_p[rows, labels].mean(), gradients


def _train(parameters, batches, momentum=0.0):
    """Losses before each step, and the parameters after the last."""
    parameters = [parameter.astype(np.float64) for parameter in parameters]
    velocity = [np.zeros_like(parameter) for parameter in parameters]
    losses = []
    for images, labels in batches:
        loss, gradients = _loss_and_gradients(parameters, images.astype(np.float64), labels)
        velocity = [momentum * v + g for v, g in zip(velocity, gradients)]
        parameters = [p - LR * v for p, v in zip(parameters, velocity)]
        losses.append(loss)
    return losses, parameters


def _problem(rng, steps):
    sizes = [(5, 4), (5,), (3, 5), (3,)]
    parameters = [rng.normal(0, 0.6, size=size).astype(np.float32) for size in sizes]
    batches = [(rng.normal(size=(8, 4)).astype(np.float32), rng.integers(0, 3, size=8)) for _ in range(steps)]
    return parameters, batches


def _run(box, parameters, batches, momentum=0.0, leftover=None):
    return box.call("harness.train", parameters, batches, LR, momentum, leftover)


def _same(got, expected, atol=1e-5):
    return all(np.allclose(a, b, 1e-4, atol) for a, b in zip(got, expected))


def check_returns(box, rng):
    parameters, batches = _problem(rng, 1)
    got = _run(box, parameters, batches)
    kind, value = got["kinds"][0], got["returned"][0]
    if kind == "NoneType":
        raise CheckFailed(
            "`train_step` returned None. Is a `return` missing?", expected="a float", got="None"
        )
    if kind == "tensor":
        raise CheckFailed(
            "`train_step` returned a tensor, which keeps its whole graph alive. "
            "Return the number in it: `loss.item()`.",
            expected="a float",
            got="a tensor",
        )
    if kind != "float":
        raise CheckFailed(
            f"`train_step` must return a float; it returned: {kind}.", expected="a float", got=kind
        )
    (loss,), after = _train(parameters, batches)
    loss_after, _ = _loss_and_gradients(after, *batches[0])
    if not np.isclose(value, loss, 1e-4) and np.isclose(value, loss_after, 1e-4):
        raise CheckFailed(
            "This is the loss after the step. Return the one whose gradients you used.",
            expected=loss,
            got=value,
        )
    close(value, loss, 1e-4, what="the loss")


def check_step(box, rng):
    parameters, batches = _problem(rng, 1)
    got = _run(box, parameters, batches)
    _, expected = _train(parameters, batches)
    if not _same(got["parameters"], expected):
        _explain_step(got, parameters)
    for name, value, wanted in zip(NAMES, got["parameters"], expected):
        close(value, wanted, 1e-4, 1e-5, what=f"{name} after the step")


def _explain_step(got, before):
    diary = got["diary"]
    if _same(got["parameters"], before, 1e-7):
        if "step" not in diary:
            raise CheckFailed("No parameter has moved: `optimizer.step()` was never called.")
        if "backward" not in diary:
            raise CheckFailed(
                "No parameter has moved: without `loss.backward()` the step has no gradients to use."
            )
        if diary.index("step") < diary.index("backward"):
            raise CheckFailed("No parameter has moved: `optimizer.step()` came before `loss.backward()`.")
        if "zero_grad" in diary[diary.index("backward") : diary.index("step")]:
            raise CheckFailed(
                "No parameter has moved: `zero_grad()` stands between `backward()` and `step()`, "
                "so the fresh gradients were cleared before the step could use them."
            )
    if diary.count("step") > 1:
        raise CheckFailed(
            "The parameters have moved too far: `optimizer.step()` ran more than once in one call."
        )
    if diary.count("backward") > 1:
        raise CheckFailed(
            "The parameters have moved too far: `backward()` ran more than once, and gradients add up."
        )


def check_leftovers(box, rng):
    parameters, batches = _problem(rng, 1)
    leftover = float(rng.uniform(1, 2))
    try:
        got = _run(box, parameters, batches, leftover=leftover)
    except CallFailed as failed:
        if "modified by an inplace operation" in failed.message:
            raise CheckFailed(
                "`optimizer.step()` came before `loss.backward()`: it moved the parameters with old gradients, "
                "and the parameters that the loss was computed from were gone."
            ) from None
        raise
    _, expected = _train(parameters, batches)
    added = [value - LR * leftover for value in expected]
    alone = [value - LR * leftover for value in parameters]
    if _same(got["parameters"], added):
        if "zero_grad" in got["diary"]:
            raise CheckFailed(
                "The gradients left over from before were added to the new ones: "
                "`zero_grad()` must come before `backward()`, not after it."
            )
        raise CheckFailed(
            "The gradients left over from before were added to the new ones. Nothing has cleared them: "
            "`optimizer.zero_grad()` is missing."
        )
    if _same(got["parameters"], alone):
        raise CheckFailed(
            "The step used nothing but the gradients left over from before: is `loss.backward()` missing?"
        )
    if not _same(got["parameters"], expected):
        _explain_step(got, parameters)
    for name, value, wanted in zip(NAMES, got["parameters"], expected):
        close(value, wanted, 1e-4, 1e-5, what=f"{name} after the step")


def check_twenty(box, rng):
    parameters, batches = _problem(rng, 20)
    got = _run(box, parameters, batches, momentum=0.9)
    losses, expected = _train(parameters, batches, momentum=0.9)
    for name, value, wanted in zip(NAMES, got["parameters"], expected):
        close(value, wanted, 1e-3, 1e-4, what=f"{name} after 20 steps")
    if None in got["returned"]:
        raise CheckFailed("`train_step` must return the loss.", kind="type")
    close(np.array(got["returned"]), losses, 1e-3, 1e-4, what="the losses")
