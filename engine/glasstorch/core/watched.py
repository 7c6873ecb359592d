"""Walks that somebody watches: hooks on leaves run when PyTorch runs them, and hooks can ask which walk they are in.

An ordinary walk adds up the gradients of leaves after all nodes have run. That order shows only to hooks. Once a hook
was registered on a leaf, walks look which node is the last to send each hooked leaf a gradient, and give the leaf its
turn right after that node.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from .mode import STATE, THREAD
from .node import Node
from .tensor import Tensor

_number = itertools.count(1).__next__


class Watch:
    """What is known of one walk: its number, and the nodes and leaves that take part."""

    def __init__(self, roots: Sequence[Any], needed: set | None, captures: dict) -> None:
        self.number = _number()
        self.everywhere = needed is None  # do all leaves get their gradient?
        self.places: set[Any] = set()
        self.last: dict[Tensor, Node | None] = {}  # the last node to send each leaf a gradient
        heap: list = []
        for root in roots:
            if not root._seq:
                self.last.setdefault(root, None)
            elif root not in self.places:
                self.places.add(root)
                heappush(heap, (-root._seq, root))
        while heap:
            node = heappop(heap)[1]
            if needed is not None and node not in needed:
                continue
            order = node.op.edge_order if node.op is not None else ()
            for e in [node.edges[k] for k in order] if order else node.edges:
                if e is None or (needed is not None and e not in needed and e not in captures):
                    continue
                if not e._seq:
                    self.last.pop(e, None)  # so that they stand in the order of their last gradient
                    self.last[e] = node
                elif e not in self.places:
                    self.places.add(e)
                    heappush(heap, (-e._seq, e))

    def reaches(self, t: Tensor) -> bool:
        """Does a tensor get a gradient in this walk?"""
        return t in self.last if t._node is None else t._node in self.places


class LeafTurn(Node):
    """A leaf's turn in the order of nodes: after ``node``, before the next."""

    __slots__ = ("leaf", "order", "pending", "walk")
    frees = False

    def __init__(self, walk: Any, leaf: Tensor, node: Node | None, pending: dict) -> None:
        self.edges, self.saved, self.versions, self.fix, self.extra = (), (), None, None, None
        self._seq = float("inf") if node is None else node._seq - 0.25  # type: ignore[assignment]
        self.walk, self.leaf, self.pending = walk, leaf, pending
        self.order = _number()

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        if self.leaf in self.pending:
            self.walk.finish_leaf(self.leaf, self.pending.pop(self.leaf))
        return ()

    def __lt__(self, other: Any) -> bool:  # leaves after one node
        return self.order < other.order


def give_turns(walk: Any, watch: Watch, pending: dict, heap: list, needed: set | None) -> None:
    """Put the hooked leaves among the nodes."""
    for leaf, node in watch.last.items():
        x = leaf._x
        if x is None or not (x.hooks or x.post_hooks):
            continue
        turn = LeafTurn(walk, leaf, node, pending)
        pending[turn] = np.zeros(())  # not read: only its turn counts
        if needed is not None:
            needed.add(turn)
        heappush(heap, (-turn._seq, turn))


def current_watch() -> Watch:
    """The walk that runs now in this thread."""
    return THREAD.watch


def start_watching() -> None:
    """Called when a hook needs walks to be watched."""
    STATE.watched = True


__all__ = ["LeafTurn", "Watch", "current_watch", "give_turns", "start_watching"]
