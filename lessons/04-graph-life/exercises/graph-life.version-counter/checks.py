import re

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, equal


def _numbers(rng, size=4):
    return rng.integers(-40, 40, size=size) / 4 + np.arange(
        size
    )  # exact sums: one up and one down is nothing


def _play(box, *steps):
    seen = box.call("harness.play", *steps)
    if isinstance(seen, dict):
        raise CheckFailed(
            f"`{seen['missing']}` must return an Array; it returned: {seen['got']}.", got=seen["got"]
        )
    return seen


def _version(got, expected, what):
    if got is None:
        raise CheckFailed("`version()` returned None. Is a `return` missing?", got="None")
    equal(got, expected, what)


def check_counts(box, rng):
    start, first, second = _numbers(rng), float(rng.integers(1, 9)), float(rng.integers(1, 9))
    fresh, returned, one, _, two, data = _play(
        box,
        ("new", "a", start),
        ("version", "a"),
        ("add", "a", first),
        ("version", "a"),
        ("add", "a", second),
        ("version", "a"),
        ("data", "a"),
    )
    _version(fresh, 0, "the version of a new Array")
    _version(one, 1, "the version after one `add_`")
    _version(two, 2, "the version after two `add_`")
    close(data, start + first + second, what="the data after two `add_`")
    if returned != "itself":
        raise CheckFailed("`add_` must return the Array itself: `return self`.", got=returned)


def _refused(got, expected, found):
    if got is None:
        raise CheckFailed("`unpack()` returned None.", got="None")
    if not isinstance(got, str):
        raise CheckFailed(
            "The memory was written after it was saved, and `unpack()` handed it out all the same. "
            "A gradient computed "
            "with it would be wrong without any error."
        )
    if not {str(expected), str(found)} <= set(re.findall(r"\d+", got)):
        raise CheckFailed(
            f"The message must hold both versions, the expected {expected} and the found {found}.", got=got
        )


def check_saved(box, rng):
    start, before = _numbers(rng), int(rng.integers(2, 5))
    steps = [("add", "a", 1.0)] * before
    *_, first, again, _, _, after = _play(
        box,
        ("new", "a", start),
        *steps,
        ("save", "s", "a"),
        ("unpack", "s"),
        ("unpack", "s"),
        ("add", "a", 1.0),
        ("add", "a", -1.0),
        ("unpack", "s"),
    )
    for got in (first, again):
        if isinstance(got, str) and isinstance(after, str) and after == got:
            raise CheckFailed(
                "Nothing was written since it was saved, and `unpack()` refuses. Has Saved kept "
                "the Array itself? A copy is "
                "something else: it would never notice a write, and its version begins at 0."
            )
        if isinstance(got, str):
            raise CheckFailed(
                "Nothing was written since it was saved, and `unpack()` refuses. Compare with the "
                "version at the time of "
                "saving, not with 0.",
                got=got,
            )
        close(got, start + before, what="what `unpack()` returns")
    if isinstance(after, np.ndarray) and np.allclose(after, start + before):
        # one up and one down: the contents are the same again, the version is not
        raise CheckFailed(
            "The memory was written twice after it was saved, and `unpack()` did not refuse. It "
            "must look at the version, "
            "not at the contents; and a copy would hide the write."
        )
    _refused(after, before, before + 2)


def check_views(box, rng):
    start, number = _numbers(rng, 5), float(rng.integers(2, 9))
    _, whole, view, inner, unpacked, data, _, back, kept = _play(
        box,
        ("new", "a", start),
        ("view", "b", "a", 1, None),
        ("view", "c", "b", 1, 3),
        ("save", "s", "a"),
        ("save", "k", "b"),
        ("add", "c", number),
        ("version", "a"),
        ("version", "b"),
        ("version", "c"),
        ("unpack", "s"),
        ("data", "a"),
        ("add", "a", 1.0),
        ("version", "c"),
        ("unpack", "k"),
    )
    expected = start.copy()
    expected[2:4] += number
    if np.allclose(data, start):
        raise CheckFailed("Writing into the view did not reach the Array: the view has memory of its own.")
    close(data, expected, what="the data after writing into a view of a view")
    if (whole, view, inner) == (0, 0, 1):
        raise CheckFailed(
            "A view of a view was written, and only its own counter knows. The counter belongs to "
            "the memory: all views must "
            "hold the same one, and a number is copied when it is handed on.",
            expected=1,
            got=0,
        )
    _version(whole, 1, "the version of the Array after a view of a view was written")
    _version(view, 1, "the version of the view after a view of it was written")
    _version(inner, 1, "the version of the view that was written")
    _refused(unpacked, 0, 1)
    _version(back, 2, "the version of the view after the Array was written")
    _refused(kept, 0, 2)


def check_copies(box, rng):
    start, number = _numbers(rng), float(rng.integers(2, 9))
    _, fresh, _, original, saved, data, own = _play(
        box,
        ("new", "a", start),
        ("add", "a", 1.0),
        ("copy", "b", "a"),
        ("save", "s", "a"),
        ("version", "b"),
        ("add", "b", number),
        ("version", "a"),
        ("unpack", "s"),
        ("data", "a"),
        ("data", "b"),
    )
    equal(fresh, 0, "the version of a copy")
    equal(original, 1, "the version of the original")
    close(saved, start + 1, what="what was saved of the original")
    close(data, start + 1, what="the original")
    close(own, start + 1 + number, what="the copy")
