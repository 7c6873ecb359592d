"""Steps of the learner's AdamW against the formula in float64."""

import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close

SHAPES = [(3,), (2, 4), ()]


def _problem(rng, count, scale=1.0):
    values = [np.asarray(rng.normal(size=shape), dtype="float32") for shape in SHAPES]
    gradients = [
        [np.asarray(scale * rng.normal(size=shape), dtype="float32") for shape in SHAPES]
        for _ in range(count)
    ]
    return values, gradients


def _way(values, gradients, rates, betas, eps=1e-8, weight_decay=0.0, form="right"):
    """Parameters after each step; `form` names a well-known mistake."""
    b1, b2 = betas
    values = [value.astype(np.float64) for value in values]
    means, squares = ([np.zeros_like(value) for value in values] for _ in range(2))
    way, count = [], 0
    for t, (row, lr) in enumerate(zip(gradients, rates), start=1):
        for k, g in enumerate(row):
            count += 1
            if g is None:
                continue
            if form == "in gradient":
                g = g + weight_decay * values[k]
            else:
                values[k] = values[k] * (1 - weight_decay * (1 if form == "no lr" else lr))
            means[k] = b1 * means[k] + (1 - b1) * g
            squares[k] = b2 * squares[k] + (1 - b2) * g * g
            n = {"shared": count, "zero": t - 1}.get(form, t)
            with np.errstate(divide="ignore", invalid="ignore"):
                m, s = means[k] / (1 - b1**n), squares[k] / (1 - b2**n)
                if form == "biased":
                    m, s = means[k], squares[k]
                under = {"no root": s + eps, "eps inside": np.sqrt(s + eps)}.get(form, np.sqrt(s) + eps)
                values[k] = values[k] - lr * m / under
        way.append([value.copy() for value in values])
    return way


def _steps(box, values, gradients, options, **how):
    try:
        return box.call("harness.steps", "AdamW", values, gradients, options, **how)
    except CallFailed as failed:
        if "in-place operation" in failed.message or "inplace operation" in failed.message:
            raise CheckFailed(
                "A parameter was changed in place while autograd was looking. "
                "Set `p.data` instead: it is the number, without its history."
            ) from None
        if "NoneType" in failed.message and any(g is None for row in gradients for g in row):
            raise CheckFailed(
                "`step()` stopped at a parameter whose `.grad` is None. Such a parameter stays as it is."
            ) from None
        if "ZeroDivisionError" in failed.message or "division by zero" in failed.message:
            raise CheckFailed("The count of steps is 0 at the first one: it counts from 1.") from None
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
    if not all(np.isfinite(value).all() for row in got for value in row):
        raise CheckFailed(
            "A parameter is NaN or infinite after a step. The count of steps must start "
            "with 1: at 0, the corrections divide 0 by 0."
        )
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


def _options(rng):
    return {
        "lr": 0.1,
        "betas": (float(rng.uniform(0.7, 0.95)), float(rng.uniform(0.95, 0.999))),
        "weight_decay": float(rng.uniform(0.3, 0.9)),
    }


def check_steps(box, rng):
    values, gradients = _problem(rng, 4)
    options = _options(rng)
    got = _steps(box, values, gradients, options)
    rates = [0.1] * 4
    plain = {key: value for key, value in options.items() if key != "lr"}
    mistakes = [
        (
            "Nearly: the averages are not corrected. They start at 0 and are too small in the first steps.",
            _way(values, gradients, rates, **plain, form="biased"),
        ),
        (
            "The steps are counted once for each parameter; all of them take the same step.",
            _way(values, gradients, rates, **plain, form="shared"),
        ),
        ("Under the fraction, the root is missing.", _way(values, gradients, rates, **plain, form="no root")),
        (
            "The decay is part of the gradient here, and divided by its size. That is how Adam decays, not AdamW.",
            _way(values, gradients, rates, **plain, form="in gradient"),
        ),
        (
            "The decay is taken without the learning rate; it is lr * weight_decay * p.",
            _way(values, gradients, rates, **plain, form="no lr"),
        ),
        ("There is no decay here.", _way(values, gradients, rates, **plain | {"weight_decay": 0.0})),
    ]
    _compare(got, _way(values, gradients, rates, **plain), values, mistakes)


def check_small(box, rng):
    values, gradients = _problem(rng, 3, scale=1e-4)
    options = _options(rng) | {"eps": 1e-4}
    got = _steps(box, values, gradients, options)
    plain = {key: value for key, value in options.items() if key != "lr"}
    mistakes = [
        (
            "`eps` is under the root; it belongs outside the root.",
            _way(values, gradients, [0.1] * 3, **plain, form="eps inside"),
        ),
        (
            "`eps` is left out. Use the one that was handed over.",
            _way(values, gradients, [0.1] * 3, **plain | {"eps": 0.0}),
        ),
    ]
    _compare(got, _way(values, gradients, [0.1] * 3, **plain), values, mistakes)


def check_skips(box, rng):
    values, gradients = _problem(rng, 3)
    for row in gradients:
        row[1] = None
    options = _options(rng)
    got = _steps(box, values, gradients, options)
    if not np.array_equal(got[-1][1], values[1]):
        raise CheckFailed("A parameter that had no gradient was moved. Its weights do not decay either.")
    plain = {key: value for key, value in options.items() if key != "lr"}
    _compare(got, _way(values, gradients, [0.1] * 3, **plain), values)


def check_clears(box, rng):
    value, first, second = rng.normal(size=(3, 3)).astype("float32")
    for was_none, gradient in box.call("harness.cleared", "AdamW", value, first, second, {"lr": 0.1}):
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
            raise CheckFailed("`zero_grad()` left zeros; set `.grad` to None.")


def check_alive(box, rng):
    values, gradients = _problem(rng, 4)
    options, rates = _options(rng), [0.1, 0.05, 0.02, 0.2]
    plain = {key: value for key, value in options.items() if key != "lr"}
    expected = _way(values, gradients, rates, **plain)
    for how in ({"plain": True}, {"generator": True}, {"zero": True}):
        _compare(_steps(box, values, gradients, options, rates=rates, **how), expected, values)
    usual = {"betas": (0.9, 0.999), "weight_decay": 0.01}
    _compare(_steps(box, values, gradients, {}), _way(values, gradients, [0.001] * 4, **usual), values)
