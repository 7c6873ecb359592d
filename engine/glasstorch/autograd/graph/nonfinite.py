"""Where nan and inf come from: the first operation of the forward, and of the backward, that made them.

Three ways in. ``Graph.nonfinite()`` and ``find_nonfinite(loss)`` look at a recorded computation afterwards.
``trace_nonfinite()`` looks at every operation as it runs, also those without gradients. Anomaly mode adds the same
account to its errors. All give an ``Origin``.

An operation is an *origin* when its result holds inf though all it was given is finite, or nan though nothing it was
given is nan (inf - inf, 0 * inf, the softmax of a row of -inf). An inf that the program itself wrote, as in
``masked_fill(mask, -inf)``, is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...core.frames import user_frame
from ...core.mode import STATE
from ...core.node import AccumulateGrad, Node, Parts, Port
from ...core.op import LIST, REGISTRY, Op
from ...core.tensor import Tensor
from .accounts import (
    Nonfinite,
    Origin,
    at,
    counts,
    dtype_name,
    elementwise,
    facts,
    has_nan,
    host,
    is_odd,
    places_of,
)
from .model import Graph, GraphNode
from .recorder import Recorder, Trace, hold_recorder, release_recorder, source_of

if TYPE_CHECKING:
    from types import FrameType

_WRITTEN = re.compile(r"=\(?-?(inf|nan)\b")  # an argument that the program itself wrote


# ------------------------------------------------------------------ afterwards, on a graph
def find_nonfinite(of: Graph | Tensor) -> Nonfinite:
    """Where the nan and inf of a recorded computation come from: ``of`` is a tensor (a loss), or its ``Graph``.

    Raises RuntimeError when the computation was not recorded: run it again inside ``with record():``.
    """
    if isinstance(of, Graph):
        return of.nonfinite()
    if not isinstance(of, Tensor):
        raise TypeError(f"find_nonfinite() takes a tensor or a Graph, got {type(of).__name__}")
    from .snapshot import snapshot

    return snapshot(of).nonfinite()


def nonfinite_of(graph: Graph) -> Nonfinite:
    """What ``Graph.nonfinite()`` does."""
    if any(n.kind == "op" and n.value is None and not n.error for n in graph.nodes):
        raise RuntimeError(
            "this graph does not hold the values of its operations. Run the forward inside `with "
            "glasstorch.autograd.graph.record():` and take the snapshot again, with values=True (a graph from JSON: "
            'written with to_dict("full")).'
        )
    nodes = {n.id: n for n in graph.nodes}
    inputs: dict[str, list[tuple[str, str]]] = {n.id: [] for n in graph.nodes}
    for e in graph.edges:
        inputs[e.target].append((e.source, e.arg))
    found = Nonfinite(titles={n.id: _title(n) for n in graph.nodes})
    forward, path = _forward_origin(graph, nodes, inputs)
    if forward is not None:
        origin = _node_origin(nodes[forward], nodes, inputs[forward])
        turned = next((id for id in path[1:] if _makes_nan(nodes[id], nodes, inputs[id])), None)
        found = replace(
            found, forward=origin, forward_path=path,
            became_nan=None if turned is None or origin.nan else _node_origin(nodes[turned], nodes, inputs[turned]),
        )  # fmt: skip
    return _with_backward(found, graph, nodes, inputs)


def _title(n: GraphNode) -> str:
    """What a path calls a node: its name, and the operation where that says more."""
    return f"{n.title} ({n.op})" if n.op and n.title and n.title != n.op else n.title or n.op or n.kind


def _forward_origin(graph: Graph, nodes: dict, inputs: dict) -> tuple[str | None, tuple[str, ...]]:
    """The origin's id, and the ids from there to the root that it spoils."""
    bad = {n.id for n in graph.nodes if is_odd(n.value)}
    made = [n.id for n in graph.nodes if n.id in bad and _is_origin(n, nodes, inputs[n.id])]
    root = next((r for r in graph.roots if r in bad), None)
    if root is None:
        return (made[0], ()) if made else (None, ())
    after: dict[str, str] = {root: ""}  # each spoilt ancestor of the root, and where its elements went
    ahead = [root]
    while ahead:
        id = ahead.pop(0)
        for source, _ in inputs[id]:
            if source in bad and source not in after:
                after[source] = id
                ahead.append(source)
    start = next((id for id in made if id in after), None)
    if start is None:  # nothing was made: it was written or given
        start = next(n.id for n in graph.nodes if n.id in after)
    path = [start]
    while after[path[-1]]:
        path.append(after[path[-1]])
    return start, tuple(path)


def _is_origin(n: GraphNode, nodes: dict, inputs: list) -> bool:
    if n.kind != "op":
        return False
    given = [nodes[source].value for source, _ in inputs]
    return _makes(n.value, given, bool(_WRITTEN.search(n.args)))


def _makes(value: Any, given: list, written: bool) -> bool:
    """Did an operation make inf from finite values, or nan from values that are not nan?"""
    if written:
        return False
    return not any(is_odd(a) for a in given) or (has_nan(value) and not any(has_nan(a) for a in given))


def _makes_nan(n: GraphNode, nodes: dict, inputs: list) -> bool:
    return n.kind == "op" and has_nan(n.value) and not any(has_nan(nodes[s].value) for s, _ in inputs)


def _node_origin(n: GraphNode, nodes: dict, inputs: list) -> Origin:
    places = places_of(n.value)
    kind: Any = "given" if n.kind != "op" else "written" if _WRITTEN.search(n.args) else "made"
    same_place = elementwise(REGISTRY.get(n.op), n.shape, [nodes[s].shape for s, _ in inputs])
    return Origin(
        "forward", kind, n.op or n.title or n.kind, n.shape or (), n.dtype, *counts(n.value), places,
        at(n.value, places),
        tuple(
            facts(nodes[s].value, arg, nodes[s].title or nodes[s].op, places if same_place else (), s)
            for s, arg in inputs
        ),
        formula=n.formula, module=n.module, source=n.source, id=n.id,
    )  # fmt: skip


def _with_backward(found: Nonfinite, graph: Graph, nodes: dict, inputs: dict) -> Nonfinite:
    """Add the first operation, from the roots back, whose derivative made nan or inf, and the leaves it reaches."""
    leaving: dict[str, list] = {n.id: [] for n in graph.nodes}
    arriving: dict[str, list] = {n.id: [] for n in graph.nodes}
    for e in graph.edges:
        leaving[e.target].append(e)
        arriving[e.source].append(e)
    for id in graph.backward_order:
        n = nodes[id]
        edge = next((e for e in leaving[id] if is_odd(e.contribution)), None)
        parts_finite = not any(is_odd(e.contribution) for e in arriving[id])
        if edge is not None and not is_odd(n.gradient):
            origin = _edge_origin(n, edge, nodes, inputs[id])
        elif is_odd(n.gradient) and parts_finite and id not in graph.roots:
            places = places_of(n.gradient)
            origin = Origin("backward", "made", n.op or n.title, n.shape or (), n.dtype, *counts(n.gradient), places,
                            at(n.gradient, places), module=n.module, source=n.source, id=id)  # fmt: skip
        else:
            continue
        paths = _paths(id, leaving, nodes)
        reaches = tuple(found.titles[leaf] for leaf in paths)
        return replace(found, backward=replace(origin, reaches=reaches), backward_paths=paths)
    return found


def _edge_origin(n: GraphNode, edge: Any, nodes: dict, inputs: list) -> Origin:
    g = edge.contribution
    places = places_of(g)
    shapes = [nodes[s].shape for s, _ in inputs]
    same_place = elementwise(REGISTRY.get(n.op), n.shape, shapes) and g.shape == n.shape
    given = [facts(n.gradient, "incoming gradient", "", places if same_place else (), n.id)]
    for source, arg in inputs:
        shape = nodes[source].shape
        near = places if source == edge.source or (same_place and shape == g.shape) else ()
        given.append(facts(nodes[source].value, arg, nodes[source].title or nodes[source].op, near, source))
    return Origin(
        "backward", "made", n.op, g.shape, str(g.dtype), *counts(g), places, at(g, places), tuple(given), arg=edge.arg,
        formula=edge.formula, module=n.module, source=n.source, id=n.id,
    )  # fmt: skip


def _paths(start: str, leaving: dict, nodes: dict) -> dict[str, tuple[str, ...]]:
    """The shortest way along spoilt gradients from a node to each leaf."""
    way: dict[str, tuple[str, ...]] = {start: (start,)}
    ahead = [start]
    while ahead:
        id = ahead.pop(0)
        for e in leaving[id]:
            if is_odd(e.contribution) and e.source not in way:
                way[e.source] = (*way[id], e.source)
                ahead.append(e.source)
    return {id: p for id, p in way.items() if nodes[id].kind == "leaf"}


# ------------------------------------------------------------------ in anomaly mode
def gradient_origin(node: Node, k: int, grad: Any, g: Any) -> Origin:
    """The account of a derivative that gave nan: ``grad`` for input number ``k``, from the output's ``g``.

    What the inputs were is known when the forward ran in anomaly mode or was recorded.
    """
    grad, places = host(grad), places_of(grad)
    trace = node.extra.trace if node.extra is not None else None
    incoming = g[min(g)] if isinstance(g, Parts) else g
    incoming = host(incoming._a if isinstance(incoming, Tensor) else incoming)
    args = tensor_args(trace.op, trace.args) if isinstance(trace, Trace) else []
    shapes = [tuple(t.shape) for _, t in args if t is not None]
    same_place = elementwise(node.op, incoming.shape, shapes)
    given = [
        facts(
            incoming, "incoming gradient", "", places if incoming.shape == grad.shape and same_place else ()
        )
    ]
    for j, (arg, t) in enumerate(args):
        if t is not None:
            near = places if j == k or (same_place and tuple(t.shape) == grad.shape) else ()
            given.append(facts(host(t._a), arg, _name(t), near))
    names = [arg for arg, _ in args]
    arg = names[k] if k < len(names) else f"number {k}"
    return Origin(
        "backward", "made", node.name(), grad.shape, dtype_name(grad), *counts(grad), places, at(grad, places),
        tuple(given), arg=arg, formula=node.op.derivative_formulas.get(arg, "") if node.op is not None else "",
        module="" if trace is None else trace.module,
        source=None if trace is None or trace.source is None else _source_dict(trace.source),
        reaches=tuple(_leaves(node.edges[k])),
    )  # fmt: skip


def _leaves(edge: Any) -> Iterator[str]:
    """The leaves behind an edge, each with the nodes on the shortest way to it."""
    seen: set[Any] = set()
    ahead: list[tuple[Any, tuple[str, ...]]] = [(edge, ())]
    while ahead:
        e, way = ahead.pop(0)
        if e is None or e in seen:
            continue
        seen.add(e)
        if isinstance(e, Tensor):
            name = _name(e) or f"a leaf of shape {list(e.shape)}"
            yield name if not way else f"{name} (by way of {' → '.join(way)})"
        elif not isinstance(e, AccumulateGrad):
            step = () if isinstance(e, Port) else (e.name(),)
            ahead += [(further, way + step) for further in e.edges]


# ------------------------------------------------------------------ while it runs
class trace_nonfinite:
    """Look at the result of every operation, for a ``with`` block; ``first`` is the ``Origin`` of the first nan or inf.

    ``stop``: raise FloatingPointError there and then, with the account as its message. Operations without
    gradients are looked at too, such as those that prepare data. The block is also recorded, as by ``record()``.

    Each operation costs one more pass over its result.
    """

    def __init__(self, *, stop: bool = False) -> None:
        self.stop = stop
        self.first: Origin | None = None

    def __enter__(self) -> trace_nonfinite:
        hold_recorder("trace")
        self._around, STATE.recorder = STATE.recorder, _Tracer(STATE.recorder, self)
        return self

    def __exit__(self, *exc: Any) -> None:
        STATE.recorder = self._around
        release_recorder("trace")


class _Tracer(Recorder):
    """A recorder that looks at results too."""

    def __init__(self, around: Recorder, report: trace_nonfinite) -> None:
        self._local, self.holders, self._around, self._report = around._local, around.holders, around, report

    def copied(self, copy: Tensor, original: Tensor) -> None:
        self._around.copied(copy, original)

    def wrote(self, tensor: Tensor, values: Tensor) -> None:
        self._around.wrote(tensor, values)

    def note(self, op: Op, args: tuple, outputs: list, frame: FrameType | None = None) -> None:
        self._around.note(op, args, outputs, frame := frame or user_frame())
        if self._report.first is not None:
            return
        bad = next((o for o in outputs if is_odd(o._a)), None)
        if bad is None:
            return
        tensors = [(arg, t) for arg, t in tensor_args(op, args) if t is not None]
        if not _makes(host(bad._a), [t._a for _, t in tensors], any(_is_odd_number(a) for a in args)):
            return
        value = host(bad._a)
        places = places_of(value)
        same_place = elementwise(op, value.shape, [tuple(t.shape) for _, t in tensors])
        source = source_of(frame)
        self._report.first = origin = Origin(
            "forward", "made", op.label, value.shape, dtype_name(bad._a), *counts(value), places, at(value, places),
            tuple(facts(host(t._a), arg, _name(t), places if same_place else ()) for arg, t in tensors),
            formula=op.formula, module=self.module(), source=None if source is None else _source_dict(source),
        )  # fmt: skip
        if self._report.stop:
            raise FloatingPointError(str(origin))


def _is_odd_number(a: Any) -> bool:
    return isinstance(a, float) and not math.isfinite(a)


# ------------------------------------------------------------------ the arguments of an operation
def tensor_args(op: Op, args: tuple) -> list[tuple[str, Tensor | None]]:
    """An operation's tensor arguments by name, one for each edge of its node; None for a number."""
    out: list[tuple[str, Tensor | None]] = []
    for i in op.tensor_params:
        several = op.params[i].kind == LIST and not isinstance(args[i], Tensor)
        for t in args[i] if several else (args[i],):
            out.append((op.params[i].name, t if isinstance(t, Tensor) else None))
    return out


def _name(t: Tensor) -> str:
    """What to call a tensor: its variable's or parameter's name, else the operation that made it."""
    if t._x is not None and t._x.name:
        return t._x.name
    return t._node.name() if t._node is not None else ""


def _source_dict(source: Any) -> dict[str, Any]:
    return {"file": source.file, "line": source.line, "text": source.text}


__all__ = ["find_nonfinite", "gradient_origin", "nonfinite_of", "tensor_args", "trace_nonfinite"]
