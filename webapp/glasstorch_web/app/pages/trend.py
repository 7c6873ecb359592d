"""How the points went from attempt to attempt, as a small drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...store import Submission

WIDTH, HEIGHT, EDGE = 240, 48, 6


@dataclass(frozen=True)
class Trend:
    """The drawing's points, oldest first, in its own units, and what they mean."""

    scores: tuple[float, ...]
    max_score: float
    dots: tuple[tuple[float, float], ...]

    @property
    def line(self) -> str:
        """The value of an SVG polyline's `points`."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.dots)


def trend(newest_first: Sequence[Submission]) -> Trend | None:
    """None until two attempts are graded."""
    graded = [
        one.result for one in reversed(newest_first) if one.result and one.result["status"] != "grader_error"
    ]
    if len(graded) < 2:
        return None
    scores = tuple(float(result["score"]) for result in graded)
    most = max(float(result["max_score"]) for result in graded) or 1.0
    across = (WIDTH - 2 * EDGE) / (len(scores) - 1)
    down = HEIGHT - 2 * EDGE
    dots = tuple((EDGE + at * across, EDGE + down * (1 - score / most)) for at, score in enumerate(scores))
    return Trend(scores, most, dots)
