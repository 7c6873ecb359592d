"""What crosses from Python to the browser.

Version 1 has two parts. `structure` is JSON and is sent once: nodes with their place, edges with their line.
`values` is sent after every edit: an index of arrays and one block of bytes (little-endian float64), so
that a number arrives exactly as it is, NaN and infinities too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ..language import labels
from ..latex_mathml import mathml
from .frames import Frame, nested
from .groups import Group
from .layout import Route
from .scene import Line, Measured, Scene, health
from .text_width import fitted, text_width

VERSION = 1
PREVIEW = 64  # elements of each array that are sent unasked
FULL = 4096  # elements of one array that are sent when its node is opened

# Pixels: of a box, beside its name, and for the sign that opens it.
_NARROWEST, _WIDEST, _BESIDE, _CORNER = 112.0, 250.0, 30.0, 22.0


def structure(scene: Scene, words: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The graph's picture, without any numbers.

    Args:
        scene: what is drawn. words: the view's labels, for the names of groups; default English.
    """
    graph, tree = scene.graph, scene.tree
    words = words or labels("en", "graph")
    labelled = {
        name: short(
            scene,
            name,
            group_name(tree.groups[name], words) if name in tree.groups else node_name(tree.nodes[name]),
        )
        for name in [*scene.shown, *scene.frames]
    }
    sizes = {
        name: _box_size(scene, name, labelled[name])
        if name in tree.groups
        else _size(tree.nodes[name], labelled[name])
        for name in scene.shown
    }
    frames = {name: Frame(tree.parent[name], text_width(labelled[name]) + 40) for name in scene.frames}
    inside = {name: tree.parent[name] for name in scene.shown}
    placed = nested(sizes, inside, frames, [(line.source, line.target) for line in scene.lines])
    return {
        "version": VERSION,
        "recorded": graph.recorded,
        "roots": list(dict.fromkeys(scene.stand_in[root] for root in graph.roots)),
        "forward_order": scene.forward_order,
        "backward_order": scene.backward_order,
        "turns": scene.turns,
        "total": len(graph.nodes),
        "depth": tree.deepest,
        "width": placed.width,
        "height": placed.height,
        "nodes": [
            {
                **(_box_facts(scene, name, words) if name in tree.groups else _facts(tree.nodes[name])),
                "label": fitted(labelled[name], _WIDEST - (_CORNER if name in tree.groups else 0) - _BESIDE),
                "parent": tree.parent[name],
                **asdict(placed.boxes[name]),
                "outline": outline(
                    "group" if name in tree.groups else tree.nodes[name].kind,
                    placed.boxes[name].width,
                    placed.boxes[name].height,
                ),
            }
            for name in scene.shown
        ],
        "frames": [
            {
                "id": name,
                "parent": tree.parent[name],
                "name": group_name(tree.groups[name], words),
                "label": labelled[name],
                "kind": tree.groups[name].kind,
                **asdict(placed.boxes[name]),
            }
            for name in scene.frames
            if name in placed.boxes
        ],
        "edges": [_edge(graph, line, route) for line, route in zip(scene.lines, placed.routes)],
    }


def _edge(graph: Any, line: Line, route: Route) -> dict[str, Any]:
    """A line that stands for one edge tells its formula, one that stands for several their number."""
    edge = graph.edges[line.edges[0]]
    plain = line.source == edge.source and line.target == edge.target
    return {
        "source": line.source,
        "target": line.target,
        "arg": edge.arg if plain else "",
        "formula": mathml(edge.formula) if plain else "",
        "latex": edge.formula if plain else "",
        "count": len(line.edges),
        "path": route.path,
        "tip": [route.x, route.y],
    }


def short(scene: Scene, name: str, said: str) -> str:
    """A name inside a frame, without the path that the frame has as its name: `conv1: Conv2d` in `layer1.0`."""
    around = [scene.tree.module(frame) for frame in scene.tree.around(name)]
    path = next((path for path in around if path), "")
    return said.removeprefix(f"{path}.") if path else said


def group_name(group: Group, words: Mapping[str, str]) -> str:
    """`layer1.0: BasicBlock`, `line 7 × 5000`, `3 of 5`, `1 … 25`."""
    facts = {**vars(group), "title": group.title or group.type}
    if group.kind == "module":
        name = f"{group.title}: {group.type}" if group.title else group.type
        return words["group_call"].format(**{**facts, "name": name}) if group.count > 1 else name
    if group.kind == "loop" and group.type == "line":
        return words["group_line"].format(**facts)
    if group.kind == "part" and not group.type:
        return words["group_operations"].format(**facts)
    return words[f"group_{group.kind}"].format(**facts)


def _box_facts(scene: Scene, name: str, words: Mapping[str, str]) -> dict[str, Any]:
    """A closed group: what its last result looks like from outside, and what it holds."""
    tree = scene.tree
    group, main = tree.groups[name], tree.nodes[scene.main(name)]
    members = [tree.nodes[member] for member in tree.members(name)]
    given = scene.inputs(name)
    title = group_name(group, words)
    source = main.source if group.type == "line" else None
    module = tree.module(name)
    return {
        **_facts(main),
        "id": name,
        "kind": "group",
        "group": group.kind,
        "op": group.type if group.kind == "module" else "",
        "title": title,
        "name": title,
        "bytes": sum(node.bytes for node in members),
        "requires_grad": any(node.requires_grad for node in members),
        "module": module,
        "source": _source(source),
        "formula": "",
        "latex": "",
        "args": "",
        "editable": False,
        "main": main.id,
        "operations": sum(node.kind == "op" for node in members),
        "parameters": sum(math.prod(node.shape or ()) for node in members if node.kind == "leaf"),
        "inputs": [list(node.shape) for node in given if node.shape is not None],
        "outputs": [list(node.shape) for node in scene.outputs(name) if node.shape is not None],
    }


def _box_size(scene: Scene, name: str, title: str) -> tuple[float, float]:
    main = scene.tree.nodes[scene.main(name)]
    below = 0.85 * text_width(f"{shape_text(main.shape)} · 10000 ops")
    width = max(text_width(title) + _CORNER, below) + _BESIDE
    return min(max(width, _NARROWEST), _WIDEST), 64.0 if main.value is not None else 44.0


def _facts(node: Any) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "op": node.op,
        "title": node.title,
        "name": node_name(node),
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


def node_name(node: Any) -> str:
    """`net.0.weight` for a parameter, `h = relu` for a result that has a name; without a name the node's id."""
    if not node.title:
        return str(node.id)
    if node.kind == "op" and node.title != node.op:
        return f"{node.title} = {node.op}"
    if node.kind != "leaf" or not node.module or node.title.startswith(node.module):
        return str(node.title)
    return f"{node.module}.{node.title}"


def _size(node: Any, title: str) -> tuple[float, float]:
    width = max(text_width(title), 0.85 * text_width(f"{shape_text(node.shape)} · {node.dtype}")) + _BESIDE
    return min(max(width, _NARROWEST), _WIDEST), 64.0 if node.value is not None else 44.0


def shape_text(shape: Any) -> str:
    """`3×4`, `scalar`, or `?` where the shape is not known any more."""
    if shape is None:
        return "?"
    return "×".join(map(str, shape)) if len(shape) else "scalar"


def outline(kind: str, width: float, height: float) -> str:
    """The node's shape as an SVG path, so that kinds differ without colour.

    An op is a rounded box, a leaf that learns is a hexagon, a constant is a card with its corner folded, a closed
    group is a pile of boxes.
    """
    w, h = width, height
    if kind == "group":
        r, d = 6, 4
        front = h - d
        return (
            f"M{r} 0H{w - d - r}A{r} {r} 0 0 1 {w - d} {r}V{front - r}A{r} {r} 0 0 1 {w - d - r} {front}"
            f"H{r}A{r} {r} 0 0 1 0 {front - r}V{r}A{r} {r} 0 0 1 {r} 0Z"
            f"M{d} {front}V{h - r}A{r} {r} 0 0 0 {d + r} {h}H{w - r}A{r} {r} 0 0 0 {w} {h - r}V{d + r}"
            f"A{r} {r} 0 0 0 {w - r} {d}H{w - d}V{front - r}A{r} {r} 0 0 1 {w - d - r} {front}Z"
        )
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


def _statistics(array: Any) -> dict[str, Any]:
    """Range, mean and norm of the finite numbers, and how many are not finite. Weights are large: few passes."""
    flat = np.asarray(array).reshape(-1)
    if (
        flat.dtype.kind == "f"
        and flat.size
        and np.isfinite(low := flat.min())
        and np.isfinite(high := flat.max())
    ):
        wide = flat if flat.dtype.itemsize >= 4 and max(-low, high) < 1e15 else flat.astype(np.float64)
        norm = float(np.sqrt(np.dot(wide, wide)))
        mean = float(flat.mean(dtype=np.float64))
        return {"min": float(low), "max": float(high), "mean": mean, "norm": norm, "nan": 0, "inf": 0}
    wide = numbers(flat)
    finite = wide[np.isfinite(wide)]
    known = finite.size > 0
    return {
        "min": float(finite.min()) if known else None,
        "max": float(finite.max()) if known else None,
        "mean": float(finite.mean()) if known else None,
        "norm": float(np.sqrt((finite * finite).sum())) if known else None,
        "nan": int(np.isnan(wide).sum()),
        "inf": int(np.isinf(wide).sum()),
    }


class Packer:
    """Collects arrays for one binary message. `known` are statistics from before: weights are large."""

    def __init__(self, limit: int, known: Measured | None = None) -> None:
        self.limit = limit
        self.index: list[dict[str, Any]] = []
        self._known = Measured() if known is None else known
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, of: str, role: str, array: Any) -> None:
        """Add the first elements of `array` (None is skipped), its range and its count of bad numbers."""
        if array is None:
            return
        flat = np.asarray(array).reshape(-1)
        kept = numbers(flat[: self.limit])
        self.index.append(
            {
                "of": of,
                "role": role,
                "shape": list(np.shape(array)),
                "offset": self._length,
                "count": int(kept.size),
                "total": int(flat.size),
                **self._known.of(array, _statistics),
            }
        )
        self._parts.append(kept.tobytes())
        self._length += int(kept.size)

    def message(self) -> dict[str, Any]:
        """The index and the bytes."""
        return {"version": VERSION, "arrays": self.index, "data": b"".join(self._parts)}


def values(scene: Scene, graph: Any = None, known: Measured | None = None) -> dict[str, Any]:
    """Previews of every value, gradient and contribution that is drawn, and what is to be known of closed groups.

    A node is named by its id, an edge by its number in the structure. A box has the value and the gradient of its
    last result.

    Args:
        scene: what is drawn. graph: take the numbers from this replay of the scene's graph.
        known: what was measured for another picture of the same graph.
    """
    graph = graph or scene.graph
    known = Measured() if known is None else known
    nodes = {node.id: node for node in graph.nodes}
    packer = Packer(PREVIEW, known)
    for name in scene.shown:
        node = nodes[scene.main(name) if name in scene.tree.groups else name]
        packer.add(name, "value", node.value)
        packer.add(name, "gradient", node.gradient)
    for number, line in enumerate(scene.lines):
        packer.add(str(number), "contribution", _contribution([graph.edges[e] for e in line.edges]))
    return {**packer.message(), "groups": health(graph, scene, known)}


def _contribution(edges: list[Any]) -> Any:
    """What flows back along a line: the sum, if all its edges lead to one tensor."""
    parts = [edge.contribution for edge in edges]
    if len(parts) == 1 or any(part is None for part in parts):
        return parts[0] if len(parts) == 1 else None
    same = len({(edge.source, edge.output) for edge in edges}) == 1
    return np.sum(parts, axis=0) if same else None


def full(graph: Any, node_id: str, of: str = "") -> dict[str, Any]:
    """Up to `FULL` elements of one node's value and gradient; `of` is the box that shows them, default the node."""
    packer = Packer(FULL)
    node = next(n for n in graph.nodes if n.id == node_id)
    packer.add(of or node_id, "value", node.value)
    packer.add(of or node_id, "gradient", node.gradient)
    return packer.message()
