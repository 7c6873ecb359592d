"""What the service says about itself in figures: the line, and what has been graded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import JSON, ColumnElement, Double, cast, func, select

from .database import Database
from .schema import revision
from .tables import FRESH, IN_LINE, OPEN, QUEUED, jobs, results, submissions


@dataclass(frozen=True)
class Line:
    """The queue now, without what is graded again.

    `oldest_wait`: seconds since the first of those that wait was handed in, 0 for none.
    """

    waiting: int
    running: int
    oldest_wait: float


@dataclass(frozen=True)
class Graded:
    """One result. `seconds`: what grading took, without the wait."""

    number: int
    status: str
    seconds: float


class Figures:
    """Questions about all submissions; changes nothing."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def line(self) -> Line:
        counted = select(jobs.c.state, func.count()).where(OPEN, FRESH).group_by(jobs.c.state)
        first = (
            select(func.min(submissions.c.submitted_at))
            .select_from(jobs.join(submissions, jobs.c.number == submissions.c.number))
            .where(QUEUED, IN_LINE)
        )
        with self._db.read() as db:
            by_state = {state: int(count) for state, count in db.execute(counted)}
            oldest = db.execute(first).scalar()
        wait = 0.0 if oldest is None else max(0.0, self._clock() - oldest)
        return Line(by_state.get("queued", 0), by_state.get("running", 0), wait)

    def complete_to(self) -> int:
        """The number up to which every submission has its result."""
        with self._db.read() as db:
            newest = db.execute(select(func.max(jobs.c.number))).scalar() or 0
            lowest_open = db.execute(select(func.min(jobs.c.number)).where(OPEN, FRESH)).scalar()
        return int(newest if lowest_open is None else min(newest, lowest_open - 1))

    def graded(self, after: int) -> tuple[list[Graded], int]:
        """The results of submissions with a number above `after`, and `complete_to` as it was just before."""
        complete_to = self.complete_to()
        wanted = select(results.c.number, results.c.status, self._seconds()).where(results.c.number > after)
        with self._db.read() as db:
            rows = db.execute(wanted).all()
        return [Graded(number, status, float(took or 0)) for number, status, took in rows], complete_to

    def schema_version(self) -> str | None:
        with self._db.read() as db:
            return revision(db)

    def _seconds(self) -> ColumnElement[float]:
        seconds: ColumnElement[float]
        if self._db.dialect == "sqlite":
            seconds = func.json_extract(results.c.result, "$.execution_time", type_=Double())
        else:
            seconds = cast(results.c.result, JSON)["execution_time"].as_float()
        return seconds
