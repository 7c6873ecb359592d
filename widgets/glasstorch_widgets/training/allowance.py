"""How much of a loop's time measuring may take."""

from __future__ import annotations

SHARE = 0.04  # of the loop's time; what cannot be timed from inside (cold caches) comes on top
LONGEST_STEP = 1.0  # seconds; a longer pause, such as that between two cells, counts as this long


class Allowance:
    """A debt that grows with the time spent measuring and shrinks with the time the loop takes.

    A step may be measured when nothing is owed. So the share holds on average, whatever a measure costs.
    """

    def __init__(self, share: float = SHARE) -> None:
        self.share = share
        self.debt = 0.0
        self._last: float | None = None

    def step(self, now: float) -> None:
        """A step of the loop ended."""
        if self._last is not None:
            passed = min(now - self._last, LONGEST_STEP)
            self.debt = max(self.debt - self.share * passed, -self.share * LONGEST_STEP)
        self._last = now

    def spend(self, seconds: float) -> None:
        """Measuring or sending took this long."""
        self.debt += seconds

    @property
    def free(self) -> bool:
        """Is nothing owed?"""
        return self.debt <= 0.0
