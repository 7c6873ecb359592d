"""Which part of a large graph to draw: what lies nearest to one node."""

from __future__ import annotations

from collections import deque
from typing import Any

DRAW_LIMIT = 400  # nodes; above this a picture helps nobody
FOCUS_SIZE = 60  # nodes drawn around the node in focus


def around(graph: Any, centre: str, size: int = FOCUS_SIZE) -> set[str]:
    """The ids of the `size` nodes nearest to `centre`, counted in edges in either direction."""
    neighbours: dict[str, list[str]] = {}
    for edge in graph.edges:
        neighbours.setdefault(edge.source, []).append(edge.target)
        neighbours.setdefault(edge.target, []).append(edge.source)
    found = {centre}
    queue = deque([centre])
    while queue and len(found) < size:
        for other in neighbours.get(queue.popleft(), ()):
            if other not in found and len(found) < size:
                found.add(other)
                queue.append(other)
    return found


def search(graph: Any, text: str, limit: int = 20) -> list[dict[str, str]]:
    """Nodes whose id, title, op, module path or source line contains `text` (case does not matter)."""
    wanted = text.strip().lower()
    hits: list[dict[str, str]] = []
    if not wanted:
        return hits
    for node in graph.nodes:
        line = (node.source or {}).get("text", "")
        if wanted in " ".join((node.id, node.title, node.op, node.module, line)).lower():
            shape = "×".join(map(str, node.shape or ()))
            hits.append(
                {"id": node.id, "title": node.title or node.id, "shape": shape, "module": node.module}
            )
            if len(hits) == limit:
                break
    return hits
