"""Watching a call: what the engine tells of it becomes a program.

A ``Tracer`` stands where a graph recorder stands, and writes down every operation, write and random draw.
"""

from __future__ import annotations

import functools
import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from ..autograd.graph.recorder import Recorder, source_of
from ..core import dispatch
from ..core.frames import user_frame
from ..core.node import Node, Port
from ..core.op import LIST, Op
from ..core.tensor import Tensor
from ..random import Generator, default_generator
from .program import Call, Copy, Program, Slot, Step, Untraceable, Write, slots_in, version_of

# Operations some of whose arguments are arrays that depend on sizes alone: positions, divisors.
_FROM_SIZES = {
    "avg_pool", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", "scatter_at", "scatter_add_at",
    "scatter_reduce_at",
}  # fmt: skip


@dataclass
class _Root:
    """A tensor from outside as it was before the call."""

    tensor: Tensor
    rg: bool
    node: Any
    version: int


def _noting(method: Callable) -> Callable:
    """What the engine tells, while this thread's call can still become a program. The call itself is never stopped."""

    @functools.wraps(method)
    def run(self: Tracer, *args: Any, **kwargs: Any) -> None:
        if self.failure is None and threading.get_ident() == self.thread:
            try:
                method(self, *args, **kwargs)
            except Untraceable as reason:
                self.failure = str(reason)

    return run


class Tracer(Recorder):
    """Writes down what this thread's operations do, as long as ``with tracer:`` lasts.

    Attributes:
        failure: why there is no program, as soon as that is clear. The call goes on, with its own result.

    Args:
        inputs: the tensors that will be others at every run.
        known: a module's parameters and buffers, by name.
        on_read: called with a sentence where the code reads a number out of a tensor, since a program cannot follow
            what Python does with it.
    """

    for_any_values = True
    compiling = False  # for torch.compile, which may do without a program?

    def __init__(
        self, inputs: Sequence[Tensor], known: Mapping[str, Tensor], on_read: Callable[[str], None]
    ) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.captured: list[tuple[Slot, Tensor]] = []
        self.constants: list[tuple[Slot, Any]] = []
        self.calls: dict[Node, Call] = {}
        self._slots: dict[
            int, Slot
        ] = {}  # by array: tensors that share one, as after detach(), share its slot
        self._arrays: dict[
            Slot, Any
        ] = {}  # also keeps each array, so that none gets another's place in memory
        self.thread = threading.get_ident()
        self.failure: str | None = None
        self._on_read = on_read
        self.outside: list[
            tuple[Tensor, Any]
        ] = []  # captured without a name, each with what it held at first
        self._pristine: dict[Slot, Any] = {}  # what tensors that were made from nothing held at first
        # The arrays of all tensors there are, with their versions: what else turns up later was made by the call.
        # (Not by gc.get_objects: holding other threads' half-made tuples, even for a moment, breaks them.)
        self._before = {
            id(a): (a, o, version_of(o))
            for o in gc.get_referrers(*_classes(Tensor))
            if issubclass(type(o), Tensor) and (a := getattr(o, "_a", None)) is not None
        }
        self._roots = [_Root(t, t._rg, t._node, version_of(t)) for t in (*inputs, *known.values())]
        self._written: set[int] = set()  # version counters of tensors that steps write into
        self.inputs = [self._new(t._a, f"input {k}") for k, t in enumerate(inputs)]
        self._known = {id(t._a): (name, t) for name, t in known.items()}

    def give_up(self, reason: str) -> None:
        """The call goes on; there will be no program of it."""
        self.failure = self.failure or reason

    def program(self, outputs: Sequence[Tensor]) -> Program:
        """The program whose results are these tensors.

        Raises:
            Untraceable: there is none.
        """
        if self.failure is not None:
            raise Untraceable(self.failure)
        slots = [self.slot(t) for t in outputs]
        for slot in slots:
            self._own(slot)
        for _, tensor, version in self._before.values():
            if version_of(tensor) != version and id(tensor._v) not in self._written:
                raise Untraceable(
                    f"A tensor of shape {list(tensor.shape)} was changed by something that is no operation (an "
                    "optimizer's step, an argument out=, resize_), so a program would not change it."
                )
        bumps: dict[int, tuple[Slot, int]] = {}
        for root in self._roots:
            tensor = root.tensor
            if tensor._rg is not root.rg or tensor._node is not root.node:
                raise Untraceable(
                    f"The call made a tensor of shape {list(tensor.shape)} from outside part of the graph, by writing "
                    "into it or with requires_grad_(). Write the result into a new tensor."
                )
            place = self._slots.get(id(tensor._a))
            if version_of(tensor) != root.version and place is not None:
                bumps.setdefault(id(tensor._v), (place, version_of(tensor) - root.version))
        self._before, self._roots = {}, []
        return Program(
            self.inputs, self.captured, self.constants, self.steps, slots, self._aliases(), dict(bumps.values()),
            self.calls,
        )  # fmt: skip

    # ------------------------------------------------------------------ slots
    def _new(self, array: Any, title: str = "") -> Slot:
        if not isinstance(array, np.ndarray):
            raise Untraceable("Programs run on the CPU; a tensor of this call is on another device.")
        made = Slot(len(self._arrays), array.shape, array.dtype, title, _order(array))
        self._slots[id(array)] = made
        self._arrays[made] = array
        return made

    def slot(self, tensor: Tensor) -> Slot:
        """A tensor's slot; one that no step has made is captured."""
        found = self._slots.get(id(tensor._a))
        if found is None:
            name, tensor = self._known.get(id(tensor._a), ("", tensor))
            if not name and id(tensor._a) not in self._before:
                raise Untraceable(
                    f"A tensor of shape {list(tensor.shape)} was made by something that is no operation (a function "
                    "whose result's size depends on values, NumPy, a sampling function), so a program cannot make it "
                    "again."
                )
            found = self._new(tensor._a, name)
            if not name:
                self.outside.append((tensor, tensor._a.copy()))
                self._roots.append(_Root(tensor, tensor._rg, tensor._node, version_of(tensor)))
            self.captured.append((found, tensor))
        return found

    def _template(self, value: Any, name: str) -> Any:
        """A plain argument with slots where it has tensors or arrays."""
        if isinstance(value, Tensor):
            return self.slot(value)
        if isinstance(value, np.ndarray):
            return self._slot_of_array(value, name)
        if type(value) in (list, tuple):
            return type(value)(self._template(v, name) for v in value)
        return value

    def _slot_of_array(self, array: Any, name: str) -> Slot:
        found = self._slots.get(id(array))
        if found is None and id(array) in self._before:
            found = self.slot(self._before[id(array)][1])
        if found is None:
            if name not in _FROM_SIZES:
                raise Untraceable(f"{name}: numbers were taken out of a tensor on the way to this operation.")
            found = self._new(array, "constant")
            self.constants.append((found, array))
        return found

    def _aliases(self) -> dict[Slot, int]:
        groups: dict[Slot, int] = {slot: slot.number for slot in self._arrays}
        for step in self.steps:
            if isinstance(step, Call):
                for out in step.outputs:
                    for slot in slots_in(step.args):
                        if groups[slot] != groups[out] and np.may_share_memory(
                            self._arrays[out], self._arrays[slot]
                        ):
                            old, new = groups[out], groups[slot]
                            groups.update((s, new) for s, g in groups.items() if g == old)
        return groups

    # ------------------------------------------------------------------ what the engine tells
    @_noting
    def note(self, op: Op, args: tuple, outputs: list, frame: FrameType | None = None) -> None:
        template, casts = self._arguments(op, args)
        half = op.wide and any(
            isinstance(a, Tensor) and a._a.dtype.itemsize == 2 and a.dtype.is_floating_point for a in args
        )
        _check_masks(op, template)
        slots = tuple(self._new(o._a) for o in outputs)
        call = Call(
            op, op.forward, template, casts, slots, self.module(), source_of(frame or user_frame()),
            bool(op.keeps), half,
        )  # fmt: skip
        self.steps.append(call)
        for o in outputs:
            if o._node is not None:
                self.calls[o._node.edges[0] if isinstance(o._node, Port) else o._node] = call

    def _arguments(self, op: Op, args: tuple) -> tuple[tuple, dict[Any, Any]]:
        """The arguments with slots for tensors, and the types they are brought to, as the dispatcher does it."""
        flat, arrays, xp = dispatch._operands(op, args)
        before = list(arrays)
        if op.types is not None:
            dispatch._promote(op, args, flat, arrays, xp)
        template: list[Any] = []
        casts: dict[Any, Any] = {}
        for k, (param, given) in enumerate(zip(op.params, args, strict=True)):
            if param.kind == LIST:
                template.append([self.slot(t) for t in given])
            elif param.kind and isinstance(given, Tensor):
                template.append(self.slot(given))
                if arrays[k].dtype != before[k].dtype:
                    casts[k] = arrays[k].dtype
            else:
                template.append(arrays[k] if param.kind else self._template(given, op.name))
        return tuple(template), casts

    @_noting
    def did(self, function: Callable, args: tuple, outputs: Sequence[Any]) -> None:
        """Called when arrays were made or changed by something that is no operation."""
        if any(isinstance(a, Generator) and a is not default_generator for a in args):
            raise Untraceable(
                "The code draws from a random generator of its own; programs draw from the default one."
            )
        template = tuple(self._template(a, function.__name__.strip("_")) for a in args)
        self._written.update(id(self._before[id(a)][1]._v) for a in args if id(a) in self._before)
        slots = tuple(self._new(a) for a in outputs)
        self.steps.append(Call(None, function, template, {}, slots, self.module(), source_of(user_frame())))

    @_noting
    def made(self, array: Any) -> None:
        """Called when a tensor was made from nothing."""
        if id(array) not in self._slots:
            slot = self._new(array, "constant")
            self._pristine[slot] = array.copy()
            self.constants.append((slot, array))

    @_noting
    def copied(self, copy: Tensor, original: Tensor) -> None:
        source = self.slot(original)
        self.steps.append(Copy(self._new(copy._a), source))

    @_noting
    def wrote(self, tensor: Tensor, values: Tensor) -> None:
        self._written.add(id(tensor._v))
        known = id(tensor._a) in self._slots or id(tensor._a) in self._known
        if not known and id(tensor._a) in self._before:
            raise Untraceable(
                "A tensor from outside was written into before anything read it. Make it an input, a parameter or a "
                "buffer of the module."
            )
        target = self.slot(tensor)
        self._own(target)
        if values._a.ndim == 0 and id(values._a) not in self._slots:
            self.made(values._a)  # the number of ``fill_``
        self.steps.append(Write(target, self.slot(values)))

    def _own(self, slot: Slot) -> None:
        """A constant that is written into or given away: every run begins with a copy of what it held at first."""
        if slot in self._pristine:
            array = self._pristine.pop(slot)
            first = self._new(array, "constant")
            self.constants = [(first, array) if s is slot else (s, a) for s, a in self.constants]
            self.steps.insert(0, Copy(slot, first))

    @_noting
    def read(self, tensor: Tensor, what: str) -> None:
        """Called when Python is given a tensor's numbers."""
        slot = self._slots.get(id(tensor._a))
        if slot not in self._pristine and (slot is not None or id(tensor._a) in self._before):
            self._on_read(what)

    @_noting
    def refuse(self, what: str) -> None:
        """Called when something happens that no program can say; ``what`` names it."""
        raise Untraceable(f"{what} is no part of a program.")


def _check_masks(op: Op, template: tuple) -> None:
    """Raises Untraceable where a mask decides how many numbers are read, or how many are taken to be written."""
    if op.name not in ("take_index", "masked_select_at") and not op.name.endswith("_at"):
        return
    pairs = list(zip(op.params, template, strict=True))
    masked = any(s.dtype.kind == "b" for p, t in pairs if not p.kind for s in slots_in(t))
    if masked and not any(isinstance(t, Slot) and not t.shape for p, t in pairs[1:] if p.kind):
        raise Untraceable(
            f"{op.name}: a mask decides how many numbers that is, so it can differ from call to call."
        )


def _classes(cls: type) -> Iterator[type]:
    yield cls
    subclasses: list[type] = cls.__subclasses__()
    for below in subclasses:
        yield from _classes(below)


def _order(array: Any) -> tuple[int, ...]:
    if array.ndim < 2 or array.flags.c_contiguous:
        return ()
    return tuple(sorted(range(array.ndim), key=lambda d: -abs(array.strides[d])))
