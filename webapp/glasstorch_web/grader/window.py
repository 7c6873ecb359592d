"""The part of two arrays around the first place where they differ: small enough to show."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

SIZE = 16  # rows and columns at most


class Window(TypedDict):
    """A part of two arrays, as rows. origin: the index of its first value; part: whether there is more.

    off: where the values differ by more than the check allows. NaN and infinities are JSON's texts for them.
    """

    shape: list[int]
    origin: list[int]
    part: bool
    expected: list[list[Any]]
    got: list[list[Any]]
    off: list[list[bool]]


def window(got: np.ndarray, expected: np.ndarray, off: np.ndarray) -> Window | None:
    """The last two dimensions around the first place in `off`; None for single values and complex numbers."""
    if off.size < 2 or not off.any() or "c" in (got.dtype.kind, expected.dtype.kind):
        return None
    first = tuple(int(at) for at in np.argwhere(off)[0])
    shape = off.shape
    got, expected, off = (np.atleast_2d(array[first[:-2]]) for array in (got, expected, off))
    row, column = (0, *first)[-2:]
    top, left = _start(row, off.shape[0]), _start(column, off.shape[1])
    here = slice(top, top + SIZE), slice(left, left + SIZE)
    origin = [*first[:-2], top, left]
    return Window(
        shape=list(shape),
        origin=origin[-len(shape) :],
        part=off[here].size < int(np.prod(shape)),
        expected=_rows(expected[here]),
        got=_rows(got[here]),
        off=off[here].tolist(),
    )


def _start(place: int, length: int) -> int:
    """Where a window that shows this place begins; the place is its middle where there is room on both sides."""
    return max(0, min(place - SIZE // 2, length - SIZE)) if length > SIZE else 0


def _rows(values: np.ndarray) -> list[list[Any]]:
    """Numbers with the seven digits that float32 has."""
    return [[float(f"{float(value):.7g}") for value in row] for row in values]
