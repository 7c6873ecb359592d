"""Arrays that differ, as small tables: expected, got and the difference, each value on a colour for its size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

MOST_COLUMNS = 16
STEPS = 4  # colours on each side of zero
WIDEST_WITH_NUMBERS = 8  # columns; wider tables are colours alone, with the numbers for those who ask


@dataclass(frozen=True)
class Cell:
    """One value. tone: p1 ... p4 above zero, n1 ... n4 below, z for zero, bad for NaN and infinity."""

    text: str
    tone: str
    off: bool


@dataclass(frozen=True)
class HeatMap:
    """One array. dense: too wide to show numbers."""

    kind: Literal["expected", "got", "difference"]
    rows: list[list[Cell]]
    dense: bool


def arrays_of(detail: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What there is to draw in a check's detail: the window around a difference, or two short rows of numbers."""
    if detail.get("arrays"):
        found: Mapping[str, Any] = detail["arrays"]
        return found
    expected, got = detail.get("expected"), detail.get("got")
    if detail.get("where") == "shape":  # sizes, not values
        return None
    if not _row(expected) or not _row(got) or len(expected) != len(got):
        return None
    off = [not math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-6) for one, other in zip(got, expected)]
    return {"part": False, "expected": [expected], "got": [got], "off": [off]}


def _row(value: Any) -> TypeGuard[list[float]]:
    return (
        isinstance(value, list)
        and 1 < len(value) <= MOST_COLUMNS
        and all(type(number) in (int, float) for number in value)
    )


def heat_maps(arrays: Mapping[str, Any]) -> Iterator[HeatMap]:
    """The three tables for what a check's detail holds under `arrays` (see grader/window.py)."""
    expected, got, off = arrays["expected"], arrays["got"], arrays["off"]
    difference = [
        [_minus(ours, theirs) for ours, theirs in zip(row, wanted)] for row, wanted in zip(got, expected)
    ]
    largest = _largest(expected) or _largest(got)  # one scale for both, so that equal values look equal
    unmarked = [[False] * len(row) for row in off]
    dense = max(map(len, off), default=0) > WIDEST_WITH_NUMBERS
    yield HeatMap("expected", _cells(expected, unmarked, largest), dense)
    yield HeatMap("got", _cells(got, off, largest), dense)
    yield HeatMap("difference", _cells(difference, off, _largest(difference)), dense)


def _cells(values: list[list[Any]], off: list[list[bool]], largest: float) -> list[list[Cell]]:
    return [
        [Cell(_text(value), _tone(value, largest), mark) for value, mark in zip(row, marks)]
        for row, marks in zip(values, off)
    ]


def _tone(value: Any, largest: float) -> str:
    number = float(value)
    if not math.isfinite(number):
        return "bad"
    if number == 0 or largest == 0:
        return "z"
    step = min(STEPS, max(1, math.ceil(STEPS * abs(number) / largest)))
    return f"{'p' if number > 0 else 'n'}{step}"


def _text(value: Any) -> str:
    number = float(value) + 0.0  # -0.0 would only puzzle
    return f"{number:.3g}".replace("-", "−") if math.isfinite(number) else str(number)


def _minus(ours: Any, theirs: Any) -> float:
    return float(ours) - float(theirs)


def _largest(values: list[list[Any]]) -> float:
    return max((abs(float(v)) for row in values for v in row if math.isfinite(float(v))), default=0.0)
