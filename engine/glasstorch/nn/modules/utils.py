"""Arguments that are one number or one for each dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any


def _ntuple(n: int) -> Callable[[Any], tuple]:
    def parse(x: Any) -> tuple:
        return tuple(x) if isinstance(x, Iterable) else tuple(repeat(x, n))

    return parse


_single, _pair, _triple = _ntuple(1), _ntuple(2), _ntuple(3)


def _reverse_repeat_tuple(t: Iterable, n: int) -> tuple:
    """``(a, b)`` and 2 give ``(b, b, a, a)``: the order in which ``functional.pad`` takes lengths."""
    return tuple(x for x in reversed(tuple(t)) for _ in range(n))
