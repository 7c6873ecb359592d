"""A training that is resumed must give the losses of one that never stopped, to the last bit."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed

WEIGHTS = "The weights are not those that were saved."


def _run(box, rng, *how):
    x = rng.normal(size=(48, 6)).astype("float32")
    y = rng.integers(0, 3, size=48)
    seed, other, stop = (
        int(rng.integers(1, 500)),
        int(rng.integers(500, 999)),
        int(rng.choice([7, 8, 9, 11, 12])),
    )
    arguments = (seed, other, stop, x, y, *how)
    got = box.call("harness.both", *arguments)
    if got["kind"] != "dict":
        raise CheckFailed(
            f"`checkpoint` must return a dict; it returned: {got['kind']}.",
            expected="a dict",
            got=got["kind"],
        )
    if got["error"]:
        raise CheckFailed(
            "`torch.load` refuses this checkpoint: it holds objects that only running code could bring back. Put "
            "state dicts into it.",
            kind="type",
        )
    return got, stop, box.reference.call("harness.both", *arguments)["rest"]


def _same(box, rng, forgotten, *how):
    got, stop, expected = _run(box, rng, *how)
    if type(got["at"]) is str:
        raise CheckFailed(
            f"`resume` must return the number of steps done, an int; it returned: {got['at']}.",
            expected="int",
            got=got["at"],
        )
    if got["at"] != stop:
        raise CheckFailed(
            f"`resume` returned {got['at']}, but {stop} steps were done when the training was saved.",
            expected=stop,
            got=got["at"],
        )
    if got["rest"] != expected:
        raise CheckFailed(
            "Saving must leave the training alone: the losses after `checkpoint` are others than without it."
        )
    different = [i for i, (a, b) in enumerate(zip(got["resumed"], expected)) if a != b]
    if different or len(got["resumed"]) != len(expected):
        first = different[0] if different else len(got["resumed"])
        if first == 0 and not how[-1]:  # without dropout, weights and data alone decide the first loss
            forgotten = WEIGHTS
        elif first > 0 and how[-1]:  # other random numbers would have told at once
            forgotten = "The optimizer or its learning rate is not what it was."
        off = np.abs(np.subtract(got["resumed"][: len(expected)], expected[: len(got["resumed"])]))
        raise CheckFailed(
            f"{forgotten} The resumed training parts from the other at step {first + 1} after the checkpoint; "
            f"the losses differ by up to {off.max():.2g}.",
            expected=expected[:6],
            got=got["resumed"][:6],
        )


def check_plain(box, rng):
    _run(box, rng, False, False, 0.0)


def check_weights(box, rng):
    _same(box, rng, WEIGHTS, False, False, 0.0)


def check_optimizer(box, rng):
    _same(
        box, rng, "The optimizer has lost its memory: Adam's averages start at zero again.", True, False, 0.0
    )


def check_scheduler(box, rng):
    _same(box, rng, "The learning rate is not where it was: the schedule began anew.", False, True, 0.0)


def check_dropout(box, rng):
    _same(box, rng, "Dropout draws other random numbers than it would have.", True, True, 0.3)
