"""Named series of points that grow: kept in full, sent and drawn thinned."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

PRINTED_POINTS = 300  # of one series in the static picture
MOST_POINTS = 600  # of one series on the wire; longer ones keep the extremes of every stretch
VERSION = 1


class Series:
    """Points (step, value) by name, in the order in which the names first came."""

    def __init__(self) -> None:
        self.steps: dict[str, array[float]] = {}
        self.values: dict[str, array[float]] = {}

    def add(self, step: float, values: dict[str, float]) -> None:
        """One point for every name."""
        for name, value in values.items():
            self.steps.setdefault(name, array("d")).append(step)
            self.values.setdefault(name, array("d")).append(value)

    def __len__(self) -> int:
        """How many points the longest series has."""
        return max(map(len, self.values.values()), default=0)

    def __iter__(self) -> Any:
        return iter(self.values)

    def latest(self) -> dict[str, float]:
        """The last value of every series."""
        return {name: data[-1] for name, data in self.values.items()}

    def thinned(self, most: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Steps and values of every series, at most about `most` points each (see `thin`)."""
        return {name: thin(_copy(self.steps[name]), _copy(self.values[name]), most) for name in self.values}

    def message(self) -> dict[str, Any]:
        """What the curves' script draws: names and counts, and one block of doubles."""
        index, parts = [], []
        for name, (steps, values) in self.thinned(MOST_POINTS).items():
            latest = self.values[name][-1]
            index.append(
                {
                    "name": name,
                    "count": len(values),
                    "total": len(self.values[name]),
                    "latest": latest if np.isfinite(latest) else None,
                }
            )
            parts += [steps.astype("<f8").tobytes(), values.astype("<f8").tobytes()]
        return {
            "version": VERSION,
            "series": index,
            "panels": panels(list(self.values)),
            "data": b"".join(parts),
        }


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


def one_number(name: str, value: Any) -> float:
    """A number, or the number in a tensor or an array of one element.

    Raises:
        ValueError: more than one element. TypeError: no number.
    """
    item = getattr(value, "item", None)
    try:
        return float(item() if callable(item) else value)
    except (ValueError, RuntimeError):
        found = f"{type(value).__name__} of shape {getattr(value, 'shape', '?')}"
        raise ValueError(f"{name} must be a single number, not {found}; take its mean first") from None
    except TypeError:
        raise TypeError(f"{name} must be a number, not {type(value).__name__}") from None


def _copy(numbers: array[float]) -> np.ndarray:
    return np.frombuffer(numbers, dtype=np.float64).copy()
