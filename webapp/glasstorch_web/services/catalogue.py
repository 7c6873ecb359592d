"""The exercises, read again when their files change: authors edit while the service runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from ..grader.checker import version
from ..grader.exercises import Exercise, ExerciseError, find_exercises

log = logging.getLogger("glasstorch.service")


class Catalogue:
    """Every exercise below the lessons folder."""

    def __init__(self, lessons: Path) -> None:
        self.folder = lessons
        self._stamp: tuple[tuple[str, int], ...] | None = None
        self._exercises: dict[str, Exercise] = {}
        self._versions: dict[str, str] = {}

    def all(self) -> dict[str, Exercise]:
        """By id, in lesson order. One that its author has broken is left out, and named in the log."""
        stamp = tuple(sorted(_files(self.folder)))
        if stamp != self._stamp:
            broken: dict[str, str] = {}
            try:
                self._exercises = find_exercises(self.folder, broken)
            except ExerciseError as error:  # two with one id: keep what was there
                broken["lessons"] = str(error)
            for message in broken.values():
                log.warning("An exercise is left out. %s", message)
            self._stamp = stamp
            self._versions = {}
        return self._exercises

    def get(self, exercise: str) -> Exercise | None:
        return self.all().get(exercise)

    def lesson_of(self, exercise: str) -> str | None:
        """The slug of the lesson that it belongs to."""
        found = self.get(exercise)
        return None if found is None else found.lesson

    def versions(self) -> dict[str, str]:
        """By id, the version with which each exercise would be graded now."""
        exercises = self.all()
        if self._versions.keys() != exercises.keys():
            self._versions = {name: version(one) for name, one in exercises.items()}
        return self._versions


def _files(lessons: Path) -> Iterator[tuple[str, int]]:
    """The exercises' files, and when each was changed. Every page asks: a glob would take thrice as long."""
    for lesson in _folders(str(lessons)):
        for exercise in _folders(os.path.join(lesson, "exercises")):
            with os.scandir(exercise) as found:
                for entry in found:
                    if entry.is_file():
                        yield entry.path, entry.stat().st_mtime_ns


def _folders(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as found:
            return [entry.path for entry in found if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
