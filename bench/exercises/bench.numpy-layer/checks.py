"""Ten checks as for an exercise in NumPy alone: no tensors, no gradients."""

import numpy as np
from glasstorch_web.grader.checks import close, shape


def _layer(rng, samples=5, inputs=4, units=3, dtype=np.float32):
    sizes = (samples, inputs), (inputs, units), (units,)
    return [rng.normal(size=size).astype(dtype) for size in sizes]


def _dense(x, w, b):
    return np.maximum(x @ w + b, 0)


def _softmax(x):
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


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


def check_float64(box, rng):
    layer = _layer(rng, dtype=np.float64)
    close(box.call("dense", *layer), _dense(*layer), rtol=1e-9, dtype="float64")


def check_rows(box, rng):
    close(box.call("softmax", rng.normal(size=(6, 4))).sum(axis=1), np.ones(6))


def check_softmax(box, rng):
    x = rng.normal(size=(6, 4))
    close(box.call("softmax", x), _softmax(x))


def check_shifted(box, rng):
    x = rng.normal(size=(6, 4))
    close(box.call("softmax", x + 3), _softmax(x))


def check_large(box, rng):
    x = 1000 * rng.normal(size=(6, 4))
    close(box.call("softmax", x), _softmax(x))


def check_wide(box, rng):
    layer = _layer(rng, 32, 64, 48)
    close(box.call("dense", *layer), _dense(*layer), rtol=1e-3, atol=1e-4)
