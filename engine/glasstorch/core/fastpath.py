"""The hot path: for each op, two short Python functions written out and compiled when it is registered.

For most calls everything is ordinary: float tensors of one type on the CPU, no mode active. For those calls the general
path's loops over parameters cost more than the arithmetic, so ``compile_op`` unrolls them once, as
``dataclasses`` does for ``__init__``: ``function`` runs the forward and records the node, ``run`` is the
node's vector-Jacobian product. Whatever is not ordinary goes to ``general`` in dispatch.py, which is
the definition of what an op means; the fast path must agree with it. The text is kept:
``print(glasstorch.mul.source)`` shows it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import backends
from .mode import STATE
from .node import Fix, tick
from .op import ARRAY, LIST, Op

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")


def compile_run(op: Op) -> Callable | None:
    """``run(self, F, g, saved)`` of the op's node class; None when the op has a list of tensors."""
    if not op.derivatives or any(op.params[i].kind == LIST for i in op.tensor_params):
        return None
    slots = ", ".join(f"s_{s}" for s in op.saves)
    lines = ["def run(self, F, g, saved):"]
    if slots:
        lines.append(f"    {slots}, = saved")
    results = []
    for k, i in enumerate(op.tensor_params):
        fn = op.derivatives.get(op.params[i].name)
        if fn is None:
            results.append("None")
        else:
            args = "".join(f", s_{s}" for s in list(inspect.signature(fn).parameters)[2:])
            results.append(f"d_{op.params[i].name}(F, g{args}) if e[{k}] is not None else None")
    lines += ["    e = self.edges", f"    return ({', '.join(results)},)"]
    names = {f"d_{k}": v for k, v in op.derivatives.items()}
    return _build("\n".join(lines), "run", names, op)


def _saved_expression(op: Op, name: str, rg: dict[str, str]) -> str:
    """Python text for one saved value, kept only when a derivative that wants it will run."""
    users = [k for k, f in op.derivatives.items() if name in list(inspect.signature(f).parameters)[2:]]
    wanted = " or ".join(rg[u] for u in users)
    value = {"out": "o"}.get(name) or (f"x_{name}" if name in rg else f"{name}")
    if name.endswith("_shape") and name.removesuffix("_shape") in rg:
        return f"x_{name.removesuffix('_shape')}.shape"
    return (
        value
        if len(users) == len(rg) or (name not in rg and name != "out")
        else f"({value} if {wanted} else None)"
    )


def compile_function(op: Op, general: Callable, tensor_class: type) -> Callable | None:
    """The public function's fast form; None when the op's shape of call does not suit it."""
    tensors = [op.params[i] for i in op.tensor_params]
    if not op.in_fast_path or op.view or op.keeps or op.several or not tensors or len(tensors) > 3:
        return None
    if any(p.kind != ARRAY for p in tensors) or op.types == "compare":
        return None
    signature, call = [], []
    star = False
    for p in op.params:
        if p.keyword_only and not star:
            signature.append("*")
            star = True
        signature.append(p.name if p.default is inspect.Parameter.empty else f"{p.name}=default_{p.name}")
        call.append(p.name)
    if op.types:
        signature += [] if star else ["*"]
        signature.append("out=None")
    names = ", ".join(call) + ("," if len(call) == 1 else "")
    slow = f"general(op, ({names})" + (", out)" if op.types else ")")
    xs = [f"x_{p.name}" for p in tensors]
    ordinary = [f"{' is '.join(x + '.__class__' for x in xs)} is ndarray", "not STATE.special"]
    if op.types:
        ordinary.append("out is None")
    ordinary += [f"d is {x}.dtype" for x in xs[1:]]
    ordinary.append("(d is float32 or d is float64)")
    if op.ufunc:  # an op that names a ufunc means just that when its other arguments are at their defaults
        ordinary += [f"{p.name} is default_{p.name}" for p in op.params if not p.kind]
        forward = f"ufunc({', '.join(xs)})"
    else:
        values = [("x_" if p.kind else "") + p.name for p in op.params]
        named = [f"{p.name}={v}" if p.keyword_only else v for p, v in zip(op.params, values, strict=True)]
        forward = f"forward(xp, {', '.join(named)})"
    lines = [f"def {op.name}({', '.join(signature)}):", "    try:"]
    lines += [f"        {x} = {p.name}._a" for x, p in zip(xs, tensors, strict=True)]
    lines += ["    except AttributeError:", f"        return {slow}", f"    d = {xs[0]}.dtype",
              f"    if not ({' and '.join(ordinary)}):", f"        return {slow}",
              "    try:", f"        o = {forward}",
              "    except ValueError:", f"        return {slow}", "    if o.__class__ is not ndarray:",
              "        o = asarray(o)",
              # Tensor(o) and Node(...) written out: calling __init__ would cost as much as the addition.
              "    result = new(Tensor)", "    result._a = o", "    result._v = v = [0]",
              "    result._grad = result._x = None"]  # fmt: skip
    if op.derivatives:
        rg = {p.name: f"r_{p.name}" for p in tensors}
        lines += [f"    {rg[p.name]} = {p.name}._rg" for p in tensors]
        lines.append(f"    if {' or '.join(rg.values())}:")
        edges = ", ".join(f"({p.name}._node or {p.name}) if {rg[p.name]} else None" for p in tensors)
        saved = "".join(_saved_expression(op, s, rg) + ", " for s in op.saves)
        counted = [f"{s}._v, {s}._v[0], " for s in op.saves if s in rg]
        if "out" in op.saves:
            counted.append("v, 0, ")
        versions = f"({''.join(counted)})" if counted else "None"
        fix = "None"
        if op.types and len(xs) > 1:
            same = " == ".join(f"{x}.shape" for x in xs)
            fix = f"None if {same} else Fix(({', '.join(f'({x}.shape, d)' for x in xs)}))"
        lines += ["        result._rg = True", "        result._node = node = new(Node)",
                  f"        node.edges = ({edges},)", f"        node.saved = ({saved})",
                  f"        node.versions = {versions}", f"        node.fix = {fix}",
                  "        node._seq = tick()", "        node.extra = None", "        return result"]  # fmt: skip
    lines += ["    result._rg = False", "    result._node = None", "    return result"]
    scope: dict[str, Any] = {
        "general": general, "op": op, "STATE": STATE, "ndarray": backends.HostArray, "asarray": np.asarray, "xp": np,
        "float32": FLOAT32, "float64": FLOAT64, "Tensor": tensor_class, "Node": op.node_class,
        "Fix": Fix, "new": object.__new__, "tick": tick,
        "forward": op.forward, "ufunc": getattr(np, op.ufunc) if op.ufunc else None,
        **{f"default_{p.name}": p.default for p in op.params},
    }  # fmt: skip
    return _build("\n".join(lines), op.name, scope, op)


def _build(text: str, name: str, scope: dict[str, Any], op: Op) -> Callable:
    scope["__name__"] = "glasstorch.ops"  # warnings of array functions are filtered by this name
    exec(compile(text, f"<glasstorch op {op.name}: {name}>", "exec"), scope)
    fn = scope[name]
    fn.source = text
    return fn


def compile_slow(op: Op, general: Callable) -> Callable:
    """A function with the op's signature that goes straight to the general path."""
    parts, star = [], False
    for p in op.params:
        if p.keyword_only and not star:
            parts.append("*")
            star = True
        parts.append(p.name if p.default is inspect.Parameter.empty else f"{p.name}=default_{p.name}")
    if op.types:
        parts += ["out=None"] if star else ["*", "out=None"]
    names = ", ".join(p.name for p in op.params) + ","
    text = (
        f"def {op.name}({', '.join(parts)}):\n    return general(op, ({names}){', out' if op.types else ''})"
    )
    scope = {"general": general, "op": op, **{f"default_{p.name}": p.default for p in op.params}}
    return _build(text, op.name, scope, op)
