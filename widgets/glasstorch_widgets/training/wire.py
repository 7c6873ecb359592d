"""A training's history as messages for the script: numbers as blocks of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .diagnosis import NOTES
from .history import COLUMNS, KINDS, Frame, History
from .measure import BINS

VERSION = 1
LIVE_BYTES = 300_000  # of figures, and again of histograms, in one message while the loop runs
REST_BYTES = 1_200_000  # and when it rests


def layout() -> dict[str, Any]:
    """How the blocks are to be read, and what the notes are called."""
    return {
        "version": VERSION,
        "columns": list(COLUMNS),
        "kinds": list(KINDS),
        "bins": BINS,
        "notes": [list(note) for note in NOTES],
    }


def frame_message(frame: Frame, layers: int) -> dict[str, Any]:
    """The figures of one step: float32 (layers, columns)."""
    return {"step": frame.step, "figures": _padded(frame.figures, layers, np.nan).astype("<f4").tobytes()}


def history_message(history: History, most_bytes: int) -> dict[str, Any]:
    """Frames: figures as float32 (frames, layers, columns), and histograms; of each as many frames as fit.

    Histograms are float32 (frames, layers, kinds, 2) for the ranges and uint8 (frames, layers, kinds, bins).
    """
    layers = len(history.layers)
    frames = _thinned(history.frames, layers * len(COLUMNS) * 4, most_bytes)
    shown = _thinned(frames, layers * len(KINDS) * (BINS + 8), most_bytes)
    return {
        "layers": layers,
        "steps": [frame.step for frame in frames],
        "figures": _block([_padded(f.figures, layers, np.nan) for f in frames], "<f4"),
        "shown": [frame.step for frame in shown],
        "ranges": _block([_padded(f.ranges, layers, np.nan) for f in shown], "<f4"),
        "counts": _block([_padded(f.counts, layers, 0) for f in shown], "u1"),
    }


def _thinned(frames: list[Frame], one: int, most_bytes: int) -> list[Frame]:
    """Every so many frames, so that they fit, and the last."""
    kept = frames[:: max(1, -(-len(frames) * one // most_bytes))]
    return kept if not frames or kept[-1] is frames[-1] else [*kept, frames[-1]]


def _padded(array: np.ndarray, layers: int, value: float) -> np.ndarray:
    """A frame from before a layer came, with room for it."""
    if len(array) == layers:
        return array
    room = np.full((layers - len(array), *array.shape[1:]), value, array.dtype)
    return np.concatenate([array, room])


def _block(arrays: list[np.ndarray], dtype: str) -> bytes:
    return np.stack(arrays).astype(dtype).tobytes() if arrays else b""
