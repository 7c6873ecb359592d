"""The rates of a warm-up with cosine, from the formula."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _options(rng):
    warmup = int(rng.integers(4, 9))
    return {
        "peak": float(rng.uniform(0.1, 0.9)),
        "warmup": warmup,
        "total": warmup + int(rng.integers(10, 30)),
        "lowest": float(rng.uniform(0.01, 0.05)),
    }


def _rate(k, peak, warmup, total, lowest, form="right"):
    if k < warmup:
        return peak * (k if form == "from zero" else k + 1) / warmup
    if k >= total and form != "no end":
        return lowest
    t = k / total if form == "whole time" else (k - warmup) / (total - warmup)
    half = 0.5 * (1 + np.cos((2 if form == "whole turn" else 1) * np.pi * t))
    return lowest + (peak if form == "on top" else peak - lowest) * half


def _rates(box, options, steps):
    got = box.call("harness.rates", options, list(steps))
    if any(type(one) not in (int, float) for one in got):
        raise CheckFailed(
            "`rate` must return a number for every step. Is a `return` missing?", got=repr(got[:3])[:60]
        )
    return np.array(got, float)


def _compare(got, options, steps, what, **forms):
    expected = np.array([_rate(k, **options) for k in steps])
    mistakes = {
        message: np.array([_rate(k, **options, form=form.replace("_", " ")) for k in steps])
        for form, message in forms.items()
    }
    close(got, expected, 1e-5, 1e-8, what=what, mistakes=mistakes)


def check_rises(box, rng):
    options = _options(rng)
    steps = range(options["warmup"])
    _compare(
        _rates(box, options, steps),
        options,
        steps,
        "the rate during warm-up",
        from_zero="The warm-up starts at 0, so the first step does nothing. Step k has peak * (k + 1) / warmup.",
    )


def check_falls(box, rng):
    options = _options(rng)
    steps = range(options["warmup"], options["total"])
    _compare(
        _rates(box, options, steps),
        options,
        steps,
        "the rate after warm-up",
        whole_time="The cosine counts the warm-up too. Its t is 0 when the warm-up ends, and 1 at `total`.",
        whole_turn="This is a whole turn of the cosine, down and up again; it must be half of one.",
        on_top="The lowest rate is added on top of the peak. The cosine goes over peak - lowest.",
    )


def check_ends(box, rng):
    options = _options(rng)
    steps = range(options["total"], options["total"] + 12)
    _compare(
        _rates(box, options, steps),
        options,
        steps,
        "the rate after the end",
        no_end="After `total` the cosine comes back up. From there on the rate is `lowest`.",
    )


def check_drives(box, rng):
    options = _options(rng)
    count = options["total"] + 4
    expected = np.array([_rate(k, **options) for k in range(count)])
    for plain in (False, True):
        seen = box.call("harness.driven", options, count, plain)
        if not isinstance(seen, list) or len(seen) != count:
            raise CheckFailed("The schedule could not be followed to its end.")
        got = np.array(seen, float).reshape(count, -1)
        if np.allclose(got[0], 123):
            raise CheckFailed(
                "The optimizer still has its old rate before the first step(); give it the rate of step 0."
            )
        if np.allclose(got[:2], expected[0]):
            raise CheckFailed(
                "The rates come one step behind: after the first `step()` the optimizer must have the rate of step 1."
            )
        for column in got.T:
            close(column, expected, 1e-5, 1e-8, what="the optimizer's rate")
