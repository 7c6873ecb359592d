"""The forms of an op: function, method, in-place method, ``out=``. Made from its one definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import fastpath, help
from .op import Op
from .tensor import Tensor

#: Public functions by name: what ``glasstorch.<name>`` is.
FUNCTIONS: dict[str, Callable] = {}


def make(op: Op, options: dict[str, Any]) -> Callable:
    """Compile the op's function, attach its methods, and return the function."""
    run = fastpath.compile_run(op)
    op.node_class.run = run or _list_run  # type: ignore[method-assign]
    fn = fastpath.compile_function(op)
    fn.__doc__, fn.__module__, fn.__qualname__ = op.doc, "glasstorch", op.name
    fn.op = op  # type: ignore[attr-defined]
    fn.__annotations__ = help.types_of(op)
    op.function = fn
    if options.get("function", True):
        FUNCTIONS[op.name] = fn
    if options.get("method", True):
        setattr(Tensor, op.name, fn)
    if options.get("inplace", op.types in ("promote", "float")):
        setattr(Tensor, op.name + "_", _inplace_form(op, fn))
    return fn


def operator(fn: Callable) -> Callable:
    """A binary op's function as a Python operator (``__add__``): foreign operands get NotImplemented."""
    form = fastpath.compile_function(fn.op, operator=True)  # type: ignore[attr-defined]
    form.__doc__ = fn.__doc__
    return form


def _inplace_form(op: Op, fn: Callable) -> Callable:
    from .inplace import inplace

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return inplace(self, fn, args, kwargs, op.name + "_")

    method.__name__ = method.__qualname__ = op.name + "_"
    method.__signature__ = help.inplace_signature(op)  # type: ignore[attr-defined]
    method.__doc__ = f"In-place form of ``{op.name}``: the result is written into this tensor.\n\n{op.doc}"
    return method


def _list_run(self: Any, F: Any, g: Any, saved: tuple) -> tuple:
    """``run`` for ops with a list of tensors: that derivative returns one gradient for each."""
    op = self.op
    by_name = dict(zip(op.saves, saved, strict=True))
    others = sum(1 for i in op.tensor_params if op.params[i].kind != "Arrays")
    out: list[Any] = []
    for i in op.tensor_params:
        p = op.params[i]
        n = len(self.edges) - others if p.kind == "Arrays" else 1
        fn = op.derivatives.get(p.name)
        if fn is None or all(e is None for e in self.edges[len(out) : len(out) + n]):
            out += [None] * n
            continue
        r = fn(F, g, *(by_name[s] for s in op.needs[p.name]))
        out += list(r) if p.kind == "Arrays" else [r]
    return tuple(out)


def public(fn: Callable) -> Callable:
    """Register an ordinary function (one that calls ops) as ``glasstorch.<name>``."""
    FUNCTIONS[fn.__name__] = fn
    return fn


def method(fn: Callable) -> Callable:
    """Register an ordinary function as a public function and a tensor method."""
    setattr(Tensor, fn.__name__, fn)
    return public(fn)
