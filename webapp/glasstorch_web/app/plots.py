"""Small charts, drawn on the server: how wide and how high everything is, in hundredths of the drawing.

The drawing holds shapes alone and is stretched to the width of its place; words and numbers stand around it as text, so
that they keep their size on a phone. Each chart comes with its figures, which the page offers as a table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SIZE = 100.0  # of the drawing, both ways
GAP = 0.25  # between columns, as a share of a column's place


@dataclass(frozen=True)
class Column:
    """One upright bar with its figure."""

    label: str
    value: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Columns:
    """Upright bars from a common ground. `top`: the value at the upper edge, a round number."""

    columns: tuple[Column, ...]
    top: float


@dataclass(frozen=True)
class Piece:
    """A stretch of a bar that stands for a whole: where it begins, how long it is, how many it stands for."""

    name: str
    count: float
    x: float
    width: float


def columns(points: Sequence[tuple[str, float]]) -> Columns:
    """Bars for (label, value) pairs."""
    top = round_above(max((value for _label, value in points), default=0))
    place = SIZE / len(points) if points else SIZE
    bars = []
    for at, (label, value) in enumerate(points):
        height = SIZE * value / top
        bars.append(Column(label, value, place * (at + GAP / 2), SIZE - height, place * (1 - GAP), height))
    return Columns(tuple(bars), top)


def pieces(counts: Sequence[tuple[str, float]], whole: float) -> tuple[Piece, ...]:
    """Stretches one after the other of a bar that stands for `whole`."""
    made, begin = [], 0.0
    for name, count in counts:
        width = SIZE * count / whole if whole else 0.0
        made.append(Piece(name, count, begin, width))
        begin += width
    return tuple(made)


def tenths(max_score: float, bins: int = 10) -> list[str]:
    """What the columns of a distribution stand for, in points."""
    step = max_score / bins
    return [f"{at * step:.3g}–{(at + 1) * step:.3g}" for at in range(bins)]


def round_above(value: float) -> float:
    """The least of 1, 2, 5, 10, 20, 50, … that is not below the value: the end of an axis that can be read."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))
