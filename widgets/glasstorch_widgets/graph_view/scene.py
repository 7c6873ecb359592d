"""What of a graph is drawn: some groups open, the others one box each, and the edges between what is seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .groups import Tree

WHOLE = 60  # a graph of so many nodes opens with everything in sight
OPENED = 30  # boxes that a larger one opens with, at most
LIMIT = 400  # boxes; a picture of more helps nobody


class TooManyBoxes(ValueError):
    """So many boxes make no picture."""


@dataclass
class Line:
    """A drawn edge: the ids of what it joins as drawn, and the numbers of the graph's edges that it stands for."""

    source: str
    target: str
    edges: list[int] = field(default_factory=list)


class Scene:
    """One state of the picture: `opened` are the ids of the groups that show their inside.

    Raises:
        TooManyBoxes: more than `LIMIT` boxes would be drawn.
    """

    def __init__(self, graph: Any, tree: Tree, opened: set[str]) -> None:
        self.graph, self.tree = graph, tree
        # A group is open only if those around it are.
        self.opened = {
            g for g in opened if g and g in tree.groups and all(a in opened for a in tree.around(g))
        }
        shown = tree.visible(self.opened)
        if len(shown) > LIMIT:
            raise TooManyBoxes(f"{len(shown)} boxes are too many for one picture (the most is {LIMIT})")
        self.shown = sorted(shown, key=tree.place.__getitem__)
        self.stand_in: dict[str, str] = {}  # node -> the box that shows it
        for name in self.shown:
            for member in tree.members(name) if name in tree.groups else (name,):
                self.stand_in[member] = name

    @classmethod
    def first(cls, graph: Any, tree: Tree) -> Scene:
        """The picture to open with."""
        return cls(graph, tree, tree.opening(WHOLE, OPENED))

    @cached_property
    def frames(self) -> list[str]:
        """The open groups, outer ones first."""
        return sorted(self.opened, key=lambda name: (self.tree.depth(name), self.tree.place[name]))

    @cached_property
    def lines(self) -> list[Line]:
        """The edges between what is drawn. Those of a box to another are one line."""
        lines: dict[Any, Line] = {}
        for number, edge in enumerate(self.graph.edges):
            a, b = self.stand_in[edge.source], self.stand_in[edge.target]
            if a == b:
                continue
            plain = a == edge.source and b == edge.target
            lines.setdefault(number if plain else (a, b), Line(a, b)).edges.append(number)
        return list(lines.values())

    # ---- steps ---

    @cached_property
    def _turns(self) -> dict[str, float]:
        """When each drawn value is complete: the place in forward order of its last operation."""
        return self._last_turns(self.graph.forward_order)

    @cached_property
    def _back_turns(self) -> dict[str, float]:
        """When each drawn box has passed its gradient on: the place in backward order of its last operation.

        A leaf has its gradient after every box that uses it, also where one does so before its own last operation.
        """
        turns = self._last_turns(self.graph.backward_order)
        for line in self.lines:
            if line.source in turns and line.source not in self._computed:
                turns[line.source] = max(turns[line.source], turns.get(line.target, 0) + 0.5)
        return turns

    def _last_turns(self, order: Sequence[str]) -> dict[str, float]:
        turns: dict[str, float] = {}
        for i, name in enumerate(order):
            shown = self.stand_in[name]
            if self.tree.nodes[name].kind == "op" or shown not in self._computed:
                turns[shown] = i
        return turns

    @cached_property
    def _computed(self) -> set[str]:
        """The boxes with an operation in them."""
        return {shown for name, shown in self.stand_in.items() if self.tree.nodes[name].kind == "op"}

    @cached_property
    def forward_order(self) -> list[str]:
        """What is drawn, in the order of the forward steps: one step each."""
        return sorted(self._turns, key=self._turns.__getitem__)

    @cached_property
    def backward_order(self) -> list[str]:
        """What is drawn and has a gradient, in the order of the backward steps."""
        return sorted(self._back_turns, key=self._back_turns.__getitem__)

    @property
    def turns(self) -> dict[str, list[float]]:
        """How far the computation itself is after each forward and each backward step, to find it in other pictures."""
        forward = [self._turns[name] for name in self.forward_order]
        return {"forward": forward, "backward": [self._back_turns[name] for name in self.backward_order]}

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.forward_order) + len(self.backward_order)

    def same_moment(self, step: int, other: Scene) -> int:
        """The step of this picture at which the computation is as far as at `step` of another."""
        forward = len(other.forward_order)
        if step >= other.last:
            return self.last
        if step <= forward:
            reached = other._turns[other.forward_order[step - 1]] if step > 0 else -1.0
            return sum(turn <= reached for turn in self._turns.values())
        reached = other._back_turns[other.backward_order[step - forward - 1]]
        return len(self.forward_order) + sum(turn <= reached for turn in self._back_turns.values())

    # ---- what a box stands for ---

    @cached_property
    def _crossing(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """For each closed group: the nodes outside that it reads, and those inside that are read outside."""
        inputs: dict[str, dict[str, None]] = {}
        outputs: dict[str, dict[str, None]] = {}
        for edge in self.graph.edges:
            a, b = self.stand_in[edge.source], self.stand_in[edge.target]
            if a != b:
                inputs.setdefault(b, {})[edge.source] = None
                outputs.setdefault(a, {})[edge.source] = None
        for root in self.graph.roots:
            outputs.setdefault(self.stand_in[root], {})[root] = None
        return {k: list(v) for k, v in inputs.items()}, {k: list(v) for k, v in outputs.items()}

    def inputs(self, name: str) -> list[Any]:
        """The nodes outside a box that it reads."""
        return [self.tree.nodes[n] for n in self._crossing[0].get(name, ())]

    def outputs(self, name: str) -> list[Any]:
        """The nodes in a box that are read outside, in forward order."""
        found = self._crossing[1].get(name, ())
        return [self.tree.nodes[n] for n in sorted(found, key=self.tree.order.__getitem__)]

    def main(self, name: str) -> str:
        """The node whose value and gradient a box shows: its last result."""
        outputs = self.outputs(name)
        return outputs[-1].id if outputs else self.tree.members(name)[-1]


class Measured:
    """What was found out about arrays, once for each: they do not change while their graph is looked at."""

    def __init__(self) -> None:
        self._kept: dict[
            tuple[int, str], tuple[Any, Any]
        ] = {}  # with the array, so that its id stays its own

    def of(self, array: Any, measure: Callable[[Any], Any]) -> Any:
        """`measure(array)`, remembered."""
        key = id(array), measure.__name__
        if key not in self._kept:
            self._kept[key] = array, measure(array)
        return self._kept[key][1]


def health(graph: Any, scene: Scene, known: Measured) -> dict[str, dict[str, Any]]:
    """For each closed box: how many numbers inside are not finite, the first node with such, the norm of all
    gradients of its parameters."""
    found: dict[str, dict[str, Any]] = {}
    for node in graph.nodes:
        box = scene.stand_in[node.id]
        if box == node.id:
            continue
        facts = found.setdefault(box, {"bad": 0, "worst": "", "gradient_norm": None})
        bad, _ = known.of(node.value, _measure)
        more, square = known.of(node.gradient, _measure)
        facts["bad"] += bad + more
        if bad + more and not facts["worst"]:
            facts["worst"] = node.id
        if node.kind == "leaf" and square is not None:
            facts["gradient_norm"] = (facts["gradient_norm"] or 0.0) + square
    for facts in found.values():
        if facts["gradient_norm"] is not None:
            facts["gradient_norm"] = math.sqrt(facts["gradient_norm"])
    return found


def _measure(array: Any) -> tuple[int, float | None]:
    """How many numbers are not finite, and the sum of the squares of the others (None without an array)."""
    if array is None:
        return 0, None
    flat = np.asarray(array).reshape(-1)
    if flat.dtype.kind not in "fc":
        return 0, None
    if flat.size == 1 and math.isfinite(single := abs(flat[0])):
        return 0, float(single) ** 2
    with np.errstate(all="ignore"):
        square = float(np.vdot(flat, flat).real)
    if math.isfinite(square):
        return 0, square
    finite = flat[np.isfinite(flat)].astype(np.complex128 if flat.dtype.kind == "c" else np.float64)
    return int(flat.size - finite.size), float(np.vdot(finite, finite).real)
