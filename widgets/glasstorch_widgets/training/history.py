"""What was measured at each step, kept to a bounded number of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .measure import BINS

#: The figures of a layer at one step, in the order in which they are kept and sent.
COLUMNS = (
    "gradient",  # norm of its gradient, as the optimizer gets it
    "mean",  # mean size of an element of it
    "largest",  # size of its largest element
    "weights",  # norm of its parameters
    "ratio",  # |change of the weights| / |weights|
    "dead",  # share of its ReLU units that were 0 for whole batches
    "saturated",  # share of its sigmoid or tanh outputs where the slope is all but flat
    "spread",  # standard deviation of its outputs
    "bad",  # what is not finite: 1 gradient, 2 weights, 4 outputs, added up
    "note",  # what `diagnosis` says, as its place in `diagnosis.NOTES`
)
KINDS = ("weights", "gradients", "outputs")  # of histograms
MOST_FRAMES = 240
_PLACE = {column: place for place, column in enumerate(COLUMNS)}


@dataclass
class Frame:
    """One measured step. Layers stand at the places that `History.places` gave them."""

    step: int
    figures: np.ndarray  # (layers, COLUMNS), float32, NaN where not measured
    ranges: np.ndarray  # (layers, KINDS, 2), float32
    counts: np.ndarray  # (layers, KINDS, BINS), uint8

    @classmethod
    def empty(cls, step: int, layers: int) -> Frame:
        """Nothing measured yet."""
        return cls(
            step,
            np.full((layers, len(COLUMNS)), np.nan, np.float32),
            np.full((layers, len(KINDS), 2), np.nan, np.float32),
            np.zeros((layers, len(KINDS), BINS), np.uint8),
        )

    def get(self, layer: int, column: str) -> float:
        """One figure; NaN for a layer that came later."""
        return float(self.figures[layer, _PLACE[column]]) if layer < len(self.figures) else math.nan

    def set(self, layer: int, **figures: float) -> None:
        """Write figures of a layer; beyond float32 they are infinite, and shown so."""
        for column, value in figures.items():
            self.figures[layer, _PLACE[column]] = value

    def set_histogram(self, layer: int, kind: str, found: tuple[float, float, np.ndarray]) -> None:
        """Write one histogram of a layer."""
        low, high, counts = found
        self.ranges[layer, KINDS.index(kind)] = low, high
        self.counts[layer, KINDS.index(kind)] = counts


@dataclass
class History:
    """Frames of a training. When there are too many, every second goes; the first and the latest always stay."""

    frames: list[Frame] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)
    measured: int = 0
    _places: dict[str, int] = field(default_factory=dict)
    _stride: int = 1
    _last_is_extra: bool = False

    def place(self, name: str) -> int:
        """The number of a layer; a name not seen before gets the next one."""
        if name not in self._places:
            self._places[name] = len(self.layers)
            self.layers.append({"name": name})
        return self._places[name]

    def add(self, frame: Frame) -> None:
        """Keep a frame."""
        if self._last_is_extra:
            self.frames.pop()
        self.frames.append(frame)
        self._last_is_extra = self.measured % self._stride != 0
        self.measured += 1
        if len(self.frames) > MOST_FRAMES:
            self.frames = self.frames[::2]  # an odd number: the first and the latest stay
            self._stride *= 2

    def recent(self, layer: int, column: str, count: int = 5) -> list[float]:
        """The last figures of a layer that were measured, latest first."""
        found: list[float] = []
        for frame in reversed(self.frames[-2 * count :]):
            value = frame.get(layer, column)
            if not math.isnan(value):
                found.append(value)
            if len(found) == count:
                break
        return found
