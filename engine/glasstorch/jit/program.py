"""A program: what one call of a function did to arrays, as a straight line of steps.

It has no tensors in it and no Python of the user's: each array has a ``Slot``, each step says which slots it reads and
fills. Shapes and types are those of the watched call, so a program is good for inputs like those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..autograd.graph.recorder import Source
from ..core.node import Node
from ..core.op import Op
from ..core.tensor import Tensor


class Untraceable(RuntimeError):
    """The call did something that a program cannot say; the message tells what, and what to do."""


@dataclass(eq=False, slots=True)
class Slot:
    """The place of one array: ``shape`` and ``dtype`` (NumPy's) are always the same, the numbers are not.

    ``order``: the dimensions from the widest stride to the narrowest, where they do not lie in their own order. Sums
    add up in the order of memory, so a buffer has to lie as the watched call's array did.
    """

    number: int
    shape: tuple[int, ...]
    dtype: Any
    title: str = ""
    order: tuple[int, ...] = ()

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
        bumps: how many versions a run adds to what it begins with.
    """

    inputs: list[Slot]
    captured: list[tuple[Slot, Tensor]]
    constants: list[tuple[Slot, Any]]
    steps: list[Step]
    outputs: list[Slot]
    aliases: dict[Slot, int]
    bumps: dict[Slot, int]
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


def version_of(tensor: Tensor) -> int:
    """A tensor's version; 0 for one of inference mode, which has none."""
    v = getattr(tensor, "_v", None)
    return v[0] if v.__class__ is list else 0
