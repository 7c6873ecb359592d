"""Where a learner stands: scores, lessons read, what came last; and all their data in one file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from ..store import IdempotencyError, NotTakenError, QueueFullError, TooManyError
from ..store.course_tables import lessons_read, scores
from ..store.database import Database
from . import guesses, own_data
from .grading import GradingService, UnacceptableSubmission, UnknownExercise


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
        self,
        database: Database,
        *,
        trust_files: bool,
        state: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """trust_files: take in results from a person's own file; not in a course, where anybody could write one.

        state: where the guesses of this machine's notebooks are, if they are this person's.
        """
        self._db = database
        self._trust_files = trust_files
        self._state = state
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
        made = own_data.export(self._db, user, self._clock())
        return made if self._state is None else {**made, "guesses": guesses.read(self._state)}

    def import_file(self, user: str, data: object, service: GradingService | None = None) -> dict[str, int]:
        """Take in what `export` gave, from here or elsewhere; how many of each kind were new.

        What is there stays: a submission is taken once, and of two states of a review card the newer one counts.

        Args:
            service: grades what the file has code of, but no result that counts here. `graded`: so many were handed
                in; `left`: so many the queue does not take now, and the same file brings them later.

        Raises:
            Refusal: it is no such file; nothing was changed.
        """
        taken = own_data.take_in(self._db, user, data, self._clock(), results_too=self._trust_files)
        new = guesses.add(self._state, taken.guesses) if self._state is not None else 0
        counts = {**taken.counts, "guesses": new, "graded": 0, "left": 0}
        for one in taken.to_grade:
            if service is None:
                break
            try:
                service.submit(one.exercise, one.source, one.key)
                counts["graded"] += 1
            except (QueueFullError, TooManyError):
                counts["left"] += 1
            except (UnknownExercise, UnacceptableSubmission, NotTakenError, IdempotencyError):
                continue  # not of this course, or no longer taken: as if it had never been handed in
        return counts
