"""Points of four classes, in eight measurements of very different sizes."""

import numpy as np
from glasstorch_web.grader.checks import accuracy, reaches

SIZES = np.array([0.02, 0.05, 0.05, 0.1, 0.1, 1, 3, 3])
CENTRES = 1.3 * np.array(
    [
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, -1, 1, -1, 1, -1, 1, -1],
        [1, 1, -1, -1, 1, 1, -1, -1],
        [1, -1, -1, 1, 1, -1, -1, 1],
    ]
)


def _measurements(rng):
    centres = CENTRES * rng.choice([-1, 1], size=8)

    def points(count):
        labels = rng.integers(0, 4, size=count)
        inputs = SIZES * (centres[labels] + rng.normal(size=(count, 8)))
        return inputs.astype("float32"), labels

    return points


def _score(box, rng):
    points = _measurements(rng)
    model = box.call("train", [points(32) for _ in range(80)], keep=True)
    return accuracy(box, model, *points(1000))


def check_target(box, rng):
    reaches(_score(box, rng), 0.92, partly={0.85: 0.5}, what="the accuracy on new points")


def check_again(box, rng):
    reaches(_score(box, rng), 0.92, partly={0.85: 0.5})
