"""The gradients of batch normalization, path by path, in float64."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _problem(rng, shape):
    x = rng.normal(1, 2, size=shape).astype("float32")
    weight = (rng.uniform(0.5, 2, size=shape[1]) * rng.choice([-1, 1], size=shape[1])).astype("float32")
    return rng.normal(size=shape).astype("float32"), x, weight


def _paths(grad_out, x, weight, eps=1e-5):
    """x normalized; the parts of x's gradient: by itself, through the mean, through the variance."""
    axes = (0, *range(2, x.ndim))
    x, weight = x.astype(np.float64), weight.reshape((1, -1) + (1,) * (x.ndim - 2))
    spread = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    normed = (x - x.mean(axis=axes, keepdims=True)) / spread
    g = grad_out * weight
    return (
        normed,
        g / spread,
        -g.mean(axis=axes, keepdims=True) / spread * np.ones_like(x),
        -normed * (g * normed).mean(axis=axes, keepdims=True) / spread,
    )


def _answer(box, grad_out, x, weight, eps=1e-5):
    got = box.call("harness.batch_norm_vjp", grad_out, x, weight, eps)
    if got["kind"] == "NoneType":
        raise CheckFailed("`batch_norm_vjp` returned None. Is a `return` missing?", got="None", kind="type")
    if got["result"] is None or len(got["result"]) != 3:
        raise CheckFailed(
            "`batch_norm_vjp` must return three arrays: the gradients of x, weight and bias.",
            got=got["kind"],
            kind="type",
        )
    if got["changed"]:
        raise CheckFailed(f"Your function changed `{got['changed'][0]}`, which belongs to its caller.")
    return got["result"]


def check_affine(box, rng):
    grad_out, x, weight = _problem(rng, (4, 3, 2, 3))
    _, got_weight, got_bias = _answer(box, grad_out, x, weight)
    normed = _paths(grad_out, x, weight)[0]
    close(
        got_weight,
        (grad_out * normed).sum(axis=(0, 2, 3)),
        1e-3,
        1e-3,
        what="the gradient of `weight`",
        mistakes={
            "The weight is multiplied by the normalized x, not by x itself.": (grad_out * x).sum(
                axis=(0, 2, 3)
            ),
            "Contributions of all places add up; this is their mean.": (grad_out * normed).mean(
                axis=(0, 2, 3)
            ),
        },
    )
    close(
        got_bias,
        grad_out.sum(axis=(0, 2, 3), dtype=np.float64),
        1e-3,
        1e-3,
        what="the gradient of `bias`",
        mistakes={"Contributions of all places add up; this is their mean.": grad_out.mean(axis=(0, 2, 3))},
    )


def check_input(box, rng):
    grad_out, x, weight = _problem(rng, (4, 3, 2, 3))
    got, _, _ = _answer(box, grad_out, x, weight)
    _, itself, mean, variance = _paths(grad_out, x, weight)
    ones = np.ones_like(weight)
    close(
        got,
        itself + mean + variance,
        1e-3,
        1e-3,
        what="the gradient of `x`",
        mistakes={
            "This is one of three paths: x also moves the mean and the variance of its channel.": itself,
            "The path through the variance is missing.": itself + mean,
            "The path through the mean is missing.": itself + variance,
            "The weight is left out: the gradient that arrives at the normalized x is grad_out · weight.": sum(
                _paths(grad_out, x, ones)[1:]
            ),
        },
    )


def check_shapes(box, rng):
    for shape, eps in [((6, 3), 1e-5), ((4, 2, 3, 2), 0.5)]:
        grad_out, x, weight = _problem(rng, shape)
        got, got_weight, _ = _answer(box, grad_out, x, weight, eps)
        normed, *paths = _paths(grad_out, x, weight, eps)
        close(got, sum(paths), 1e-3, 1e-3, what="the gradient of `x`")
        axes = (0, *range(2, x.ndim))
        close(got_weight, (grad_out * normed).sum(axis=axes), 1e-3, 1e-3, what="the gradient of `weight`")
