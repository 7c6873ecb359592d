"""The walk through the graph.

Nodes run in the reverse of the order in which they were recorded (a heap on the sequence number): when a
node's turn comes, every gradient that flows into it has arrived. No recursion, so depth is no limit. The
walk works on arrays; with ``create_graph`` on tensors, so that it is itself recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush, heappushpop
from typing import Any

import numpy as np

from .. import backends
from .derive import HOST, check_versions, fixed, functions_of, stale, unpack
from .functions import TENSORS
from .mode import STATE, THREAD, set_thread
from .node import AccumulateGrad, GradientEdge, Node, Parts, several_outputs
from .tensor import Tensor, wrap

HostArray = backends.HostArray


class Walk:
    """One walk through a graph."""

    def __init__(self, create_graph: bool, keep: bool, record: bool | None = None) -> None:
        """``create_graph``: compute on tensors; ``record``: and record that (the same, unless given)."""
        self.create, self.keep = create_graph, keep
        self.record = create_graph if record is None else record
        self.taken: set[int] = (
            set()
        )  # arrays that somebody already holds: not to be given to a leaf as they are

    def run(self, roots: Sequence[Tensor], gradients: list, inputs: list | None, accumulate: bool) -> list:
        captures: dict[Any, Any] = {}
        needed = None
        if inputs is not None:
            keys = [place_of(t) for t in inputs]
            captures = dict.fromkeys(keys)
            needed = _needed(roots, captures)
        pending: dict[Any, Any] = {}
        heap: list = []
        for t, g in zip(roots, gradients, strict=True):
            key = place_of(t)
            self.taken.add(id(g))
            if isinstance(t, GradientEdge) and key is t.node and several_outputs(key):
                g = Parts({t.output_nr: g})
            if key in pending:
                pending[key] = pending[key] + g
            else:
                pending[key] = g
                if key._seq:
                    heappush(heap, (-key._seq, key))
        old = set_thread("grad", self.record)
        outer = THREAD.watch
        anomaly = self.anomaly = STATE.anomaly
        around = None if anomaly is None else anomaly.start(pending)
        self.captures, self.everywhere = captures, inputs is None
        profiler = THREAD.profiler if STATE.special else None
        if profiler is not None:
            self._accumulate = profiler.accumulating(self._accumulate)  # type: ignore[method-assign]
        if STATE.watched:
            from .watched import Watch, give_turns

            THREAD.watch = Watch([place_of(t) for t in roots], needed, captures)
            give_turns(self, THREAD.watch, pending, heap, needed)
        try:
            self._loop(pending, heap, needed, captures, profiler)
            for leaf, g in pending.items():  # only leaves are left
                self.finish_leaf(leaf, g)
            if inputs is None:
                return []
            found = [_part(captures[k], t) for k, t in zip(keys, inputs)]
            if accumulate:
                for t, g in zip(inputs, found, strict=True):
                    if g is not None:
                        self._accumulate(t, g)
                        if t._node is None:
                            self._leaf_done(t)
                return []
            return [None if g is None else self._as_tensor(g) for g in found]
        except Exception as error:
            if anomaly is not None:
                anomaly.explain(error)
            raise
        finally:
            if anomaly is not None:
                anomaly.end(around)
            THREAD.watch = outer
            set_thread("grad", old)

    def _loop(self, pending: dict, heap: list, needed: set | None, captures: dict, profiler: Any) -> None:
        create, keep = self.create, self.keep
        ahead: Any = None  # a node just found; along a chain it is the next one and never enters the heap
        while heap or ahead is not None:
            if ahead is None:
                node = heappop(heap)[1]
            elif heap:
                node = heappushpop(heap, (-ahead._seq, ahead))[1]
                ahead = None
            else:
                node, ahead = ahead, None
            g = pending.pop(node)
            if node.extra is not None:
                g = self._before(node, g)
            if needed is not None:  # only some gradients are asked for
                if node in captures:
                    captures[node] = g
                    self.taken.add(id(g))
                if node not in needed:
                    continue
            saved = node.saved
            if saved is None:
                raise RuntimeError(
                    "Trying to backward through the graph a second time (or directly access saved tensors after they "
                    "have already been freed). Saved intermediate values of the graph are freed when you call "
                    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
                    "graph a second time or if you need to access saved tensors after calling backward."
                )
            v = node.versions
            if v is not None and (
                v[0][0] != v[1] or (len(v) > 2 and (v[2][0] != v[3] or (len(v) > 4 and stale(v))))
            ):
                check_versions(node)
            if create:
                F: Any = TENSORS
                saved = unpack(node)
            elif g.__class__ is HostArray:
                F = HOST
            else:
                F = functions_of(g)
            fix = node.fix
            if profiler is not None:
                grads = profiler.node(node, F, g, saved)
            elif fix is None:
                grads = node.run(F, g, saved)
            else:
                grads = fixed(node, F, g, saved, fix)
            if not keep and saved and node.frees:
                node.saved = None
            if node.extra is not None:
                grads = self._after(node, grads, g)
            for edge, gi in zip(node.edges, grads):
                if edge is None or gi is None:
                    continue
                if edge in pending:
                    pending[edge] = pending[edge] + gi
                elif needed is None or edge in needed or edge in captures:
                    pending[edge] = gi
                    if edge._seq:
                        if ahead is None:
                            ahead = edge
                        else:
                            heappush(heap, (-edge._seq, edge))

    # ------------------------------------------------------------------ leaves
    def finish_leaf(self, leaf: Tensor, g: Any) -> None:
        """All of a leaf's gradient is there: hooks, then ``.grad`` or the result."""
        if self.everywhere:
            self._to_leaf(leaf, g)
        elif leaf in self.captures:
            self.captures[leaf] = self._leaf_hooks(leaf, g)

    def _to_leaf(self, leaf: Tensor, g: Any) -> None:
        g = self._leaf_hooks(leaf, g)
        if g is None:
            return
        self._accumulate(leaf, g)
        self._leaf_done(leaf)

    def _leaf_done(self, leaf: Tensor) -> None:
        if leaf._x is not None and leaf._x.post_hooks:
            for hook in list(leaf._x.post_hooks.values()):
                hook(leaf)

    def _leaf_hooks(self, leaf: Tensor, g: Any) -> Any:
        if leaf._x is not None and leaf._x.hooks:
            g = self._call_hooks(leaf._x.hooks, g)
        return g

    def _accumulate(self, leaf: Tensor, g: Any) -> None:
        old = leaf._grad
        if self.create:
            leaf._grad = g if old is None else old + g
        elif old is None:
            leaf._grad = wrap(self._owned(g))
        elif old._rg:
            leaf._grad = old + wrap(g)
        else:
            old._a[...] += g
            old._v[0] += 1

    def _owned(self, g: Any) -> Any:
        """An array that nobody else holds: the gradient itself when the walk made it, else a copy."""
        if g.__class__ is not HostArray and isinstance(g, np.generic):
            return np.asarray(g)
        if g.base is not None or id(g) in self.taken:
            return g.copy()
        self.taken.add(id(g))
        return g

    def _as_tensor(self, g: Any) -> Tensor:
        return g if isinstance(g, Tensor) else wrap(self._owned(g))

    # ------------------------------------------------------------------ hooks
    def _call_hooks(self, hooks: dict, g: Any) -> Any:
        for hook in list(hooks.values()):
            t = g if isinstance(g, Tensor) else wrap(np.asarray(g) if isinstance(g, np.generic) else g)
            self.taken.add(id(t._a))
            out = hook(t)
            if out is not None:
                if not isinstance(out, Tensor):
                    raise TypeError(f"expected Variable, but hook returned '{type(out).__name__}'")
                if out._a.shape != t._a.shape:
                    raise RuntimeError(f"hook '{_name(hook)}' has changed the size of value")
                g = out if self.create else out._a
                self.taken.add(id(out._a))
        return g

    def _before(self, node: Node, g: Any) -> Any:
        x = node.extra
        assert x is not None
        if self.anomaly is not None:
            self.anomaly.enter(node)
        if x.tensor_hooks:
            g = self._call_hooks(x.tensor_hooks, g)
        if x.pre:
            for hook in list(x.pre.values()):
                out = hook(self._tensors_of(node, g))
                if out is not None:
                    out = out if isinstance(out, tuple) else (out,)
                    g = (
                        Parts({k: self._raw(o) for k, o in enumerate(out)})
                        if isinstance(g, Parts)
                        else self._raw(out[0])
                    )
        if x.retain is not None:
            t = x.retain()
            if t is not None:
                new = g if self.create else wrap(np.asarray(g) if isinstance(g, np.generic) else g.copy())
                t._grad = new if t._grad is None else t._grad + new
        return g

    def _after(self, node: Node, grads: tuple, g: Any) -> tuple:
        x = node.extra
        assert x is not None
        for hook in list(x.post.values()):
            ins = tuple(
                None if r is None else (r if isinstance(r, Tensor) else wrap(np.asarray(r))) for r in grads
            )
            for t in ins:
                if t is not None:
                    self.taken.add(id(t._a))
            out = hook(ins, self._tensors_of(node, g))
            if out is not None:
                out = out if isinstance(out, tuple) else (out,)
                if len(out) != len(grads):
                    raise RuntimeError(
                        f"hook '{_name(hook)}' has returned an incorrect number of values (got {len(out)}, but "
                        f"expected {len(grads)})"
                    )
                grads = tuple(None if o is None else self._raw(o) for o in out)
        if self.anomaly is not None:
            self.anomaly.check(node, grads, g)
        return grads

    def _tensors_of(self, node: Node, g: Any) -> tuple:
        if isinstance(g, Parts):
            return tuple(None if g.get(k) is None else self._shared(g[k]) for k in range(max(g) + 1))
        return (self._shared(g),)

    def _shared(self, g: Any) -> Tensor:
        t = g if isinstance(g, Tensor) else wrap(np.asarray(g) if isinstance(g, np.generic) else g)
        self.taken.add(id(t._a))
        return t

    def _raw(self, t: Any) -> Any:
        if t is None or self.create:
            return t
        self.taken.add(id(t._a))
        return t._a


def place_of(t: Any) -> Any:
    """Where the gradient of a tensor (or of an edge) arrives in the graph: at a node, or at the leaf itself."""
    if isinstance(t, GradientEdge):
        return t.node.variable if isinstance(t.node, AccumulateGrad) else t.ownership_token or t.node
    return t._node if t._node is not None else t


def _part(g: Any, t: Any) -> Any:
    return g.get(t.output_nr) if isinstance(g, Parts) and isinstance(t, GradientEdge) else g


def _needed(roots: Sequence[Tensor], captures: dict) -> set:
    """Nodes on a path from the roots to a captured tensor. Creation order makes one pass each way enough."""
    seen: set = set()
    heap: list = []
    for t in roots:
        node = place_of(t)
        if node._seq and node not in seen:
            seen.add(node)
            heappush(heap, (-node._seq, node))
    order = []
    while heap:
        node = heappop(heap)[1]
        order.append(node)
        for e in node.edges:
            if e is not None and e._seq and e not in seen:
                seen.add(e)
                heappush(heap, (-e._seq, e))
    needed: set = set()
    for node in reversed(order):
        if any(e is not None and (e in captures or e in needed) for e in node.edges):
            needed.add(node)
    return needed


def _name(fn: Any) -> str:
    return getattr(fn, "__name__", type(fn).__name__)
