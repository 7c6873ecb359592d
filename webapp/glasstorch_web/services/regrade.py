"""Grading again: one submission, one exercise, or all that was graded by an older version of its exercise.

What is graded again waits behind everything handed in anew. The present result stays until the new one is there,
and is kept afterwards; if the grader breaks down, it simply stays.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal_column, select, update

from ..store.audit import Audit
from ..store.course_tables import former_results, version_tallies
from ..store.database import Database
from ..store.queue import ANEW, SAME_SEED
from ..store.tables import FRESH, LAST_TURNS, QUEUED, RUNNING, jobs, results, submissions
from ..words import Refusal
from ..words import gettext_noop as _
from .catalogue import Catalogue

_NOT_IN_LINE = jobs.c.turn >= literal_column(str(LAST_TURNS))


@dataclass(frozen=True)
class FormerResult:
    """A result that another has replaced."""

    replaced_at: float
    status: str
    score: float
    max_score: float
    version: str
    finished_at: float
    result: dict[str, Any]


class Regrades:
    """Puts graded submissions back into the queue. `who` is the member of staff; each order is in the audit."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        ring: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """ring: tells the workers that there is work."""
        self._db = database
        self._catalogue = catalogue
        self._audit = Audit(database, clock)
        self._clock = clock
        self._ring = ring

    def submission(self, who: str, number: int, same_seed: bool = False) -> bool:
        """Grade one submission again; False when it is not graded yet, or waits for that already.

        same_seed: with the numbers that it was graded with; the same version of an exercise then gives the same
        result.

        Raises:
            LookupError: there is no such submission.
            Refusal: its exercise has gone.
        """
        with self._db.write() as db:
            found = db.execute(select(submissions.c.exercise).where(submissions.c.number == number)).scalar()
            if found is None:
                raise LookupError(number)
            self._require(found)
            queued = self._queue(db, jobs.c.number == number, same_seed)
            if queued:
                self._audit.record_within(db, who, "regrade", number=number, same_seed=same_seed)
        self._ring()
        return queued == 1

    def exercise(self, who: str, exercise: str, *, only_stale: bool = True, same_seed: bool = False) -> int:
        """Grade the submissions to one exercise again; how many wait for it now.

        only_stale: not those that were graded by the exercise as it is.

        Raises:
            Refusal: the exercise has gone.
        """
        version = self._require(exercise)
        with self._db.write() as db:
            count = self._one(db, exercise, version if only_stale else None, same_seed)
            if count:
                detail = {"exercise": exercise, "submissions": count, "only_stale": only_stale}
                self._audit.record_within(db, who, "regrade", **detail, same_seed=same_seed)
        self._ring()
        return count

    def all_stale(self, who: str) -> int:
        """Grade everything again that was graded by an older version of its exercise; how many that is."""
        total = 0
        for exercise in self.stale():
            total += self.exercise(who, exercise)
        return total

    def stale(self) -> dict[str, int]:
        """For each exercise, how many results an older version of it has given; those without any are left out."""
        versions = self._catalogue.versions()
        with self._db.read() as db:
            rows = db.execute(select(version_tallies).where(version_tallies.c.results > 0)).all()
        found: dict[str, int] = {}
        for row in rows:
            if row.exercise in versions and row.version != versions[row.exercise]:
                found[row.exercise] = found.get(row.exercise, 0) + row.results
        return found

    def is_stale(self, exercise: str, version: str) -> bool:
        """Whether a result with this version is one of the exercise as it was, and no longer is."""
        return version != self._catalogue.versions().get(exercise, version)

    def waiting(self) -> int:
        """How many wait to be graded again, or are being graded again."""
        queued = select(func.count()).select_from(jobs).where(QUEUED, _NOT_IN_LINE)
        running = select(func.count()).select_from(jobs).where(RUNNING, ~FRESH)
        with self._db.read() as db:
            return int(db.execute(queued).scalar_one() + db.execute(running).scalar_one())

    def former(self, number: int) -> list[FormerResult]:
        """The results that a submission had before, the latest first."""
        query = select(former_results).where(former_results.c.number == number)
        with self._db.read() as db:
            rows = db.execute(query.order_by(former_results.c.id.desc())).all()
        return [
            FormerResult(
                replaced_at=row.replaced_at,
                status=row.status,
                score=row.score,
                max_score=row.max_score,
                version=row.version,
                finished_at=row.finished_at,
                result=json.loads(row.result),
            )
            for row in rows
        ]

    def _require(self, exercise: str) -> str:
        version = self._catalogue.versions().get(exercise)
        if version is None:
            raise Refusal(
                _("The exercise %(exercise)s is not here any more, so nothing can be graded by it."),
                exercise=exercise,
            )
        return version

    def _one(self, db: Connection, exercise: str, unless: str | None, same_seed: bool) -> int:
        chosen = (
            select(submissions.c.number)
            .join(results, results.c.number == submissions.c.number)
            .where(submissions.c.exercise == bindparam("its_exercise"))
        )
        if unless is not None:
            chosen = chosen.where(results.c.version != unless)
        return self._queue(db, jobs.c.number.in_(chosen), same_seed, its_exercise=exercise)

    def _queue(self, db: Connection, chosen: ColumnElement[bool], same_seed: bool, **values: Any) -> int:
        """Their turns are as their numbers: the first handed in is the first graded again."""
        graded = select(results.c.number).where(results.c.number == jobs.c.number).exists()
        change = (
            update(jobs)
            .where(chosen, graded, jobs.c.state == "done")
            .values(
                state="queued",
                regrade=SAME_SEED if same_seed else ANEW,
                turn=LAST_TURNS + jobs.c.number,
                failures=0,
                losses=0,
                last_failure="",
                available_at=self._clock(),
                progress_done=0,
                progress_total=0,
                progress_now="",
            )
        )
        return db.execute(change, values).rowcount
