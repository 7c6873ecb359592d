"""Expected values by hand in NumPy; the checker never imports the framework."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, equal


def check_gradient(box, rng):
    x, w = rng.normal(size=(2, 3, 4)).astype(np.float32)
    value, grads = box.call("square_norm", x, w, grad=["x", 1])
    close(value, ((x * w) ** 2).sum(), 1e-4)
    close(grads["x"], 2 * x * w**2, 1e-4, 1e-5, what="the gradient of x")
    close(grads[1], 2 * w * x**2, 1e-4, 1e-5, what="the gradient of w")


def check_object(box, rng):
    x = rng.normal(size=5).astype(np.float32)
    doubler = box.call("Doubler", 3, keep=True)
    equal(box.attribute(doubler, "calls"), 3)
    upstream = rng.normal(size=5).astype(np.float32)
    value, grads = box.call(doubler, x, grad=True, upstream=upstream)
    close(value, 2 * x)
    close(grads[0], 2 * upstream, what="the gradient")
    close(box.method(doubler, "forward", x), 2 * x)
    equal(box.attribute(doubler, "calls"), 5)


def _train(w, b, xs, ys, lr):
    losses = []
    for x, y in zip(xs, ys):
        error = x @ w.T + b - y
        losses.append(float((error**2).mean()))
        scaled = 2 * error / error.size
        w, b = w - lr * scaled.T @ x, b - lr * scaled.sum(0)
    return losses, w, b


def _compare(box, rng, steps):
    w, b = rng.normal(size=(2, 3)).astype(np.float32), rng.normal(size=2).astype(np.float32)
    xs = [rng.normal(size=(5, 3)).astype(np.float32) for _ in range(steps)]
    ys = [rng.normal(size=(5, 2)).astype(np.float32) for _ in range(steps)]
    got = box.call("harness.train", w, b, xs, ys, 0.1)
    losses, weight, bias = _train(w, b, xs, ys, 0.1)
    close(got["weight"], weight, 1e-4, 1e-5, what="the weight after the step")
    close(got["bias"], bias, 1e-4, 1e-5, what="the bias after the step")
    if got["losses"] is None or None in got["losses"]:
        raise CheckFailed("`train_step` must return the loss.")
    close(np.array(got["losses"]), losses, 1e-4, what="the losses")


def check_step(box, rng):
    _compare(box, rng, 1)


def check_zeroed(box, rng):
    _compare(box, rng, 3)
