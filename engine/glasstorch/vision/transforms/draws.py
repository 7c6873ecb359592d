"""Random choices, drawn from the default generator one number at a time, in torchvision's order.

They are what ``torch.rand(1)``, ``torch.empty(1).uniform_`` and ``torch.randint`` would give, without making tensors.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import dtype as dt
from ...core.device import device as Device
from ...core.device import get_default_device
from ...ops.create import tensor
from ...ops.distributions import uniform
from ...random import generator_for


def _stream() -> Any:
    return generator_for(Device(get_default_device())).stream


def happens(p: float) -> bool:
    """True with probability ``p``."""
    return between(0, 1) < p


def between(low: float, high: float) -> float:
    """A number from ``low`` up to ``high``, with the digits of the default type."""
    return float(uniform(dt.get_default_dtype(), low, high)(_stream(), 1, True)[0])


def whole(low: int, high: int) -> int:
    """One of low, low + 1, ..., high - 1."""
    return low + int(_stream().integers(1, high - low, False)[0])


def sides(area: int, scale: Sequence[float], ratio: Sequence[float]) -> tuple[int, int]:
    """Sides of a rectangle of a random part of ``area``: its share is uniform in ``scale``, the logarithm of first side
    over second in that of ``ratio``."""
    kind = dt.get_default_dtype()
    part = area * between(scale[0], scale[1])
    logarithm = between(*_logarithms(tuple(ratio), kind))
    aspect = float(np.exp(dt.numpy_dtype(kind).type(logarithm)))
    return round(math.sqrt(part * aspect)), round(math.sqrt(part / aspect))


@functools.lru_cache(maxsize=64)
def _logarithms(ratio: tuple[float, ...], kind: dt.dtype) -> list[float]:
    numbers: Any = tensor(ratio, dtype=kind)
    return numbers.log().tolist()
