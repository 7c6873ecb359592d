"""Which part of the input a unit sees, found by spoiling the input line by line.

A NaN in one row of the input spreads to exactly the units that read that row (convolutions, pooling, activations and
additions all hand it on). So one forward pass of as many copies of the image as it has rows tells, for every layer at
once, which rows each unit sees; the same for columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from glasstorch import Tensor

from ..engine import torch

AT_ONCE = 16  # copies in one forward pass
MOST_LINES = 256  # of the input
MOST_NUMBERS = 200_000_000  # that all layers may compute for it together: some seconds

Spans = tuple[
    list[list[int]], list[list[int]]
]  # [first, last] line seen, for every row and every column of a layer


def receptive_spans(
    forward: Callable[[Any], dict[str, Tensor]], image: Tensor, numbers: int
) -> dict[str, Spans]:
    """For every layer, the rows and columns of the input that its rows and columns of units see.

    Args:
        forward: of a batch, giving each layer's output (copies, channels, height, width).
        image: (channels, height, width); its numbers do not matter. numbers: that all layers compute for
            one image.

    Returns:
        Nothing for layers where a NaN does not show; empty if the model cannot be asked this way, or if it would take
        too long.
    """
    height, width = image.shape[1:]
    if height + width > MOST_LINES or numbers * (height + width) > MOST_NUMBERS:
        return {}
    try:
        rows = _spoiled(forward, image, 1)
        columns = _spoiled(forward, image, 2)
    except (RuntimeError, ValueError):  # the model does not take batches, or no NaN
        return {}
    found: dict[str, Spans] = {}
    for name in rows:
        # (lines of the input, height, width) of the layer: which units are spoiled by which line
        down = _ends(np.asarray(rows[name].any(2)))
        across = _ends(np.asarray(columns[name].any(1)))
        if down and across:
            found[name] = (down, across)
    return found


def _spoiled(forward: Callable[[Any], dict[str, Tensor]], image: Tensor, axis: int) -> dict[str, np.ndarray]:
    """For every layer (lines, height, width): is any channel of a unit NaN when that line of the input is?"""
    parts: dict[str, list[np.ndarray]] = {}
    lines = image.shape[axis]
    for start in range(0, lines, AT_ONCE):
        count = min(AT_ONCE, lines - start)
        batch = torch.zeros((count, *image.shape), dtype=image.dtype, device=image.device)
        for k in range(count):
            batch[k].select(axis, start + k).fill_(float("nan"))
        for name, output in forward(batch).items():
            parts.setdefault(name, []).append(torch.isnan(output).any(1).cpu().numpy())
    return {name: np.concatenate(found) for name, found in parts.items()}


def _ends(seen: np.ndarray) -> list[list[int]]:
    """First and last line that each of the units sees; empty if some unit sees none."""
    out = []
    for unit in seen.T:
        lines = np.flatnonzero(unit)
        if not lines.size:
            return []
        out.append([int(lines[0]), int(lines[-1])])
    return out
