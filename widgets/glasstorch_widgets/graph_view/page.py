"""A graph for a page without Python: the picture, its numbers, and each depth of groups as a picture of its own.

Needs NumPy and nothing of a notebook, so that a grader can draw graphs too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..language import labels
from . import wire
from .groups import Tree
from .marks import drawn, marks
from .scene import Measured, Scene, TooManyBoxes
from .worked import sums

BOXES = 800  # that a page holds, in all its depths together


def page_state(record: Any, *, differences: Iterable[Any] = (), lang: str = "en") -> dict[str, Any]:
    """What `<gt-graph-view>` and an exported page need to show a graph; bytes in it travel as base64.

    Args:
        record: a `glasstorch.autograd.graph.Graph`.
        differences: `glasstorch.autograd.graph.Difference`s; the page opens at the first.
        lang: "en" or "zh".
    """
    words = labels(lang, "graph")
    tree, measured = Tree(record), Measured()
    painted = marks(record, words, differences)
    scene = Scene.first(record, tree)
    where = painted["headline"]["id"] if painted["headline"] else ""
    if where:
        try:
            scene = Scene(record, tree, scene.opened | set(tree.around(where)))
        except TooManyBoxes:
            scene = Scene(record, tree, set(tree.around(where)))
    return {
        "labels": words,
        "lang": lang,
        "error": "",
        "structure": not_editable(wire.structure(scene, words)),
        "values": wire.values(scene, record, measured),
        "step": scene.last,
        "selected": where,
        "edits": {},
        "marks": drawn(painted, scene),
        "moments": {},
        "moment": 0,
        **more(record, record, tree, words, measured, painted),
    }


def more(
    original: Any,
    record: Any,
    tree: Tree,
    words: Mapping[str, str],
    measured: Measured,
    painted: dict[str, Any],
) -> dict[str, Any]:
    """What Python would answer later: the other depths, and the sums behind the gradients.

    Args:
        original: the graph. record: the replay of it whose numbers are shown. painted: its marks.
    """
    levels, room = [], BOXES
    for depth in range(tree.deepest + 1):
        try:
            scene = Scene(original, tree, tree.level(depth))
        except TooManyBoxes:
            break
        room -= len(scene.shown)
        if room < 0:
            break
        levels.append({
            "structure": not_editable(wire.structure(scene, words)),
            "values": wire.values(scene, record, measured), "marks": drawn(painted, scene),
        })  # fmt: skip
    return {
        "levels": levels if len(levels) > 1 else [],
        "worked": sums(record, lambda edge: len(record.edges) <= BOXES),
    }


def not_editable(structure: dict[str, Any]) -> dict[str, Any]:
    """The picture of a graph that nothing can compute again."""
    return {**structure, "nodes": [{**node, "editable": False} for node in structure["nodes"]]}
