"""Checks of the service's test exercise. checks-marker-93ab must never leave the trusted side."""

from glasstorch_web.grader.checks import close, shape


def _numbers(rng, scale):
    n = int(rng.integers(3, 9))
    return scale * rng.normal(size=n), rng.normal(size=n), float(rng.uniform(0.5, 2))


def check_shape(box, rng):
    x, w, dy = _numbers(rng, 1)
    shape(box.call("backward", x, w, dy), x.shape, what="the gradient")


def check_values(box, rng):
    x, w, dy = _numbers(rng, 1)
    close(box.call("backward", x, w, dy), 2 * w * x * dy, what="the gradient")


def check_large(box, rng):
    x, w, dy = _numbers(rng, 1e6)
    close(box.call("backward", x, w, dy), 2 * w * x * dy, rtol=1e-6, what="the gradient")
