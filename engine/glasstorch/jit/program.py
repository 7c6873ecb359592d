"""A program: what one call of a function did to arrays, as a straight line of steps.

A ``Tracer`` watches the call as a graph recorder does and writes down every operation, write and random draw. What it
writes down has no tensors in it and no Python of the user's: each array has a ``Slot``, each step says which slots it
reads and fills. Shapes and types are those of the watched call, so a program is good for inputs like those.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from ..autograd.graph.recorder import Recorder, Source, source_of
from ..core import dispatch
from ..core.frames import user_frame
from ..core.mode import STATE
from ..core.node import Node, Port
from ..core.op import LIST, Op
from ..core.tensor import Tensor


class Untraceable(RuntimeError):
    """The call did something that a program cannot say; the message tells what, and what to do."""


@dataclass(eq=False, slots=True)
class Slot:
    """The place of one array: ``shape`` and ``dtype`` (NumPy's) are always the same, the numbers are not."""

    number: int
    shape: tuple[int, ...]
    dtype: Any
    title: str = ""

    def __repr__(self) -> str:
        return f"v{self.number}"


@dataclass(eq=False)
class Call:
    """A function of arrays: an operation's forward, or a random draw or another effect (``op`` is None).

    Attributes:
        args: in the order of the function's parameters: slots, containers of slots, and constants.
        casts: the type to bring a slot to first, by the position of its argument (type promotion).
        keeps: does the function return further values that only the derivative wants? half: compute in float32?
    """

    op: Op | None
    function: Callable
    args: tuple
    casts: dict[Any, Any]
    outputs: tuple[Slot, ...]
    module: str = ""
    source: Source | None = None
    keeps: bool = False
    half: bool = False

    @property
    def label(self) -> str:
        return self.op.name if self.op is not None else self.function.__name__.strip("_")


@dataclass(eq=False)
class Write:
    """``target[...] = values``."""

    target: Slot
    values: Slot


@dataclass(eq=False)
class Copy:
    """``output = source.copy()``."""

    output: Slot
    source: Slot


Step = Call | Write | Copy


@dataclass(eq=False)
class Program:
    """Steps, what they begin with, and what they end with.

    Attributes:
        inputs: slots of the arguments' tensors. captured: slots of tensors that were there before, with the tensors.
        constants: slots of arrays that the call made from nothing (``torch.zeros``), with the arrays.
        outputs: slots of the results' tensors, in the order of ``tree_flatten``.
        aliases: for each slot a number that slots with shared memory have in common.
    """

    inputs: list[Slot]
    captured: list[tuple[Slot, Tensor]]
    constants: list[tuple[Slot, Any]]
    steps: list[Step]
    outputs: list[Slot]
    aliases: dict[Slot, int]
    calls: dict[Node, Call] = field(repr=False)  # by the node of the graph that the operation recorded

    def text(self) -> str:
        """One line for what it begins with, one for each step, and one for its results."""
        lines = [f"{slot!r}: {slot.dtype} {list(slot.shape)} = {slot.title}" for slot in self.inputs]
        lines += [f"{s!r}: {s.dtype} {list(s.shape)} = {s.title or 'captured'}" for s, _ in self.captured]
        lines += [f"{s!r}: {s.dtype} {list(s.shape)} = constant" for s, _ in self.constants]
        for step in self.steps:
            if isinstance(step, Write):
                lines.append(f"{step.target!r}[...] = {step.values!r}")
            elif isinstance(step, Copy):
                lines.append(f"{step.output!r} = copy({step.source!r})")
            else:
                made = ", ".join(f"{s!r}: {s.dtype} {list(s.shape)}" for s in step.outputs)
                given = ", ".join(map(repr, step.args)) if step.op is not None else "..."
                where = f"  # {step.module}" if step.module else ""
                lines.append(f"{made}{' = ' if made else ''}{step.label}({given}){where}")
        return "\n".join([*lines, f"return {', '.join(map(repr, self.outputs))}"])


class Tracer(Recorder):
    """Writes down what this thread's operations do, as long as ``with tracer:`` lasts.

    Args:
        inputs: the tensors that will be others at every run.
        known: a module's parameters and buffers, by name.
        on_read: called with a sentence where the code reads a number out of a tensor, since a program cannot follow
            what Python does with it.
    """

    for_any_values = True

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
        self._thread = threading.get_ident()
        self._on_read = on_read
        self.outside: list[
            tuple[Tensor, Any]
        ] = []  # captured without a name, each with what it held at first
        self._pristine: dict[Slot, Any] = {}  # what tensors that were made from nothing held at first
        # The arrays of all tensors there are: what else turns up later was made by the call.
        self._before = {
            id(a): a for o in gc.get_objects() if issubclass(type(o), Tensor) and (a := o._a) is not None
        }
        self.inputs = [self._new(t._a, f"input {k}") for k, t in enumerate(inputs)]
        self._known = {id(t._a): (name, t) for name, t in known.items()}

    def __enter__(self) -> Tracer:
        if STATE.recorder is not None and isinstance(STATE.recorder, Tracer):
            raise Untraceable("A trace was begun inside of another one.")
        self._previous, STATE.recorder = STATE.recorder, self
        STATE.enter()
        return self

    def __exit__(self, *exc: Any) -> None:
        STATE.recorder = self._previous
        STATE.leave()

    def program(self, outputs: Sequence[Tensor]) -> Program:
        """The program whose results are these tensors."""
        slots = [self.slot(t) for t in outputs]
        for slot in slots:
            self._own(slot)
        self._before = {}
        return Program(
            self.inputs, self.captured, self.constants, self.steps, slots, self._aliases(), self.calls
        )

    # ------------------------------------------------------------------ slots
    def _new(self, array: Any, title: str = "") -> Slot:
        if not isinstance(array, np.ndarray):
            raise Untraceable("Programs run on the CPU; a tensor of this call is on another device.")
        made = Slot(len(self._arrays), array.shape, array.dtype, title)
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
            self.captured.append((found, tensor))
        return found

    def _template(self, value: Any) -> Any:
        """A plain argument with slots where it has tensors or arrays."""
        if isinstance(value, Tensor):
            return self.slot(value)
        if isinstance(value, np.ndarray):
            return self._slot_of_array(value)
        if type(value) in (list, tuple):
            return type(value)(self._template(v) for v in value)
        return value

    def _slot_of_array(self, array: Any) -> Slot:
        found = self._slots.get(id(array))
        if found is None and id(array) in self._known:
            found = self.slot(self._known[id(array)][1])
        if found is None:
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
    def note(self, op: Op, args: tuple, outputs: list, frame: FrameType | None = None) -> None:
        if threading.get_ident() != self._thread:
            return
        template, casts = self._arguments(op, args)
        half = op.wide and any(
            isinstance(a, Tensor) and a._a.dtype.itemsize == 2 and a.dtype.is_floating_point for a in args
        )
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
                template.append(arrays[k] if param.kind else self._template(given))
        return tuple(template), casts

    def did(self, function: Callable, args: tuple, outputs: Sequence[Any]) -> None:
        """Called when arrays were made or changed by something that is no operation."""
        if threading.get_ident() != self._thread:
            return
        template = tuple(self._template(a) for a in args)
        slots = tuple(self._new(a) for a in outputs)
        self.steps.append(Call(None, function, template, {}, slots, self.module(), source_of(user_frame())))

    def made(self, array: Any) -> None:
        """Called when a tensor was made from nothing."""
        if threading.get_ident() == self._thread and id(array) not in self._slots:
            slot = self._new(array, "constant")
            self._pristine[slot] = array.copy()
            self.constants.append((slot, array))

    def copied(self, copy: Tensor, original: Tensor) -> None:
        if threading.get_ident() == self._thread:
            source = self.slot(original)
            self.steps.append(Copy(self._new(copy._a), source))

    def wrote(self, tensor: Tensor, values: Tensor) -> None:
        if threading.get_ident() != self._thread:
            return
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

    def read(self, tensor: Tensor, what: str) -> None:
        """Called when Python is given a tensor's numbers."""
        slot = self._slots.get(id(tensor._a))
        if threading.get_ident() == self._thread and slot is not None and slot.title != "constant":
            self._on_read(what)


def slots_in(value: Any) -> Iterator[Slot]:
    """The slots in an argument or in a tuple of them."""
    if isinstance(value, Slot):
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from slots_in(v)


def reads(step: Step) -> Iterator[Slot]:
    """The slots that a step reads."""
    if isinstance(step, Call):
        yield from slots_in(step.args)
    elif isinstance(step, Write):
        yield step.target
        yield step.values
    else:
        yield step.source


def fills(step: Step) -> tuple[Slot, ...]:
    """The slots that a step fills for the first time."""
    if isinstance(step, Call):
        return step.outputs
    return (step.output,) if isinstance(step, Copy) else ()
