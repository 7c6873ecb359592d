"""What the loaded model answers must be what the saved one answers."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, raises


def _loaded(box, rng, prefix, drop=""):
    x = rng.normal(size=(6, 5)).astype("float32")
    arguments = (int(rng.integers(100_000)), prefix, drop, x)
    got = box.call("harness.loaded", *arguments)
    if "kind" in got:
        raise CheckFailed(
            f"`load_for_use` must return the model; it returned: {got['kind']}.", got=got["kind"]
        )
    got["teacher"] = box.reference.call("harness.loaded", *arguments)["teacher"]
    return got


def check_prefix(box, rng):
    for prefix in ("", "module."):
        got = _loaded(box, rng, prefix)
        if not np.allclose(got["quiet"], got["teacher"], atol=1e-6):
            raise CheckFailed(
                f"Saved with names like `{prefix}0.weight`, the model answers something else after loading: it still "
                "has its random weights.",
                expected=got["teacher"][0].tolist(),
                got=got["quiet"][0].tolist(),
            )


def check_eval(box, rng):
    got = _loaded(box, rng, "")
    first, second = got["answers"]
    if not np.allclose(got["quiet"], got["teacher"], atol=1e-6):
        raise CheckFailed("The model is not the one that was saved.")
    if not np.array_equal(first, second):
        raise CheckFailed(
            "Asked the same twice, the model gives two answers: its dropout is on, as in training.",
            expected=first[0].tolist(),
            got=second[0].tolist(),
        )


def check_strict(box, rng):
    x = rng.normal(size=(6, 5)).astype("float32")
    for prefix in ("", "module."):
        drop = str(rng.choice(["0.bias", "3.weight"]))
        try:
            raises(box, "RuntimeError", "harness.loaded", int(rng.integers(1000)), prefix, drop, x)
        except CheckFailed as failed:
            failed.args = (
                f"The saved weights lack `{drop}`: `load_for_use` must raise RuntimeError, as `load_state_dict` does.",
            )
            raise


def check_untouched(box, rng):
    got = _loaded(box, rng, "module.")
    if not got["same"]:
        raise CheckFailed("The dict that your function was given has changed.")
    if not np.allclose(got["quiet"], got["teacher"], atol=1e-6):
        raise CheckFailed("The weights have not arrived.")
