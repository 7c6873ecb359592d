"""The hot path: for each op, short Python functions written out and compiled when it is registered.

For most calls everything is ordinary: float tensors of one type on the CPU (or one of them and a number), no
mode active. For those calls the general path's loops over parameters cost more than the arithmetic, so they are
unrolled once, as ``dataclasses`` does for ``__init__``: the op's function runs the forward and records the node,
``run`` is the node's vector-Jacobian product. Whatever is not ordinary goes to ``general`` in dispatch.py, which
is the definition of what an op means; a test holds the two together. The text is kept:
``print(glasstorch.mul.source)`` shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import backends
from .dispatch import NEVER, foreign_or_general, general
from .help import remember_source
from .mode import STATE
from .node import Fix, tick
from .op import ARRAY, LIST, OPTIONAL, Op, Param, Saved
from .tensor import Tensor

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")


def compile_run(op: Op) -> Callable | None:
    """``run(self, F, g, saved)`` of the op's node class; None when the op has a list of tensors."""
    if not op.derivatives or any(op.params[i].kind == LIST for i in op.tensor_params):
        return None
    lines = ["def run(self, F, g, saved):"]
    if op.plan:
        lines.append(f"    {''.join(f's_{s.name}, ' for s in op.plan)}= saved")
    results = []
    for k, i in enumerate(op.tensor_params):
        name = op.params[i].name
        if name in op.needs:
            values = "".join(f", s_{s}" for s in op.needs[name])
            results.append(f"d_{name}(F, g{values}) if e[{k}] is not None else None")
        else:
            results.append("None")
    lines += ["    e = self.edges", f"    return ({', '.join(results)},)"]
    return _build(lines, "run", {f"d_{k}": v for k, v in op.derivatives.items()}, op)


def compile_function(op: Op, operator: bool = False) -> Callable:
    """The op's public function: its signature, its fast forms where it has any, else the general path.

    ``operator``: for use as ``__add__`` and the like, which give NotImplemented for operands that are not theirs.
    """
    params = [p.name if p.default is p.empty else f"{p.name}=default_{p.name}" for p in op.params]
    first_keyword = next((i for i, p in enumerate(op.params) if p.keyword_only), None)
    if first_keyword is not None:
        params.insert(first_keyword, "*")
    if not op.view:
        params += ["out=None"] if first_keyword is not None else ["*", "out=None"]
    slow = f"general(op, ({''.join(p.name + ', ' for p in op.params)}){'' if op.view else ', out'})"
    lines = [f"def {op.name}({', '.join(params)}):"]
    if _suits(op):
        lines += _two_tensors_or_one(op, slow)
    else:
        lines.append(f"    return {slow}")
    scope: dict[str, Any] = {
        "general": foreign_or_general if operator else general, "op": op,
        "STATE": STATE, "ndarray": backends.HostArray, "asarray": np.asarray, "xp": np,
        "float32": FLOAT32, "float64": FLOAT64, "Tensor": Tensor, "Node": op.node_class, "Fix": Fix,
        **{f"Node_{'_'.join(given)}": cls for given, cls in op.node_classes.items()},
        "new": object.__new__, "tick": tick, "NEVER": NEVER, "forward": op.forward,
        "ufunc": getattr(np, op.ufunc) if op.ufunc else None, **{f"default_{p.name}": p.default for p in op.params},
    }  # fmt: skip
    return _build(lines, op.name, scope, op)


def _suits(op: Op) -> bool:
    kinds = {op.params[i].kind for i in op.tensor_params}
    refuses_floats = op.unsupported is not None and "f" in op.unsupported[1]
    plain_calls = not (refuses_floats or op.view or op.several or op.types == "compare")
    simple = kinds == {ARRAY} and not op.keeps if op.types else bool(kinds) and LIST not in kinds
    return op.in_fast_path and plain_calls and simple and op.params[op.tensor_params[0]].kind == ARRAY


def _two_tensors_or_one(op: Op, slow: str) -> list[str]:
    """The body: all tensors; or, for ``x * 2``, a tensor and a number."""
    tensors = [op.params[i] for i in op.tensor_params]
    lines = [
        "    try:",
        *(
            f"        x_{p.name} = {f'None if {p.name} is None else ' if p.kind == OPTIONAL else ''}{p.name}._a"
            for p in tensors
        ),
        "    except AttributeError:",
    ]
    if op.types and len(tensors) == 2 and tensors[1].name in op.numbers:
        number = tensors[1]
        lines += [f"        if {number.name}.__class__ is not float and {number.name}.__class__ is not int:",
                  f"            return {slow}",
                  "        try:", f"            x_{tensors[0].name} = {tensors[0].name}._a",
                  "        except AttributeError:", f"            return {slow}"]  # fmt: skip
        lines += ["    " + line for line in _body(op, tensors[:1], number, slow)]
    else:
        lines.append(f"        return {slow}")
    return lines + _body(op, tensors, None, slow)


def _body(op: Op, tensors: list[Param], number: Param | None, slow: str) -> list[str]:
    """Check that all is ordinary, run the forward, make the result, record the node."""
    xs = [f"x_{p.name}" for p in tensors]
    sure = [x for p, x in zip(tensors, xs, strict=True) if p.kind == ARRAY]
    ordinary = [f"{' is '.join(x + '.__class__' for x in sure)} is ndarray", "not STATE.special"]
    ordinary += [] if op.view else ["out is None"]
    ordinary += [_like_the_first(op, p, x) for p, x in zip(tensors[1:], xs[1:], strict=True)]
    ordinary = [o for o in ordinary if o] + ["(d is float32 or d is float64)"]
    values = {p.name: f"x_{p.name}" if p in tensors else p.name for p in op.params}
    if op.ufunc:  # an op that names a ufunc means just that when its other arguments are at their defaults
        ordinary += [f"{p.name} is default_{p.name}" for p in op.params if not p.kind]
        forward = f"ufunc({', '.join(values[p.name] for p in op.params if p.kind)})"
    else:
        named = [f"{p.name}={values[p.name]}" if p.keyword_only else values[p.name] for p in op.params]
        forward = f"forward(xp, {', '.join(named)})"
    lines = [f"    d = {xs[0]}.dtype", f"    if not ({' and '.join(ordinary)}):", f"        return {slow}",
             "    try:", f"        o{', kept' if op.keeps else ''} = {forward}",
             "    except ValueError:", f"        return {slow}",
             "    if o.__class__ is not ndarray:", "        o = asarray(o)",
             # Tensor(o) and Node(...) written out: calling __init__ would cost as much as the addition.
             "    result = new(Tensor)", "    result._a = o", "    result._v = v = [0]",
             "    result._grad = result._x = None"]  # fmt: skip
    if op.derivatives:
        rg = {p.name: f"r_{p.name}" for p in tensors}
        lines += [f"    r_{p.name} = {f'{p.name} is not None and ' if p.kind == OPTIONAL else ''}{p.name}._rg"
                  for p in tensors]  # fmt: skip
        lines.append(f"    if {' or '.join(rg.values())}:")
        edges = ["None" if p is number else f"({p.name}._node or {p.name}) if {rg[p.name]} else None"
                 for p in op.params if p.kind]  # fmt: skip
        optional = {p.name for p in tensors if p.kind == OPTIONAL}
        saved = "".join(_saved_text(s, rg, optional) + ", " for s in op.plan)
        versions = "".join(_version_text(s, rg, optional) for s in op.plan)
        fix = "None"
        if op.types and len(xs) > 1:
            same = " == ".join(f"{x}.shape" for x in xs)
            fix = f"None if {same} else Fix(({', '.join(f'({x}.shape, d)' for x in xs)}))"
        lines += ["        result._rg = True", f"        result._node = node = new({_node_text(op, number, optional)})",
                  f"        node.edges = ({', '.join(edges)},)", f"        node.saved = ({saved})",
                  f"        node.versions = {f'({versions})' if versions else 'None'}", f"        node.fix = {fix}",
                  "        node._seq = tick()", "        node.extra = None", "        return result"]  # fmt: skip
    return [*lines, "    result._rg = False", "    result._node = None", "    return result"]


def _node_text(op: Op, number: Param | None, optional: set[str]) -> str:
    """Python text for the node's class, which may depend on what is a number or None."""
    if number is not None and (number.name,) in op.node_classes:
        return f"Node_{number.name}"
    for name in optional:
        if (name,) in op.node_classes:
            return f"Node_{name} if {name} is None else Node"
    return "Node"


def _like_the_first(op: Op, p: Param, x: str) -> str:
    """The condition on a further tensor: the first one's type, where its own derivative or the op asks for that."""
    same = f"d is {x}.dtype" if op.types or p.name in op.derivatives else ""
    if p.kind == OPTIONAL:
        return f"({x} is None or {x}.__class__ is ndarray{f' and {same}' if same else ''})"
    return same


def _saved_text(s: Saved, rg: dict[str, str], optional: set[str]) -> str:
    """Python text for one saved value, kept only when a derivative that wants it will run."""
    if s.source == "plain":
        return s.name
    if s.source == "shape":
        name = s.name.removesuffix("_shape")
        return f"x_{name}.shape" if name not in optional else f"() if x_{name} is None else x_{name}.shape"
    value = f"x_{s.name}" if s.name in rg else s.name
    value = {"out": "o", "kept": f"kept[{s.index}]"}.get(s.source, value)
    users = [rg[u] for u in s.users if u in rg]
    if len(users) == len(rg):
        return value
    return f"({value} if {' or '.join(users)} else None)" if users else "None"


def _version_text(s: Saved, rg: dict[str, str], optional: set[str]) -> str:
    if s.source == "out":
        return "v, 0, "
    if s.source != "tensor":
        return ""
    if s.name in optional:
        return f"*((NEVER, 0) if {s.name} is None else ({s.name}._v, {s.name}._v[0])), "
    return f"{s.name}._v, {s.name}._v[0], " if s.name in rg else "NEVER, 0, "


def _build(lines: list[str], name: str, scope: dict[str, Any], op: Op) -> Callable:
    text = "\n".join(lines)
    scope["__name__"] = "glasstorch.ops"  # warnings of array functions are filtered by this name
    filename = f"<glasstorch op {op.name}: {name}>"
    remember_source(filename, text)
    exec(compile(text, filename, "exec"), scope)
    fn = scope[name]
    fn.source = text
    return fn
