"""`graph(loss)`: the live view of a computation."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from .. import bundle
from ..language import default_language, labels
from ..static_page import page
from . import neighbourhood, wire
from .svg import svg
from .table import text_table

log = logging.getLogger(__name__)

# The engine names tensors after the variables of its caller; calls from this module are passed over.
__glasstorch_hidden__ = True

_STYLES = ("common.css", "tensor_grid.css", "graph_view.css")


class GraphView(anywidget.AnyWidget):
    """The computation graph of a tensor: look inside every node, step forward and backward, change a number.

    Args:
        record: a `glasstorch.autograd.graph.Graph`.
        lang: "en" or "zh"; default from the environment (see `language.default_language`).
        step: the step to open at: 0 is before the first operation, None (the default) is after the last one.

    The widget reads only the record; it keeps no tensor alive beyond the arrays in it. `record` is always
    the graph now on screen: after an edit, the replayed one.
    """

    _esm = bundle.script("graph_view.widget.js")
    _css = bundle.style(*_STYLES)

    structure = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, record: Any, *, lang: str | None = None, step: int | None = None) -> None:
        lang = lang or default_language()
        self._original = record
        self._changed: dict[str, np.ndarray] = {}
        self.record = record
        drawn = wire.structure(record)
        last = len(drawn["forward_order"]) + len(drawn["backward_order"])
        super().__init__(
            structure=drawn,
            values=wire.values(record, drawn),
            labels=labels(lang, "graph"),
            lang=lang,
            step=last if step is None else max(0, min(step, last)),
        )
        self.on_msg(self._receive)

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

    def focus(self, node_id: str) -> None:
        """Draw a large graph around this node."""
        self._node(node_id)
        drawn = wire.structure(self.record, centre=node_id)
        with self.hold_sync():
            self.step = len(drawn["forward_order"]) + len(drawn["backward_order"])
            self.values = wire.values(self.record, drawn)
            self.structure = drawn
            self.selected = node_id

    def svg(self) -> str:
        """The picture as static SVG text."""
        return svg(self.record, self.structure)

    def export_html(self, path: str | Path) -> Path:
        """Write one self-contained page: the same view, but without Python and so without editing."""
        path = Path(path)
        state = {
            "structure": {
                **self.structure,
                "nodes": [{**node, "editable": False} for node in self.structure["nodes"]],
            },
            "values": self.values,
            "labels": dict(self.labels),
            "lang": self.lang,
            "step": self.step,
            "selected": self.selected,
        }
        text = page("graph_view.page.js", _STYLES, state, self.labels["title"])
        path.write_text(text, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"<GraphView of {len(self.record.nodes)} nodes>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle_ = super()._repr_mimebundle_(**kwargs)
        if bundle_ is None:
            return None
        data, metadata = bundle_
        data = {**data, "text/plain": text_table(self.record), "image/svg+xml": self.svg()}
        return data, metadata

    # ---- messages from the browser ---

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Answer one message. Whatever goes wrong is shown in the view: there is no cell to show it in."""
        self.error = ""
        try:
            kind = message.get("type")
            if kind == "edit":
                self.edit(str(message["id"]), int(message["index"]), float(message["value"]))
            elif kind == "reset":
                self.reset()
            elif kind == "focus":
                self.focus(str(message["id"]))
            elif kind == "search":
                hits = neighbourhood.search(self.record, str(message["text"]))
                self.send({"type": "found", "text": message["text"], "nodes": hits})
            elif kind == "full":
                answer = wire.full(self.record, str(message["id"]))
                data = answer.pop("data")
                self.send({"type": "full", "id": message["id"], **answer}, buffers=[data])
            else:
                raise ValueError(f"this version of the widget does not know the message {kind!r}")
        except Exception as error:
            log.debug("message %r failed", message, exc_info=True)
            self.error = f"{type(error).__name__}: {error}"

    def _node(self, node_id: str) -> Any:
        for node in self.record.nodes:
            if node.id == node_id:
                return node
        raise KeyError(f"no node {node_id!r} in this graph")

    def _show(self, record: Any, changed: dict[str, np.ndarray]) -> None:
        self.record = record
        self._changed = changed
        with self.hold_sync():
            self.edits = dict.fromkeys(changed, True)
            self.values = wire.values(record, self.structure)


def graph(
    loss: Any, *more: Any, lang: str | None = None, step: int | None = None, gradients: bool = True
) -> GraphView:
    """Show the computation graph of `loss` (a tensor, several tensors, or a Graph that was taken before).

    Values, gradients and source lines are there if the computation was recorded:
    `%load_ext glasstorch_widgets` at the top of a notebook records from then on, and
    `with glasstorch.autograd.graph.record():` records one block. Without it the view shows the structure.

    Args:
        loss: the result; gradients are those of this tensor (of the sum, if it is not a scalar).
        more: further results to draw in the same graph.
        lang: "en" or "zh". step: the step to open at; default after the last one.
        gradients: also show the backward pass (computed privately: no `.grad` changes).
    """
    if hasattr(loss, "nodes") and hasattr(loss, "edges"):
        return GraphView(loss, lang=lang, step=step)
    from glasstorch.autograd.graph import snapshot

    return GraphView(snapshot(loss, *more, gradients=gradients), lang=lang, step=step)
