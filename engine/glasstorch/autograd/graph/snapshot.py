"""From live tensors to a ``Graph``: walk the nodes, compute gradients privately, and run it all again on request."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import numpy as np

from ... import backends
from ...core import dtype as dt
from ...core.derive import node_gradients
from ...core.dispatch import general
from ...core.frames import user_frame
from ...core.mode import STATE, set_thread
from ...core.node import Node, Parts, Port
from ...core.op import LIST, Op
from ...core.tensor import Tensor, wrap
from .calls import placed
from .model import Graph, GraphEdge, GraphNode
from .recorder import Applied, Trace, variable_name


def snapshot(*roots: Tensor, values: bool = True, gradients: bool = True) -> Graph:
    """The graph of everything ``roots`` were computed from.

    ``values``: keep the value of each node (known for leaves always, for operations when they were recorded).
    ``gradients``: also compute the gradient at each node and the part that flows along each edge, privately:
    no ``.grad`` changes and no hook runs. The roots' own gradients are ones.

    Raises TypeError for arguments that are no tensors; RuntimeError when a root has no history to show.
    """
    for r in roots:
        if not isinstance(r, Tensor):
            raise TypeError(f"snapshot() takes tensors, got {type(r).__name__}")
    if not roots:
        raise TypeError("snapshot() needs at least one tensor")
    program = Program.of(roots, user_frame(sys._getframe(1)))
    if gradients and any(r._rg for r in roots) and program.freed and program.complete:
        fresh = program.run({})  # the graph was used up by a backward: make it again
        return program.picture(fresh, values, gradients)
    return program.picture(program.live, values, gradients and not program.freed)


@dataclass
class Step:
    """One node of the picture: a tensor that was given (``op`` None), or an operation and its arguments."""

    id: str
    op: Op | None
    args: tuple
    trace: Trace | Applied | None
    tensor: Tensor | None  # leaves and constants
    node: Node | None
    inputs: list[tuple[str, str, int]]  # (id, argument name, output number) for each edge
    title: str


@dataclass
class Ref:
    """An argument that another step makes."""

    id: str
    output: int


@dataclass
class Live:
    """The tensors and nodes of one run: by step id."""

    values: dict[str, tuple]
    nodes: dict[str, Any]  # Node, or the leaf Tensor
    roots: list[Any]


class Program:
    """The steps of a graph in forward order, and how to run them."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.by_key: dict[Any, str] = {}
        self.roots: list[tuple[str, int]] = []
        self.root_arrays: dict[tuple[str, int], Any] = {}
        self.keep_alive: list[Any] = []
        # The leaves as the first picture shows them: an optimizer may have moved them since.
        self.seen: dict[str, np.ndarray] = {}

    # ------------------------------------------------------------------ reading the live graph
    @classmethod
    def of(cls, roots: Sequence[Tensor], frame: Any) -> Program:
        self = cls()
        for node in _forward_order(roots):
            self._add_node(node)
        for r in roots:
            key = r._node.edges[0] if isinstance(r._node, Port) else r._node
            self.roots.append((self.by_key[key] if key is not None else self._add_given(r), r.output_nr))
            self.root_arrays[self.roots[-1]] = r._a
        names = {}
        if frame is not None:
            for step in self.steps:
                if step.tensor is not None and not step.title:
                    names[step.id] = variable_name(step.tensor, frame)
            for scope in (frame.f_globals, frame.f_locals):
                for name, v in list(scope.items()):
                    if isinstance(v, Tensor) and isinstance(v._node, Node) and not name.startswith("_"):
                        key = v._node.edges[0] if isinstance(v._node, Port) else v._node
                        if key in self.by_key:
                            names[self.by_key[key]] = name
        for step in self.steps:
            step.title = step.title or names.get(step.id) or ""
        return self

    def _new(self, **fields: Any) -> Step:
        step = Step(id=f"n{len(self.steps)}", **fields)
        self.steps.append(step)
        return step

    def _add_given(self, t: Tensor) -> str:
        key = ("tensor", id(t))
        if key not in self.by_key:
            self.keep_alive.append(t)
            title = t._x.name if t._x is not None and t._x.name else ""
            step = self._new(op=None, args=(), trace=None, tensor=t, node=None, inputs=[], title=title)
            self.by_key[key] = step.id
        return self.by_key[key]

    def _edge(self, edge: Any) -> Ref:
        if isinstance(edge, Port):
            return Ref(self.by_key[edge.edges[0]], edge.nr)
        return Ref(self.by_key[edge], 0) if isinstance(edge, Node) else Ref(self._add_given(edge), 0)

    def _argument(self, name: str, given: Any, edge: Any, inputs: list[tuple[str, str, int]]) -> Any:
        """A recorded argument, or the ``Ref`` to what makes it, which is added to ``inputs``."""
        if edge is None and not isinstance(given, Tensor):
            return given
        ref = self._edge(edge) if edge is not None else Ref(self._add_given(given), 0)
        inputs.append((ref.id, name, ref.output))
        return ref

    def _add_node(self, node: Node) -> None:
        trace = node.extra.trace if node.extra is not None else None
        op, args = node.op, list[Any]()
        inputs: list[tuple[str, str, int]] = []
        edges = list(node.edges)
        if isinstance(trace, Applied):
            names = trace.function._argument_names(len(edges))
            args = [self._argument(*one, inputs) for one in zip(names, trace.args, edges, strict=True)]
        elif trace is not None:
            at = 0
            for i, (p, a) in enumerate(zip(trace.op.params, trace.args, strict=True)):
                if i not in trace.op.tensor_params:
                    args.append(a)
                    continue
                several = p.kind == LIST and not isinstance(a, Tensor)
                refs: list[Any] = []
                for t in a if several else (a,):
                    edge, at = edges[at], at + 1
                    refs.append(self._argument(p.name, t, edge, inputs))
                args.append(refs if several else refs[0])
        else:
            for k, edge in enumerate(edges):
                if edge is not None:
                    ref = self._edge(edge)
                    inputs.append((ref.id, _param(op, k), ref.output))
        step = self._new(
            op=op, args=tuple(args), trace=trace, tensor=None, node=node, inputs=inputs, title=""
        )
        self.by_key[node] = step.id

    # ------------------------------------------------------------------ running
    @property
    def freed(self) -> bool:
        """Was some node's memory freed by a backward?"""
        return any(s.node is not None and s.node.saved is None for s in self.steps)

    @property
    def complete(self) -> bool:
        """Was every operation recorded, so that all can be run again?"""
        return all(s.tensor is not None or s.trace is not None for s in self.steps)

    @property
    def live(self) -> Live:
        """The computation as it was."""
        values = {
            s.id: (s.tensor._a,) if s.tensor is not None else (s.trace.outputs if s.trace else ())
            for s in self.steps
        }
        nodes = {s.id: s.node if s.node is not None else s.tensor for s in self.steps}
        return Live(values, nodes, [])

    def run(self, changes: dict[str, Any]) -> Live:
        """Run every step again, on new leaves."""
        made: dict[str, tuple] = {}

        def fill(a: Any) -> Any:
            if isinstance(a, Ref):
                return made[a.id][a.output]
            return [fill(b) for b in a] if isinstance(a, list) and a and isinstance(a[0], Ref) else a

        recorder, STATE.recorder = STATE.recorder, None
        old = set_thread("grad", True)
        try:
            for s in self.steps:
                if s.tensor is not None:
                    t = wrap(changes.get(s.id, s.tensor._a))
                    t._rg = s.tensor._rg
                    made[s.id] = (t,)
                else:
                    assert s.trace is not None
                    given = tuple(fill(a) for a in s.args)
                    if isinstance(s.trace, Applied):
                        out = s.trace.function.apply(*given)
                    else:
                        out = general(s.trace.op, given)
                    made[s.id] = tuple(out) if isinstance(out, (tuple, list)) else (out,)
        finally:
            set_thread("grad", old)
            STATE.recorder = recorder
        nodes: dict[str, Any] = {}
        for s in self.steps:
            first = next((t for t in made[s.id] if t._node is not None), made[s.id][0])
            nodes[s.id] = first if s.tensor is not None else first.grad_fn
        live = Live({k: tuple(t._a for t in v) for k, v in made.items()}, nodes, [])
        live.roots = list(made.values())  # keeps the new graph alive until its picture is taken
        return live

    def replay(self, graph: Graph, changes: dict[str, Any]) -> Graph:
        arrays = {}
        for id, value in {**self.seen, **changes}.items():
            step = next((s for s in self.steps if s.id == id), None)
            if step is None or step.tensor is None:
                raise ValueError(f"{id!r} is no leaf or constant of this graph: only those can be changed")
            like = step.tensor._a
            a = np.asarray(value)
            if a.shape != like.shape:
                raise ValueError(f"{id!r} has shape {list(like.shape)}; the new value has {list(a.shape)}")
            arrays[id] = backends.move(a.astype(like.dtype), *backends.place(like))
        if not self.complete:
            raise RuntimeError(
                "this graph cannot be replayed: part of it was not recorded. Run the whole forward inside "
                "`with glasstorch.autograd.graph.record():` and take the snapshot again."
            )
        return self.picture(self.run(arrays), True, any(n.gradient is not None for n in graph.nodes))

    # ------------------------------------------------------------------ the picture
    def picture(self, live: Live, values: bool, gradients: bool) -> Graph:
        """The immutable ``Graph`` of one run."""
        grads, parts = self._gradients(live) if gradients else ({}, {})
        calls, call = placed(self.steps)
        copies = _Copies(live)
        nodes, edges = [], []
        for s in self.steps:
            arrays = live.values[s.id]
            g = grads.get(s.id)
            a = arrays[0] if arrays else self.root_arrays.get((s.id, 0))
            like = a if a is not None else g if g is not None else _saved_output(s.node)
            place = backends.place(like) if like is not None else ("cpu", None)
            nodes.append(GraphNode(
                id=s.id, kind="op" if s.tensor is None else "leaf" if s.tensor._rg else "constant",
                op=_op_name(s), title=s.title or _op_name(s),
                shape=None if like is None else tuple(like.shape),
                dtype="" if like is None else dt.from_numpy_dtype(like.dtype).name,
                device=place[0] if place[1] is None else f"{place[0]}:{place[1]}",
                bytes=0 if like is None else int(like.nbytes), requires_grad=s.tensor is None or s.tensor._rg,
                module=s.trace.module if s.trace else "",
                source={"file": s.trace.source.file, "line": s.trace.source.line, "text": s.trace.source.text}
                if s.trace and s.trace.source else None,
                formula=s.op.formula if s.op is not None else "",
                args=args_text(s.trace) if isinstance(s.trace, Trace) else "",
                value=copies.of(a) if values and a is not None else None, gradient=None if g is None else copies.of(g),
                call=call.get(s.id),
            ))  # fmt: skip
            for k, (source, arg, output) in enumerate(s.inputs):
                part = parts.get((s.id, k))
                formula = s.op.derivative_formulas.get(arg, "") if s.op is not None else ""
                edges.append(
                    GraphEdge(source, s.id, arg, formula, output, None if part is None else copies.of(part))
                )
        self.seen = self.seen or {n.id: n.value for n in nodes if n.kind != "op" and n.value is not None}
        recorded = self.complete and any(s.trace is not None for s in self.steps)
        return Graph(
            tuple(nodes),
            tuple(edges),
            tuple(id for id, _ in self.roots),
            recorded,
            self if recorded else None,
            calls,
        )

    def _gradients(self, live: Live) -> tuple[dict, dict]:
        """Gradient at each step and contribution along each edge, by a walk that leaves no trace."""
        totals: dict[str, Any] = {}
        parts: dict[tuple[str, int], Any] = {}
        for id, nr in self.roots:
            arrays = live.values[id]
            like = arrays[nr] if arrays else self.root_arrays[id, nr]
            if not isinstance(live.nodes[id], Tensor) or live.nodes[id]._rg:
                one = backends.namespace(like).ones_like(like)
                several = len(arrays) > 1 or _gives_several(live.nodes[id])
                totals[id] = _plus(totals.get(id), Parts({nr: one}) if several else one)
        for s in reversed(self.steps):
            g = totals.get(s.id)
            if g is None or s.tensor is not None:
                continue
            edges = self._edge_slots(s, live)
            for k, (slot, part) in enumerate(
                zip(edges, _in_order(node_gradients(live.nodes[s.id], g), edges), strict=True)
            ):
                if slot is None or part is None:
                    continue
                parts[s.id, k] = part
                source, _, output = s.inputs[k]
                if len(live.values[source]) > 1 or _gives_several(live.nodes[source]):
                    part = Parts({output: part})
                totals[source] = _plus(totals.get(source), part)
        return {
            k: (v.get(0, next(iter(v.values()))) if isinstance(v, Parts) else v) for k, v in totals.items()
        }, parts

    def _edge_slots(self, s: Step, live: Live) -> list[int | None]:
        """For each drawn edge of a step: its place among the node's edges, None when no gradient flows along it."""
        edges = live.nodes[s.id].edges
        if s.trace is None:
            return [k for k, e in enumerate(edges) if e is not None]
        if isinstance(s.trace, Applied):
            given = zip(s.trace.args, edges, strict=True)
            return [k if e is not None else None for k, (a, e) in enumerate(given) if isinstance(a, Tensor)]
        out: list[int | None] = []
        at = 0
        for i in s.trace.op.tensor_params:
            a = s.trace.args[i]
            several = s.trace.op.params[i].kind == LIST and not isinstance(a, Tensor)
            for t in a if several else (a,):
                if isinstance(t, Tensor):
                    out.append(at if edges[at] is not None else None)
                at += 1
        return out


def _gives_several(node: Any) -> bool:
    """Does the node take the gradients of several outputs together? It may have just one, as ``unbind`` of a row."""
    op = getattr(node, "op", None)
    return op is not None and op.several


def _in_order(grads: tuple, slots: list) -> list:
    return [None if k is None else grads[k] for k in slots]


def _plus(a: Any, b: Any) -> Any:
    return b if a is None else a + b


def _forward_order(roots: Sequence[Tensor]) -> list[Node]:
    """The nodes behind ``roots``, in the order they were recorded."""
    seen: set[Node] = set()
    heap: list = []

    def push(e: Any) -> None:
        node = e.edges[0] if isinstance(e, Port) else e
        if isinstance(node, Node) and node not in seen:
            seen.add(node)
            heappush(heap, (-node._seq, node))

    for r in roots:
        push(r._node)
    order = []
    while heap:
        node = heappop(heap)[1]
        order.append(node)
        for e in node.edges:
            push(e)
    return order[::-1]


def _param(op: Op | None, k: int) -> str:
    if op is None:
        return f"input{k}"
    names = [op.params[i].name for i in op.tensor_params]
    return names[min(k, len(names) - 1)]


def _op_name(s: Step) -> str:
    """What to call an operation; empty for leaves and constants."""
    if isinstance(s.trace, Applied):
        return str(s.trace.function.__name__)
    return s.op.label if s.op is not None else s.node.name() if s.node is not None else ""


def _saved_output(node: Node | None) -> Any:
    """The output of a node that was not recorded, when the node keeps it for its gradient."""
    if node is None or node.op is None or not node.saved or "out" not in node.op.saves:
        return None
    a = node.saved[node.op.saves.index("out")]
    return a[0] if isinstance(a, tuple) else a


def args_text(trace: Trace, longest: int = 40) -> str:
    """The arguments that are no tensors and not at their defaults; each is cut off after ``longest`` characters."""
    shown = []
    for p, a in zip(trace.op.params, trace.args, strict=True):
        if isinstance(a, Tensor) or (p.kind and not isinstance(a, (int, float, complex))) or a is p.default:
            continue
        text = "…" if hasattr(a, "shape") else repr(a)
        if p.default is p.empty or a != p.default:
            shown.append(f"{p.name}={text if len(text) < longest else text[: longest - 3] + '…'}")
    return ", ".join(shown)


class _Copies:
    """Arrays in host memory that later changes cannot reach: each is copied once, and only if something may change it.

    A gradient that the walk made is nobody else's. What the graph itself holds, and views, are copied.
    """

    def __init__(self, live: Live) -> None:
        self._shared = {id(a) for arrays in live.values.values() for a in arrays}
        self._made: dict[
            int, tuple[Any, np.ndarray]
        ] = {}  # the original stays alive, so that its id stays its own

    def of(self, a: Any) -> np.ndarray:
        if id(a) not in self._made:
            out = np.asarray(backends.move(a, "cpu", None))
            if id(a) in self._shared or out.base is not None or not out.flags.owndata:
                out = np.array(out, copy=True)
            out.setflags(write=False)
            self._made[id(a)] = a, out
        return self._made[id(a)][1]
