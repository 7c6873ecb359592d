"""Reading submissions back: one, a history, the best so far."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from .database import Database

_SELECT = """
    SELECT s.*, j.state, j.progress_done, j.progress_total, j.progress_now, j.failures,
           r.result, r.finished_at,
           CASE j.state WHEN 'queued' THEN
               (SELECT count(*) FROM jobs AS ahead WHERE ahead.state = 'queued' AND ahead.number <= j.number)
           ELSE 0 END AS place
    FROM submissions AS s JOIN jobs AS j USING (number) LEFT JOIN results AS r USING (number)
"""


@dataclass(frozen=True)
class Submission:
    """A submission as it stands now. `place` is 1 for the next in the queue, 0 when it left the queue."""

    number: int
    id: str
    user: str
    exercise: str
    source: str
    submitted_at: float
    state: Literal["queued", "running", "done"]
    place: int
    progress_done: int
    progress_total: int
    progress_now: str
    failures: int
    result: dict[str, Any] | None
    finished_at: float | None


class Submissions:
    """Questions about submissions; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, submission: str, user: str) -> Submission | None:
        rows = self._rows(f"{_SELECT} WHERE s.id = ? AND s.user = ?", submission, user)
        return _submission(rows[0]) if rows else None

    def history(self, user: str, exercise: str, limit: int = 20) -> list[Submission]:
        """The newest first."""
        where = "WHERE s.user = ? AND s.exercise = ? ORDER BY number DESC LIMIT ?"
        return [_submission(row) for row in self._rows(f"{_SELECT} {where}", user, exercise, limit)]

    def best(self, user: str) -> dict[str, tuple[float, float]]:
        """For each exercise with a result: the best (score, max_score)."""
        rows = self._rows(
            "SELECT s.exercise, max(r.score) AS score, r.max_score FROM submissions AS s"
            " JOIN results AS r USING (number) WHERE s.user = ? AND r.status <> 'grader_error'"
            " GROUP BY s.exercise",
            user,
        )
        return {row["exercise"]: (row["score"], row["max_score"]) for row in rows}

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._db.read() as db:
            return db.execute(query, values).fetchall()


def _submission(row: sqlite3.Row) -> Submission:
    return Submission(
        number=row["number"],
        id=row["id"],
        user=row["user"],
        exercise=row["exercise"],
        source=row["source"],
        submitted_at=row["submitted_at"],
        state=row["state"],
        place=row["place"],
        progress_done=row["progress_done"],
        progress_total=row["progress_total"],
        progress_now=row["progress_now"],
        failures=row["failures"],
        result=None if row["result"] is None else json.loads(row["result"]),
        finished_at=row["finished_at"],
    )
