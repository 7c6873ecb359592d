"""What crosses from Python to the browser.

Version 1 has two parts. `structure` is JSON and is sent once: nodes with their place, edges with their line.
`values` is sent after every edit: an index of arrays and one block of bytes (little-endian float64), so
that a number arrives exactly as it is, NaN and infinities too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..latex_mathml import mathml
from .layout import layered
from .neighbourhood import DRAW_LIMIT, around

VERSION = 1
PREVIEW = 64  # elements of each array that are sent unasked
FULL = 4096  # elements of one array that are sent when its node is opened

_CHARACTER = 7.4  # pixels, 12.5 px bold sans serif
_NARROWEST, _WIDEST = 112.0, 250.0


def structure(graph: Any, centre: str | None = None) -> dict[str, Any]:
    """The graph's picture, without any numbers.

    Args:
        graph: a `glasstorch.autograd.graph.Graph`.
        centre: node around which to draw, when the graph has more than `DRAW_LIMIT` nodes; default is the
        root.
    """
    drawn = {node.id for node in graph.nodes}
    large = len(drawn) > DRAW_LIMIT
    if large:
        centre = centre if centre in drawn else graph.roots[0]
        drawn = around(graph, str(centre))
    nodes = [node for node in graph.nodes if node.id in drawn]
    edges = [edge for edge in graph.edges if edge.source in drawn and edge.target in drawn]
    hidden: dict[str, int] = {}
    for edge in graph.edges:
        for inside, outside in ((edge.source, edge.target), (edge.target, edge.source)):
            if inside in drawn and outside not in drawn:
                hidden[inside] = hidden.get(inside, 0) + 1

    sizes = {node.id: _size(node) for node in nodes}
    placed = layered(sizes, [(edge.source, edge.target) for edge in edges])
    return {
        "version": VERSION,
        "recorded": graph.recorded,
        "roots": [root for root in graph.roots if root in drawn],
        "forward_order": [n for n in graph.forward_order if n in drawn],
        "backward_order": [n for n in graph.backward_order if n in drawn],
        "total": len(graph.nodes),
        "centre": centre if large else None,
        "width": placed.width,
        "height": placed.height,
        "nodes": [
            {
                **_facts(node),
                "x": placed.boxes[node.id].x,
                "y": placed.boxes[node.id].y,
                "width": placed.boxes[node.id].width,
                "height": placed.boxes[node.id].height,
                "rank": placed.ranks[node.id],
                "outline": outline(node.kind, placed.boxes[node.id].width, placed.boxes[node.id].height),
                "hidden": hidden.get(node.id, 0),
            }
            for node in nodes
        ],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "arg": edge.arg,
                "formula": mathml(edge.formula),
                "latex": edge.formula,
                "path": route.path,
                "tip": [route.x, route.y],
            }
            for edge, route in zip(edges, placed.routes)
        ],
    }


def _facts(node: Any) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "op": node.op,
        "title": node.title,
        "name": name(node),
        "shape": None if node.shape is None else list(node.shape),
        "dtype": node.dtype,
        "device": node.device,
        "bytes": node.bytes,
        "requires_grad": node.requires_grad,
        "module": node.module,
        "source": _source(node.source),
        "formula": mathml(node.formula),
        "latex": node.formula,
        "args": node.args,
        "editable": node.kind != "op" and node.value is not None,
    }


def _source(source: dict[str, Any] | None) -> dict[str, Any] | None:
    """The line, without the made-up file name of a notebook cell."""
    if source is None:
        return None
    in_a_cell = "ipykernel_" in source["file"] or source["file"].startswith("<")
    return {**source, "file": "" if in_a_cell else source["file"]}


def name(node: Any) -> str:
    """`net.0.weight` for a parameter, `h = relu` for a result that has a name; without a name the node's id."""
    if not node.title:
        return str(node.id)
    if node.kind == "op" and node.title != node.op:
        return f"{node.title} = {node.op}"
    if node.kind != "leaf" or not node.module or node.title.startswith(node.module):
        return str(node.title)
    return f"{node.module}.{node.title}"


def _size(node: Any) -> tuple[float, float]:
    width = max(len(name(node)), len(shape_text(node.shape)) + len(node.dtype) * 0.85) * _CHARACTER + 40
    return min(max(width, _NARROWEST), _WIDEST), 64.0 if node.value is not None else 44.0


def shape_text(shape: Any) -> str:
    """`3×4`, `scalar`, or `?` where the shape is not known any more."""
    if shape is None:
        return "?"
    return "×".join(map(str, shape)) if len(shape) else "scalar"


def outline(kind: str, width: float, height: float) -> str:
    """The node's shape as an SVG path, so that kinds differ without colour.

    An op is a rounded box, a leaf that learns is a hexagon, a constant is a card with its corner folded.
    """
    w, h = width, height
    if kind == "leaf":
        cut = 11
        return f"M{cut} 0H{w - cut}L{w} {h / 2}L{w - cut} {h}H{cut}L0 {h / 2}Z"
    if kind == "constant":
        fold = 12
        return f"M0 0H{w - fold}L{w} {fold}V{h}H0ZM{w - fold} 0V{fold}H{w}"
    r = 10
    return (
        f"M{r} 0H{w - r}A{r} {r} 0 0 1 {w} {r}V{h - r}A{r} {r} 0 0 1 {w - r} {h}"
        f"H{r}A{r} {r} 0 0 1 0 {h - r}V{r}A{r} {r} 0 0 1 {r} 0Z"
    )


def numbers(array: Any) -> np.ndarray:
    """Any array as flat float64; of a complex one the magnitudes."""
    flat = np.asarray(array).reshape(-1)
    return (np.abs(flat) if flat.dtype.kind == "c" else flat).astype("<f8")


class Packer:
    """Collects arrays for one binary message."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.index: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, of: str, role: str, array: Any) -> None:
        """Add the first elements of `array` (None is skipped), its range and its count of bad numbers."""
        if array is None:
            return
        flat = numbers(array)
        finite = flat[np.isfinite(flat)]
        kept = flat[: self.limit]
        self.index.append(
            {
                "of": of,
                "role": role,
                "shape": list(np.shape(array)),
                "offset": self._length,
                "count": int(kept.size),
                "total": int(flat.size),
                "min": float(finite.min()) if finite.size else None,
                "max": float(finite.max()) if finite.size else None,
                "mean": float(finite.mean()) if finite.size else None,
                "norm": float(np.sqrt((finite * finite).sum())) if finite.size else None,
                "nan": int(np.isnan(flat).sum()),
                "inf": int(np.isinf(flat).sum()),
            }
        )
        self._parts.append(kept.tobytes())
        self._length += int(kept.size)

    def message(self) -> dict[str, Any]:
        """The index and the bytes."""
        return {"version": VERSION, "arrays": self.index, "data": b"".join(self._parts)}


def values(graph: Any, drawn: dict[str, Any]) -> dict[str, Any]:
    """Previews of every value, gradient and contribution that `drawn` (a structure) shows.

    A node is named by its id, an edge by its number in the structure.
    """
    shown = {node["id"] for node in drawn["nodes"]}
    packer = Packer(PREVIEW)
    for node in graph.nodes:
        if node.id in shown:
            packer.add(node.id, "value", node.value)
            packer.add(node.id, "gradient", node.gradient)
    number = 0
    for edge in graph.edges:
        if edge.source in shown and edge.target in shown:
            packer.add(str(number), "contribution", edge.contribution)
            number += 1
    return packer.message()


def full(graph: Any, node_id: str) -> dict[str, Any]:
    """Up to `FULL` elements of one node's value and gradient."""
    packer = Packer(FULL)
    node = next(n for n in graph.nodes if n.id == node_id)
    packer.add(node_id, "value", node.value)
    packer.add(node_id, "gradient", node.gradient)
    return packer.message()
