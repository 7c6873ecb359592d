"""The standard deviation of many numbers, against the one that keeps the mean square."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, equal
from glasstorch_web.grader.checks import shape as require_shape


def _filled(box, rng, shape, slope=None):
    got = box.call("harness.fill", shape, slope, int(rng.integers(1 << 30)))
    if got["leaf"]:
        raise CheckFailed(
            "Autograd refuses to let a parameter be overwritten while it records. Fill it under `torch.no_grad()`."
        )
    values = got["values"]
    require_shape(values, shape, "the weight")
    if not values.any():
        raise CheckFailed("The weight still holds nothing but zeros: write into it, in place.")
    return got, values


def _require_std(values, wanted, mistakes):
    got = float(values.std())
    for said, wrong in mistakes.items():
        if abs(wrong / wanted - 1) > 0.06 and abs(got / wrong - 1) < 0.03:
            raise CheckFailed(said, expected=round(wanted, 5), got=round(got, 5))
    close(got, wanted, 0.03, 0, what="the standard deviation")
    close(float(values.mean()), 0.0, 0, 0.05 * wanted, what="the mean")


def check_linear(box, rng):
    outputs, inputs = int(rng.integers(300, 400)), int(rng.integers(60, 100))
    got, values = _filled(box, rng, (outputs, inputs))
    wanted = (2 / inputs) ** 0.5
    _require_std(
        values,
        wanted,
        {
            "This is the root of 2 over the number of outputs. A unit adds up its inputs: count those.": (
                2 / outputs
            )
            ** 0.5,
            "The factor 2 is missing: ReLU takes half of the mean square away, and the weights must make up for it.": (
                1 / inputs
            )
            ** 0.5,
            "This is the variance; the standard deviation is its root.": 2 / inputs,
            "This is Xavier's: 2 over inputs plus outputs.": (2 / (inputs + outputs)) ** 0.5,
        },
    )
    if abs(np.mean(np.abs(values) < wanted) - 0.683) > 0.02:
        raise CheckFailed("The standard deviation is right, but the numbers are not normally distributed.")
    if got["returned"] == "None":
        raise CheckFailed("`kaiming_normal_` returned None. It shall return the weight.", kind="type")


def check_convolution(box, rng):
    shape = (int(rng.integers(60, 90)), int(rng.integers(12, 20)), 3, int(rng.integers(4, 6)))
    _, values = _filled(box, rng, shape)
    fan_in = int(np.prod(shape[1:]))
    _require_std(
        values,
        (2 / fan_in) ** 0.5,
        {
            "Only the channels are counted. Every output adds up inputs · height · width products.": (
                2 / shape[1]
            )
            ** 0.5,
            "The last dimension alone is counted; one output uses all of `weight[0]`.": (2 / shape[-1])
            ** 0.5,
        },
    )


def check_slope(box, rng):
    inputs, slope = int(rng.integers(60, 100)), float(rng.uniform(0.4, 0.6))
    _, values = _filled(box, rng, (300, inputs), slope)
    _require_std(
        values,
        (2 / ((1 + slope**2) * inputs)) ** 0.5,
        {
            "`slope` changes nothing here. With it the negative half keeps a part of the mean square too.": (
                2 / inputs
            )
            ** 0.5,
            "Nearly: what counts is the mean *square*, so the slope enters squared.": (
                2 / ((1 + slope) * inputs)
            )
            ** 0.5,
            "The slope keeps more of the signal, so the weights must be smaller, not larger.": (
                2 * (1 + slope**2) / inputs
            )
            ** 0.5,
        },
    )


def check_in_place(box, rng):
    shape = (int(rng.integers(100, 200)), 50)
    got, values = _filled(box, rng, shape)
    equal(got["returned"], "itself", what="what is returned")
    equal(got["requires"], True, what="whether the weight is still a leaf that requires gradients")
    equal(
        box.call("harness.twice", shape, int(rng.integers(1 << 30))),
        False,
        what="whether two fillings are equal",
    )
    _require_std(values, (2 / 50) ** 0.5, {})
