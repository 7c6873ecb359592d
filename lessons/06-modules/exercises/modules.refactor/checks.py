"""Both classes must be the solution's in all that can be seen from outside; buffers are in the state."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, same_module


def _measurements(rng):
    mean = np.array([44, 17, 201, 4200]) * rng.uniform(0.9, 1.1, size=4)
    std = np.array([5, 2, 14, 800]) * rng.uniform(0.9, 1.1, size=4)
    x = mean + std * rng.normal(size=(6, 4))
    return mean.astype("float32"), std.astype("float32"), x.astype("float32")


def check_block(box, rng):
    x = rng.normal(size=(3, 5)).astype("float32")
    same_module(box, "Block", rng, [x], 5)


def check_network(box, rng):
    mean, std, x = _measurements(rng)
    same_module(box, "ResidualNet", rng, [x], mean, std, 6, 2)


def check_buffers(box, rng):
    mean, std, _ = _measurements(rng)
    names = box.call("harness.names", mean, std, 3, 1)
    for name in ("mean", "std"):
        if name in names["learned"]:
            raise CheckFailed(
                f"`{name}` is a parameter, so an optimizer would change it. It shall be a buffer."
            )
        if name not in names["saved"]:
            raise CheckFailed(
                f"`{name}` is not in `state_dict()`: saved and loaded again, the network would have lost it. "
                "A plain attribute is not noticed; `register_buffer` tells the module of it."
            )
    for name, value in (("mean", mean), ("std", std)):
        close(names["saved"][name], value, what=f"`{name}` in `state_dict()`")


def check_depths(box, rng):
    mean, std, x = _measurements(rng)
    for depth in (0, 4):
        same_module(box, "ResidualNet", rng, [x], mean, std, 3, depth)
