"""Recording: what each operation was called with, in which module, by which line of the user's code."""

from __future__ import annotations

import linecache
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from ...core.frames import user_frame
from ...core.mode import STATE
from ...core.node import Node, Port
from ...core.op import Op
from ...core.tensor import Tensor
from .calls import Call, given

if TYPE_CHECKING:
    from .model import Graph


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


@dataclass(frozen=True, slots=True)
class Applied:
    """How the node of a custom function came to be, as ``Trace`` tells it of an operation's."""

    function: Any  # the subclass of autograd.Function
    args: tuple
    outputs: tuple  # arrays; None for what is no tensor
    module: str
    source: Source | None
    call: Call | None = None


class Recorder:
    """Notes operations as they happen. One for the process; the module path is kept for each thread.

    As a context manager it records within the block, in place of the recorder before it.

    ``for_any_values``: is what is noted meant for other values too, so that the engine must not choose by these?
    """

    for_any_values = False

    def __init__(self) -> None:
        self._local = threading.local()
        self.holders = {
            "itself"
        }  # who wants the recording: ``release_recorder`` ends it with the last of them

    def __enter__(self) -> Self:
        self._previous, STATE.recorder = STATE.recorder, self
        STATE.enter()
        return self

    def __exit__(self, *exc: Any) -> None:
        STATE.recorder = self._previous
        STATE.leave()

    def note(self, op: Op, args: tuple, outputs: list, frame: FrameType | None = None) -> None:
        """Called by the dispatcher after each operation. ``frame``: the user's, when it is known already."""
        frame = frame or user_frame()
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
        module = self.module()
        return Trace(op, args, tuple(o._a for o in outputs), module, source_of(frame), self._local.call)

    def applies(self, args: tuple) -> None:
        """Called before a custom function runs: the user's names for its inputs, not those inside of it."""
        _name_inputs(args, user_frame())

    def applied(self, node: Node, function: Any, args: tuple, outputs: Sequence[Any]) -> None:
        """Called when a custom function has put its node into the graph."""
        arrays = tuple(o._a if isinstance(o, Tensor) else None for o in outputs)
        module = self.module()
        node.ensure_extra().trace = Applied(
            function, args, arrays, module, source_of(user_frame()), self._local.call
        )

    def copied(self, copy: Tensor, original: Tensor) -> None:
        """Called when an in-place operation reads a copy of what it is about to write into."""

    def wrote(self, tensor: Tensor, values: Tensor) -> None:
        """Called when ``values`` were written into ``tensor``. Graphs with gradients follow that by themselves."""

    def did(self, function: Callable, args: tuple, outputs: Sequence[Any]) -> None:
        """Called when ``function(*args)`` made or changed arrays and is no operation (random numbers, statistics)."""

    def made(self, array: Any) -> None:
        """Called when a tensor was made from nothing (``torch.zeros``)."""

    def read(self, tensor: Tensor, what: str) -> None:
        """Called when Python is given a tensor's numbers (``item()``, ``if tensor:``)."""

    def refuse(self, what: str) -> None:
        """Called when something happens that cannot be repeated operation by operation (``backward()``)."""

    def module(self) -> str:
        """The path of the module that runs now in this thread; empty outside of any."""
        return self._stack()[-1] if self._stack() else ""

    def _stack(self) -> list[str]:
        if not hasattr(self._local, "stack"):
            self._local.stack, self._local.names, self._local.call = [], {}, None
        return self._local.stack

    def enter_module(self, module: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        """Called by ``Module.__call__``: operations from here on belong to this module."""
        stack, variable = self._stack(), ""
        if not stack:
            frame = user_frame()
            variable = (variable_name(module, frame) if frame is not None else None) or ""
            self._local.names = {id(m): name for name, m in module.named_modules()}
            for name, p in [*module.named_parameters(), *module.named_buffers()]:
                p._ensure_extra().name = name
        stack.append(self._local.names.get(id(module), type(module).__name__))
        self._local.call = Call(
            stack[-1], type(module).__name__, self._local.call, variable, given(args, kwargs)
        )

    def exit_module(self) -> None:
        """Called when the module's forward is over."""
        self._stack().pop()
        self._local.call = self._local.call.parent


def source_of(frame: FrameType | None) -> Source | None:
    """The line a frame is at."""
    if frame is None:
        return None
    return source_at(frame.f_code.co_filename, frame.f_lineno)


def source_at(file: str, line: int) -> Source:
    """A line of a file, with its text."""
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
    ``failure``: when the block ended with an error, the graph up to the operation that failed
    (``snapshot_failure``); else None. The error is kept for it, with the tensors of its frames, as long as this object.
    """

    def __init__(self) -> None:
        self._error: BaseException | None = None

    def __enter__(self) -> record:
        self._nested = STATE.recorder is not None and "user" in STATE.recorder.holders
        start_recording()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._error = error
        if not self._nested:
            stop_recording()

    @property
    def failure(self) -> Graph | None:
        """The ``Graph`` that ends at the operation that failed; None when none did."""
        from .failure import failed_call, snapshot_failure

        if self._error is None or failed_call(self._error) is None:
            return None
        return snapshot_failure(self._error)


def hold_recorder(holder: str) -> None:
    """Record from here on, for one more who wants it."""
    if STATE.recorder is None:
        STATE.recorder = Recorder()
        STATE.recorder.holders = {holder}
        STATE.enter()
    STATE.recorder.holders.add(holder)


def release_recorder(holder: str) -> None:
    """One holder less; the last one ends the recording."""
    if STATE.recorder is not None:
        STATE.recorder.holders.discard(holder)
        if not STATE.recorder.holders:
            STATE.recorder = None
            STATE.leave()


def start_recording() -> None:
    """Record from here on (a notebook session, say)."""
    hold_recorder("user")


def stop_recording() -> None:
    """Stop recording. Graphs recorded so far keep their record."""
    release_recorder("user")


def recording() -> bool:
    """Is recording on? Anomaly mode records too."""
    return STATE.recorder is not None
