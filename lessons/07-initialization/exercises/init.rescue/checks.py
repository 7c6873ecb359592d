"""What arrives behind each layer of the network at its beginning, and whether it learns."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, accuracy, equal, reaches


def _behind(box, rng, depth, hidden):
    got = box.call("harness.shapes", depth, hidden)
    if got["kind"] == "NoneType":
        raise CheckFailed("`build` returned None. Is a `return` missing?", kind="type")
    equal(got["kind"], "Sequential", what="what `build` returns")
    wanted = [(hidden, 2), *[(hidden, hidden)] * (depth - 1), (2, hidden)]
    equal([tuple(size) for size in got["linear"]], wanted, what="the list of shapes of the linear layers")
    if not got["between"]:
        raise CheckFailed("Every hidden linear layer must be followed by a ReLU, as before.")
    x = rng.normal(size=(400, 2)).astype("float32")
    return box.call("harness.behind", depth, hidden, int(rng.integers(1 << 30)), x)


def check_signal(box, rng):
    depth, hidden = 8, int(rng.integers(48, 80))
    sizes = _behind(box, rng, depth, hidden)["sizes"]
    first, last = sizes[1], sizes[-1]
    if last == 0:
        raise CheckFailed(
            "Behind the last hidden layer all values are 0: the signal has died on the way.", got=0.0
        )
    factor = (last / first) ** (1 / (depth - 2))
    if factor < 0.85:
        raise CheckFailed(
            f"Each layer makes the signal smaller, by a factor of {factor:.2f}: in the end its size is {last:.2g}.",
            got=round(factor, 3),
        )
    if factor > 1.2:
        raise CheckFailed(
            f"Each layer makes the signal larger, by a factor of {factor:.2f}: in the end its size is {last:.2g}.",
            got=round(factor, 3),
        )


def check_awake(box, rng):
    draws = [_behind(box, rng, 6, int(rng.integers(48, 80)))["dead"] for _ in range(3)]
    dead = 100 * float(np.mean([np.mean(shares) for shares in draws]))
    if dead > 25:  # a good beginning has 10 to 20 %, since there are only two inputs
        raise CheckFailed(
            f"{dead:.0f} % of the units are 0 for all points: they are dead. What does their bias do?",
            got=round(dead),
        )


def check_scores(box, rng):
    scores = np.concatenate([_behind(box, rng, 4, int(rng.integers(20, 40)))["scores"] for _ in range(3)])
    if (scores >= 0).all():
        raise CheckFailed("No score is ever negative: something behind the last linear layer cuts them off.")
    if not scores.std() > 1e-6:
        raise CheckFailed("All points get the same scores.")


def _rings(rng, count):
    ring = rng.integers(0, 2, size=count)
    radius = np.where(ring == 0, 0.6, 1.6) + rng.normal(0, 0.1, size=count)
    angle = rng.uniform(0, 2 * np.pi, size=count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype("float32"), ring


def check_learns(box, rng):
    depth, hidden = int(rng.integers(5, 8)), 32
    _behind(box, rng, depth, hidden)
    x, y = _rings(rng, 150)
    model = box.call("harness.trained", depth, hidden, int(rng.integers(1 << 30)), x, y, 60, keep=True)
    reaches(accuracy(box, model, *_rings(rng, 200)), 0.9, what="the accuracy on points held back")
