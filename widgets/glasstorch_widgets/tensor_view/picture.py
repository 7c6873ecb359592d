"""A tensor without a browser: as text and as a static picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..drawing import INK, SOFT, Picture
from ..heat import scale_of
from ..palette import number
from .memory import Memory

NUMBERS = (10, 12)  # rows and columns up to which the values are written out
MAP_SIDE = 40  # rows and columns of the largest map
BOXES = 16  # of the storage
MOST_TEXT, CORNER = 1_000_000, 6  # elements of a slice that is summarised as text; of a larger one its corner


def as_text(facts: dict[str, Any], counted: dict[str, Any], memory: Memory) -> str:
    """Facts, the arithmetic of places, the slice and the statistics, a line each."""
    shape = "×".join(map(str, memory.shape)) or "scalar"
    lines = [f"{facts['name']}: {shape}, {facts['dtype']} on {facts['device']}"]
    contiguous = "contiguous" if facts["contiguous"] else "not contiguous"
    lines.append(f"strides {memory.stride}, storage offset {memory.offset}, {contiguous}")
    names = "ijklmnpq"[: len(memory.shape)] if len(memory.shape) <= 8 else ""
    if names:
        terms = [str(memory.offset), *(f"{i}·{s}" for i, s in zip(names, memory.stride))]
        lines.append(f"element [{', '.join(names)}] lies at place {' + '.join(terms)} of {memory.total}")
    if facts["base"]:
        lines.append(f"a view of a tensor of shape {tuple(facts['base']['shape'])}")
    where = _slice(facts, memory)
    if memory.tensor.dim() > 2:
        inside = ", ".join(":" if isinstance(i, slice) else str(i) for i in where)
        lines.append(f"slice [{inside}]:")
    part = memory.tensor[where]
    if part.numel() > MOST_TEXT:
        part = part[tuple(slice(CORNER) for _ in part.shape)]
        lines.append(f"its first {CORNER} rows and columns:")
    lines.append(repr(part))
    lines.append(summary(counted))
    return "\n".join(lines)


def summary(counted: dict[str, Any]) -> str:
    """The statistics in one line."""
    if not counted["n"]:
        return "no elements"
    parts = [
        f"{word} {number(counted[word])}"
        for word in ("min", "mean", "max", "std")
        if counted[word] is not None
    ]
    parts += [f"{counted[key]} {word}" for key, word in (("nan", "NaN"), ("inf", "infinite")) if counted[key]]
    whole = "" if counted["whole"] else f" (of {counted['n']} elements)"
    return " · ".join(parts) + whole


def as_svg(facts: dict[str, Any], counted: dict[str, Any], memory: Memory, words: dict[str, str]) -> str:
    """The slice as a heat map and the storage around its beginning."""
    shape = "×".join(map(str, memory.shape)) or words["scalar"]
    title = f"{facts['name']} · {shape} · {facts['dtype']}"
    picture = Picture(f"{title}. {summary(counted)}")
    picture.text(12, 20, title, size=13, bold=True)
    picture.text(12, 38, summary(counted), fill=SOFT)
    bottom = 50.0
    if 0 not in memory.shape:
        bottom = _matrix(picture, facts, memory, bottom)
        _storage(picture, memory, bottom + 14, words)
    return picture.done()


def _slice(facts: dict[str, Any], memory: Memory) -> tuple[Any, ...]:
    look = facts["look"]
    return tuple(
        slice(None) if axis in (look["rows"], look["columns"]) else index
        for axis, index in enumerate(look["at"])
    )


def _matrix(picture: Picture, facts: dict[str, Any], memory: Memory, top: float) -> float:
    """Draw the slice, sampled where it is large; returns where it ends."""
    look = facts["look"]
    rows, columns = (1 if look[k] is None else memory.shape[look[k]] for k in ("rows", "columns"))
    small = rows <= NUMBERS[0] and columns <= NUMBERS[1]
    every = (1, 1) if small else (-(-rows // MAP_SIDE), -(-columns // MAP_SIDE))
    places = _slice_places(facts, memory, every)
    values = _sizes(memory.read(places.reshape(-1))).reshape(places.shape)
    scale = scale_of(values.reshape(-1).tolist())
    width, height = (52.0, 24.0) if small else (12.0, 12.0)
    for r, row in enumerate(values.tolist()):
        for c, value in enumerate(row):
            text = None if small else ""
            picture.cell(12 + c * width, top + r * height, width, height, value, scale, text=text)
    bottom = top + len(values) * height
    if not small:
        picture.text(12, bottom + 15, f"{places.shape[0]}×{places.shape[1]} of {rows}×{columns}", fill=SOFT)
        bottom += 18
    return bottom


def _slice_places(facts: dict[str, Any], memory: Memory, every: tuple[int, int]) -> np.ndarray:
    """The places of the slice's elements, every so many rows and columns: (rows, columns)."""
    look = facts["look"]
    start = memory.place([0 if a in (look["rows"], look["columns"]) else i for a, i in enumerate(look["at"])])
    steps = []
    for axis, step in zip((look["rows"], look["columns"]), every):
        steps.append(
            np.zeros(1, np.int64)
            if axis is None
            else np.arange(0, memory.shape[axis], step) * memory.stride[axis]
        )
    places: np.ndarray = start + steps[0][:, None] + steps[1]
    return places


def _storage(picture: Picture, memory: Memory, top: float, words: dict[str, str]) -> None:
    """The first boxes of the memory that the tensor reaches; those it does not use are dashed."""
    first = max(0, min(memory.offset, memory.total - BOXES))
    shown = np.arange(first, min(first + BOXES, memory.total))
    small = math.prod(memory.shape) <= 4096
    used = (
        np.bincount(memory.places().reshape(-1), minlength=memory.total)
        if small and memory.total <= 4096
        else None
    )
    values = _sizes(memory.read(shown))
    scale = scale_of(values.tolist())
    picture.text(12, top + 11, words["storage"].format(n=memory.total), bold=True)
    for k, (at, value) in enumerate(zip(shown.tolist(), values.tolist())):
        x = 12 + 44 * k
        inside = used is None or used[at] > 0
        dash: dict[str, Any] = {} if inside else {"stroke_dasharray": "3 2", "opacity": 0.45}
        picture.cell(x, top + 18, 44, 24, value, scale, **dash)
        picture.text(x + 22, top + 54, str(at), size=10, anchor="middle", fill=SOFT)
        if used is not None and used[at] > 1:
            picture.text(x + 22, top + 66, f"×{used[at]}", size=10, anchor="middle", fill=INK)
    if len(shown) < memory.total:
        picture.text(12 + 44 * len(shown) + 6, top + 34, "…", fill=SOFT)


def _sizes(values: np.ndarray) -> np.ndarray:
    """What the colours stand for: the numbers, or the sizes of complex ones."""
    return np.hypot(values[:, 0], values[:, 1]) if values.ndim == 2 else values
