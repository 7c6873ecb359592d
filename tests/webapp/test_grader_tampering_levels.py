"""What gains nothing at the strongest isolation level gains nothing at the weaker ones."""

from __future__ import annotations

import pytest
from glasstorch_web.grader import Grader
from support.tampering import CORPUS, EXERCISES, USUAL, exercise, gains_nothing, head

LOWER_LEVELS = {
    "L2": {"cgroup": False, "namespaces": False},
    "L2 without files": {"cgroup": False, "namespaces": False, "landlock": False},
}


@pytest.mark.parametrize("level", ["L2", pytest.param("L2 without files", marks=pytest.mark.slow)])
def test_no_points_for_tampering_at_lower_levels(level: str) -> None:
    """Without limits of time and forged frames, which no level has a part in."""
    with Grader(isolation=LOWER_LEVELS[level]) as grader:
        assert grader.isolation["level"] in (level[:2], "L1", "L0")
        for name, source in CORPUS.items():
            if head(source, "ends") != "timeout" and not name.startswith("frame_"):
                try:
                    gains_nothing(grader, source, all_checks=False)
                except AssertionError as failed:
                    raise AssertionError(name) from failed
        solution = (EXERCISES / USUAL / "solution.py").read_text()
        assert grader.grade(exercise(USUAL), solution)["status"] == "passed"
