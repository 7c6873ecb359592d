"""The graph of a forward that failed: everything up to the operation that raised, and that operation.

All of it is read from the error's traceback, so nothing need be kept while operations succeed: the frame of the
operation that raised still holds its arguments, the frames of the modules say where it stood. Recording adds the values
in between.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ...core.dispatch import general
from ...core.frames import is_engine
from ...core.op import Op
from ...core.overrides import GUARDED
from ...core.tensor import Tensor
from .model import Graph, GraphEdge, GraphNode
from .nonfinite import tensor_args
from .recorder import Source, Trace, source_at
from .snapshot import Program, args_text

_LIBRARIES = {"numpy", "cupy", "cupyx", "scipy", "threading", "concurrent"}  # what operations call


@dataclass(frozen=True)
class FailedCall:
    """The innermost call of the engine that an error passed through. ``tensors`` are by the names of the parameters."""

    op: Op | None
    name: str
    tensors: list[tuple[str, Tensor]]
    args: str
    module: str
    frame: FrameType | None  # the user's
    source: Source | None


def snapshot_failure(error: BaseException | None = None) -> Graph:
    """The graph that ends at the operation that raised ``error``; without one, at the last error that Python showed.

    ``Graph.failed`` is the id of its last node, whose ``error`` is the message. The node's edges lead to what it was
    given, with shapes, types and devices; its ``args`` are the arguments that are no tensors. Values in between are
    known where the forward was recorded. Raises ValueError when there is no error, or when no operation raised it.
    """
    if error is None:
        error = sys.exc_info()[1] or getattr(sys, "last_value", None)
    if error is None:
        raise ValueError("snapshot_failure() takes the error that a forward raised; there is none")
    call = failed_call(error)
    if call is None:
        raise ValueError(f"no operation raised this error: {type(error).__name__}: {error}")
    program = Program.of([t for _, t in call.tensors], call.frame)
    before = program.picture(program.live, True, False)
    id = f"n{len(before.nodes)}"
    at = call.source
    failed = GraphNode(
        id=id, kind="op", op=call.name, title=call.name, shape=None, dtype="", bytes=0, requires_grad=False,
        device=str(call.tensors[0][1].device) if call.tensors else "cpu", module=call.module,
        source=None if at is None else {"file": at.file, "line": at.line, "text": at.text},
        formula=call.op.formula if call.op is not None else "", args=call.args,
        error=f"{type(error).__name__}: {error}",
    )  # fmt: skip
    edges = [
        GraphEdge(source, id, arg, output=nr)
        for (arg, _), (source, nr) in zip(call.tensors, program.roots, strict=True)
    ]
    return Graph((*before.nodes, failed), (*before.edges, *edges), (id,), before.recorded, calls=before.calls)


def explain_failure(graph: Graph) -> str:
    """The failed operation of such a graph in a few lines: what it was given, where, and what it said."""
    if graph.failed is None:
        raise ValueError("no operation of this graph failed")
    n = graph.node(graph.failed)
    lines = [f"{n.op} failed: {n.error}"]
    if n.source:
        lines.append(f"line      {n.source['file']}:{n.source['line']}: {n.source['text']}")
    if n.module:
        lines.append(f"module    {n.module}")
    for e in graph.edges:
        if e.target == n.id:
            given = graph.node(e.source)
            name = f" ({given.title or given.op})" if given.title or given.op else ""
            shape = "?" if given.shape is None else list(given.shape)
            lines.append(f"input     {e.arg}{name} {shape} {given.dtype} on {given.device}")
    if n.args:
        lines.append(f"with      {n.args}")
    return "\n  ".join(lines)


def failed_call(error: BaseException) -> FailedCall | None:
    """What failed, read from the error's traceback; None when the error came from elsewhere than an operation.

    That is the innermost operation, or the public function that refused its arguments before any operation ran.
    """
    steps = []
    trace = error.__traceback__
    while trace is not None:
        steps.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    first: tuple | None = None
    for k in range(len(steps) - 1, -1, -1):
        frame = steps[k][0]
        if not is_engine(frame):
            if str(frame.f_globals.get("__name__")).partition(".")[0] in _LIBRARIES:
                continue
            return None  # the user's own code raised
        found = _op_call(frame) or _public_call(frame)
        if found is None:
            first = first or _plain_call(frame)  # no better name may come
            if k and not is_engine(steps[k - 1][0]):  # what the user called, if it is a method of a tensor
                found = _method_call(frame) or first
        if found is not None:
            user = next(((f, line) for f, line in reversed(steps[:k]) if not is_engine(f)), (None, 0))
            source = None if user[0] is None else source_at(user[0].f_code.co_filename, user[1])
            op, name, tensors, args = found
            return FailedCall(op, name, tensors, args, _module([f for f, _ in steps[:k]]), user[0], source)
    return None


def _op_call(frame: FrameType) -> tuple | None:
    scope = frame.f_locals
    if frame.f_code is general.__code__:
        op, args = scope["op"], scope["args"]
    elif frame.f_code.co_filename.startswith("<glasstorch op ") and frame.f_code.co_name != "run":
        op = frame.f_globals["op"]
        args = tuple(scope[p.name] for p in op.params)
    else:
        return None
    tensors = [(arg, t) for arg, t in tensor_args(op, args) if t is not None]
    return op, op.label, tensors, args_text(Trace(op, args, (), "", None))


def _public_call(frame: FrameType) -> tuple | None:
    """A public function's call, with its arguments as they were given."""
    guarded = frame.f_code.co_filename.startswith(GUARDED)
    return _function_call(frame, frame.f_code.co_name) if guarded else None


def _plain_call(frame: FrameType) -> tuple | None:
    """Any other function or method of the engine that was given tensors, unless it is a helper."""
    name = frame.f_code.co_name
    helper = name.startswith(("_", "<")) and not (name.startswith("__") and name != "__call__")
    found = None if helper else _function_call(frame, name)
    if found is None or not found[2]:
        return None
    owner = frame.f_locals.get("self")
    return found if not hasattr(owner, "named_modules") else (None, type(owner).__name__, *found[2:])


def _method_call(frame: FrameType) -> tuple | None:
    names = inspect.getargvalues(frame).args
    if not names or not isinstance(frame.f_locals.get(names[0]), Tensor):
        return None
    return _function_call(frame, frame.f_code.co_name.strip("_"))


def _function_call(frame: FrameType, name: str) -> tuple:
    given = inspect.getargvalues(frame)
    values = [(name, given.locals[name]) for name in given.args if name in given.locals]
    values += [(given.varargs, a) for a in given.locals.get(given.varargs, ())] if given.varargs else []
    tensors = [(name, t) for name, v in values for t in (v if isinstance(v, (list, tuple)) else (v,))
               if isinstance(t, Tensor)]  # fmt: skip
    rest = [f"{name}={v!r}" for name, v in values if isinstance(v, (bool, int, float, str))]
    return None, name, tensors, ", ".join(rest)


def _module(frames: list[FrameType]) -> str:
    """The path of the innermost module that was being called."""
    called = [f.f_locals.get("self") for f in frames if f.f_code.co_name == "__call__" and is_engine(f)]
    modules: list[Any] = [m for m in called if hasattr(m, "named_modules")]
    if not modules:
        return ""
    names = {id(m): name for name, m in modules[0].named_modules()}
    return names.get(id(modules[-1]), type(modules[-1]).__name__)


__all__ = ["explain_failure", "failed_call", "snapshot_failure"]
