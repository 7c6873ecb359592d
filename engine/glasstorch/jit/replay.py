"""Running a program: arrays in, tensors out, and one node in the graph for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.functions import TENSORS
from ..core.mode import THREAD
from ..core.node import Node, Parts, Port
from ..core.tensor import Tensor, wrap
from . import emit
from .program import Program, Write


class Arena:
    """One run's buffers. They go back to the program when nobody needs the run's values any more."""

    __slots__ = ("_pool", "arrays")

    def __init__(self, pool: list, kinds: Sequence[tuple]) -> None:
        self._pool = pool
        self.arrays = pool.pop() if pool else [np.empty(shape, dtype) for shape, dtype in kinds]

    def __del__(self) -> None:
        self._pool.append(self.arrays)


class TracedBackward(Node):
    """Stands in the graph for a whole program."""

    __slots__ = ("runner", "shapes", "watched")
    runner: Runner
    shapes: list[tuple]  # of the results that get a gradient: shape and type
    watched: list[tuple[Tensor, int]]  # what the derivative reads and others may change, with its version

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        if F is TENSORS:
            raise RuntimeError(
                "A traced program has no second derivative: its backward is a program too. Call the function itself, "
                "untraced, for create_graph=True."
            )
        for tensor, version in self.watched:
            if tensor._v[0] != version:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"a tensor of shape {list(tensor.shape)} that a traced program has read is at version "
                    f"{tensor._v[0]}; expected version {version}. Call backward() before changing it."
                )
        values, _ = saved
        derivative = self.runner.derivative
        assert derivative is not None
        given = g if isinstance(g, Parts) else {0: g}
        gradients = [given.get(k) for k in range(len(derivative.roots))]
        for k, gradient in enumerate(gradients):
            if gradient is None:
                shape, dtype = self.shapes[k]
                gradients[k] = np.zeros(shape, dtype)
        return tuple(derivative.run(values, gradients))

    def name(self) -> str:
        return "TracedBackward"


class Runner:
    """A program made ready to run.

    Args:
        program: the steps. results: the tensors that the traced call returned; leaves: its inputs, each a leaf.
    """

    def __init__(self, program: Program, results: list[Tensor], leaves: list[Tensor]) -> None:
        self.program = program
        self.derivative = emit.backward(program, results, leaves)
        saved = self.derivative.saved if self.derivative is not None else ()
        self.forward = emit.forward(program, saved)
        self._pool: list = []
        self._written = {
            id(t) for step in program.steps if isinstance(step, Write)
            for slot, t in program.captured if slot is step.target
        }  # fmt: skip

    @property
    def code(self) -> str:
        """The program as Python, forward and backward."""
        texts = [self.forward.text]
        if self.derivative is not None:
            texts.append(self.derivative.text)
        return "\n\n".join(texts) + "\n"

    def arrays(self, inputs: Sequence[Tensor]) -> list[Any]:
        """What the program begins with."""
        return [t._a for t in inputs] + [t._a for _, t in self.program.captured]

    def arena(self) -> Arena:
        """Buffers for one run."""
        return Arena(self._pool, self.forward.buffers)

    def __call__(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        captured = [t for _, t in self.program.captured]
        arrays, arena = self.arrays(inputs), self.arena()
        results, values = self.forward.run(arrays, arena.arrays)
        for t in captured:
            if id(t) in self._written:
                t._v[0] += 1
        known = {id(a): t for a, t in zip(arrays, (*inputs, *captured), strict=True)}
        tensors = [known[id(a)] if id(a) in known else wrap(a) for a in results]
        if self.derivative is not None and THREAD.grad:
            self._record(tensors, (*inputs, *captured), values, arena)
        return tensors

    def _record(self, tensors: list[Tensor], begin: tuple, values: tuple, arena: Arena) -> None:
        derivative = self.derivative
        assert derivative is not None
        place = dict(zip(self.forward.begin, begin, strict=True))
        ends = [place[slot] for slot in derivative.ends]
        edges = tuple((t._node or t) if t._rg else None for t in ends)
        node = TracedBackward(edges, (values, arena), None, None)
        node.runner = self
        node.shapes = [(tensors[k]._a.shape, tensors[k]._a.dtype) for k in derivative.roots]
        node.watched = [(place[s], place[s]._v[0]) for s in derivative.saved if s in place]
        for number, k in enumerate(derivative.roots):
            tensors[k]._rg = True
            tensors[k]._node = node if len(derivative.roots) == 1 else Port(node, number)
