import re

from glasstorch_web.grader.checks import CheckFailed


def _inputs(rng, name):
    shapes = {
        "product": [(2, 3), (2, 3)],
        "matmul": [(2, 3), (3, 2)],
        "softmax": [(2, 4)],
        "bias": [(3, 3), (3,)],
        "tanh": [(2, 3)],
        "scaled": [(3,), ()],
    }
    return [rng.normal(size=shape) for shape in shapes[name]]


def _passes(box, rng, function, formula, **settings):
    got = box.call("harness.ask", function, formula, *_inputs(rng, function), **settings)
    if got["refused"]:
        raise CheckFailed(
            f"The formula for “{formula}” is right, and `gradcheck` refuses it: `{got['message'][:200]}`"
        )
    if got["returned"] is None:
        raise CheckFailed("`gradcheck` returned None for a right formula; it must return True.", got="None")
    if got["returned"] is not True:
        raise CheckFailed(
            "`gradcheck` must return True for a right formula, and raise a ValueError for a wrong one.",
            got=str(got["returned"])[:60],
        )
    if not got["same"]:
        raise CheckFailed("`gradcheck` has changed its inputs, which belong to the caller.")


def _caught(box, rng, function, formula, number, why):
    got = box.call("harness.ask", function, formula, *_inputs(rng, function))
    if not got["refused"]:
        raise CheckFailed(f"`gradcheck` found nothing wrong with “{formula}”. {why}")
    if number is not None and str(number) not in re.findall(r"\d+", got["message"]):
        raise CheckFailed(
            f"The message for “{formula}” must name the first wrong input, number {number} (counted from 0).",
            got=repr(got["message"][:200]),
        )


def _all(box, rng, *cases):
    """Right formulas (a name twice) and wrong ones (function, formula, number, why), in any order."""
    for position in rng.permutation(len(cases)):
        case = cases[position]
        if len(case) == 2:
            _passes(box, rng, *case)
        else:
            _caught(box, rng, *case)


def check_right(box, rng):
    names = [
        ("tanh", "tanh"),
        ("product", "product"),
        ("matmul", "matmul"),
        ("bias", "bias"),
        ("softmax", "softmax"),
    ]
    _all(box, rng, *names)


def check_wrong(box, rng):
    last = "Its first gradient is right, its second is not: look at all."
    _all(
        box,
        rng,
        ("tanh", "tanh"),
        ("product", "product, factors swapped", 0, "Its two gradients are exchanged."),
        ("matmul", "matmul, second doubled", 1, last),
        ("matmul", "matmul"),
        ("product", "product"),
    )
    for wrong in rng.integers(0, 5, size=3):
        name = f"five, {wrong} wrong"
        got = box.call("harness.ask", "five", name, *rng.normal(size=(5, 3)))
        if not got["refused"]:
            raise CheckFailed(
                f"Only the gradient of input {wrong} of five is wrong (counted from 0), and `gradcheck` found "
                "nothing. Look at all."
            )
        if str(wrong) not in re.findall(r"\d+", got["message"]):
            raise CheckFailed(
                f"Of five inputs, number {wrong} is wrong (counted from 0). The message must say so.",
                got=repr(got["message"][:200]),
            )


def check_random(box, rng):
    why = "With g = ones it looks right. Draw g at random."
    _all(
        box,
        rng,
        ("softmax", "softmax"),
        ("tanh", "tanh, without g", 0, why),
        ("softmax", "softmax, zero", 0, why),
        ("product", "product, second without g", 1, why),
    )


def check_shapes(box, rng):
    _all(
        box,
        rng,
        ("scaled", "scaled, constant"),
        ("tanh", "tanh"),
        ("bias", "bias, not summed", None, ""),
        ("bias", "bias, one row", None, ""),
        ("product", "product, one gradient", None, ""),
    )
