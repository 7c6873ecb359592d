"""Running a program: arrays in, tensors out, and one node in the graph for all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.backward import grad
from ..core.dispatch import mark_inference
from ..core.functions import TENSORS
from ..core.mode import THREAD, enable_grad
from ..core.node import Node, Parts, Port
from ..core.tensor import Tensor, wrap
from . import emit
from .program import Call, Program, Write, version_of


class Arena:
    """One run's buffers. They go back to the program when nobody needs the run's values any more."""

    __slots__ = ("_pool", "arrays")

    def __init__(self, pool: list, kinds: Sequence[tuple]) -> None:
        self._pool = pool
        try:
            self.arrays = pool.pop()
        except IndexError:  # also where another thread was faster
            self.arrays = [_lying(*kind) for kind in kinds]

    def __del__(self) -> None:
        self._pool.append(self.arrays)


def _lying(shape: tuple[int, ...], dtype: Any, order: tuple[int, ...]) -> np.ndarray:
    """An empty array whose dimensions lie in memory in this order."""
    if not order:
        return np.empty(shape, dtype)
    return np.empty([shape[d] for d in order], dtype).transpose(np.argsort(order))


class TracedBackward(Node):
    """Stands in the graph for a whole program.

    ``saved``: values and arena, the tensors that it began with and their versions, and how to run the code once more.
    """

    __slots__ = ("runner", "shapes")
    runner: Runner
    shapes: list[tuple]  # of the results that get a gradient: shape and type

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        values, _, begin, versions, again = saved
        derivative = self.runner.derivative
        assert derivative is not None
        given = g if isinstance(g, Parts) else {0: g}
        gradients = [given.get(k) for k in range(len(derivative.roots))]
        twice = F is TENSORS
        for k in range(len(begin)) if twice else self.runner.watched:
            if version_of(begin[k]) != versions[k]:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"a tensor of shape {list(begin[k].shape)} that a traced program has read is at version "
                    f"{version_of(begin[k])}; expected version {versions[k]}. Call backward() before changing it."
                )
        if twice:
            return self._second(begin, again, gradients)
        for k, gradient in enumerate(gradients):
            if gradient is None:
                shape, dtype = self.shapes[k]
                gradients[k] = np.zeros(shape, dtype)
        return tuple(derivative.run(values, gradients))

    def _second(self, begin: tuple, again: Callable, gradients: list) -> tuple:
        """The gradients with a graph of their own: a program has none, so the code runs once more, operation by
        operation, and is differentiated."""
        derivative = self.runner.derivative
        assert derivative is not None
        if self.runner.has_effects:
            raise RuntimeError(
                "A traced program that draws random numbers or writes into tensors has no second derivative: for that "
                "its code would have to run again. Call the function itself, untraced, for create_graph=True."
            )
        with enable_grad():
            results = again()
            pairs = [
                (results[k], g) for k, g in zip(derivative.roots, gradients, strict=True) if g is not None
            ]
            place = dict(zip(self.runner.forward.begin, begin, strict=True))
            ends = [place[slot] for slot in derivative.ends]
            wanted = [t for t in ends if t._rg]
            found = iter(
                grad(
                    [r for r, _ in pairs], wanted, [g for _, g in pairs], create_graph=True, allow_unused=True
                )
            )
            return tuple(next(found) if t._rg else None for t in ends)

    def name(self) -> str:
        return "TracedBackward"


class Runner:
    """A program made ready to run.

    Args:
        program: the steps. results: the tensors that the traced call returned; leaves: its inputs, each a leaf.
        made: the results that come out of the program with a history of their own, by number (see results.py).
    """

    def __init__(
        self, program: Program, results: list[Tensor], leaves: list[Tensor], made: Sequence[int]
    ) -> None:
        self.program = program
        roots = tuple(k for k in made if results[k]._rg)
        self.derivative = emit.backward(program, results, leaves, roots)
        saved = self.derivative.saved if self.derivative is not None else ()
        self.forward = emit.forward(program, saved)
        self.watched = [k for k, slot in enumerate(self.forward.begin) if slot in saved]
        self.has_effects = any(
            isinstance(step, Write) or (isinstance(step, Call) and step.op is None) for step in program.steps
        )
        self._bumps = [(k, program.bumps[s]) for k, s in enumerate(self.forward.begin) if s in program.bumps]
        self._captured = [t for _, t in program.captured]
        self._as_they_were = [(t, t._a, t._rg) for t in self._captured]
        self._pool: list = []
        program.calls = {}  # the watched call's graph, with all that it saved

    @property
    def code(self) -> str:
        """The program as Python, forward and backward."""
        texts = [self.forward.text]
        if self.derivative is not None:
            texts.append(self.derivative.text)
        return "\n\n".join(texts) + "\n"

    def begin(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The tensors that the program begins with."""
        return (*inputs, *self._captured)

    def arena(self) -> Arena:
        """Buffers for one run."""
        return Arena(self._pool, self.forward.buffers)

    def fits(self) -> bool:
        """Are the captured tensors still what they were, but for their numbers?"""
        for k, (t, array, rg) in enumerate(self._as_they_were):
            if t._a is not array:  # .data was set, or .to() called: is it memory of the same kind?
                a = t._a
                if (
                    a.__class__ is not np.ndarray
                    or a.dtype != array.dtype
                    or a.shape != array.shape
                    or a.strides != array.strides
                ):
                    return False
                self._as_they_were[k] = t, a, rg
            if t._rg is not rg:
                return False
        return True

    def __call__(self, begin: tuple[Tensor, ...], again: Callable[[], Sequence[Tensor]]) -> list[Tensor]:
        """Run it. ``again`` runs the code that it was made from, where its results are asked for a second derivative.

        Returns:
            The results, in the order of ``tree_flatten``.
        """
        arena = self.arena()
        results, values = self.forward.run([t._a for t in begin], arena.arrays)
        for k, count in self._bumps:
            begin[k]._v[0] += count
        tensors = [wrap(a) for a in results]
        if THREAD.inference:
            for t in tensors:
                mark_inference(t)
        if self.derivative is not None and THREAD.grad:
            self._record(tensors, begin, values, arena, again)
        return tensors

    def _record(
        self, tensors: list[Tensor], begin: tuple[Tensor, ...], values: tuple, arena: Arena, again: Callable
    ) -> None:
        derivative = self.derivative
        assert derivative is not None
        place = dict(zip(self.forward.begin, begin, strict=True))
        ends = [place[slot] for slot in derivative.ends]
        edges = tuple((t._node or t) if t._rg else None for t in ends)
        versions = [version_of(t) for t in begin]
        node = TracedBackward(edges, (values, arena, begin, versions, again), None, None)
        node.runner = self
        node.shapes = [(tensors[k]._a.shape, tensors[k]._a.dtype) for k in derivative.roots]
        for number, k in enumerate(derivative.roots):
            tensors[k]._rg = True
            tensors[k]._node = node if len(derivative.roots) == 1 else Port(node, number)
