"""Where two computations part: the first node whose value differs, else the first whose gradient does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import numpy as np

from .model import Graph, GraphNode


@dataclass(frozen=True)
class Difference:
    """One node at which a graph differs from a reference.

    ``node`` is its id, ``reference`` that of its counterpart (None: it has none, or the reference has a node that the
    graph lacks and ``node`` is where it is missed). ``index`` is the first element that differs, ``got`` and
    ``expected`` its two values, ``largest`` the largest distance of any element; None where nothing can be measured.
    """

    node: str
    reference: str | None
    what: Literal["operation", "shape", "type", "value", "gradient"]
    message: str
    index: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None
    largest: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)


def align(graph: Graph, reference: Graph) -> dict[str, str]:
    """Which node of ``graph`` plays the part of which node of ``reference``: ids to ids.

    Results of equal operations match: they are what was asked for. The rest is read in forward order; the longest runs
    of equal operations are matched first, so that an operation too many or too few does not shift what follows. Leaves
    and constants match where their shapes do, and of those left over the ones that have the same name too.
    """
    ours, theirs = _forward(graph), _forward(reference)
    keys = [[(n.kind == "op" and n.op, n.shape) for n in nodes] for nodes in (ours, theirs)]
    if keys[0] == keys[1]:
        return {a.id: b.id for a, b in zip(ours, theirs, strict=True)}
    pairs = {}
    if keys[0][-1] == keys[1][-1]:
        pairs[ours.pop().id] = theirs.pop().id
        keys = [keys[0][:-1], keys[1][:-1]]
    blocks = SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_matching_blocks()
    pairs |= {ours[i + k].id: theirs[j + k].id for i, j, size in blocks for k in range(size)}
    taken = set(pairs.values())
    named = {(n.title, n.shape): n.id for n in theirs if n.kind != "op" and n.title and n.id not in taken}
    for node in ours:
        if node.kind != "op" and node.id not in pairs and (node.title, node.shape) in named:
            pairs[node.id] = named.pop((node.title, node.shape))
    return {id: pairs[id] for id in graph.forward_order if id in pairs}


def differences(
    graph: Graph, reference: Graph, *, rtol: float = 1e-5, atol: float = 1e-8
) -> tuple[Difference, ...]:
    """All nodes at which ``graph`` differs from ``reference``: values in forward order, gradients in backward order.

    Element by element, |got - expected| <= atol + rtol * |expected| counts as equal; NaN equals NaN.
    """
    return tuple(_walk(graph, reference, rtol, atol))


def first_difference(
    graph: Graph, reference: Graph, *, rtol: float = 1e-5, atol: float = 1e-8
) -> Difference | None:
    """The first of ``differences``: where to look. None when the two agree."""
    return next(_walk(graph, reference, rtol, atol), None)


def _forward(graph: Graph) -> list[GraphNode]:
    by_id = {n.id: n for n in graph.nodes}
    return [by_id[id] for id in graph.forward_order]


def _walk(graph: Graph, reference: Graph, rtol: float, atol: float) -> Iterator[Difference]:
    pairs = align(graph, reference)
    theirs = {n.id: n for n in reference.nodes}
    ours = _forward(graph)
    yield from _missing(graph, reference, pairs)
    matched = [(n, theirs[pairs[n.id]]) for n in ours if n.id in pairs]
    for node, other in matched:
        if node.dtype != other.dtype:
            text = f"{_name(node)} has type {node.dtype}; the reference has {other.dtype}"
            yield Difference(node.id, other.id, "type", text)
        elif found := _apart(node, other, "value", node.value, other.value, rtol, atol):
            yield found
    for node, other in reversed(matched):
        if found := _apart(node, other, "gradient", node.gradient, other.gradient, rtol, atol):
            yield found


def _missing(graph: Graph, reference: Graph, pairs: dict[str, str]) -> Iterator[Difference]:
    """Operations without a counterpart, in forward order."""
    taken = set(pairs.values())
    spare = [n for n in _forward(reference) if n.id not in taken]
    for node in _forward(graph):
        if node.id in pairs:
            continue
        same = next((n for n in spare if (n.kind, n.op) == (node.kind, node.op)), None)
        if same is not None and same.shape == node.shape:
            spare.remove(same)
            text = f"{_name(node)} stands in another place than in the reference"
            yield Difference(node.id, same.id, "operation", text)
        elif same is not None:
            spare.remove(same)
            text = f"{_name(node)} has shape {_shape(node)}; the reference has {_shape(same)}"
            yield Difference(node.id, same.id, "shape", text)
        else:
            yield Difference(node.id, None, "operation", f"{_name(node)} is not in the reference")
    place = {theirs: ours for ours, theirs in pairs.items()}
    order = [n.id for n in _forward(reference)]
    for node in spare:
        before = next(
            (place[id] for id in order[order.index(node.id) :: -1] if id in place), graph.nodes[0].id
        )
        text = f"the reference has {_name(node)} of shape {_shape(node)} after this; it is missing here"
        yield Difference(before, node.id, "operation", text)


def _apart(
    node: GraphNode, other: GraphNode, what: Any, got: Any, expected: Any, rtol: float, atol: float
) -> Difference | None:
    """The difference of two arrays, or None when they agree or one is not known."""
    if got is None and expected is not None and what == "gradient":
        text = f"no gradient arrives at {_name(node)}; in the reference one does"
        return Difference(node.id, other.id, what, text)
    if got is None or expected is None:
        return None
    a, b = np.asarray(got), np.asarray(expected)
    if a.shape != b.shape:
        text = f"the {what} of {_name(node)} has shape {list(a.shape)}; the reference has {list(b.shape)}"
        return Difference(node.id, other.id, "shape", text)
    wide = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    a, b = a.astype(wide), b.astype(wide)
    with np.errstate(invalid="ignore", over="ignore"):
        far = np.abs(a - b)
        same = (a == b) | (np.isnan(a) & np.isnan(b)) | (far <= atol + rtol * np.abs(b))
    if same.all():
        return None
    index = tuple(int(i) for i in np.argwhere(~same)[0])
    place = f" at {list(index)}" if index else ""
    finite = far[np.isfinite(far)]
    return Difference(
        node.id, other.id, what,
        f"the {what} of {_name(node)} is {_number(a[index])}{place}; the reference has {_number(b[index])} "
        f"({int((~same).sum())} of {a.size} differ)",
        index, _plain(a[index]), _plain(b[index]), float(finite.max()) if finite.size else None,
    )  # fmt: skip


def _name(node: GraphNode) -> str:
    if node.kind == "op" and node.title and node.title != node.op:
        return f"{node.title} = {node.op}"
    return node.title or node.op or node.id


def _shape(node: GraphNode) -> str:
    return "unknown" if node.shape is None else str(list(node.shape))


def _number(v: Any) -> str:
    return f"{v:.6g}"


def _plain(v: Any) -> float:
    return float(abs(v) if isinstance(v, np.complexfloating) else v)


__all__ = ["Difference", "align", "differences", "first_difference"]
