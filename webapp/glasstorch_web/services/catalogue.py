"""The exercises as the site shows them: never the checks' source, never the solution."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..grader.exercises import Exercise, find_exercises


@dataclass(frozen=True)
class CheckInfo:
    """One check, as far as a learner may see it before submitting."""

    id: str
    title: str
    points: float
    hidden: bool


@dataclass(frozen=True)
class ExerciseInfo:
    """One exercise, as far as a learner may see it."""

    id: str
    title: str
    summary: str
    points: float
    entry: tuple[str, ...]
    checks: tuple[CheckInfo, ...]
    statement: str  # Markdown
    starter: str


class Catalogue:
    """Every exercise below the lessons folder, read anew each time: authors edit while it runs."""

    def __init__(self, lessons: Path) -> None:
        self._lessons = lessons

    def all(self) -> list[ExerciseInfo]:
        """In lesson order."""
        return [_info(exercise) for exercise in find_exercises(self._lessons).values()]

    def get(self, exercise: str) -> ExerciseInfo | None:
        found = find_exercises(self._lessons).get(exercise)
        return None if found is None else _info(found)


def _info(exercise: Exercise) -> ExerciseInfo:
    return ExerciseInfo(
        id=exercise.id,
        title=exercise.title,
        summary=exercise.statement,
        points=exercise.points,
        entry=tuple(exercise.entry),
        checks=tuple(CheckInfo(c.id, c.title, c.points, c.hidden) for c in exercise.checks),
        statement=exercise.read("statement.md"),
        starter=exercise.read("starter.py"),
    )
