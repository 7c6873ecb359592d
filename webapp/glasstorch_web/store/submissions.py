"""Reading submissions back: one, many, a history, the best so far."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, and_, case, func, select, tuple_

from .course_tables import scores
from .database import Database
from .tables import FRESH, IN_LINE, QUEUED, is_queued, jobs, results, submissions


@dataclass(frozen=True)
class Submission:
    """A submission as it stands now. `place` is 1 for the next in the queue, 0 when it left the queue.

    `late_factor` is the share of the score that counts. With a result, `state` is "done" also while it is graded
    again (`regrading`); `regraded_at` is when the result has replaced a former one.
    """

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
    late_factor: float | None
    regrading: bool
    regraded_at: float | None


def place() -> ColumnElement[int]:
    """The place in line of a row of `jobs`, counted along the index of those who wait."""
    ahead = jobs.alias("ahead")
    not_after = tuple_(ahead.c.turn, ahead.c.number) <= tuple_(jobs.c.turn, jobs.c.number)
    count = select(func.count()).select_from(ahead).where(is_queued(ahead), not_after).scalar_subquery()
    return case((and_(QUEUED, FRESH), count), else_=0)


def _reading(place: ColumnElement[int], among: FromClause) -> Select[Any]:
    progress = (jobs.c.progress_done, jobs.c.progress_total, jobs.c.progress_now)
    graded = (results.c.result, results.c.finished_at, results.c.late_factor, results.c.regraded_at)
    again = jobs.c.regrade != 0
    state = case((again, "done"), else_=jobs.c.state).label("state")
    return select(
        submissions,
        state,
        *progress,
        jobs.c.failures,
        *graded,
        again.label("regrading"),
        place.label("place"),
    ).select_from(among)


_JOINED = submissions.join(jobs, jobs.c.number == submissions.c.number).outerjoin(
    results, results.c.number == submissions.c.number
)
_FEW = _reading(place(), _JOINED)
# For many, everybody's place is counted once.
_EACH = (
    select(jobs.c.number, func.row_number().over(order_by=(jobs.c.turn, jobs.c.number)).label("place"))
    .where(QUEUED, IN_LINE)
    .cte("each")
)
_MANY = _reading(
    func.coalesce(_EACH.c.place, 0), _JOINED.outerjoin(_EACH, _EACH.c.number == submissions.c.number)
)


class Submissions:
    """Questions about submissions; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, submission: str, user: str | None) -> Submission | None:
        """One submission by its id; with a user, only if it is theirs."""
        query = _FEW.where(submissions.c.id == submission)
        rows = self._rows(query if user is None else query.where(submissions.c.user == user))
        return rows[0] if rows else None

    def many(self, ids: Collection[str]) -> dict[str, Submission]:
        """Those of these ids that exist, whoever's they are."""
        return {found.id: found for found in self._rows(_MANY.where(submissions.c.id.in_(ids)))}

    def history(
        self, user: str, exercise: str | None = None, limit: int = 20, before: int | None = None
    ) -> list[Submission]:
        """A user's submissions, the newest first; `before` is the `number` at which the page before ended."""
        query = _FEW.where(submissions.c.user == user)
        if exercise is not None:
            query = query.where(submissions.c.exercise == exercise)
        if before is not None:
            query = query.where(submissions.c.number < before)
        return self._rows(query.order_by(submissions.c.number.desc()).limit(limit))

    def beside(self, number: int, exercise: str) -> tuple[str | None, str | None]:
        """The ids of the submissions to one exercise just before and just after a number."""
        among = select(submissions.c.id).where(submissions.c.exercise == exercise).limit(1)
        older = among.where(submissions.c.number < number).order_by(submissions.c.number.desc())
        newer = among.where(submissions.c.number > number).order_by(submissions.c.number)
        with self._db.read() as db:
            return db.execute(older).scalar(), db.execute(newer).scalar()

    def best(self, user: str) -> dict[str, tuple[float, float]]:
        """For each exercise with a result: the best score, and how much there is."""
        query = select(scores.c.exercise, scores.c.best_score, scores.c.max_score).where(
            scores.c.user == user
        )
        with self._db.read() as db:
            return {row.exercise: (row.best_score, row.max_score) for row in db.execute(query)}

    def count(self) -> int:
        """How many submissions there are."""
        with self._db.read() as db:
            return db.execute(select(func.count()).select_from(submissions)).scalar_one()

    def _rows(self, query: Select[Any]) -> list[Submission]:
        with self._db.read() as db:
            rows = db.execute(query).mappings().all()
        return [_submission(row) for row in rows]


def _submission(row: RowMapping) -> Submission:
    values = {field.name: row[field.name] for field in fields(Submission)}
    values["regrading"] = bool(row["regrading"])
    values["result"] = None if row["result"] is None else json.loads(row["result"])
    return Submission(**values)
