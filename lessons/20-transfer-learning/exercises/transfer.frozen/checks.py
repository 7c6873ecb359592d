"""A normalization with known averages between two linear layers, computed by hand."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng):
    front, back = rng.normal(size=(3, 3)), rng.normal(size=(1, 3))
    mean, var, x = rng.normal(size=3), rng.uniform(0.5, 2, size=3), rng.normal(1, 1, size=(6, 3))
    return [one.astype("float32") for one in (front, mean, var, back, x)]


def _forward(front, mean, var, back, x):
    normed = (x @ front.T - mean) / np.sqrt(var + 1e-5)
    return normed, np.maximum(normed, 0) @ back.T


def check_parameters(box, rng):
    *numbers, _ = _problem(rng)
    got = box.call("harness.asking", *numbers)
    if got["asking"]:
        raise CheckFailed(
            f"`{got['asking'][0]}` of the inner network still asks for a gradient. `inner.requires_grad = False` only "
            "makes a new attribute of the module, which nobody reads; with an underscore it is a method that goes to "
            "all parameters.",
            got=got["asking"],
        )
    if got["found"] != 2:
        raise CheckFailed(
            "The parameters of the inner network are not found in yours: assign it to `self.inner`.",
            got=got["found"],
        )


def check_mode(box, rng):
    front, mean, var, back, x = _problem(rng)
    got = box.call("harness.after_train", front, mean, var, back, x, 3)
    if got["modes"][1] or got["modes"][2]:
        raise CheckFailed(
            "After `train()` of the whole, the inner network is in training mode: `train()` goes to all parts. "
            "Give the class a `train` of its own that says eval() to `inner` again."
        )
    if not got["modes"][0]:
        raise CheckFailed(
            "`training` of `Frozen` itself does not follow train() and eval(): call super().train(mode)."
        )
    if not got["returned"]:
        raise CheckFailed("`train()` and `eval()` must return the module itself: `return self`.")
    for name, before in (("running_mean", mean), ("running_var", var)):
        close(got[name.removeprefix("running_")], before, what=f"`{name}` after three passes")
    close(got["result"], _forward(front, mean, var, back, x)[1], 1e-4, 1e-4, what="the result")


def check_through(box, rng):
    front, mean, var, back, x = _problem(rng)
    got = box.call("harness.gradients", front, mean, var, back, x)
    if got is None:
        raise CheckFailed(
            "No gradient arrives at the layer in front: the graph is cut inside `Frozen`. Parameters that ask for "
            "nothing are enough; no_grad() and detach() take the way through away."
        )
    if box.call("harness.asking", front, mean, var, back)["asking"]:
        raise CheckFailed("First see to it that no parameter of `inner` asks for a gradient.")
    normed, _ = _forward(front, mean, var, back, x)
    wanted = ((normed > 0) * back / np.sqrt(var + 1e-5)).T @ x
    close(got, wanted, 1e-3, 1e-3, what="the gradient of the layer in front")
