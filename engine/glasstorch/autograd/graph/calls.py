"""Which call of which module each node of a graph belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.tensor import Tensor
from .model import ModuleCall


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of a module while its operations were recorded: each call is an object of its own."""

    path: str
    type: str
    parent: Call | None
    name: str  # of the variable that holds the outermost module, "" for others
    given: tuple[Tensor, ...]  # arguments without a history: the call's inputs, not its own constants

    def chain(self) -> list[Call]:
        """The calls around this one and itself, the outermost first."""
        out: list[Call] = []
        at: Call | None = self
        while at is not None:
            out.append(at)
            at = at.parent
        return out[::-1]


def given(args: Any, kwargs: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """The tensors among a call's arguments that no recorded operation made."""
    return tuple(t for t in _tensors([*args, *kwargs.values()]) if t._node is None)


def _tensors(parts: Sequence[Any]) -> Iterator[Tensor]:
    for part in parts:
        if isinstance(part, Tensor):
            yield part
        elif isinstance(part, (list, tuple)):
            yield from _tensors(part)


def placed(steps: Sequence[Any]) -> tuple[tuple[ModuleCall, ...], dict[str, int]]:
    """All calls behind the steps of a ``Program``, and the place among them of each step that belongs to one.

    An operation belongs to the innermost call that ran it. A leaf or constant belongs to the innermost call that
    holds all its uses and was not given it as an argument.
    """
    of: dict[str, list[Call]] = {}
    tensors = {s.id: s.tensor for s in steps if s.tensor is not None}
    for s in steps:
        if s.tensor is not None:
            continue
        chain = s.trace.call.chain() if s.trace is not None and s.trace.call is not None else []
        of[s.id] = chain
        for source, _, _ in s.inputs:
            if source in tensors:
                of[source] = _shared(of[source], chain) if source in of else chain
    for id, tensor in tensors.items():
        chain = of.get(id, [])
        outer = next((k for k, call in enumerate(chain) if any(t is tensor for t in call.given)), len(chain))
        of[id] = chain[:outer]
    number: dict[Call, int] = {}
    calls: list[ModuleCall] = []
    for s in steps:
        for call in of[s.id]:
            if call not in number:
                number[call] = len(calls)
                parent = None if call.parent is None else number[call.parent]
                calls.append(ModuleCall(call.path, call.type, parent, call.name))
    return tuple(calls), {id: number[chain[-1]] for id, chain in of.items() if chain}


def _shared(a: list[Call], b: list[Call]) -> list[Call]:
    same = 0
    while same < min(len(a), len(b)) and a[same] is b[same]:
        same += 1
    return a[:same]
