"""Search in a whole graph, also in what is not drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .groups import Tree
from .wire import group_name, node_name, shape_text

MOST = 20  # hits that are shown


def search(graph: Any, tree: Tree, text: str, words: Mapping[str, str]) -> list[dict[str, str]]:
    """Groups and nodes whose id, name, op, module path or source line contains `text` (case does not matter).

    Modules come first: they are what a large graph is searched for.
    """
    wanted = text.strip().lower()
    hits: list[dict[str, str]] = []
    if not wanted:
        return hits
    for hit, said in _candidates(graph, tree, words):
        if wanted in said.lower():
            hits.append(hit)
            if len(hits) == MOST:
                break
    return hits


def _candidates(graph: Any, tree: Tree, words: Mapping[str, str]) -> Iterator[tuple[dict[str, str], str]]:
    for group in tree.groups.values():
        if group.kind in ("module", "loop"):
            title = group_name(group, words)
            hit = {"id": group.id, "title": title, "shape": "", "module": ""}
            yield hit, f"{title} {group.title} {group.type}"
    for node in graph.nodes:
        line = (node.source or {}).get("text", "")
        hit = {
            "id": node.id,
            "title": node_name(node),
            "shape": shape_text(node.shape),
            "module": node.module,
        }
        yield hit, " ".join((node.id, node_name(node), node.title, node.op, node.module, line))
