"""Stretches of time that may overlap, as one set."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Intervals:
    """The union of pairs ``(start, end)``."""

    def __init__(self, pairs: Iterable[tuple[float, float]]) -> None:
        merged: list[list[float]] = []
        for start, end in sorted(pairs):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            elif end > start:
                merged.append([start, end])
        self.starts, self.ends = [p[0] for p in merged], [p[1] for p in merged]
        self._before = [0.0, *accumulate(e - s for s, e in merged)]

    @property
    def length(self) -> float:
        """How long all of it is."""
        return self._before[-1]

    def within(self, start: float, end: float) -> float:
        """How much of it lies between two times."""
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
        if first >= last:
            return 0.0
        whole = self._before[last] - self._before[first]
        return whole - max(0.0, start - self.starts[first]) - max(0.0, self.ends[last - 1] - end)

    def common(self, other: Intervals) -> float:
        """How much of it lies in another set, too."""
        return sum(other.within(s, e) for s, e in zip(self.starts, self.ends, strict=True))
