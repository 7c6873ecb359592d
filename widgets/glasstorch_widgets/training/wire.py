"""A training's history as messages for the script: numbers as blocks of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .diagnosis import NOTES
from .history import COLUMNS, KINDS, Frame, History
from .measure import BINS

VERSION = 1
LIVE_BYTES = 300_000  # of histograms in one message while the loop runs
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
    """All frames: figures as float32 (frames, layers, columns), histograms of as many frames as fit.

    Histograms are float32 (frames, layers, kinds, 2) for the ranges and uint8 (frames, layers, kinds, bins).
    """
    layers = len(history.layers)
    frames = history.frames
    shown = frames[:: _every(len(frames), layers, most_bytes)]
    if frames and shown[-1] is not frames[-1]:
        shown = [*shown, frames[-1]]
    return {
        "layers": layers,
        "steps": [frame.step for frame in frames],
        "figures": _block([_padded(f.figures, layers, np.nan) for f in frames], "<f4"),
        "shown": [frame.step for frame in shown],
        "ranges": _block([_padded(f.ranges, layers, np.nan) for f in shown], "<f4"),
        "counts": _block([_padded(f.counts, layers, 0) for f in shown], "u1"),
    }


def _every(frames: int, layers: int, most_bytes: int) -> int:
    one = max(1, layers * len(KINDS) * (BINS + 8))
    return max(1, -(-frames * one // most_bytes))


def _padded(array: np.ndarray, layers: int, value: float) -> np.ndarray:
    """A frame from before a layer came, with room for it."""
    if len(array) == layers:
        return array
    room = np.full((layers - len(array), *array.shape[1:]), value, array.dtype)
    return np.concatenate([array, room])


def _block(arrays: list[np.ndarray], dtype: str) -> bytes:
    return np.stack(arrays).astype(dtype).tobytes() if arrays else b""
