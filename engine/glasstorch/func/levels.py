"""What ``grad``, ``vjp`` and ``jvp`` share: the inputs' place in the graph, and what leaves the transform.

Each transform differentiates with respect to aliases of its inputs. An alias shares the input's memory, counts as a
leaf inside, and has a node (``Entry``) of its own in the graph, so that derivatives of nested transforms cannot be
mixed up: each asks for the gradient at its own aliases, and the graph goes on behind them to the transforms
around. Inside ``vmap`` an alias holds the examples together, a value for each, and so does its gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..core.backward import grad as gradient
from ..core.lanes import Lanes, Levels, batched, lowered
from ..core.mode import STATE, THREAD, set_thread
from ..core.node import Node
from ..core.tensor import Tensor, wrap
from ..core.tree import tree_map


class Entry(Node):
    """The place of a transform's input in the graph."""

    __slots__ = ("transform",)
    transform: Transform
    entry, frees = True, False

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        return (g,)

    def name(self) -> str:
        return "AliasBackward0"


class Transform:
    """One call of a transform: where it stands, and whether it still runs."""

    def __init__(self) -> None:
        self.levels: Levels = THREAD.levels
        self.recorded = THREAD.grad  # is what happens here of interest outside?
        self.running = False
        self.inputs: dict[Node, Tensor] = {}

    @contextmanager
    def run(self) -> Iterator[Transform]:
        """Inside, derivatives are recorded, whatever the mode outside."""
        old_inference = set_thread("inference", False)
        old_grad = set_thread("grad", True)
        self.running = True
        old_inner, THREAD.differentiating = THREAD.differentiating, True
        THREAD.transforms += 1
        STATE.enter()
        try:
            yield self
        finally:
            STATE.leave()
            THREAD.transforms -= 1
            THREAD.differentiating = old_inner
            self.running = False
            set_thread("grad", old_grad)
            set_thread("inference", old_inference)

    def enter(self, t: Tensor) -> Tensor:
        """The input as the function sees it."""
        if not (t.is_floating_point() or t.is_complex()):
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        whole = lowered(t, self.levels)
        edge = (whole._node or whole) if whole._rg and self.recorded else None
        alias = wrap(whole._a)
        alias._v = whole._v if not t.is_inference() else alias._v
        node = Entry((edge,), (), None, None)
        node.transform = self
        alias._node, alias._rg = node, True
        self.inputs[node] = t
        return batched(alias, self.levels)

    def leave(self, x: Any) -> Any:
        """A result (or tree of them) as it is seen outside: with a history only if something outside is in it."""

        def out(t: Any) -> Any:
            if not isinstance(t, Tensor):
                return t
            whole = t._a.tensor if isinstance(t._a, Lanes) else t
            if not whole._rg:
                return t
            if whole._node in self.inputs:
                original = self.inputs[whole._node]
                return original if self.recorded else original.detach()
            return t if self.recorded and seen_outside(whole) else t.detach()

        return tree_map(out, x)


def seen_outside(t: Tensor) -> bool:
    """Does a leaf, or the input of a transform that still runs, lie behind this tensor?"""
    if not t._rg:
        return False
    if t._node is None:
        return True
    stack, seen = [t._node], {t._node}
    while stack:
        node = stack.pop()
        if isinstance(node, Entry) and node.transform.running:
            return True
        for e in node.edges:
            if e is None or e in seen:
                continue
            if not e._seq:
                return True
            seen.add(e)
            stack.append(e)
    return False


def whole(t: Tensor) -> Tensor:
    """All examples of a batched tensor; other tensors as they are."""
    return t._a.tensor if isinstance(t._a, Lanes) else t


def pull(
    outputs: list[Tensor], inputs: list[Tensor], seeds: list[Tensor], create_graph: bool
) -> list[Tensor]:
    """Gradients of ``outputs`` weighted by ``seeds``; zeros for inputs they do not depend on."""
    live = [(o, s) for o, s in zip(outputs, seeds, strict=True) if o._rg]
    found: Any = [None] * len(inputs)
    if live:
        found = gradient(
            [o for o, _ in live], inputs, [s for _, s in live], True, create_graph, allow_unused=True
        )
    return [t.detach().new_zeros(t._a.shape) if g is None else g for g, t in zip(found, inputs, strict=True)]
