"""Ten checks of the usual kind, for measuring: values, shapes, gradients, two of them hidden."""

import numpy as np
from glasstorch_web.grader.checks import close, shape


def _layer(rng, samples=5, inputs=4, units=3):
    sizes = (samples, inputs), (inputs, units), (units,)
    return [rng.normal(size=size).astype(np.float32) for size in sizes]


def _dense(x, w, b):
    return np.maximum(x @ w + b, 0)


def _gradients(x, w, b):
    on = (x @ w + b > 0).astype(np.float32)
    return [on @ w.T, x.T @ on, on.sum(0)]


def check_shape(box, rng):
    shape(box.call("dense", *_layer(rng)), (5, 3))


def check_values(box, rng):
    layer = _layer(rng)
    close(box.call("dense", *layer), _dense(*layer), rtol=1e-4, dtype="float32")


def check_one_sample(box, rng):
    layer = _layer(rng, samples=1)
    close(box.call("dense", *layer), _dense(*layer), rtol=1e-4)


def check_all_off(box, rng):
    x, w, b = _layer(rng)
    close(box.call("dense", x, w, b - 1000), np.zeros((5, 3)))


def check_gradient_of_input(box, rng):
    layer = _layer(rng)
    close(box.call("dense", *layer, grad=True).grads[0], _gradients(*layer)[0], rtol=1e-4)


def check_gradient_of_weight(box, rng):
    layer = _layer(rng)
    close(box.call("dense", *layer, grad=True).grads[1], _gradients(*layer)[1], rtol=1e-4)


def check_gradient_of_bias(box, rng):
    layer = _layer(rng)
    close(box.call("dense", *layer, grad=True).grads[2], _gradients(*layer)[2], rtol=1e-4)


def check_mean_square(box, rng):
    y, target = rng.normal(size=(2, 6, 3)).astype(np.float32)
    close(box.call("mean_square", y, target), ((y - target) ** 2).mean(), rtol=1e-4)


def check_mean_square_gradient(box, rng):
    y, target = rng.normal(size=(2, 6, 3)).astype(np.float32)
    close(box.call("mean_square", y, target, grad=[0]).grads[0], 2 * (y - target) / y.size, rtol=1e-4)


def check_wide(box, rng):
    layer = _layer(rng, 32, 64, 48)
    close(box.call("dense", *layer), _dense(*layer), rtol=1e-3, atol=1e-4)
