"""Inside a box: the graph behind a result as plain JSON, where it differs from another, and a picture of that.

A learner's box only writes its graph down. A second box, in which the exercise's solution runs and no learner code,
reads it and compares; so the solution never enters the learner's process.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

# The framework names tensors after the variables of its caller; this module's are passed over.
__glasstorch_hidden__ = True

MAX_NODES = 300
MAX_NUMBERS = 8192  # of all values, gradients and contributions together: 64 KiB in float64
MAX_DIFFERENCES = 50
PAGE_BYTES = 400_000

_dumps, _loads = json.dumps, json.loads  # bound early: learner code may replace the module's
_ORDER = {"gradient": 2, "operation": 3}  # all others come first


class Graphs:
    """The framework's record of a computation as a box needs it; bound early, before learner code runs.

    Args:
        module: the tensor framework, or None.
        picture: makes of a graph and its differences what a page shows, or None.
    """

    def __init__(self, module: types.ModuleType | None, picture: Callable[..., Any] | None = None) -> None:
        self._picture = picture
        self.reference: Any = None  # what the last `taken` took, to compare with
        if module is not None:
            graph = importlib.import_module(f"{module.__name__}.autograd.graph")
            self.recording = graph.record
            self._snapshot, self._graph = graph.snapshot, graph.Graph
            self._differences, self._align = graph.differences, graph.align
        else:
            self.recording = contextlib.nullcontext

    def taken(self, result: Any) -> str:
        """The graph behind `result` as JSON; the empty string where there is none or it is too large to show.

        A picture is a help, and no verdict depends on it: whatever learner code did to make it fail leaves it out.
        """
        self.reference = None
        try:
            if not _at_most(result.grad_fn, MAX_NODES):
                return ""
            found = self._snapshot(result)
            arrays = [a for node in found.nodes for a in (node.value, node.gradient)]
            arrays += [edge.contribution for edge in found.edges]
            if len(found.nodes) > MAX_NODES or sum(a.size for a in arrays if a is not None) > MAX_NUMBERS:
                return ""
            self.reference = found
            return _dumps(found.to_dict("full"))
        except Exception:
            return ""

    def difference(self, record: str, rtol: float, atol: float) -> str:
        """Where a graph from `taken` differs from the one taken last in this box, as JSON.

        Returns:
            {"differences": what to look at first in front, "page": what a page shows, or None}.
        """
        graph = self._graph.from_dict(_loads(record))
        found = self._by_weight(graph, self.reference, rtol, atol)[:MAX_DIFFERENCES]
        page = None
        if self._picture is not None and found:
            page = _dumps(self._picture(graph, differences=found), default=_bytes)
        return _dumps({
            "differences": [one.to_dict() for one in found],
            "page": _loads(page) if page and len(page) <= PAGE_BYTES else None,
        })  # fmt: skip

    def _by_weight(self, graph: Any, reference: Any, rtol: float, atol: float) -> list[Any]:
        """Numbers first: other operations that come to the same numbers are no mistake.

        The last operation is: what it computes was asked for.
        """
        known = [node.value for node in reference.nodes if node.value is not None]
        pairs = self._align(graph, reference)
        found = [
            one
            for one in self._differences(graph, reference, rtol=rtol, atol=atol)
            # Two ways to compute the same thing may be laid beside each other wrongly on the way to the result.
            if one.what != "value"
            or one.node in graph.roots
            or not _among(graph.node(one.node).value, known, rtol, atol)
        ]
        roots = {root for root in graph.roots if root not in pairs}
        inputs = {node.id for node in graph.nodes if node.kind != "op"}

        def weight(one: Any) -> int:
            if one.what == "operation" and one.node in roots:
                return 1
            if one.what == "shape" and one.node in inputs:
                return 3  # two tensors that were given, of which nobody knows whether they belong together
            return _ORDER.get(one.what, 0)

        return sorted(found, key=weight)


def _at_most(node: Any, most: int) -> bool:
    """Whether at most so many nodes stand behind this one."""
    seen, stack = set(), [node]
    while stack:
        one = stack.pop()
        if one is None or one in seen:
            continue
        seen.add(one)
        if len(seen) > most:
            return False
        stack.extend(before for before, _ in one.next_functions)
    return True


def _among(array: np.ndarray, known: list[np.ndarray], rtol: float, atol: float) -> bool:
    return any(
        array.shape == other.shape and np.allclose(array, other, rtol, atol, equal_nan=True)
        for other in known
    )


def _bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"a {type(value).__name__} cannot be shown")


def pictures(views: str) -> Callable[..., Any] | None:
    """The part of the package of views that lays out a graph, without its widgets, which need a notebook's packages.

    None when it is not installed. The package itself stays unimported, for the box's learners too.
    """
    spec = importlib.util.find_spec(views) if views else None
    if spec is None or not spec.submodule_search_locations:
        return None
    package = types.ModuleType(views)
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[views] = package
    try:
        page_state: Callable[..., Any] = importlib.import_module(f"{views}.graph_view.page").page_state
    finally:
        for name in [name for name in sys.modules if name == views or name.startswith(f"{views}.")]:
            del sys.modules[name]
    return page_state


def warm_up(module: Any, graphs: Graphs) -> None:
    """Use everything once: what a box does first must not need a file that is closed to it by then."""
    leaf = module.ones(2, requires_grad=True)
    with graphs.recording():
        record = graphs.taken((leaf * 2.0).sum())
        graphs.taken((leaf * 3.0).sum())
    if "mul" not in graphs.difference(record, 1e-5, 1e-6):
        raise RuntimeError("its graphs cannot be compared")
    graphs.reference = None
