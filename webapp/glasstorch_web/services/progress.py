"""Where a learner stands: scores, lessons read, what came last; and all their data in one file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from ..store.course_tables import lessons_read, scores
from ..store.database import Database
from . import own_data


@dataclass(frozen=True)
class Score:
    """One learner's points in one exercise. `counted`: what counts in the course, lateness taken off."""

    best: float
    last: float
    counted: float
    max_score: float
    attempts: int
    last_at: float
    first_passed_at: float | None


class Progress:
    """Questions about one learner, each one or two looks into an index."""

    def __init__(
        self, database: Database, *, trust_files: bool, clock: Callable[[], float] = time.time
    ) -> None:
        """trust_files: take in results from a person's own file; not in a course, where anybody could write one."""
        self._db = database
        self._trust_files = trust_files
        self._clock = clock

    def scores(self, user: str) -> dict[str, Score]:
        """For every exercise with a graded attempt."""
        with self._db.read() as db:
            rows = db.execute(select(scores).where(scores.c.user == user)).all()
        return {
            row.exercise: Score(
                best=row.best_score,
                last=row.last_score,
                counted=row.counted_score,
                max_score=row.max_score,
                attempts=row.attempts,
                last_at=row.last_at,
                first_passed_at=row.first_passed_at,
            )
            for row in rows
        }

    def last(self, user: str) -> tuple[str, float] | None:
        """The exercise that was handed in last, and when."""
        found = self.scores(user)
        exercise = max(found, key=lambda name: found[name].last_at, default=None)
        return None if exercise is None else (exercise, found[exercise].last_at)

    def read(self, user: str) -> dict[str, float]:
        """The lessons marked as read, and when."""
        query = select(lessons_read.c.lesson, lessons_read.c.read_at).where(lessons_read.c.user == user)
        with self._db.read() as db:
            return {row.lesson: row.read_at for row in db.execute(query)}

    def mark_read(self, user: str, lesson: str, read: bool) -> None:
        """Marking a lesson twice changes nothing."""
        mine = (lessons_read.c.user == user, lessons_read.c.lesson == lesson)
        with self._db.write() as db:
            if read:
                row = {"user": user, "lesson": lesson, "read_at": self._clock()}
                db.execute(self._db.insert_if_new(lessons_read), row)
            else:
                db.execute(delete(lessons_read).where(*mine))

    def export(self, user: str) -> dict[str, Any]:
        """Everything that is kept about this person, ready for JSON."""
        return own_data.export(self._db, user, self._clock())

    def import_file(self, user: str, data: object) -> dict[str, int]:
        """Take in what `export` gave, from here or elsewhere; how many of each kind were new.

        What is there stays: a submission is taken once, and of two states of a review card the newer one counts.

        Raises:
            Refusal: it is no such file; nothing was changed.
        """
        return own_data.take_in(self._db, user, data, self._clock(), results_too=self._trust_files)
