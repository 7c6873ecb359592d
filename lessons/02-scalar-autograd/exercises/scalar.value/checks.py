"""Formulas on the learner's Value, against plain numbers and their differences."""

import math

from glasstorch_web.grader.checks import CallFailed, CheckFailed

FUNCTIONS = {"exp": math.exp, "log": math.log, "relu": lambda v: max(v, 0.0)}
STEP = 1e-6


def _evaluate(formulas, numbers):
    names = dict(numbers)
    for name, formula in formulas:
        names[name] = eval(formula, FUNCTIONS | names)
    return names


def _slope(formulas, numbers, of, by):
    above, below = (_evaluate(formulas, numbers | {by: numbers[by] + step})[of] for step in (STEP, -STEP))
    return (above - below) / (2 * STEP)


def _run(box, formulas, numbers):
    try:
        return box.call("harness.run", [list(one) for one in formulas], numbers)
    except CallFailed as failed:
        if "is a `return` missing?" in failed.message:
            raise CheckFailed(failed.message, kind="type") from None
        raise


def _same(box, formula, mistakes=None, **numbers):
    """One formula: its value, and the gradient of every number in it. mistakes: message by (name, wrong gradient)."""
    formulas = [("loss", formula)]
    got = _run(box, formulas, numbers)
    value = _evaluate(formulas, numbers)["loss"]
    where = ", ".join(f"{name} = {number}" for name, number in numbers.items())
    if not math.isclose(got["loss"][0], value, rel_tol=1e-9, abs_tol=1e-12):
        raise CheckFailed(
            f"`{formula}` is {got['loss'][0]:.6g} for `{where}`; it must be {value:.6g}.",
            expected=value,
            got=got["loss"][0],
        )
    for name in numbers:
        expected, gradient = _slope(formulas, numbers, "loss", name), got[name][1]
        if math.isclose(gradient, expected, rel_tol=1e-4, abs_tol=1e-6):
            continue
        said = f"The gradient of `{name}` in `{formula}` is {gradient:.6g} for `{where}`; it must be {expected:.6g}."
        if gradient == 0:
            said += f" Nothing has arrived at `{name}`."
        for message, (who, wrong) in (mistakes or {}).items():
            if who == name and math.isclose(gradient, wrong, rel_tol=1e-6):
                said += f" {message}"
        raise CheckFailed(said, expected=expected, got=gradient)
    if got["loss"][1] != 1:
        raise CheckFailed(
            "After `loss.backward()`, `loss.grad` is 1: the walk begins there.",
            expected=1.0,
            got=got["loss"][1],
        )


def _apart(rng):
    """Three different numbers, none near 0 or 1."""
    a, b, c = (round(float(x), 2) for x in rng.permutation([1.5, 2.25, 3.5]) + rng.uniform(-0.3, 0.3, 3))
    return a, b, c


def check_arithmetic(box, rng):
    a, b, c = _apart(rng)
    own = {
        "Each factor gets the value of the other, not its own.": ("a", a),
        "The local derivative is the other factor.": ("a", 1.0),
    }
    _same(box, "a + b", a=a, b=b)
    _same(box, "a * b", own, a=a, b=-b)
    _same(box, "a - b", a=a, b=b)
    power = {
        "The exponent goes down by one: n · a ** (n - 1).": ("a", 3 * a**3),
        "The factor n is missing: n · a ** (n - 1).": ("a", a**2),
    }
    _same(box, "a ** 3", power, a=a)
    _same(box, "a / b", a=a, b=b)
    _same(box, "2 * a + b * 3 - 1", a=a, b=b)
    _same(box, "1 / a + (5 - b) / 2", a=a, b=b)
    _same(box, "(a * b + c) * (b - 0.5)", a=a, b=b, c=-c)


def check_functions(box, rng):
    a, b, _ = _apart(rng)
    exponential = {"exp is its own derivative: use the result.": ("a", 1.0)}
    _same(box, "exp(a)", exponential | {"This is the value of a.": ("a", a)}, a=a)
    _same(box, "log(a)", {"The local derivative of log is 1 / a, not log(a).": ("a", math.log(a))}, a=a)
    _same(box, "relu(a - 1) * b", a=a, b=b)
    shut = {"relu lets nothing through where its input is negative.": ("a", b)}
    _same(box, "relu(a) * b + exp(b)", shut, a=-a, b=b)
    _same(box, "log(1 + exp(-a)) * relu(b - 0.25)", a=a, b=b)


def check_shared(box, rng):
    a, b, c = _apart(rng)
    _same(box, "a * a", {"The second contribution has overwritten the first: use +=.": ("a", a)}, a=a)
    _same(box, "a + a + b", a=a, b=b)
    _shared(box, a)
    _shared(box, a, turned=True)
    _same(box, "exp(a / b) * a + relu(a * c - b) * (c + a)", a=a, b=b, c=c)
    _two_losses(box, a, b)


def _shared(box, a, turned=False):
    formulas = [("h", "2 * v"), ("far", "3 * h"), ("loss", "far + h" if turned else "h + far")]
    got = _run(box, formulas, {"v": a})["v"][1]
    if math.isclose(got, 8):
        return
    message = (
        f"With `h = 2 * v`, `far = 3 * h`, `loss = {formulas[2][1]}`, the gradient of `v` is {got:g}; "
        "it must be 8."
    )
    if math.isclose(got, 10):
        message += " h has passed its gradient on before all of it had arrived, and then again."
    elif got in (2, 6):
        message += " Only one of the two ways has arrived at v."
    raise CheckFailed(message, expected=8.0, got=got)


def _two_losses(box, a, b):
    got = _run(box, [("loss1", "a * 2"), ("loss2", "a * 3")], {"a": a})["a"][1]
    if not math.isclose(got, 5):
        message = f"After backward from `a * 2` and from `a * 3`, `a.grad` is {got:g}; it must be 2 + 3 = 5."
        if math.isclose(got, 3):
            message += " The second walk has overwritten what the first left; it must add to it."
        raise CheckFailed(message, expected=5.0, got=got)
    got = _run(box, [("h", "a * 2"), ("loss1", "h * 3"), ("loss2", "h * 5")], {"a": a})["a"][1]
    if not math.isclose(got, 16):
        message = (
            f"With `h = a * 2`, after backward from `h * 3` and `h * 5`, `a.grad` is {got:g}; "
            "it must be 6 + 10 = 16."
        )
        if math.isclose(got, 22):
            message += (
                " In the second walk h has passed on the 3 that the first had left in h.grad. "
                "Keep what arrives during a walk apart from .grad."
            )
        raise CheckFailed(message, expected=16.0, got=got)


def check_deep(box, rng):
    length, number = 5000 + int(rng.integers(0, 50)), round(float(rng.uniform(1, 2)), 2)
    value, gradient = box.call("harness.chain", length, number)
    if not math.isclose(value, number + length / 2) or gradient != 1:
        raise CheckFailed("A long sum is wrong.", kind="values")
    times = 30 + int(rng.integers(0, 5))
    value, gradient = box.call("harness.doubled", times, number)
    if not math.isclose(value, number * 2**times) or gradient != 2**times:
        raise CheckFailed("Doubling many times is wrong.", kind="values")
