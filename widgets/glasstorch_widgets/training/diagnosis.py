"""What the figures of a layer mean, in one note per layer and one for the loss.

The bounds are rules of thumb, not theorems; the words (labels/*/training.json, `note_…`) say so. That an update should
be about a thousandth of the weights is from the notes of CS231n, https://cs231n.github.io/neural-networks-3/#ratio.
"""

from __future__ import annotations

import math
import statistics
from typing import Any

from .history import History

GOOD, LOOK, BAD = 0, 1, 2

#: Every note and how serious it is. A frame keeps a note by its place here.
NOTES: tuple[tuple[str, int], ...] = (
    ("waiting", GOOD),
    ("ok", GOOD),
    ("frozen", GOOD),
    ("not_finite", BAD),
    ("grown", BAD),
    ("dead_all", BAD),
    ("dead_most", BAD),
    ("dead_some", LOOK),
    ("no_gradient", LOOK),
    ("zero_gradient", BAD),
    ("vanish", BAD),
    ("vanish_some", LOOK),
    ("explode", BAD),
    ("saturated", BAD),
    ("saturated_some", LOOK),
    ("fast", BAD),
    ("brisk", LOOK),
    ("slow", LOOK),
    ("still", LOOK),
)
_CODE = {name: code for code, (name, _) in enumerate(NOTES)}

GROWN = 20.0  # times the weights' first size
DEAD_ALL, DEAD_MOST, DEAD_SOME = 0.99, 0.75, 0.25  # shares of a layer's ReLU units
SATURATED, SATURATED_SOME = 0.7, 0.4  # shares of sigmoid and tanh outputs
VANISH, VANISH_SOME = 1e-4, 1e-3  # largest gradient here, as a share of that nearest to the loss
EXPLODE, EXPLODED_NORM = (
    1e3,
    10.0,
)  # times that nearest to the loss, or times what it was; and how large at least
FAST, BRISK, SLOW = 0.1, 0.05, 1e-6  # |update| / |weights|


def notes_of(history: History, layers: list[int]) -> list[int]:
    """The notes on layers after the latest frame, as their places in `NOTES`."""
    reference = reference_layer(history.layers)
    return [_CODE[_note(history, layer, reference)] for layer in layers]


def _note(history: History, layer: int, reference: int | None) -> str:
    info, frame = history.layers[layer], history.frames[-1]
    if frame.get(layer, "bad") > 0:
        return "not_finite"
    if info.get("frozen"):
        return "frozen"
    if frame.get(layer, "weights") > GROWN * (info.get("first_weights") or math.inf):
        return "grown"
    dead = _recent(history, layer, "dead")
    if dead >= DEAD_ALL:
        return "dead_all"
    if math.isnan(frame.get(layer, "gradient")):
        return "no_gradient"
    largest = _recent(history, layer, "largest")
    if largest == 0.0:
        return "zero_gradient"
    above = _recent(history, reference, "largest") if reference is not None else math.nan
    if dead >= DEAD_MOST:
        return "dead_most"
    # Confident outputs of the last layer are what training is for.
    saturated = _recent(history, layer, "saturated") if layer != reference else 0.0
    if saturated >= SATURATED:
        return "saturated"
    if largest < VANISH * above:
        return "vanish"
    if _explodes(history, layer, largest, above):
        return "explode"
    ratio = _recent(history, layer, "ratio")
    if ratio > FAST:
        return "fast"
    if largest < VANISH_SOME * above:
        return "vanish_some"
    if dead >= DEAD_SOME:
        return "dead_some"
    if saturated >= SATURATED_SOME:
        return "saturated_some"
    if ratio > BRISK:
        return "brisk"
    if ratio == 0.0:
        return "still"
    return "slow" if ratio < SLOW else "ok"


def _recent(history: History, layer: int, column: str) -> float:
    """The median of the last measured figures: one odd batch shall not change the verdict."""
    found = history.recent(layer, column)
    return statistics.median(found) if found else math.nan


def _explodes(history: History, layer: int, largest: float, above: float) -> bool:
    norm = _recent(history, layer, "gradient")
    if not norm > EXPLODED_NORM:
        return False
    first = [v for frame in history.frames[:5] if math.isfinite(v := frame.get(layer, "gradient"))]
    return largest > EXPLODE * above or (bool(first) and norm > EXPLODE * statistics.median(first))


def reference_layer(layers: list[dict[str, Any]]) -> int | None:
    """The layer nearest to the loss, with whose gradient the others are compared."""
    known = [k for k, info in enumerate(layers) if "order" in info and not info.get("frozen")]
    return max(known, key=lambda k: layers[k]["order"], default=None)


def loss_note(first: float, lowest: float, latest: float) -> str:
    """What the loss itself says: "loss_bad", "loss_up" or ""."""
    if not math.isfinite(latest):
        return "loss_bad"
    if latest > 1.5 * first and latest > lowest + 3 * abs(first - lowest) and latest > first:
        return "loss_up"
    return ""
