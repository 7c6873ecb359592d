import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _forward(d):
    return np.abs(d) + np.log1p(np.exp(-2 * np.abs(d))) - np.log(2)


def _run(box, rng, spread=1.5, shape=(3, 4), dtype="float64"):
    prediction, target = (rng.normal(0, spread, size=(2, *shape))).astype(dtype)
    upstream = rng.normal(size=shape).astype(dtype)
    d = prediction.astype(np.float64) - target
    return box.call("harness.run", prediction, target, upstream), d, upstream


def _values(got):
    if got["values"] is None:
        raise CheckFailed("`forward` returned None. Is a `return` missing?", got="None")
    return got["values"]


def check_forward(box, rng):
    got, d, _ = _run(box, rng)
    mistakes = {
        "log 2 is still to be subtracted: at 0 the loss must be 0.": _forward(d) + np.log(2),
        "This is the derivative. `forward` returns the function itself.": np.tanh(d),
    }
    close(_values(got), _forward(d), 1e-6, 1e-8, what="log cosh", mistakes=mistakes)


def check_backward(box, rng):
    got, d, upstream = _run(box, rng)
    _values(got)
    if got["problem"]:
        if "incorrect number of gradients" in got["problem"]:
            raise CheckFailed(
                "`backward` must return two gradients: one for each argument of `forward` after ctx.",
                got=repr(got["problem"]),
            )
        raise CheckFailed(f"The way back fails: {got['problem'][:300]}")
    if got["gradients"] is None:
        raise CheckFailed(
            "The result does not want a gradient: was `forward` called by `apply`, without detach?"
        )
    first, second = got["gradients"]
    right = upstream * np.tanh(d)
    for name, gradient in (("prediction", first), ("target", second)):
        if gradient is None:
            raise CheckFailed(f"`{name}` got no gradient: `backward` returned None for it.", got="None")
    mistakes = {
        "This is the local derivative; `grad_output` is left out.": np.tanh(d),
        "This is the value of forward where the derivative belongs.": upstream * _forward(d),
    }
    close(first, right, 1e-6, 1e-8, what="the gradient of `prediction`", mistakes=mistakes)
    mistakes = {"If the target grows, the difference shrinks: the sign is wrong.": right}
    close(second, -right, 1e-6, 1e-8, what="the gradient of `target`", mistakes=mistakes)


def check_saved(box, rng):
    prediction, target = rng.normal(0, 1.5, size=(2, 5))
    upstream = rng.normal(size=5)
    got, d, up = _run(box, rng)
    if got["gradients"] is None:
        raise CheckFailed("The way back does not work yet.")
    close(got["gradients"][1], -up * np.tanh(d), 1e-6, 1e-8, what="the gradient of `target`")
    after = box.call("harness.overwritten", prediction, target, upstream)
    if not after["noticed"]:
        raise CheckFailed(
            "`prediction` was written over between forward and backward, and nothing noticed. Save "
            "the two inputs with "
            "`ctx.save_for_backward`; an attribute such as `ctx.x`, or a difference saved instead, "
            "is not watched."
        )


def check_large(box, rng):
    for dtype in ("float64", "float32"):
        got, d, upstream = _run(box, rng, spread=800, dtype=dtype)
        close(_values(got), _forward(d), 1e-5, 1e-3)
        if got["gradients"] is None:
            raise CheckFailed("There are no gradients.")
        close(got["gradients"][0], upstream * np.tanh(d), 1e-5, 1e-6)
