"""Checks of a class that builds a module."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from glasstorch_web.grader.comparing import CheckFailed, close
from glasstorch_web.grader.graph_checks import same_gradient, showing_graph
from glasstorch_web.sandbox.box import Box


def same_module(
    box: Box,
    name: str,
    rng: np.random.Generator,
    inputs: Sequence[np.ndarray],
    *arguments: Any,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    **keywords: Any,
) -> None:
    """Require a class to build a module that is the solution's in all that can be seen from outside.

    Its parameters must have the same names and shapes; with the same weights it must come to the same result and, from
    the same gradient above, to the same gradients. Weights and that gradient are drawn from rng. A failure shows the
    graph and where it parts from the solution's.

    Args:
        name: the class in the learner's file.
        inputs: what the module is called with.
        arguments, keywords: what it is built with.
        rtol, atol: as for `close`.
    """
    how = (name, list(arguments), keywords)
    shapes = _same_parameters(name, box.call("harness.standard_parameters", *how), box.reference, how)
    weights = {key: rng.normal(0, 0.5, size).astype(np.float32) for key, size in shapes.items()}
    expected = box.reference.call("harness.standard_module", *how, weights, None, *inputs)["value"]
    upstream = np.asarray(rng.normal(size=expected.shape)).astype(expected.dtype)
    gradients = box.reference.call("harness.standard_module", *how, weights, upstream, *inputs)["gradients"]
    differentiable = [index for index, value in enumerate(inputs, 4) if np.asarray(value).dtype.kind in "fc"]
    with showing_graph(
        box, "harness.standard_forward", *how, weights, *inputs, grad=differentiable, rtol=rtol, atol=atol
    ):
        value = box.call("harness.standard_module", *how, weights, None, *inputs)["value"]
        close(value, expected, rtol, atol, what=f"the result of `{name}`")
        got = box.call("harness.standard_module", *how, weights, upstream, *inputs)
        for key, gradient in gradients.items():
            same_gradient(got["gradients"].get(key), gradient, key, rtol, atol)


def _same_parameters(
    name: str, got: dict[str, Any], reference: Box, how: tuple[Any, ...]
) -> dict[str, tuple[int, ...]]:
    expected = reference.call("harness.standard_parameters", *how)
    wanted: dict[str, tuple[int, ...]] = expected["parameters"]
    if not got["module"]:
        raise CheckFailed(f"`{name}` must be a subclass of `nn.Module`.", kind="type")
    have = got["parameters"]
    missing = [key for key in wanted if key not in have]
    more = [key for key in have if key not in wanted]
    if missing:
        alike = difflib.get_close_matches(missing[0], more, 1) or more
        said = f"; is it what you called `{alike[0]}`?" if alike else "."
        if not have:
            said = ". Is it a plain tensor? Only an `nn.Parameter` or a module assigned to `self` is found."
        raise CheckFailed(f"`{name}` has no parameter `{missing[0]}`{said}", got=sorted(have), kind="type")
    if more:
        raise CheckFailed(
            f"`{name}` has a parameter `{more[0]}` too many. Its parameters are {', '.join(wanted) or 'none'}.",
            kind="type",
        )
    for key, size in wanted.items():
        if have[key] != size:
            raise CheckFailed(
                f"The parameter `{key}` has shape {have[key]}; it must have shape {size}.",
                expected=list(size),
                got=list(have[key]),
                where="shape",
                kind="shape",
            )
    frozen = [key for key in got["frozen"] if key not in expected["frozen"]]
    if frozen:
        raise CheckFailed(f"The parameter `{frozen[0]}` does not learn: its `requires_grad` is False.")
    return wanted
