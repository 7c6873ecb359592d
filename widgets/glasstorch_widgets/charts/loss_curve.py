"""`loss_curve()`: loss and metrics, drawn while the training loop runs."""

from __future__ import annotations

import time
from array import array
from typing import Any

import numpy as np
import traitlets

from ..notebook import after_each_cell, shell
from ..palette import number
from ..view import View
from .svg import chart

INTERVAL = 1 / 30  # seconds between two messages to the browser
SHARE = 0.1  # of the loop's time that messages may take; if one takes long, the next waits longer
PRINTED_POINTS = 300  # of one series in the static picture
MOST_POINTS = 600  # of one series on the wire; longer ones keep the extremes of every stretch
VERSION = 1


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
        self._steps: dict[str, array[float]] = {}
        self._values: dict[str, array[float]] = {}
        self._next_step = 0
        self._next_message = 0.0
        self._waiting = False
        self._on_show = False
        self._display: Any = None
        super().__init__(title=title, lang=lang)
        self.series = self._message()
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
        numbers = {name: _number(name, value) for name, value in values.items()}
        at = float(self._next_step if step is None else step)
        for name, value in numbers.items():
            self._steps.setdefault(name, array("d")).append(at)
            self._values.setdefault(name, array("d")).append(value)
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
        self.series = self._message()
        ended = time.monotonic()
        self._next_message = ended + max(INTERVAL, (ended - began) / SHARE)

    def values(self, name: str) -> list[float]:
        """Every value of one series.

        Raises:
            KeyError: no such series.
        """
        return list(self._values[name])

    def svg(self) -> str | None:
        """The chart as static SVG text; None before the first point."""
        if not self._values:
            return None
        data = {
            name: thin(_copy(self._steps[name]), _copy(self._values[name]), PRINTED_POINTS)
            for name in self._values
        }
        return chart(
            data, panels(list(self._values)), self.title or self.labels["title"], self.labels["step"]
        )

    def __repr__(self) -> str:
        if not self._values:
            return "<LossCurve, no points yet>"
        latest = ", ".join(f"{name} {number(data[-1])}" for name, data in self._values.items())
        return f"<LossCurve, {max(map(len, self._values.values()))} points, latest {latest}>"

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

    def _message(self) -> dict[str, Any]:
        index, parts = [], []
        for name in self._values:
            steps, values = thin(_copy(self._steps[name]), _copy(self._values[name]), MOST_POINTS)
            latest = self._values[name][-1]
            index.append(
                {
                    "name": name,
                    "count": len(values),
                    "total": len(self._values[name]),
                    "latest": latest if np.isfinite(latest) else None,
                }
            )
            parts += [steps.astype("<f8").tobytes(), values.astype("<f8").tobytes()]
        return {
            "version": VERSION,
            "series": index,
            "panels": panels(list(self._values)),
            "data": b"".join(parts),
        }


def loss_curve(title: str = "", *, lang: str | None = None) -> LossCurve:
    """A `LossCurve`: `curve = loss_curve()`, then `curve.add(loss=loss)` in the training loop."""
    return LossCurve(title, lang=lang)


def panels(names: list[str]) -> list[list[str]]:
    """Which series share a panel: those whose names end in the same word."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.replace("/", "_").rsplit("_", 1)[-1], []).append(name)
    return list(groups.values())


def thin(steps: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most about `most` of the points: the smallest and the largest of each stretch, and the last."""
    if len(values) <= most:
        return steps, values
    size = -(-len(values) // (most // 2))  # points in a stretch
    rows = -(-len(values) // size)
    padded = np.full(rows * size, np.nan)
    padded[: len(values)] = values
    stretches = padded.reshape(rows, size)
    smallest = np.where(np.isnan(stretches), np.inf, stretches).argmin(axis=1)
    largest = np.where(np.isnan(stretches), -np.inf, stretches).argmax(axis=1)
    start = np.arange(rows) * size
    keep = np.unique(np.concatenate([start + smallest, start + largest, [len(values) - 1]]))
    return steps[keep], values[keep]


def _copy(numbers: array[float]) -> np.ndarray:
    return np.frombuffer(numbers, dtype=np.float64).copy()


def _number(name: str, value: Any) -> float:
    item = getattr(value, "item", None)
    try:
        return float(item() if callable(item) else value)
    except (ValueError, RuntimeError):
        found = f"{type(value).__name__} of shape {getattr(value, 'shape', '?')}"
        raise ValueError(f"{name} must be a single number, not {found}; take its mean first") from None
    except TypeError:
        raise TypeError(f"{name} must be a number, not {type(value).__name__}") from None
