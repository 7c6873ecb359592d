"""Submissions that try to be called right without being right, and what holds of each when it is graded."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path

from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.sandbox.limits import Limits

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "webapp"
CORPUS = {path.stem: path.read_text() for path in sorted((FOLDER / "tampering").glob("*.py"))}
EXERCISES = FOLDER / "exercises" / "00-fixtures" / "exercises"
USUAL = "fixture.relu-backward"
LIMITS = Limits(cpu_seconds=1, wall_seconds=2, memory_mb=128, reply_mb=8)


def head(source: str, word: str, default: str = "") -> str:
    """What a comment at the top of a submission says: # ends, # says, # exercise, # check, # earns."""
    line = next(
        (line for line in source.splitlines() if line.startswith(f"# {word}:")), f"# {word}:{default}"
    )
    return line.partition(":")[2].strip()


@cache
def exercise(name: str) -> Exercise:
    return dataclasses.replace(load_exercise(EXERCISES / name), limits=LIMITS)


def gains_nothing(grader: Grader, source: str, *, all_checks: bool) -> None:
    """Grade it, and hold that it gets no point it has not earned, and the message and end that it should."""
    asked = exercise(head(source, "exercise", USUAL))
    check = head(source, "check") or asked.checks[0].id
    if not all_checks:
        asked = dataclasses.replace(asked, checks=tuple(one for one in asked.checks if one.id == check))
    result = grader.grade(asked, source, seed=5)
    said = json.dumps(result, allow_nan=False)
    tests = {test["id"]: test for test in result["tests"]}
    test = tests.pop(check)
    assert test["score"] == 0
    # What else there is, is earned: an honest function beside the tampering one.
    earned = {name for name, test in tests.items() if test["score"] and test["visibility"] == "hidden"}
    assert earned <= {head(source, "earns")}
    assert result["status"] == head(source, "ends")
    message = result["message"] if test["status"] == "skipped" else test["output"]
    assert head(source, "says") in message
    assert message[-1] != ":"
    assert len(message) < 4000
    assert str(ROOT) not in said
