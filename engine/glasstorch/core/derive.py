"""One node's derivative: its saved values checked and unpacked, its formulas run, shapes and types put right."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from . import dtype as dt
from .functions import TENSORS, arrays_for
from .inplace import CastNode, short_name
from .mode import STATE
from .node import Node, Parts, Port
from .saved import open_values
from .tensor import Tensor, wrap

HostArray = backends.HostArray
HOST = arrays_for(np)


NO_ANOMALY = (
    "enable anomaly detection to find the operation that failed to compute its gradient, with "
    "torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
ANOMALY = (
    "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was "
    "changed in there or anywhere later. Good luck!"
)


def functions_of(g: Any) -> Any:
    if isinstance(g, Parts):
        first = next(iter(g.values()))
        return arrays_for(backends.namespace(first))
    return arrays_for(backends.namespace(g))


def stale(v: tuple) -> bool:
    """Has any saved value after the second changed? (The walk itself looks at the first two.)"""
    return any(v[k][0] != v[k + 1] for k in range(4, len(v), 2))


def check_versions(node: Node) -> None:
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
        made = ""
        edge: Any = node
        if name != "out":
            edge = node.edges[[op.params[i].name for i in op.tensor_params].index(name)]
        if isinstance(edge, Node):
            writer = cell[1] if len(cell) > 1 and name != "out" else short_name(edge)
            made = f", which is output {getattr(edge, 'nr', 0)} of {writer},"
        kind = dt.from_numpy_dtype(a.dtype).legacy
        error = RuntimeError(
            "one of the variables needed for gradient computation has been modified by an inplace operation: "
            f"[torch.{kind}Tensor {list(a.shape)}]{made} is at version {cell[0]}; expected version {version} instead. "
            f"Hint: {NO_ANOMALY if STATE.anomaly is None else ANOMALY}"
        )
        error.add_note(
            f"{node.name()} saved {name!r} for its gradient: clone() it before changing it in place."
        )
        raise error


def _in_float32(x: Any) -> Any:
    """Half-precision arrays and tensors, also several, as float32; all else as it is."""
    if isinstance(x, Tensor):
        return x.float() if x.dtype in dt.HALVES else x
    if isinstance(x, Parts):
        return Parts({k: _in_float32(v) for k, v in x.items()})
    if isinstance(x, (list, tuple)):
        return type(x)(_in_float32(v) for v in x)
    return dt.in_float32(x)


def fixed(node: Node, F: Any, g: Any, saved: tuple, fix: Any) -> tuple:
    """Run a node whose inputs differ in shape or type from what its formulas work in."""
    if fix.wide:
        g, saved = _in_float32(g), tuple(_in_float32(s) for s in saved)
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
    if node.packed:
        saved = open_values(saved)
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
        elif s in op.keeps and hasattr(v, "strides"):  # an array (a dtype has a shape too)
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
            edge = CastNode((edge,), (), None, None, meta[1])
        elif isinstance(
            edge, Tensor
        ):  # the leaf's array was replaced since; its gradient still belongs to the leaf
            edge = CastNode((edge,), (), None, None, a.dtype)
        t._node, t._rg = edge, True
    return t


def _output(a: Any, node: Node) -> Tensor:
    t = wrap(a)
    if a.dtype.kind not in "biu":  # indices have no history
        t._node, t._rg = node, True
    return t


def node_gradients(node: Node, g: Any) -> tuple:
    """Gradients of one node's inputs from that of its output, on arrays. Saved values stay."""
    if node.saved is None:
        raise RuntimeError(f"the saved values of {node.name()} were freed by an earlier backward")
    F = HOST if g.__class__ is HostArray else functions_of(g)
    return node.run(F, g, node.saved) if node.fix is None else fixed(node, F, g, node.saved, node.fix)


def saved_value(node: Node, name: str) -> Any:
    """One thing a node saved, by its name in the op's formulas."""
    if node.saved is None:
        raise RuntimeError(
            "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
            "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if "
            "you need to access saved tensors after calling backward."
        )
    return unpack(node)[node.op.saves.index(name)]


def call_node(node: Node, grads: tuple) -> Any:
    """Apply a node's derivative to gradient tensors (``grad_fn(g)``)."""
    g: Any = grads[0] if len(grads) == 1 else Parts(dict(enumerate(grads)))
    out = fixed(node, TENSORS, g, unpack(node), node.fix) if node.fix else node.run(TENSORS, g, unpack(node))
    return out[0] if len(out) == 1 else out
