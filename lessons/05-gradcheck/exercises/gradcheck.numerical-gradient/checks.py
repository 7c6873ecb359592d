import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close

GRADIENTS = {
    "cubes": lambda a: 3 * a**2,
    "sines": lambda a: np.cos(a) + 2 * a.sum(),
    "product": lambda a: np.prod(a) / a,
}
VALUES = {"cubes": lambda a: (a**3).sum(), "sines": lambda a: np.sin(a).sum() + a.sum() ** 2}


def _points(rng, *shape):
    return np.asarray(rng.choice([-1, 1], size=shape) * rng.uniform(0.5, 2, size=shape))


def check_values(box, rng):
    x, eps = _points(rng, 5), 0.01
    # with so large an eps the two differences can be told apart
    central = np.array([((x[i] + eps) ** 3 - (x[i] - eps) ** 3) / (2 * eps) for i in range(5)])
    forward = np.array([((x[i] + eps) ** 3 - x[i] ** 3) / eps for i in range(5)])
    got = box.call("harness.gradient", "cubes", x, eps)["result"]
    mistakes = {
        "This is the forward difference. Look to both sides: its error is much smaller.": forward,
        "This looks back only. Look to both sides: the error is much smaller.": 2 * central - forward,
        "The change over both sides is 2 · eps wide; you have divided it by eps.": 2 * central,
        "The change still has to be divided by 2 · eps.": central * 2 * eps,
        "All elements were moved at once: this is the sum of all derivatives. Move one at a time.": np.full(
            5, central.sum()
        ),
    }
    close(got, central, 1e-9, 1e-9, what="the gradient (eps = 0.01)", mistakes=mistakes)
    for name in ("sines", "product"):
        x = _points(rng, 2, 3)
        got = box.call("harness.gradient", name, x)["result"]
        _moved(got, name, x)
        close(got, GRADIENTS[name](x), 1e-5, 1e-6, what="the gradient")


def _moved(got, name, x, eps=1e-6):
    """Elements that stay moved spoil the ones after them, where these depend on each other."""
    if name != "sines" or not isinstance(got, np.ndarray) or got.shape != x.shape:
        return
    right = GRADIENTS[name](x)
    off = np.abs(got - right).ravel()
    if off[0] < 1e-5 < off[-1]:
        raise CheckFailed(
            "The first element is right and later ones are not: put each element back before you "
            "move the next one.",
            expected=float(right.ravel()[-1]),
            got=float(got.ravel()[-1]),
        )


def check_untouched(box, rng):
    x = np.concatenate([_points(rng, 4), rng.uniform(1e-9, 1e-7, size=4)])
    got = box.call("harness.gradient", "sines", x)
    close(got["result"], GRADIENTS["sines"](x), 1e-5, 1e-6, what="the gradient")
    if not np.array_equal(got["x"], x):
        worst = float(np.abs(got["x"] - x).max())
        raise CheckFailed(
            "Your function has changed `x`, which belongs to its caller"
            + (
                " (a little: adding eps and subtracting it again is not exact)."
                if worst < 1e-9
                else ". Put every number back, or work on a copy."
            ),
            max_abs_diff=worst,
        )


def check_shapes(box, rng):
    for shape in [(), (1,), (2, 2, 3)]:
        x = _points(rng, *shape)
        got = box.call("harness.gradient", "cubes", x)["result"]
        close(got, GRADIENTS["cubes"](x), 1e-5, 1e-6, what=f"the gradient for shape {shape}")


def check_precise(box, rng):
    whole = rng.integers(1, 5, size=4)
    single = _points(rng, 3).astype(np.float32)
    for x in (whole, single):
        got = box.call("harness.gradient", "cubes", x)["result"]
        close(got, GRADIENTS["cubes"](x.astype(np.float64)), 1e-5, 1e-6, dtype="float64")
