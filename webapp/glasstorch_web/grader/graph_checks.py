"""Checks of a computation as a whole: its value, its gradients, and where it parts from the solution's.

    from glasstorch_web.grader.checks import same_graph

    def check_gradients(box, rng):
        x, w = (rng.normal(size=(3, 3)).astype("float32") for _ in range(2))
        same_graph(box, "loss", x, w, grad=("w",))

A check that compares in another way can show the same view when it fails:

    with showing_graph(box, "loss", x, w):
        close(...)

The solution runs in a box of its own (`Box.reference`) and the graphs are compared there.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch_web.grader import graph_record
from glasstorch_web.grader.comparing import CheckFailed, close
from glasstorch_web.grader.result import GraphDetail
from glasstorch_web.sandbox.box import Box, CallFailed, GraphResult
from glasstorch_web.sandbox.process import BoxEnded

__all__ = ["same_graph", "showing_graph"]

log = logging.getLogger("glasstorch.grader")


class ReferenceFailed(Exception):
    """The exercise's own solution could not be run; the learner is not to blame."""


def same_graph(
    box: Box,
    name: str,
    *args: Any,
    grad: Sequence[str | int] | bool = True,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    what: str = "the result",
    **kwargs: Any,
) -> None:
    """Require a function to come to the solution's value and gradients, whichever operations it takes.

    When it does not, the failure shows the learner's own graph and where it parts from the solution's: the first value
    that differs, going forward; else the first gradient, going backward.

    Args:
        name: the function, in the submission or (`"harness.name"`) in the harness. It returns one tensor.
        args, kwargs: its arguments.
        grad: names or positions of the arguments to differentiate by; True: every array given by position. Backward
            starts with ones.
        rtol, atol: what counts as equal, as for `close`.
        what: what the function returns, for the message.

    Raises:
        CheckFailed: something differs. CallFailed, BoxEnded: as for `Box.call`.
    """
    reference, expected = _expected(box, name, args, kwargs, grad)
    got = box.graph(name, *args, grad=grad, **kwargs)
    try:
        close(got.value, expected.value, rtol, atol, what)
        for key, gradient in expected.grads.items():
            same_gradient(got.grads[key], gradient, _argument(key, expected), rtol, atol)
    except CheckFailed as wrong:
        said = _show(wrong, box, reference, got, rtol, atol)
        wrong.args = (f"{wrong} {said}".strip(),)
        raise wrong from None


@contextlib.contextmanager
def showing_graph(
    box: Box,
    name: str,
    *args: Any,
    grad: Sequence[str | int] | bool = True,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    **kwargs: Any,
) -> Iterator[None]:
    """When the block raises CheckFailed: show, with its message, where this call parts from the solution's.

    The arguments are those of `same_graph`. Whatever prevents a picture leaves the failure as it is.
    """
    try:
        yield
    except CheckFailed as wrong:
        try:
            reference, _ = _expected(box, name, args, kwargs, grad)
            _show(wrong, box, reference, box.graph(name, *args, grad=grad, **kwargs), rtol, atol)
        except ReferenceFailed:
            log.exception("no graph can be shown")
        except (CallFailed, BoxEnded):
            pass  # the learner's function does not get as far as a graph
        raise


def _expected(
    box: Box, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], grad: Sequence[str | int] | bool
) -> tuple[Box, GraphResult]:
    try:
        reference = box.reference
        return reference, reference.graph(name, *args, grad=grad, **kwargs)
    except (CallFailed, BoxEnded) as error:
        raise ReferenceFailed(f"the solution cannot be run: {error!r}") from error


def _argument(key: str | int, expected: GraphResult) -> str:
    known = isinstance(key, int) and key < len(expected.names)
    return expected.names[key] if known else str(key)  # type: ignore[index]


def same_gradient(got: Any, expected: np.ndarray | None, argument: str, rtol: float, atol: float) -> None:
    """Require the gradient that autograd left at an argument, or that none is there."""
    what = f"the gradient of `{argument}`"
    if got is None and expected is not None:
        raise CheckFailed(
            f"No gradient arrives at `{argument}`: the result does not depend on it as far as autograd can see. "
            "Is it unused, or was the graph cut by .detach(), .item(), .numpy() or no_grad?",
            kind="values",
        )
    if expected is None:
        if got is not None and np.any(got):
            raise CheckFailed(f"{what[:1].upper()}{what[1:]} must not be there: nothing depends on it.")
        return
    close(got, expected, rtol, atol, what)


def _show(wrong: CheckFailed, box: Box, reference: Box, got: GraphResult, rtol: float, atol: float) -> str:
    """Add to a failure where the graphs part, and say it; nothing where no graph can be shown."""
    record = graph_record.checked(got.record, box.source)
    if record is None:
        return ""
    try:
        found = reference.difference(json.dumps(record), rtol=rtol, atol=atol)
    except (CallFailed, BoxEnded):
        return ""  # the solution's graph is too large, or the learner's is of a kind that nobody can draw
    if not found["differences"]:
        return ""
    wrong.detail["graph"] = GraphDetail(record=record, differences=found["differences"], page=found["page"])
    nodes = {node["id"]: node for node in record["nodes"]}
    return _where(found["differences"], nodes, record["edges"])


def _where(differences: list[dict[str, Any]], nodes: dict[str, Any], edges: list[dict[str, Any]]) -> str:
    """The first difference in a sentence or two, with the learner's line."""
    first = differences[0]
    node = nodes[first["node"]]
    after = [nodes[edge["target"]] for edge in edges if edge["source"] == node["id"]]
    if first["what"] in ("operation", "shape") and node["kind"] == "constant" and not node["title"] and after:
        return f"The graph is cut before {_named(after[0])}: what goes in there is a mere constant."
    way = {
        "gradient": "Going backward, the first gradient that differs is at",
        "operation": "Look at",
    }.get(first["what"], "Going forward, the first value that differs is at")
    said = [f"{way} {_named(node)}: {first['message']}."]
    near = {node["id"], *(edge["source"] for edge in edges if edge["target"] == node["id"])}
    other = next((d for d in differences[1:] if d["what"] == "operation" and d["node"] in near), None)
    if other is not None:
        said.append(f"Before it, at {_named(nodes[other['node']])}: {other['message']}.")
    return " ".join(said)


def _named(node: dict[str, Any]) -> str:
    name = f"`{node['title'] or node['op'] or node['id']}`".replace("\n", " ")
    source = node["source"]
    return f"{name} (line {source['line']}: `{source['text']}`)" if source else name
