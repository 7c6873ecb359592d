"""Random choices, drawn from the default generator one number at a time, in torchvision's order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...ops.create import empty, tensor
from ...ops.random import rand, randint


def happens(p: float) -> bool:
    """True with probability ``p``."""
    return rand(1).item() < p


def between(low: float, high: float) -> float:
    """A number from ``low`` up to ``high``."""
    draw: Any = empty(1)
    return draw.uniform_(low, high).item()


def whole(low: int, high: int) -> int:
    """One of low, low + 1, ..., high - 1."""
    return int(randint(low, high, (1,)).item())


def sides(area: int, scale: Sequence[float], ratio: Sequence[float]) -> tuple[int, int]:
    """Sides of a rectangle of a random part of ``area``: its share is uniform in ``scale``, the logarithm of first side
    over second in that of ``ratio``."""
    logarithms: Any = tensor(ratio)
    low, high = logarithms.log().tolist()
    part = area * between(scale[0], scale[1])
    aspect: Any = empty(1)
    aspect = aspect.uniform_(low, high).exp().item()
    return round(math.sqrt(part * aspect)), round(math.sqrt(part / aspect))
