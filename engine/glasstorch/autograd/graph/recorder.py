"""Recording: what each operation was called with, in which module, by which line of the user's code."""

from __future__ import annotations

import linecache
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ...core.mode import STATE
from ...core.node import Port
from ...core.op import Op
from ...core.tensor import Tensor
from .calls import Call, given

_ENGINE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's code."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """How a node came to be: enough to show it and to run it again."""

    op: Op
    args: tuple
    outputs: tuple  # arrays; the output tensors themselves would keep the node alive
    module: str
    source: Source | None
    call: Call | None = None


class Recorder:
    """Notes operations as they happen. One for the process; the module path is kept for each thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def note(self, op: Op, args: tuple, outputs: list) -> None:
        """Called by the dispatcher after each operation."""
        frame = _user_frame()
        _name_inputs(args, frame)
        self._keep(op, args, outputs, frame)

    def _keep(self, op: Op, args: tuple, outputs: list, frame: FrameType | None) -> None:
        node = next((o._node for o in outputs if o._node is not None), None)
        if node is None:
            return
        if isinstance(node, Port):
            node = node.edges[0]
        node.ensure_extra().trace = self._trace(op, args, outputs, frame)

    def _trace(self, op: Op, args: tuple, outputs: list, frame: FrameType | None) -> Trace:
        module = self._stack()[-1] if self._stack() else ""
        return Trace(op, args, tuple(o._a for o in outputs), module, _source(frame), self._local.call)

    def copied(self, copy: Tensor, original: Tensor) -> None:
        """Called when an in-place operation reads a copy of what it is about to write into."""

    def wrote(self, tensor: Tensor, values: Tensor) -> None:
        """Called when ``values`` were written into ``tensor``. Graphs with gradients follow that by themselves."""

    def _stack(self) -> list[str]:
        if not hasattr(self._local, "stack"):
            self._local.stack, self._local.names, self._local.call = [], {}, None
        return self._local.stack

    def enter_module(self, module: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        """Called by ``Module.__call__``: operations from here on belong to this module."""
        stack = self._stack()
        if not stack:
            self._local.names = {id(m): name for name, m in module.named_modules()}
            for name, p in [*module.named_parameters(), *module.named_buffers()]:
                p._ensure_extra().name = name
        stack.append(self._local.names.get(id(module), type(module).__name__))
        self._local.call = Call(stack[-1], type(module).__name__, self._local.call, given(args, kwargs))

    def exit_module(self) -> None:
        """Called when the module's forward is over."""
        self._stack().pop()
        self._local.call = self._local.call.parent


def _user_frame() -> FrameType | None:
    """The nearest caller outside the engine."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and (
        frame.f_code.co_filename.startswith((_ENGINE, "<glasstorch"))
        or frame.f_globals.get("__glasstorch_hidden__")
    ):
        frame = frame.f_back
    return frame


def _source(frame: FrameType | None) -> Source | None:
    if frame is None:
        return None
    file, line = frame.f_code.co_filename, frame.f_lineno
    return Source(file, line, linecache.getline(file, line).strip())


def _name_inputs(args: tuple, frame: FrameType | None) -> None:
    """Give tensors that the user made the name of the variable they are in."""
    if frame is None:
        return
    for a in args:
        for t in a if isinstance(a, (list, tuple)) else (a,):
            if isinstance(t, Tensor) and t._node is None and (t._x is None or t._x.name is None):
                name = variable_name(t, frame)
                if name:
                    t._ensure_extra().name = name


def variable_name(value: Any, frame: FrameType) -> str | None:
    """The name of a variable of ``frame`` that holds ``value``; hidden names are passed over."""
    for scope in (frame.f_locals, frame.f_globals):
        for name, v in list(scope.items()):
            if v is value and not name.startswith("_"):
                return name
    return None


class record:
    """Keep what operations do, for a ``with`` block: values, arguments, module path, source line.

    Costs a few microseconds for each operation, and keeps every intermediate value as long as its graph lives.
    """

    def __enter__(self) -> record:
        self._previous = STATE.recorder
        start_recording()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._previous is None:
            stop_recording()


def start_recording() -> None:
    """Record from here on (a notebook session, say)."""
    if STATE.recorder is None:
        STATE.recorder = Recorder()
        STATE.enter()


def stop_recording() -> None:
    """Stop recording. Graphs recorded so far keep their record."""
    if STATE.recorder is not None:
        STATE.recorder = None
        STATE.leave()


def recording() -> bool:
    """Is recording on?"""
    return STATE.recorder is not None
