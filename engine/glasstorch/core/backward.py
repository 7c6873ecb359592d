"""The backward walk.

Nodes run in the reverse of the order in which they were recorded (a heap on the sequence number): when a
node's turn comes, every gradient that flows into it has arrived. No recursion, so depth is no limit. The
walk works on arrays; with ``create_graph`` on tensors, so that it is itself recorded.

Reference: https://pytorch.org/docs/stable/notes/autograd.html
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from .. import backends
from . import dtype as dt
from .functions import TENSORS, arrays_for
from .mode import THREAD, set_thread
from .node import Node, Parts, Port
from .tensor import Tensor, wrap

HostArray = backends.HostArray
HOST = arrays_for(np)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    *,
    inputs: Any = None,
) -> None:
    """Add to ``.grad`` of every leaf (or of ``inputs``) the gradient of ``tensors`` weighted by ``grad_tensors``."""
    roots = _listed(tensors)
    gradients = _root_gradients(roots, grad_tensors, create_graph)
    only = None
    if inputs is not None:
        only = _listed(inputs)
        if not only:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    Walk(create_graph, keep).run(roots, gradients, only, accumulate=True)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple:
    """Gradients of ``outputs`` with respect to ``inputs``, returned as a tuple; nothing is added to ``.grad``.

    ``allow_unused``: None for an input that the outputs do not depend on, instead of an error;
    ``materialize_grads``: zeros for those. Source: https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
    """
    outs, wanted = _listed(outputs), _listed(inputs)
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True")
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    if is_grads_batched:
        return _batched(outs, wanted, _listed(grad_outputs), create_graph, allow_unused)
    for t in wanted:
        if not t._rg:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    gradients = _root_gradients(outs, grad_outputs, create_graph)
    keep = create_graph if retain_graph is None else retain_graph
    found = Walk(create_graph, keep).run(outs, gradients, wanted, accumulate=False)
    if not allow_unused and any(f is None for f in found):
        raise RuntimeError(
            "One of the differentiated Tensors appears to not have been used in the graph. "
            "Set allow_unused=True if this is the desired behavior."
        )
    if materialize_grads:
        found = [wrap(backends.namespace(t._a).zeros_like(t._a)) if f is None else f
                 for f, t in zip(found, wanted, strict=True)]  # fmt: skip
    return tuple(found)


def _batched(outs: list, wanted: list, gradients: list, create_graph: bool, allow_unused: bool) -> tuple:
    """One gradient for each slice of ``gradients`` along dimension 0, stacked."""
    from .op import REGISTRY

    rows = [grad(outs, wanted, [g[k] for g in gradients], True, create_graph, allow_unused=allow_unused)
            for k in range(len(gradients[0]))]  # fmt: skip
    stack = REGISTRY["stack"].function
    return tuple(None if column[0] is None else stack(list(column)) for column in zip(*rows, strict=True))


def _listed(x: Any) -> list:
    return (
        list(x)
        if isinstance(x, (list, tuple)) or (not isinstance(x, Tensor) and hasattr(x, "__iter__"))
        else [x]
    )


def _root_gradients(roots: list, given: Any, create_graph: bool) -> list:
    givens = [None] * len(roots) if given is None else _listed(given)
    if len(givens) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(givens)} gradients")
    out = []
    for t, g in zip(roots, givens, strict=True):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected a Tensor to differentiate, got {type(t).__name__}")
        if not t._rg:
            raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if t._a.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            if t.dtype.is_complex:
                raise RuntimeError(
                    f"grad can be implicitly created only for real scalar outputs but got {t.dtype!r}"
                )
            a = backends.namespace(t._a).ones_like(t._a)
            out.append(wrap(a) if create_graph else a)
            continue
        if not isinstance(g, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
        if g._a.shape != t._a.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{len(out)}] has a shape of {g.shape!r} and output[{len(out)}] "
                f"has a shape of {t.shape!r}."
            )
        if g.dtype.is_complex != t.dtype.is_complex:
            raise RuntimeError(
                "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in "
                f"dtype: grad_output has a dtype of {g.dtype!r} and output has a dtype of {t.dtype!r}."
            )
        if create_graph:
            out.append(g if g.dtype is t.dtype else g.to(t.dtype))  # type: ignore[attr-defined]
        else:
            out.append(g._a.astype(t._a.dtype, copy=False))
    return out


class Walk:
    """One walk through a graph."""

    def __init__(self, create_graph: bool, keep: bool) -> None:
        self.create, self.keep = create_graph, keep
        self.taken: set[int] = (
            set()
        )  # arrays that somebody already holds: not to be given to a leaf as they are

    def run(self, roots: Sequence[Tensor], gradients: list, inputs: list | None, accumulate: bool) -> list:
        captures: dict[Any, Any] = {}
        needed = None
        if inputs is not None:
            keys = [t._node if t._node is not None else t for t in inputs]
            captures = dict.fromkeys(keys)
            needed = _needed(roots, captures)
        pending: dict[Any, Any] = {}
        heap: list = []
        for t, g in zip(roots, gradients, strict=True):
            key = t._node if t._node is not None else t
            self.taken.add(id(g))
            if key in pending:
                pending[key] = pending[key] + g
            else:
                pending[key] = g
                if key._seq:
                    heappush(heap, (-key._seq, key))
        old = set_thread("grad", self.create)
        try:
            self._loop(pending, heap, needed, captures)
            for leaf, g in pending.items():  # only leaves are left
                if inputs is None:
                    self._to_leaf(leaf, g)
                elif leaf in captures:
                    captures[leaf] = self._leaf_hooks(leaf, g)
            if inputs is None:
                return []
            found = [captures[k] for k in keys]
            if accumulate:
                for t, g in zip(inputs, found, strict=True):
                    if g is not None:
                        self._accumulate(t, g)
                return []
            return [None if g is None else self._as_tensor(g) for g in found]
        finally:
            set_thread("grad", old)

    def _loop(self, pending: dict, heap: list, needed: set | None, captures: dict) -> None:
        create, keep = self.create, self.keep
        while heap:
            node = heappop(heap)[1]
            g = pending.pop(node)
            if node.extra is not None:
                g = self._before(node, g)
            if captures and node in captures:
                captures[node] = g
                self.taken.add(id(g))
            if needed is not None and node not in needed:
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
            if v is not None and (v[0][0] != v[1] or (len(v) > 2 and _stale(v))):
                _check_versions(node)
            try:
                if create:
                    F: Any = TENSORS
                    saved = unpack(node)
                elif g.__class__ is HostArray:
                    F = HOST
                else:
                    F = _functions(g)
                fix = node.fix
                if fix is None:
                    grads = node.run(F, g, saved)
                else:
                    grads = _fixed(node, F, g, saved, fix)
            except Exception as e:
                _explain(node, e)
                raise
            if not keep and saved and node.frees:
                node.saved = None
            if node.extra is not None:
                grads = self._after(node, grads, g)
            for edge, gi in zip(node.edges, grads):
                if (
                    edge is None
                    or gi is None
                    or (needed is not None and edge not in needed and edge not in captures)
                ):
                    continue
                if edge in pending:
                    pending[edge] = pending[edge] + gi
                else:
                    pending[edge] = gi
                    s = edge._seq
                    if s:
                        heappush(heap, (-s, edge))

    # ------------------------------------------------------------------ leaves
    def _to_leaf(self, leaf: Tensor, g: Any) -> None:
        g = self._leaf_hooks(leaf, g)
        if g is None:
            return
        self._accumulate(leaf, g)
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
            leaf._grad = g if old is None else old + g  # type: ignore[operator]
        elif old is None:
            leaf._grad = wrap(self._owned(g))
        elif old._rg:
            leaf._grad = old + wrap(g)  # type: ignore[operator]
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
                    raise TypeError(f"hooks must return None or a Tensor, not {type(out).__name__}")
                if out._a.shape != t._a.shape:
                    raise RuntimeError(f"hook '{_name(hook)}' has changed the size of value")
                g = out if self.create else out._a
                self.taken.add(id(out._a))
        return g

    def _before(self, node: Node, g: Any) -> Any:
        x = node.extra
        assert x is not None
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
                t._grad = g if self.create else wrap(np.asarray(g) if isinstance(g, np.generic) else g.copy())
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
                grads = tuple(
                    None if o is None else self._raw(o) for o in (out if isinstance(out, tuple) else (out,))
                )
        if THREAD.anomaly:
            _check_nan(node, grads)
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


def _functions(g: Any) -> Any:
    if isinstance(g, Parts):
        first = next(iter(g.values()))
        return arrays_for(backends.namespace(first))
    return arrays_for(backends.namespace(g))


def _stale(v: tuple) -> bool:
    return any(v[k][0] != v[k + 1] for k in range(2, len(v), 2))


def _check_versions(node: Node) -> None:
    """RuntimeError when a value this node saved was overwritten since."""
    op, v = node.op, node.versions
    assert v is not None
    if op is None:
        return
    counted = [
        k for k, s in enumerate(op.saves) if s == "out" or any(p.name == s and p.kind for p in op.params)
    ]
    for k, slot in enumerate(counted):
        cell, version = v[2 * k], v[2 * k + 1]
        if cell[0] == version or node.saved is None or node.saved[slot] is None:
            continue
        name = op.saves[slot]
        a = node.saved[slot]
        if name == "out":
            made = f"is output 0 of {node.name()}"
        else:
            edge = node.edges[[op.params[i].name for i in op.tensor_params].index(name)]
            made = (
                f"is output {getattr(edge, 'nr', 0)} of {edge.name()}"
                if isinstance(edge, Node)
                else "is a leaf"
            )
        kind = dt.from_numpy_dtype(a.dtype).legacy
        raise RuntimeError(
            "one of the variables needed for gradient computation has been modified by an inplace operation: "
            f"[torch.{kind}Tensor {list(a.shape)}], which {made}, is at version {cell[0]}; expected version {version} "
            f"instead. {node.name()} saved {name!r} for its gradient: clone() it before changing it in place."
        )


def _fixed(node: Node, F: Any, g: Any, saved: tuple, fix: Any) -> tuple:
    """Run a node whose inputs differ in shape or type from what its formulas work in."""
    if fix.conj:
        g = F.conj(g)
        saved = tuple(saved)
    out = []
    for gi, meta in zip(node.run(F, g, saved), fix, strict=True):
        if gi is not None and meta is not None:
            shape, np_dtype = meta
            if fix.conj:
                gi = F.conj(gi)
            if gi.shape != shape:
                gi = F.sum_to_size(gi, shape)
            if gi.dtype is not np_dtype:
                gi = F.cast_like(gi, np_dtype)
        out.append(gi)
    return tuple(out)


def unpack(node: Node) -> tuple:
    """A node's saved arrays as tensors with their place in the graph, for gradients of gradients."""
    op, saved = node.op, node.saved
    assert saved is not None
    if op is None:
        return saved
    out: list[Any] = []
    names = [op.params[i].name for i in op.tensor_params]
    lists = any(op.params[i].kind == "Arrays" for i in op.tensor_params)
    for s, v in zip(op.saves, saved, strict=True):
        if v is None or s.endswith("_shape"):
            out.append(v)
        elif s in names and isinstance(v, list):
            out.append([_tensor(a, e, node) for a, e in zip(v, node.edges, strict=False)])
        elif s in names:
            k = names.index(s)
            edge = node.edges[k] if not lists else None
            out.append(_tensor(v, edge, node, node.fix[k] if node.fix else None))
        elif s == "out":
            out.append(_output(v, node) if not isinstance(v, tuple) else
                       tuple(_output(a, Port(node, i)) for i, a in enumerate(v)))  # fmt: skip
        elif s in op.keeps and hasattr(v, "shape"):
            out.append(wrap(v))
        else:
            out.append(v)
    return tuple(out)


def _tensor(a: Any, edge: Any, node: Node, meta: Any = None) -> Any:
    if not hasattr(a, "shape"):
        return a  # a Python number
    if isinstance(edge, Tensor) and edge._a is a:
        return edge
    t = wrap(a)
    if edge is not None:
        if meta is not None and meta[1] is not a.dtype:
            from .inplace import CastNode

            edge = CastNode((edge,), (), None, None, meta[1])
        elif isinstance(
            edge, Tensor
        ):  # the leaf's array was replaced since; its gradient still belongs to the leaf
            from .inplace import CastNode

            edge = CastNode((edge,), (), None, None, a.dtype)
        t._node, t._rg = edge, True
    return t


def _output(a: Any, node: Node) -> Tensor:
    t = wrap(a)
    t._node, t._rg = node, True
    return t


def node_gradients(node: Node, g: Any) -> tuple:
    """Gradients of one node's inputs from that of its output, on arrays. Saved values stay."""
    if node.saved is None:
        raise RuntimeError(f"the saved values of {node.name()} were freed by an earlier backward")
    F = HOST if g.__class__ is HostArray else _functions(g)
    return node.run(F, g, node.saved) if node.fix is None else _fixed(node, F, g, node.saved, node.fix)


def call_node(node: Node, grads: tuple) -> Any:
    """Apply a node's derivative to gradient tensors (``grad_fn(g)``)."""
    g: Any = grads[0] if len(grads) == 1 else Parts(dict(enumerate(grads)))
    out = _fixed(node, TENSORS, g, unpack(node), node.fix) if node.fix else node.run(TENSORS, g, unpack(node))
    return out[0] if len(out) == 1 else out


def _needed(roots: Sequence[Tensor], captures: dict) -> set:
    """Nodes on a path from the roots to a captured tensor. Creation order makes one pass each way enough."""
    seen: set = set()
    heap: list = []
    for t in roots:
        if t._node is not None and t._node not in seen:
            seen.add(t._node)
            heappush(heap, (-t._node._seq, t._node))
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


def _check_nan(node: Node, grads: tuple) -> None:
    for k, r in enumerate(grads):
        a = r._a if isinstance(r, Tensor) else r
        if hasattr(a, "dtype") and a.dtype.kind in "fc" and bool(backends.namespace(a).isnan(a).any()):
            stack = node.extra.stack if node.extra else None
            if stack:
                warnings.warn(
                    f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{stack}",
                    stacklevel=2,
                )
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {k}th output.")


def _explain(node: Node, error: Exception) -> None:
    stack = node.extra.stack if node.extra is not None else None
    if stack and hasattr(error, "add_note"):
        error.add_note(f"The forward operation of {node.name()} ran here:\n{stack}")


def _name(fn: Any) -> str:
    return getattr(fn, "__name__", type(fn).__name__)


__all__ = ["Port", "backward", "call_node", "grad", "unpack"]
