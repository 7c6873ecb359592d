"""`loss_curve()`: loss and metrics, drawn while the training loop runs."""

from __future__ import annotations

import time
from typing import Any

import traitlets

from ..notebook import after_each_cell, shell
from ..palette import number
from ..view import View
from .series import PRINTED_POINTS, Series, one_number, panels
from .svg import chart

INTERVAL = 1 / 30  # seconds between two messages to the browser
SHARE = 0.1  # of the loop's time that messages may take; if one takes long, the next waits longer


class LossCurve(View, module="loss_curve.js", styles=("loss_curve.css",), words="curve"):
    """Curves that grow while a cell runs.

        curve = loss_curve()
        for step in range(1000):
            ...
            curve.add(loss=loss, accuracy=accuracy)

    The first `add` shows the chart below the cell (unless it is on show already). At most 30 messages a
    second go to the browser, fewer where they would slow the loop; each holds the whole curve.
    Series that end alike (`train_loss`, `test/loss`) share a panel.

    Args:
        title: written above the chart. lang: "en" or "zh"; default from the environment.
    """

    title = traitlets.Unicode("").tag(sync=True)
    series = traitlets.Dict().tag(sync=True)

    def __init__(self, title: str = "", *, lang: str | None = None) -> None:
        self._points = Series()
        self._next_step = 0
        self._next_message = 0.0
        self._waiting = False
        self._on_show = False
        self._display: Any = None
        super().__init__(title=title, lang=lang)
        self.series = self._points.message()
        after_each_cell(self._cell_ended)

    def add(self, step: float | None = None, **values: Any) -> None:
        """Add one point to every series named.

        Args:
            step: where on the horizontal axis; default one after the last.
            values: numbers, or tensors and arrays of one element; NaN and infinities are shown as gaps.

        Raises:
            ValueError: a value has more than one element, or no value was given.
            TypeError: a value is no number.
        """
        if not values:
            raise ValueError("add() needs at least one named value, such as add(loss=loss)")
        numbers = {name: one_number(name, value) for name, value in values.items()}
        at = float(self._next_step if step is None else step)
        self._points.add(at, numbers)
        self._next_step = int(at) + 1
        self._waiting = True
        if not self._on_show:
            self._show()
        if time.monotonic() >= self._next_message:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting now; happens by itself while adding and when the cell ends."""
        self._waiting = False
        began = time.monotonic()
        self.series = self._points.message()
        ended = time.monotonic()
        self._next_message = ended + max(INTERVAL, (ended - began) / SHARE)

    def values(self, name: str) -> list[float]:
        """Every value of one series.

        Raises:
            KeyError: no such series.
        """
        return list(self._points.values[name])

    def svg(self) -> str | None:
        """The chart as static SVG text; None before the first point."""
        if not len(self._points):
            return None
        data = self._points.thinned(PRINTED_POINTS)
        return chart(data, panels(list(data)), self.title or self.labels["title"], self.labels["step"])

    def __repr__(self) -> str:
        if not len(self._points):
            return "<LossCurve, no points yet>"
        latest = ", ".join(f"{name} {number(value)}" for name, value in self._points.latest().items())
        return f"<LossCurve, {len(self._points)} points, latest {latest}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._on_show = True
        return super()._repr_mimebundle_(**kwargs)

    def _show(self) -> None:
        self._on_show = True
        if shell() is not None:
            from IPython.display import display

            self._display = display(self, display_id=True)

    def _cell_ended(self) -> None:
        if not self._waiting and self._display is None:
            return
        self.flush()
        if self._display is not None:
            # What the notebook saves was drawn at the first point; leave the finished curve behind.
            self._display.update(self)
            self._display = None


def loss_curve(title: str = "", *, lang: str | None = None) -> LossCurve:
    """A `LossCurve`: `curve = loss_curve()`, then `curve.add(loss=loss)` in the training loop."""
    return LossCurve(title, lang=lang)
