"""`compare(a, b)`: two computations side by side, stepped together, with the first node at which they part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from ..language import default_language, labels
from .view import GraphView

# The engine names tensors after the variables of its caller; calls from this module are passed over.
__glasstorch_hidden__ = True


class GraphPair(ipywidgets.VBox):
    """Two `GraphView`s, `left` and `right`: a step or a click in one takes the other to the node that plays its part.

    Args:
        a: a `glasstorch.autograd.graph.Graph`, what is looked at. b: another, what it is held against.
        rtol, atol: how far apart counts as equal: |a - b| <= atol + rtol * |b|.
        lang: "en" or "zh"; default from the environment.
    """

    def __init__(
        self, a: Any, b: Any, *, rtol: float = 1e-5, atol: float = 1e-8, lang: str | None = None
    ) -> None:
        from glasstorch.autograd.graph import align, differences

        lang = lang or default_language()
        words = labels(lang, "graph")
        self._busy = False
        self.partner = align(a, b)
        self.differences = differences(a, b, rtol=rtol, atol=atol)
        self.left = GraphView(a, lang=lang, differences=self.differences)
        self.right = GraphView(b, lang=lang)
        found = self.differences[0].message if self.differences else words["pair_same"]
        self.summary = (
            words["pair_differ"].format(n=len(self.differences), text=found) if self.differences else found
        )
        head = ipywidgets.Label(self.summary)
        for view in (self.left, self.right):
            view.layout = ipywidgets.Layout(flex="1 1 460px", min_width="0", margin="4px")
        row = ipywidgets.Box([self.left, self.right], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([head, row])
        back = {theirs: ours for ours, theirs in self.partner.items()}
        for one, other, partner in ((self.left, self.right, self.partner), (self.right, self.left, back)):
            one.observe(
                lambda change, o=other, p=partner: self._alone(self._follow, o, p, change["new"]), "selected"
            )
            one.observe(lambda change, me=one, o=other, p=partner: self._alone(self._step, me, o, p), "step")
        self._alone(self._follow, self.right, self.partner, self.left.selected)

    def _alone(self, move: Callable[..., None], *args: Any) -> None:
        """One side leads at a time: what the other does in answer moves nobody."""
        if not self._busy:
            self._busy = True
            try:
                move(*args)
            finally:
                self._busy = False

    def _follow(self, other: GraphView, partner: dict[str, str], chosen: str) -> None:
        wanted = partner.get(chosen, "")
        if wanted and other.selected != wanted:
            other.reveal(wanted)

    def _step(self, me: GraphView, other: GraphView, partner: dict[str, str]) -> None:
        phase, box = me.node_at(me.step)
        if box is None:
            wanted: int | None = 0 if me.step <= 0 else other.last
        else:
            wanted = other.step_of(phase, partner.get(box, ""))
        if wanted is not None and other.step != wanted:
            other.step = wanted

    def __repr__(self) -> str:
        return f"{self.summary}\n\n{self.left.text()}\n\n{self.right.text()}"


def compare(a: Any, b: Any, *, rtol: float = 1e-5, atol: float = 1e-8, lang: str | None = None) -> GraphPair:
    """Hold two computations against each other: `compare(loss, reference)`.

    Args:
        a, b: results (tensors) or Graphs; values are there if the computation was recorded.
        rtol, atol: how far apart counts as equal. lang: "en" or "zh".
    """
    from glasstorch.autograd.graph import snapshot

    a, b = (x if hasattr(x, "nodes") and hasattr(x, "edges") else snapshot(x) for x in (a, b))
    return GraphPair(a, b, rtol=rtol, atol=atol, lang=lang)
