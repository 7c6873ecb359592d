"""What is painted onto a graph besides its numbers: where it failed, where NaN began and which way it took, where it
differs from another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

_GRAVITY = ("failed", "origin", "differs", "path")


def marks(graph: Any, words: Mapping[str, str], differences: Iterable[Any] = ()) -> dict[str, Any]:
    """The marks of a graph, as the browser takes them.

    Args:
        graph: a `glasstorch.autograd.graph.Graph`.
        words: the labels of the view.
        differences: `glasstorch.autograd.graph.Difference`s, the one to look at first in front.

    Returns:
        {"nodes": {id: {"kind": "failed" | "origin" | "path" | "differs", "text": what is said of the node}},
        "edges": [[source id, target id], ...] on the way of NaN, "headline": {"id", "text"} or None: where to look}.
    """
    nodes: dict[str, dict[str, str]] = {}
    edges: list[list[str]] = []
    headline = None
    names = {node.id: node.title or node.op or node.id for node in graph.nodes}
    for found in differences:
        text = words["mark_differs"].format(text=found.message)
        nodes.setdefault(found.node, {"kind": "differs", "text": text})
        headline = headline or {"id": found.node, "text": text}
    if graph.failed is not None:
        text = words["mark_failed"].format(title=names[graph.failed], text=graph.node(graph.failed).error)
        nodes[graph.failed] = {"kind": "failed", "text": text}
        headline = {"id": graph.failed, "text": text}
    report = _nonfinite(graph)
    if report:
        paths = [report.forward_path, *report.backward_paths.values()]
        edges = [[a, b] for path in paths for a, b in pairwise(path)]
        for name in dict.fromkeys(id for path in paths for id in path):
            nodes.setdefault(name, {"kind": "path", "text": words["mark_path"]})
        for origin in (report.backward, report.became_nan, report.forward):
            if origin is not None and origin.id:
                what = " + ".join(
                    f"{n} {kind}" for n, kind in ((origin.nan, "NaN"), (origin.inf, "inf")) if n
                )
                text = words[f"mark_{origin.phase}_origin"].format(title=names[origin.id], what=what)
                if nodes.get(origin.id, {}).get("kind") != "failed":
                    # The line is shown beside the node; in a notebook its file has a made-up name.
                    account = [
                        line for line in str(origin).splitlines()[1:] if not line.startswith("  line ")
                    ]
                    nodes[origin.id] = {"kind": "origin", "text": "\n".join([text, *account])}
                first = {"id": origin.id, "text": text}
        headline = headline or first
    return {"nodes": nodes, "edges": edges, "headline": headline}


def drawn(painted: dict[str, Any], scene: Any) -> dict[str, Any]:
    """Marks as they fall on what is drawn: a closed box carries the gravest mark of what it holds."""
    nodes: dict[str, dict[str, str]] = {}
    for id, mark in painted["nodes"].items():
        box = scene.stand_in[id]
        if box not in nodes or _GRAVITY.index(mark["kind"]) < _GRAVITY.index(nodes[box]["kind"]):
            nodes[box] = mark
    way = {(scene.stand_in[a], scene.stand_in[b]) for a, b in painted["edges"]}
    way |= {(b, a) for a, b in way}  # in the backward it is walked against the arrows
    lines = [k for k, line in enumerate(scene.lines) if (line.source, line.target) in way]
    return {"nodes": nodes, "lines": lines, "headline": painted["headline"]}


def _nonfinite(graph: Any) -> Any:
    """The graph's report, or None where its values are not known."""
    known = all(node.value is not None for node in graph.nodes if node.kind == "op" and not node.error)
    return graph.nonfinite() if known and graph.nodes else None
