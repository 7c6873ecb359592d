"""Checks of the fixture exercise. The marker below must never be found in a learner's process."""

import numpy as np
from glasstorch_web.grader.checks import close

MARKER = "expected-" + "value-" + "marker-" + "5d2c1f"
SECRET = np.frombuffer(b"EXPECTED-ARRAY-7e11", dtype=np.uint8).copy()


def _expected(x, g):
    return g * (x > 0)


def check_values(box, rng):
    x = rng.normal(size=(5, 7)).astype(np.float32)
    g = rng.normal(size=(5, 7)).astype(np.float32)
    close(box.call("relu_backward", x, g), _expected(x, g), what="the gradient", dtype="float32")


def check_scale(box, rng):
    x = rng.normal(size=4)
    factor = float(rng.uniform(2, 3))
    close(box.call("scale", x, factor), x * factor)


def check_odd_shapes(box, rng):
    for shape in [(40,), (), (0, 4)]:
        x = rng.normal(size=shape).astype(np.float32)
        g = rng.normal(size=shape).astype(np.float32)
        close(box.call("relu_backward", np.asarray(x), np.asarray(g)), _expected(x, g))
