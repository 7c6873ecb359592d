"""``Tape``: a forward as it ran, with the operations that no gradient flows through."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.op import Op
from ...core.tensor import Tensor
from .model import Graph, GraphEdge, GraphNode
from .recorder import Recorder, Trace
from .snapshot import args_text


@dataclass
class Entry:
    """One node of the tape: a tensor that was there before (``op`` empty), an operation, or a write into a view."""

    id: str
    op: str
    title: str
    arrays: tuple  # its outputs
    requires_grad: bool
    inputs: list[tuple[tuple[str, int], str]] = field(default_factory=list)  # ((id, output), argument)
    trace: Trace | None = None
    module: str = ""


class Tape(Recorder):
    """Records every operation of this thread inside a ``with`` block, in order, in any gradient mode.

    ``snapshot`` reads the graph that autograd keeps, so it knows only what gradients flow through; a tape also
    has integer operations, ``no_grad`` and ``inference_mode``. It keeps every intermediate value while it lives.
    A tensor made outside, or by a function that is no operation, is a leaf or a constant of the graph.
    """

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._thread = threading.get_ident()
        self._made: dict[int, tuple[str, int]] = {}  # by array: two tensors may share one, as after detach()
        self._alive: list[Any] = []  # the arrays, so that none gets another's place in memory

    # ------------------------------------------------------------------ what the engine tells
    def given(self, tensor: Tensor, title: str) -> str:
        """Name a tensor before the forward begins; the id of its node. One memory has one node, the first."""
        known = self._made.get(id(tensor._a))
        return known[0] if known is not None else self._add_given(tensor, title)[0]

    def _keep(self, op: Op, args: tuple, outputs: list, frame: FrameType | None) -> None:
        if threading.get_ident() != self._thread:
            return
        super()._keep(op, args, outputs, frame)
        trace = self._trace(op, args, outputs, frame)
        inputs = [
            (ref, p.name)
            for p, a in zip(op.params, args, strict=True)
            for part in (a if isinstance(a, (list, tuple)) else (a,))
            if (ref := self._ref(part)) is not None
        ]
        self._add(op.label, "", trace.outputs, any(o._rg for o in outputs), inputs).trace = trace

    def copied(self, copy: Tensor, original: Tensor) -> None:
        if threading.get_ident() == self._thread:
            self._name(copy._a, self._ref(original))

    def wrote(self, tensor: Tensor, values: Tensor) -> None:
        if threading.get_ident() != self._thread:
            return
        made, base = self._ref(values), tensor._x.base if tensor._x is not None else None
        if base is not None:  # the tensor that owns the memory has new values, too
            inputs = [(self._ref(base), "self"), (made, "values")]
            self._add("write into view", "", (base._a,), base._rg or values._rg, inputs)
        self._name(tensor._a, made)

    # ------------------------------------------------------------------ keeping
    def _name(self, array: Any, ref: tuple[str, int]) -> None:
        self._made[id(array)] = ref
        self._alive.append(array)

    def _add(self, op: str, title: str, arrays: tuple, rg: bool, inputs: list) -> Entry:
        module = self._stack()[-1] if self._stack() else ""
        entry = Entry(f"n{len(self.entries)}", op, title, arrays, rg, inputs, module=module)
        self.entries.append(entry)
        for k, a in enumerate(arrays):
            self._name(a, (entry.id, k))
        return entry

    def _add_given(self, t: Tensor, title: str) -> tuple[str, int]:
        return self._add("", title, (t._a,), t._rg, []).id, 0

    def _ref(self, value: Any) -> Any:
        """Where a tensor came from: (id, output). None for what is no tensor, and for arrays of unknown origin."""
        if not isinstance(value, Tensor):
            return self._made.get(id(value))
        known = self._made.get(id(value._a))
        if known is None:
            name = value._x.name if value._x is not None else None
            known = self._add_given(value, name or "")
        return known

    # ------------------------------------------------------------------ the picture
    def where(self, tensor: Tensor) -> tuple[str, int]:
        """The id of the node that made a tensor, and which of its outputs the tensor is."""
        return self._ref(tensor)

    def shapes(self, id: str) -> list[tuple[int, ...]]:
        """The shapes of all outputs of a node."""
        return [tuple(a.shape) for a in self.entries[int(id[1:])].arrays]

    def graph(self, *roots: Tensor) -> Graph:
        """Everything that ``roots`` were computed from, without values. It cannot be replayed.

        Raises TypeError for roots that are no tensors, or for none.
        """
        if not roots or not all(isinstance(r, Tensor) for r in roots):
            raise TypeError(
                f"graph() takes tensors, got {', '.join(type(r).__name__ for r in roots) or 'none'}"
            )
        ends = [self._ref(r)[0] for r in roots]
        wanted = set(ends)
        for entry in reversed(self.entries):
            if entry.id in wanted:
                wanted.update(id for (id, _), _ in entry.inputs)
        kept = [e for e in self.entries if e.id in wanted]
        edges = tuple(
            GraphEdge(source, e.id, arg, self._slope(e, arg), output)
            for e in kept
            for (source, output), arg in e.inputs
        )
        return Graph(tuple(_node(e) for e in kept), edges, tuple(ends), True)

    @staticmethod
    def _slope(entry: Entry, arg: str) -> str:
        return entry.trace.op.derivative_formulas.get(arg, "") if entry.trace is not None else ""


def _node(e: Entry) -> GraphNode:
    a, trace = e.arrays[0], e.trace
    device, index = backends.place(a)
    source = trace.source if trace is not None else None
    return GraphNode(
        id=e.id, kind="op" if e.op else "leaf" if e.requires_grad else "constant", op=e.op,
        title=e.title or e.op, shape=tuple(a.shape), dtype=dt.from_numpy_dtype(a.dtype).name,
        device=device if index is None else f"{device}:{index}", bytes=int(a.nbytes), requires_grad=e.requires_grad,
        module=e.module,
        source=None if source is None else {"file": source.file, "line": source.line, "text": source.text},
        formula=trace.op.formula if trace is not None else "",
        args=args_text(trace, 200) if trace is not None else "",
    )  # fmt: skip
