"""Steps of the learner's SGD against the formula in float64."""

import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close

SHAPES = [(3,), (2, 4), ()]


def _problem(rng, count):
    values = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
    gradients = [
        [np.asarray(rng.normal(size=shape), dtype="float32") for shape in SHAPES] for _ in range(count)
    ]
    return [np.asarray(value) for value in values], gradients


def _way(values, gradients, rates, momentum=0.0, form="right"):
    """Parameters after each step; `form` names a well-known mistake."""
    values = [value.astype(np.float64) for value in values]
    velocities = [np.zeros_like(value) for value in values]
    way = []
    for row, lr in zip(gradients, rates):
        for k, g in enumerate(row):
            if g is None:
                continue
            old = velocities[k]
            velocities[k] = {
                "right": momentum * old + g,
                "average": momentum * old + (1 - momentum) * g,
                "inside": momentum * old + lr * g,
                "shared": momentum * velocities[k - 1] + g
                if np.shape(velocities[k - 1]) == g.shape
                else None,
            }[form]
            values[k] = values[k] - (1 if form == "inside" else lr) * velocities[k]
        way.append([value.copy() for value in values])
    return way


def _steps(box, values, gradients, options, **how):
    try:
        return box.call("harness.steps", "SGD", values, gradients, options, **how)
    except CallFailed as failed:
        if "in-place operation" in failed.message or "inplace operation" in failed.message:
            raise CheckFailed(
                "A parameter was changed in place while autograd was looking. "
                "Set `p.data` instead: it is the number, without its history."
            ) from None
        raise


def _compare(got, expected, values, mistakes=()):
    if all(np.array_equal(a, b) for row in got for a, b in zip(row, values)):
        raise CheckFailed(
            "No parameter has moved. `step()` must give each of them a new `.data`; "
            "`p = ...` only gives a new meaning to the name `p`."
        )
    for message, way in mistakes:
        if _alike(got, way) and not _alike(got, expected):
            raise CheckFailed(message, expected=_shown(expected), got=_shown(got))
    for step, (row, wanted) in enumerate(zip(got, expected)):
        for k, (a, b) in enumerate(zip(row, wanted)):
            close(a, b, 1e-4, 1e-5, what=f"parameter {k} after step {step + 1}")


def _alike(got, way):
    return all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, 1e-4, 1e-5)
        for row, wanted in zip(got, way)
        for a, b in zip(row, wanted)
    )


def _shown(way):
    return [float(f"{value:.5g}") for value in np.ravel(way[-1][0])]


def check_plain(box, rng):
    values, gradients = _problem(rng, 2)
    got = _steps(box, values, gradients, {"lr": 0.1})
    rates = [0.1] * 2
    uphill = _way(values, gradients, [-0.1] * 2)
    whole = _way(values, gradients, [1.0] * 2)
    mistakes = [
        ("This goes uphill: the gradient must be subtracted.", uphill),
        ("The learning rate is left out.", whole),
    ]
    _compare(got, _way(values, gradients, rates), values, mistakes)


def check_momentum(box, rng):
    values, gradients = _problem(rng, 4)
    lr, momentum = 0.1, float(rng.uniform(0.6, 0.95))
    got = _steps(box, values, gradients, {"lr": lr, "momentum": momentum})
    rates = [lr] * 4
    mistakes = [
        ("This is plain gradient descent: nothing is remembered.", _way(values, gradients, rates)),
        (
            "The velocity is an average here, with (1 - momentum) before the gradient; it must be a sum.",
            _way(values, gradients, rates, momentum, "average"),
        ),
    ]
    _compare(got, _way(values, gradients, rates, momentum), values, mistakes)


def check_clears(box, rng):
    value, first, second = rng.normal(size=(3, 3)).astype("float32")
    for was_none, gradient in box.call("harness.cleared", "SGD", value, first, second, {"lr": 0.1}):
        mistakes = {
            "`zero_grad()` leaves the gradient there, and the next one is added to it.": first + second
        }
        close(
            gradient,
            second,
            1e-5,
            what="the gradient after zero_grad() and another backward()",
            mistakes=mistakes,
        )
        if not was_none:
            raise CheckFailed(
                "`zero_grad()` left zeros; set `.grad` to None. A parameter without gradient is then told from one "
                "whose gradient is 0, and a step leaves it alone."
            )


def check_skips(box, rng):
    values, gradients = _problem(rng, 3)
    gradients[0][1] = gradients[2][0] = None
    try:
        got = _steps(box, values, gradients, {"lr": 0.1, "momentum": 0.9})
    except CallFailed as failed:
        if "NoneType" in failed.message:
            raise CheckFailed(
                "`step()` stopped at a parameter whose `.grad` is None. Such a parameter stays as it is."
            ) from None
        raise
    _compare(got, _way(values, gradients, [0.1] * 3, 0.9), values)


def check_alive(box, rng):
    values, gradients = _problem(rng, 4)
    options, rates = {"lr": 0.1, "momentum": 0.9}, [0.1, 0.05, 0.02, 0.2]
    expected = _way(values, gradients, rates, 0.9)
    for how in ({"plain": True}, {"generator": True}, {"zero": True}):
        _compare(_steps(box, values, gradients, options, rates=rates, **how), expected, values)
