"""Checks of a backward formula, against differences in float64 or against the solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glasstorch_web.grader.comparing import CheckFailed, close, numerical_gradient
from glasstorch_web.grader.graph_checks import showing_graph
from glasstorch_web.sandbox.box import Box, CallFailed

Forward = Callable[..., Any]


def same_gradients(
    box: Box,
    name: str,
    upstream: np.ndarray,
    *inputs: np.ndarray,
    of: Forward | None = None,
    names: Sequence[str] = (),
    mistakes: dict[str, npt.ArrayLike] | None = None,
    rtol: float = 1e-3,
    atol: float = 1e-4,
) -> None:
    """Require `name(upstream, *inputs)` to return the gradient of each input, as a backward formula does.

    Autograd is off while it runs. A failure says which gradient differs first and where, whether `upstream` was left
    out, and shows the formula's graph beside the solution's where it returns one tensor.

    Args:
        name: the learner's function. One input: it returns a tensor; several: a tuple with one tensor for each.
        upstream: the gradient that arrives from above, of the forward result's shape.
        of: the forward function in NumPy; its differences in float64 are what is expected. Without it the solution's
            formula is.
        names: what the inputs are called, for messages.
        mistakes: well-known wrong gradients of the first input, as for `close`.
        rtol, atol: as for `close`.
    """
    arguments = (upstream, *inputs)
    called = [*names, *(f"input {number}" for number in range(len(names) + 1, len(inputs) + 1))]
    if not names and len(inputs) == 1:
        called = ["the input"]
    if of is None:
        expected = _several(box.reference.call("harness.standard_formula", name, *arguments)["result"])
        local = None
    else:
        expected = _differences(of, upstream, inputs)
        local = _differences(of, np.ones_like(upstream), inputs)
    try:
        answer = box.call("harness.standard_formula", name, *arguments)
    except CallFailed as failed:
        if "does not require grad" in failed.message:
            raise CheckFailed(
                "Autograd is switched off here: write the formula itself, without backward() or autograd.grad()."
            ) from None
        raise
    with showing_graph(box, name, *arguments):
        got = _several(answer["result"])
        if len(got) != len(expected):
            raise CheckFailed(
                f"`{name}` must return {len(expected)} gradients as a tuple, one for each of "
                f"{', '.join(called)}; it returned {len(got)}.",
                kind="type",
            )
        for index, (one, wanted) in enumerate(zip(got, expected)):
            if local is not None and _alike(one, local[index], rtol, atol):
                _require_upstream(wanted, local[index], rtol, atol)
            known = mistakes if index == 0 else None
            close(one, wanted, rtol, atol, f"the gradient of {_quoted(called[index])}", mistakes=known)
    _unchanged(answer["arguments"], arguments, ["the incoming gradient", *called])


def _differences(of: Forward, upstream: np.ndarray, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    wide = [np.asarray(value, np.float64) for value in inputs]
    above = np.asarray(upstream, np.float64)

    def along(index: int) -> np.ndarray:
        def total(value: np.ndarray) -> float:
            return float(np.sum(above * of(*wide[:index], value, *wide[index + 1 :])))

        return numerical_gradient(total, wide[index])

    return [along(index) for index in range(len(wide))]


def _require_upstream(wanted: np.ndarray, local: np.ndarray, rtol: float, atol: float) -> None:
    if not _alike(wanted, local, rtol, atol):
        raise CheckFailed(
            "This is the local derivative; the gradient that arrives from above is left out. "
            "Multiply by it (the chain rule).",
            kind="values",
        )


def _alike(got: Any, expected: np.ndarray, rtol: float, atol: float) -> bool:
    return (
        type(got) is np.ndarray
        and got.shape == expected.shape
        and bool(np.allclose(got, expected, rtol, atol))
    )


def _several(result: Any) -> list[Any]:
    return list(result) if type(result) in (tuple, list) else [result]


def _unchanged(after: Any, before: Sequence[np.ndarray], called: Sequence[str]) -> None:
    for value, was, name in zip(after, before, called):
        if not np.array_equal(value, was, equal_nan=True):
            raise CheckFailed(
                f"Your function changed {_quoted(name)}, which belongs to its caller. "
                "Compute new tensors instead of writing into this one."
            )


def _quoted(name: str) -> str:
    return f"`{name}`" if name.isidentifier() else name
