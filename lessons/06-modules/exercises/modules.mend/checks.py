"""What the tower lists, and what it computes: in evaluation mode exactly, in training mode on average."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, equal


def _problem(rng, hidden=4, depth=2):
    mean, std = rng.normal(size=4).astype("float32"), rng.uniform(0.5, 2, size=4).astype("float32")
    sizes = [(hidden, 4), *[(hidden, hidden)] * depth, (3, hidden)]
    weights = [
        (
            rng.uniform(0.1, 0.5, size=size).astype("float32"),
            rng.uniform(0.1, 0.3, size=size[0]).astype("float32"),
        )
        for size in sizes
    ]
    x = (mean + std * rng.uniform(0.2, 1, size=(3, 4))).astype("float32")
    scale = rng.uniform(1, 2, size=hidden).astype("float32")
    return mean, std, weights, scale, x


def _expected(mean, std, weights, scale, x):
    h = (x - mean) / std
    for weight, bias in weights[:-1]:
        h = np.maximum(h @ weight.T + bias, 0)
    weight, bias = weights[-1]
    return (h * scale) @ weight.T + bias


def check_learns(box, rng):
    mean, std, *_ = _problem(rng)
    hidden, depth = int(rng.integers(3, 60)), int(rng.integers(2, 4))
    listed = box.call("harness.listed", mean, std, hidden, depth)
    learned = listed["learned"]
    shapes = {"enter": (hidden, 4), "leave": (3, hidden)}
    shapes |= {f"layers.{i}": (hidden, hidden) for i in range(depth)}
    wanted = {f"{name}.weight": size for name, size in shapes.items()}
    wanted |= {f"{name}.bias": size[:1] for name, size in shapes.items()} | {"scale": (hidden,)}
    for name, size in wanted.items():
        if name not in learned:
            why = (
                "It is a tensor, and only an `nn.Parameter` is noticed."
                if name == "scale"
                else "A module does not look into a Python list."
            )
            raise CheckFailed(
                f"`parameters()` does not list `{name}`, so it never learns. {why}", got=sorted(learned)
            )
        equal(tuple(learned[name]), size, what=f"the shape of `{name}`")
    for name in learned:
        if name not in wanted:
            raise CheckFailed(f"`{name}` shall not learn, and `parameters()` lists it.", got=sorted(learned))
    close(listed["scale"], np.ones(hidden), what="`scale` at the beginning")


def check_saves(box, rng):
    mean, std, *_ = _problem(rng)
    saved = box.call("harness.listed", mean, std, 3, 1)["saved"]
    for name in ("mean", "std"):
        if name not in saved:
            raise CheckFailed(
                f"`state_dict()` does not list `{name}`: saved and loaded again, the network would have lost it. "
                "A plain attribute is not noticed.",
                got=sorted(saved),
            )
    for name, value in (("mean", mean), ("std", std)):
        close(saved[name], value, what=f"`{name}` in `state_dict()`")


def check_evaluation(box, rng):
    problem = _problem(rng)
    first, second = box.call("harness.outputs", *problem, False, 2)
    if not np.array_equal(first, second):
        raise CheckFailed(
            "In evaluation mode the same birds get different scores: something is still dropped. "
            "`F.dropout` does not know the mode of the module unless it is told."
        )
    close(first, _expected(*problem), 1e-4, 1e-5, what="the result in evaluation mode")


def check_training(box, rng):
    problem = _problem(rng, hidden=3)
    many = np.stack(box.call("harness.outputs", *problem, True, 400))
    if np.array_equal(many[0], many[1]) and np.array_equal(many[0], many[2]):
        raise CheckFailed(
            "In training mode nothing is dropped any more: the same birds always get the same scores."
        )
    expected = _expected(*problem)
    # With positive weights all is linear, so dropout keeps the mean, and its spread tells the share.
    close(many.mean(axis=0), expected, 0.25, 0.05, what="the mean result in training mode")
    bare = np.mean(np.isclose(many, problem[2][-1][1], atol=1e-4).all(axis=2))  # all three units dropped
    if bare > 0.1:
        raise CheckFailed("In training mode too much is dropped; the share is 0.2.")
