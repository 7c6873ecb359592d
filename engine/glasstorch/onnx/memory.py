"""Writes, for models that have no memory: each gives new values to the tensor written into and to all that share its
memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..jit.program import Call, Program, Slot, Write, slots_in

if TYPE_CHECKING:
    from .export import Writer


class Memory:
    """Which slots of a program share memory, and by what views.

    Args:
        program: the program that is written.
    """

    def __init__(self, program: Program) -> None:
        self._group = program.aliases
        self._begin = {*program.inputs, *(slot for slot, _ in program.captured)}
        self._views: dict[int, list[Call]] = {}

    def saw(self, call: Call) -> None:
        """Note a step that has been written, if it made a view."""
        group = self._group[call.outputs[0]]
        if any(self._group[s] == group for s in slots_in(call.args)):
            self._views.setdefault(group, []).append(call)

    def write(self, w: Writer, step: Write) -> None:
        """Write ``target[...] = values``."""
        target = step.target
        views = self._views.get(self._group[target], [])
        owner = self._source(views[0]) if views else target
        if owner in self._begin:
            w.stop(
                "The code writes into an input, a parameter or a buffer, which a model in ONNX cannot. Put the model "
                "into eval() mode, or write into a clone()."
            )
        name = w.name(step.values)
        if step.values.dtype != target.dtype:
            name = w.cast(name, np.dtype(target.dtype))
        if step.values.shape != target.shape:
            name = w.node("Expand", name, w.integers(target.shape))
        if target is not owner:
            places = w.integers(self._places(views, owner)[target].reshape(-1))
            flat = w.integers([-1])
            whole = w.node("Reshape", w.name(owner), flat)
            whole = w.node("ScatterElements", whole, places, w.node("Reshape", name, flat), axis=0)
            name = w.node("Reshape", whole, w.integers(owner.shape), allowzero=1)
        w.called(owner, name)
        for call in views:
            w.call(call)

    def _source(self, view: Call) -> Slot:
        group = self._group[view.outputs[0]]
        return next(s for s in slots_in(view.args) if self._group[s] == group)

    def _places(self, views: list[Call], owner: Slot) -> dict[Slot, np.ndarray]:
        """For each view, which elements of the owner it shows."""
        size = int(np.prod(owner.shape, dtype=np.int64))
        found = {owner: np.arange(size).reshape(owner.shape)}
        for call in views:
            source = self._source(call)
            args = [found[source] if a is source else a for a in call.args]
            made = call.function(np, *args)
            made = made[0] if call.keeps else made
            found.update(zip(call.outputs, made if isinstance(made, (list, tuple)) else [made], strict=True))
        return found


def used_slots(program: Program) -> set[Slot]:
    """The slots that lead to a result."""
    group, used = program.aliases, set(program.outputs)
    for step in reversed(program.steps):
        if isinstance(step, Write):
            if any(group[s] == group[step.target] for s in used):
                used.update((step.values, *(s for s, g in group.items() if g == group[step.target])))
        elif isinstance(step, Call):
            if any(s in used for s in step.outputs):
                used.update(slots_in(step.args))
        elif step.output in used:
            used.add(step.source)
    return used
