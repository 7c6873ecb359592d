"""The recorder: what the engine tells while a profiler runs, as ranges of time with what happened inside.

Each thread has a stack of open ranges. A call opens one and closes it when it is over, so ranges nest strictly, and a
range lasts at least as long as all that it contains. ``core`` knows the recorder as ``THREAD.profiler`` and asks it
at four places: an op on the general path, a public function that is no op, a node of the backward walk, a leaf's
gradient. None of them is on the way of an ordinary call: while no profiler runs, nothing is asked.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..backends import gpu_clock
from ..core.derive import fixed
from ..core.dispatch import general
from ..core.frames import is_engine
from ..core.functions import TENSORS
from ..core.node import Port
from ..core.op import REGISTRY, Op
from ..core.tensor import Tensor
from ..core.watched import LeafTurn
from . import arguments, beside, names
from .kinds import RecordScope
from .memory import MemoryLog

FUNCTION, BACKWARD, USER = (
    RecordScope.FUNCTION.value,
    RecordScope.BACKWARD_FUNCTION.value,
    RecordScope.USER_SCOPE.value,
)
OP, ANNOTATION, PYTHON = "cpu_op", "user_annotation", "python_function"
EVALUATE = "autograd::engine::evaluate_function: "
ACCUMULATE = "torch::autograd::AccumulateGrad"


@dataclass(frozen=True)
class Settings:
    """What to record, besides names and times."""

    shapes: bool = False
    stack: bool = False
    memory: bool = False
    modules: bool = False
    flops: bool = False
    device_time: bool = False


class Range:
    """A stretch of one thread's time with a name. Times are nanoseconds of ``time.perf_counter_ns``."""

    __slots__ = ("args", "bytes", "details", "device_bytes", "end", "ended_in", "forward_thread", "id", "kind", "marks",
                 "name", "parent", "scope", "seen", "sequence", "stack", "start", "thread")  # fmt: skip

    def __init__(self, name: str, kind: str, scope: int, parent: Range | None, thread: int) -> None:
        self.name, self.kind, self.scope, self.parent, self.thread = name, kind, scope, parent, thread
        self.start = self.end = 0  # end 0: still open
        self.ended_in = thread
        self.id = 0
        self.sequence, self.forward_thread = -1, 0
        self.seen: tuple | None = None  # the call's arguments, as ``arguments.seen`` keeps them
        self.stack: list[str] = []
        self.bytes = self.device_bytes = 0
        self.args: str | None = None
        self.details: dict[str, Any] | None = None  # more for the trace
        self.marks: Any = None  # events on the GPU's stream, before and after


class _Lane(threading.local):
    """One thread's place in the record."""

    top: Range | None = None  # the innermost open range
    passing = False  # is the op that comes next the one that was just announced?
    number = 0


class Recorder:
    """Everything that happened between ``attach`` and ``detach`` (attach.py)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.describes, self.places = settings.shapes or settings.flops, settings.stack
        self.on = False
        self.collecting = True  # switched by toggle_collection_dynamic
        self.ranges: list[Range] = []
        self.threads: dict[int, tuple[int, str]] = {}  # number -> the system's number and the name
        self.lane = _Lane()
        self.numbers = itertools.count(1)
        self.module_names: dict[int, tuple[Any, str]] = {}
        self.memory = MemoryLog(self) if settings.memory else None
        self.traffic: Any = None  # what distributed noted for this recorder (distributed/traffic.py)
        self.communication: list[tuple[str, Any, tuple | None]] = []
        self.started = self.stopped = 0
        self.epoch = 0  # add to a time to get nanoseconds since 1970

    def start(self) -> None:
        """Begin to collect."""
        self.epoch = time.time_ns() - time.perf_counter_ns()
        self.started = time.perf_counter_ns()
        self.on = True

    def stop(self) -> None:
        """Collect no more. Ranges that are still open end here; the GPU is waited for once."""
        self.on = False
        self.stopped = time.perf_counter_ns()
        for r in self.ranges:
            if not r.end:
                r.end = self.stopped
        beside.settle(self)
        self.module_names.clear()
        if self.memory is not None:
            self.memory.close()
        if self.settings.device_time:
            gpu_clock.wait()

    # ------------------------------------------------------------------ ranges
    def thread_number(self) -> int:
        """This thread's number in the record, from 1."""
        lane = self.lane
        if not lane.number:
            lane.number = next(self.numbers)
            self.threads[lane.number] = (threading.get_native_id(), threading.current_thread().name)
        return lane.number

    def open(self, name: str, args: tuple = (), kind: str = OP, scope: int = FUNCTION) -> Range:
        """Begin a range inside the innermost open one of this thread."""
        lane = self.lane
        top = lane.top
        while top is not None and top.end:  # it was closed by another thread
            top = top.parent
        r = Range(name, kind, scope, top, lane.number or self.thread_number())
        if self.describes:
            r.seen = arguments.seen(args)
        if self.places:
            r.stack = user_stack()
        if self.settings.device_time:
            r.marks = [gpu_clock.mark(), None]
        lane.top = r
        self.ranges.append(r)
        r.start = time.perf_counter_ns()
        return r

    def close(self, r: Range) -> None:
        """End a range, and with it whatever inside was left open."""
        end = time.perf_counter_ns()
        if r.end:
            return
        if r.marks is not None:
            r.marks[1] = gpu_clock.mark()
        lane = self.lane
        r.end, r.ended_in = end, lane.number or self.thread_number()
        inner = lane.top
        while inner is not None and inner is not r:
            inner = inner.parent
        if inner is r:
            while lane.top is not r:
                lane.top.end = lane.top.end or end  # type: ignore[union-attr]
                lane.top = lane.top.parent  # type: ignore[union-attr]
            lane.top = r.parent

    @contextlib.contextmanager
    def range(self, name: str, args: tuple) -> Iterator[None]:
        """A range around a block."""
        r = self.open(name, args)
        try:
            yield
        finally:
            self.close(r)

    def past(self, name: str, start: float, end: float) -> None:
        """A range that is over already, and had none inside; times in seconds."""
        r = self.open(name)
        r.start = int(start * 1e9)
        self.close(r)
        r.end = max(r.start, int(end * 1e9))

    def beside(self, name: str, event: Any, args: tuple) -> None:
        """Something goes on beside the program: its times are read from ``event`` (a traffic.Event) at the end."""
        self.communication.append((name, event, arguments.seen(args) if self.describes else None))

    @property
    def watching(self) -> bool:
        """Are operations recorded right now?"""
        return self.on and self.collecting

    # ------------------------------------------------------------------ what core asks
    def times_it_already(self) -> bool:
        """Is the op on the general path the one that ``op`` is just running (or is nothing recorded now)?"""
        lane = self.lane
        if lane.passing:
            lane.passing = False
            return True
        return not self.watching

    def op(self, op: Op, args: tuple, out: Tensor | None) -> Any:
        """Run an op inside a range; inside the range of a function or in-place form that is just this op, in that."""
        name, shown = names.of_op(op, args)
        lane, top = self.lane, self.lane.top
        whole = top is not None and top.name in (name, name + "_")
        r = top if whole else self.open(name, shown)
        assert r is not None
        lane.passing = True
        try:
            result = general(op, args, out)
            self.produced(r, result, args)
            return result
        finally:
            lane.passing = False
            if not whole:
                self.close(r)

    def function(self, public: Callable, plain: Callable) -> Callable:
        """``plain``, to be run inside a range with the name of the public function."""
        name = names.of_function(public) if self.watching else None
        if name is None:
            return plain
        return functools.partial(self.call, name, plain, names.shown_parameters(public))

    def call(self, name: str, func: Callable, parameters: tuple | None, /, *args: Any, **kwargs: Any) -> Any:
        """``func(*args, **kwargs)`` inside a range, unless the innermost one is its own already.

        ``parameters``: positions and defaults of the arguments to show; None for all that are given.
        """
        top = self.lane.top
        if top is not None and top.name == name:
            return func(*args, **kwargs)
        n = len(args)
        shown = (
            args if parameters is None else tuple(args[k] if k < n else default for k, default in parameters)
        )
        r = self.open(name, shown)
        try:
            result = func(*args, **kwargs)
            self.produced(r, result, (args, kwargs))
            return result
        finally:
            self.close(r)

    def annotated(self, name: str, func: Callable, *args: Any, **kwargs: Any) -> Any:
        """``func(*args, **kwargs)`` inside a range that the table shows as the user's own."""
        if not self.on:
            return func(*args, **kwargs)
        r = self.open(name, kind=ANNOTATION, scope=USER)
        try:
            return func(*args, **kwargs)
        finally:
            self.close(r)

    def module(self, module: Any, call: Callable, *args: Any, **kwargs: Any) -> Any:
        """A module's call inside a range such as ``nn.Module: Linear_0``."""
        if not (self.watching and (self.settings.modules or self.settings.stack)):
            return call(module, *args, **kwargs)
        r = self.open(self._module_name(module), kind=PYTHON)
        try:
            return call(module, *args, **kwargs)
        finally:
            self.close(r)

    def _module_name(self, module: Any) -> str:
        """``nn.Module: Class_k`` for the k-th instance of its class that was seen."""
        if id(module) not in self.module_names:
            kind = type(module).__name__
            k = sum(type(m).__name__ == kind for m, _ in self.module_names.values())
            self.module_names[id(module)] = (module, f"nn.Module: {kind}_{k}")
        return self.module_names[id(module)][1]

    def node(self, node: Any, F: Any, g: Any, saved: tuple) -> tuple:
        """Run one node of the backward walk inside its two ranges: PyTorch's engine has one around the formula's."""
        if not self.watching or isinstance(node, (Port, LeafTurn)):
            return node.run(F, g, saved) if node.fix is None else fixed(node, F, g, saved, node.fix)
        name = node.name()
        around, inner = self._backward_ranges(name, g)
        around.sequence = inner.sequence = node._seq
        try:
            F = F if F is TENSORS else _Formula(self, F)
            grads = node.run(F, g, saved) if node.fix is None else fixed(node, F, g, saved, node.fix)
            self.produced(inner, grads, (g, saved))
            return grads
        finally:
            self.close(inner)
            self.close(around)

    def accumulating(self, accumulate: Callable) -> Callable:
        """The walk's way of adding to a leaf's gradient, inside ranges named as in PyTorch."""

        def observed(leaf: Tensor, g: Any) -> None:
            if not self.watching:
                return accumulate(leaf, g)
            around, inner = self._backward_ranges(ACCUMULATE, g)
            try:
                accumulate(leaf, g)
                self.produced(inner, leaf._grad, (g,))
            finally:
                self.close(inner)
                self.close(around)

        return observed

    def _backward_ranges(self, name: str, g: Any) -> tuple[Range, Range]:
        around = self.open(EVALUATE + name)
        gradients = tuple(g.values()) if isinstance(g, dict) else (g,)
        return around, self.open(name, gradients, scope=BACKWARD)

    def produced(self, r: Range, result: Any, inputs: Any) -> None:
        """Note what a call returned: the node it recorded, the memory it took."""
        if r.kind is OP and r.scope == FUNCTION:
            first = result[0] if isinstance(result, (tuple, list)) and result else result
            node = first._node if isinstance(first, Tensor) else None
            if node is not None:
                r.sequence = (node.edges[0] if isinstance(node, Port) else node)._seq
        if self.memory is not None:
            self.memory.produced(result, inputs)


class _Formula:
    """The functions in which a derivative is written, each call a range. Arithmetic between arrays is not seen."""

    def __init__(self, recorder: Recorder, F: Any) -> None:
        self._recorder, self._F = recorder, F

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._F, name)
        op, recorder = REGISTRY.get(name), self._recorder
        if op is None:
            return function

        def call(*args: Any, **kwargs: Any) -> Any:
            return recorder.call(names.operator(name), function, None, *args, **kwargs)

        setattr(self, name, call)
        return call

    def sum_to_size(self, x: Any, shape: tuple) -> Any:
        if tuple(x.shape) == tuple(shape):
            return x
        return self._recorder.call("aten::sum", self._F.sum_to_size, None, x, shape)


def user_stack() -> list[str]:
    """The user's frames, innermost first, as ``file(line): function``; the engine's own are left out."""
    frame: Any = sys._getframe(2)
    found = []
    while frame is not None:
        code = frame.f_code
        if not is_engine(frame):
            found.append(f"{short_path(code.co_filename)}({frame.f_lineno}): {code.co_name}")
        frame = frame.f_back
    return found


@functools.cache
def short_path(file: str) -> str:
    """A file relative to the longest folder of the import path that holds it, as PyTorch's traces have it."""
    folders = [os.path.join(os.path.abspath(p), "") for p in sys.path]
    best = max((f for f in folders if file.startswith(f)), key=len, default="")
    return file[len(best) :]
