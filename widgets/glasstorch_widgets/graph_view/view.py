"""`graph(loss)`: the live view of a computation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
import traitlets

from ..charts.loss_curve import INTERVAL, SHARE
from ..notebook import after_each_cell
from ..view import View
from . import wire
from .groups import Tree
from .marks import drawn, marks
from .moments import Moments
from .page import more, not_editable
from .scene import Measured, Scene, TooManyBoxes
from .search import search
from .svg import svg
from .table import text_table
from .worked import sums, sums_key

# The engine names tensors after the variables of its caller; calls from this module are passed over.
__glasstorch_hidden__ = True


class GraphView(View, module="graph_view.js", styles=("tensor_grid.css", "graph_view.css"), words="graph"):
    """The computation graph of a tensor: look inside every node, step forward and backward, change a number.

    Args:
        record: a `glasstorch.autograd.graph.Graph`.
        lang: "en" or "zh"; default from the environment (see `language.default_language`).
        step: the step to open at: 0 is before the first operation, None (the default) is after the last one.
        differences: where it differs from another graph (`glasstorch.autograd.graph.differences`).

    A graph of more than `scene.WHOLE` nodes opens with modules, loops and parts of long sequences closed: each is one
    box, and a step goes through it as a whole. Keys: N, P, Home and End step, arrows follow edges, Enter or + opens a
    box, - closes the one around, / searches.

    Operations that failed, and where NaN or infinity began, are marked by themselves. With differences or a failure
    the view opens there. The widget reads only the record, which holds the leaves as long as the view is open, so that
    it can compute again. `record` is always the graph now on screen: after an edit, the replayed one.
    """

    structure = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)
    marks = traitlets.Dict().tag(sync=True)
    moments = traitlets.Dict().tag(sync=True)
    moment = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        record: Any,
        *,
        lang: str | None = None,
        step: int | None = None,
        differences: Sequence[Any] = (),
    ) -> None:
        self._original = self._first = record
        self._differences = tuple(differences)
        self._moments = Moments(record)
        self._following, self._next_picture = True, 0.0  # does the picture go with the training?
        self._changed: dict[str, np.ndarray] = {}
        self.record = record
        self._painted: tuple[Any, dict[str, Any]] = (None, {})
        self._measured = Measured()
        self._tree = Tree(record)
        self._scene = scene = Scene.first(record, self._tree)
        super().__init__(lang=lang, step=scene.last if step is None else max(0, min(step, scene.last)))
        with self.hold_sync():
            self.structure = self._drawn(scene)
            self.values = wire.values(scene, record, self._measured)
            self._mark()
        if self._differences or record.failed:
            self.reveal(self.marks["headline"]["id"])

    # ---- what Python code may do ---

    def edit(self, node_id: str, index: int | tuple[int, ...], value: float) -> None:
        """Change one element of a leaf or constant and compute everything again.

        Args:
            node_id: e.g. "n0", as the table shows it.
            index: flat index (row-major), or one index per dimension.
            value: the new number.

        Raises:
            KeyError: no such node. TypeError: the node is an operation. IndexError: no such element.
            Anything that the operations themselves raise on the new value.
        """
        node = self._node(node_id)
        if node.kind == "op":
            raise TypeError(f"{node.title} is computed from its inputs; edit a leaf or a constant instead")
        if node.value is None:
            raise TypeError(f"{node.title} has no recorded value to edit")
        array = np.array(node.value)
        flat = array.reshape(-1)
        if isinstance(index, tuple):
            index = int(np.ravel_multi_index(index, array.shape))
        if not 0 <= index < flat.size:
            raise IndexError(f"{node.title} has {flat.size} elements; there is no element {index}")
        if array.dtype.kind in "biu" and value != int(value):
            raise ValueError(f"{node.title} holds {array.dtype} numbers; {value} is not a whole number")
        flat[index] = value
        changed = {**self._changed, node_id: array}
        self._show(self._original.replay(changed), changed)

    def reset(self) -> None:
        """Take back every edit."""
        self._show(self._original, {})

    def keep(self, loss: Any, label: str | None = None) -> GraphView:
        """Keep this moment of a training: the same computation with the leaves as they are now.

        The picture follows the training, and a slider goes back and forth between the moments kept; they are thinned
        when they become many.

            view = graph(loss)   # in the first step
            view.keep(loss)      # in each step

        Args:
            loss: the result of the same operations on the same shapes. label: default the number of the call.

        Raises:
            ValueError: another computation.
        """
        from glasstorch.autograd.graph import snapshot

        record = loss if hasattr(loss, "nodes") else snapshot(loss, gradients=False)
        if not self._moments.labels:
            after_each_cell(self.flush)
        if self._moments.keep(record, label):
            values = [v if isfinite(v) else None for v in self._moments.roots]
            thinned = len(values) < len(self.moments.get("labels", ()))
            self.moments = {"labels": list(self._moments.labels), "values": values}
            if thinned and not self._following:
                self.show_moment(self.moment // 2)
            if time.monotonic() >= self._next_picture:
                self.flush()
        return self

    def flush(self) -> None:
        """Show the latest moment, unless the slider stands elsewhere; by itself now and then, and after each cell."""
        latest = len(self._moments.leaves) - 1
        if not self._following or self.moment == latest or latest < 0:
            return
        began = time.monotonic()
        self.show_moment(latest)
        ended = time.monotonic()
        self._next_picture = ended + max(INTERVAL, (ended - began) / SHARE)

    def show_moment(self, index: int) -> None:
        """Show the graph as it was at a moment that was kept; what was edited is taken back.

        Raises:
            IndexError: no such moment.
        """
        if not 0 <= index < len(self._moments.leaves):
            raise IndexError(f"there are {len(self._moments.leaves)} moments; there is no moment {index}")
        self._original = self._first.replay(self._moments.leaves[index])
        with self.hold_sync():
            self._show(self._original, {})
            self.moment = index
        self._following = index == len(self._moments.leaves) - 1

    def expand(self, group: str) -> None:
        """Show what a closed group holds.

        Raises:
            KeyError: no such group. TooManyBoxes: the picture would become too large; nothing changes.
        """
        self._group(group)
        self._draw({*self._scene.opened, group, *self._tree.around(group)})

    def collapse(self, group: str) -> None:
        """Draw a group as one box. KeyError when there is no such group."""
        self._group(group)
        self._draw(self._scene.opened - {group})

    def show_depth(self, depth: int) -> None:
        """Open every group down to a depth: 0 is the outermost boxes alone.

        Raises:
            TooManyBoxes: the picture would become too large; nothing changes.
        """
        self._draw(self._tree.level(depth))

    def reveal(self, name: str) -> None:
        """Open what is around a node or group, and select it. KeyError when there is no such thing."""
        self._known(name)
        around = set(self._tree.around(name))
        try:
            self._draw(self._scene.opened | around, name)
        except TooManyBoxes:
            self._draw(around, name)

    def focus(self, name: str) -> None:
        """Open what is around a node or group, and close everything else."""
        self._known(name)
        inner = {name} & self._tree.groups.keys()
        self._draw({*self._tree.around(name), *inner}, "" if inner else name)

    @property
    def last(self) -> int:
        """The number of the last step."""
        return self._scene.last

    def node_at(self, step: int) -> tuple[str, str | None]:
        """What runs at a step: ("forward" or "backward", the box's id, None before the first and after the last)."""
        forward, backward = self._scene.forward_order, self._scene.backward_order
        if 0 < step <= len(forward):
            return "forward", forward[step - 1]
        done = step - len(forward)
        return "backward", backward[done - 1] if 0 < done <= len(backward) else None

    def step_of(self, phase: str, box: str) -> int | None:
        """The step at which a drawn box runs, or None when it has none."""
        forward, backward = self._scene.forward_order, self._scene.backward_order
        if phase == "forward":
            return forward.index(box) + 1 if box in forward else None
        return len(forward) + backward.index(box) + 1 if box in backward else None

    def svg(self) -> str:
        """The picture as static SVG text."""
        return svg(self.record, self.structure)

    def text(self) -> str:
        """The graph as a table in plain text."""
        return text_table(self.record)

    def page_state(self) -> dict[str, Any]:
        """As on screen, and each depth of groups as a picture of its own. Without Python nothing can be edited."""
        return {
            **super().page_state(),
            "structure": not_editable(self.structure),
            "edits": {},
            **more(self._original, self.record, self._tree, self.labels, self._measured, self._painted[1]),
        }

    def __repr__(self) -> str:
        return f"<GraphView of {len(self.record.nodes)} nodes>"

    # ---- messages from the browser ---

    def receive_edit(self, message: dict[str, Any]) -> None:
        """A number was changed."""
        self.edit(str(message["id"]), int(message["index"]), float(message["value"]))

    def receive_reset(self, message: dict[str, Any]) -> None:
        """Every edit is to be taken back."""
        self.reset()

    def receive_expand(self, message: dict[str, Any]) -> None:
        """A box was opened."""
        self._catch_up(message)
        self.expand(str(message["id"]))

    def receive_collapse(self, message: dict[str, Any]) -> None:
        """A frame was closed."""
        self._catch_up(message)
        self.collapse(str(message["id"]))

    def receive_depth(self, message: dict[str, Any]) -> None:
        """Another depth was chosen for the whole picture."""
        self._catch_up(message)
        self.show_depth(int(message["depth"]))

    def receive_reveal(self, message: dict[str, Any]) -> None:
        """Something that is not drawn is to be seen."""
        self._catch_up(message)
        self.reveal(str(message["id"]))

    def receive_focus(self, message: dict[str, Any]) -> None:
        """Only the surroundings of a node are to stay open."""
        self._catch_up(message)
        self.focus(str(message["id"]))

    def receive_search(self, message: dict[str, Any]) -> None:
        """A word was typed into the search field."""
        hits = search(self.record, self._tree, str(message["text"]), self.labels)
        self.send({"type": "found", "text": message["text"], "nodes": hits})

    def receive_moment(self, message: dict[str, Any]) -> None:
        """The slider over the moments of a training was moved."""
        self.show_moment(int(message["index"]))

    def receive_worked(self, message: dict[str, Any]) -> None:
        """The gradients around a node are to be worked out, or one element of one of them."""
        node, edge, index = str(message["id"]), message.get("edge"), message.get("index")
        found = sums(
            self.record,
            lambda e: node in (e.source, e.target) and edge in (None, sums_key(e)),
            None if index is None else int(index),
        )
        self.send({"type": "worked", "id": node, "edges": found})

    def receive_full(self, message: dict[str, Any]) -> None:
        """More elements of an array are wanted than the preview holds."""
        name = str(message["id"])
        shown = self._scene.main(name) if name in self._tree.groups else name
        answer = wire.full(self.record, shown, name)
        data = answer.pop("data")
        self.send({"type": "full", "id": message["id"], **answer}, buffers=[data])

    def _node(self, node_id: str) -> Any:
        for node in self.record.nodes:
            if node.id == node_id:
                return node
        raise KeyError(f"no node {node_id!r} in this graph")

    def _group(self, name: str) -> None:
        if not name or name not in self._tree.groups:
            raise KeyError(f"no group {name!r} in this graph")

    def _known(self, name: str) -> None:
        if name in self._tree.groups:
            self._group(name)
        else:
            self._node(name)

    def _drawn(self, scene: Scene) -> dict[str, Any]:
        drawn = wire.structure(scene, self.labels)
        return drawn if self._original.replayable else not_editable(drawn)

    def _catch_up(self, message: dict[str, Any]) -> None:
        """Go to the step of a message: traits come through a queue of their own, which messages overtake."""
        if "step" in message:
            self.step = max(0, min(int(message["step"]), self._scene.last))

    def _draw(self, opened: set[str], selected: str | None = None) -> None:
        """Draw with these groups open; the computation stays where it is."""
        scene = Scene(self._original, self._tree, opened)
        if selected is None:
            selected = scene.stand_in.get(
                self.selected, self.selected if self.selected in scene.shown else ""
            )
        step, self._scene = scene.same_moment(self.step, self._scene), scene
        with self.hold_sync():
            self.structure = self._drawn(scene)
            self.values = wire.values(scene, self.record, self._measured)
            self.structure = {**self.structure, "step": step}
            self.step = step
            self.selected = selected
            self._mark()

    def _show(self, record: Any, changed: dict[str, np.ndarray]) -> None:
        self.record = record
        self._measured = Measured()
        self._changed = changed
        with self.hold_sync():
            self.edits = dict.fromkeys(changed, True)
            self.values = wire.values(self._scene, record, self._measured)
            self._mark()

    def _mark(self) -> None:
        of, painted = self._painted
        if of is not self.record:  # opening and closing boxes changes no number
            painted = marks(self.record, self.labels, self._differences)
            self._painted = self.record, painted
        self.marks = drawn(painted, self._scene)


def graph(
    loss: Any, *more: Any, lang: str | None = None, step: int | None = None, gradients: bool = True
) -> GraphView:
    """Show the computation graph of `loss` (a tensor, several tensors, or a Graph that was taken before).

    Values, gradients and source lines are there if the computation was recorded:
    `%load_ext glasstorch_widgets` at the top of a notebook records from then on, and
    `with glasstorch.autograd.graph.record():` records one block. Without it the view shows the structure.

    With an exception that a forward raised, the graph ends at the operation that failed.

    Args:
        loss: the result, or an exception; gradients are those of this tensor (of the sum, if it is not a scalar).
        more: further results to draw in the same graph.
        lang: "en" or "zh". step: the step to open at; default after the last one.
        gradients: also show the backward pass (computed privately: no `.grad` changes).
    """
    if hasattr(loss, "nodes") and hasattr(loss, "edges"):
        return GraphView(loss, lang=lang, step=step)
    from glasstorch.autograd.graph import snapshot, snapshot_failure

    if isinstance(loss, BaseException):
        return GraphView(snapshot_failure(loss), lang=lang, step=step)
    return GraphView(snapshot(loss, *more, gradients=gradients), lang=lang, step=step)
