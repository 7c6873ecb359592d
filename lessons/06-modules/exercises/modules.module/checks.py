"""Small trees over known numbers: what is listed, under which names, and what a state does to it."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, equal

NAMES = ["bias", "first.bias", "first.first.w", "child0.w"]


def _arrays(rng, count=4):
    return [rng.normal(size=3).astype("float32") for _ in range(count)]


def check_registration(box, rng):
    array, x = _arrays(rng, 2)
    got = box.call("harness.registration", array, x)
    if got["listed"] == 0:
        raise CheckFailed(
            "After `self.w = Parameter(t)`, `parameters()` lists nothing. `__setattr__` is where the module notices it."
        )
    if not got["itself"]:
        raise CheckFailed(
            "After `self.w = Parameter(t)`, `self.w` must be the tensor `t` itself, not its label."
        )
    if got["listed"] > 1:
        raise CheckFailed("A tensor without a label is listed too: only a `Parameter` shall be noticed.")
    if not got["is it"]:
        raise CheckFailed("`parameters()` lists something else than the tensor: the label, or a copy?")
    equal(got["named"], ["w"], what="the list of names of a module with one parameter `w`")
    equal(got["requires"], True, what="`t.requires_grad` after `Parameter(t)`")
    equal(got["note"], "a note", what="an attribute that is no parameter")
    equal(got["plain"], True, what="whether a plain tensor stays the attribute that it was")
    close(got["value"], array * x, what="what calling the module returns")


def check_tree(box, rng):
    arrays = _arrays(rng)
    for plain in (False, True):
        got = box.call("harness.names", arrays, plain)
        _require_names(got["names"])
        equal(got["parameters"], 4, what="the number of tensors in `parameters()`")
        equal(got["themselves"], True, what="whether the tensors listed are those that were assigned")
        close(np.stack(got["values"]), np.stack(arrays), what="the tensors in the order of their names")


def _require_names(names):
    if names == NAMES:
        return
    if names == ["bias"]:
        raise CheckFailed(
            "Only the module's own parameters are listed; those of its children are missing.", got=names
        )
    if sorted(names) == sorted(NAMES):
        raise CheckFailed(
            "The names are right, their order is not: own parameters first, then child by child.",
            got=names,
        )
    if names and all("." not in name for name in names):
        raise CheckFailed(
            "A child's parameter is named by its path, such as `first.bias`.", expected=NAMES, got=names
        )
    if "first.bias" in names and "first.w" in names:
        raise CheckFailed("A path names every module on the way: `first.first.w`.", expected=NAMES, got=names)
    raise CheckFailed("The names of the tree are not right.", expected=NAMES, got=names)


def check_shared(box, rng):
    array, other = _arrays(rng, 2)
    copies = int(rng.integers(1, 12))
    names = box.call("harness.shared", array, other, copies)
    if "child0.w" in names:
        raise CheckFailed(
            "Several children hold one tensor, and it is listed several times: an optimizer would move it as often.",
            got=names,
        )
    if "first.w" in names and f"child{copies}.w" not in names:
        raise CheckFailed(
            "Another tensor with the same numbers is left out. The same tensor is the same object: compare `id`s.",
            got=names,
        )
    equal(names, ["bias", "first.w", f"child{copies}.w"], what="the list of names")


def check_modes(box, rng):
    more = int(rng.integers(1, 20))
    got = box.call("harness.modes", _arrays(rng), more)
    equal(got["at first"], [True] * (4 + more), what="`training` of a new tree")
    for name, mode in (("eval", False), ("train", True), ("train(False)", False)):
        if got[name] == [mode, *[not mode] * (3 + more)]:
            raise CheckFailed(f"`{name}` sets the mode of the module, and not of the modules inside it.")
        if got[name] == [mode, mode, not mode, *[mode] * (1 + more)]:
            raise CheckFailed(f"`{name}` reaches the children, and not their children.")
        equal(got[name], [mode] * (4 + more), what=f"`training` in the tree after `{name}`")
    equal(
        got["a part"],
        [True, False, False, *[True] * (1 + more)],
        what="`training` after `eval()` of one child",
    )
    for name in ("eval", "train"):
        equal(got[f"{name} returns"], True, what=f"whether `{name}()` returns the module")


def check_state(box, rng):
    for plain in (False, True):
        arrays, others = _arrays(rng), _arrays(rng)
        got = box.call("harness.state", arrays, others, plain)
        if got["state"] is None:
            raise CheckFailed("`state_dict()` returned None. Is a `return` missing?", kind="type")
        equal(list(got["state"]), NAMES, what="the list of names in `state_dict()`")
        close(np.stack(list(got["state"].values())), np.stack(others), what="the values in `state_dict()`")
        if np.allclose(got["now"], arrays):
            raise CheckFailed("After `load_state_dict(state)` the tensors hold their old numbers.")
        equal(got["same tensors"], True, what="whether the tensors are the same objects after loading")
        close(np.stack(got["now"]), np.stack(others), what="the tensors after loading")
        close(
            np.stack(got["in place"]),
            np.stack(others),
            what="the memory of the tensors after loading",
            mistakes={
                "The tensors got new memory. Write into the old one: who holds it sees no change.": np.stack(
                    arrays
                )
            },
        )


def check_strict(box, rng):
    for how, error in (("missing", "KeyError"), ("more", "KeyError"), ("shape", "ValueError")):
        arrays, others = _arrays(rng), _arrays(rng)
        got = box.call("harness.strict", arrays, others, how)
        if got["raised"] != error:
            raise CheckFailed(f"A state of another kind ({how}) must raise {error}.", kind="type")
        close(np.stack(got["now"]), np.stack(arrays), what="the tensors after a state that does not fit")
