"""Whether a submission may join the queue, and at which turn. Part of the transaction that stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, select, text

from .course_tables import scores
from .rules import rule_for
from .submissions import place
from .tables import FRESH, IN_LINE, OPEN, QUEUED, RUNNING, jobs, line, submissions

MINUTE = 60.0
PENDING_PAUSE = 5.0  # seconds; a grade takes well under one, so an open job is likely done by then

# PostgreSQL's advisory locks: one for the queue's length, one for each learner.
_LOCK_LINE = text("SELECT pg_advisory_xact_lock(1735158894, 0)")
_LOCK_LEARNER = text("SELECT pg_advisory_xact_lock(1735158895, hashtext(:user))")
NEARLY_FULL = 100  # places left; more than come at the same moment


class QueueFullError(Exception):
    """The queue holds as many jobs as it may; nothing was written."""

    def __init__(self, waiting: int, limit: int) -> None:
        super().__init__(f"{waiting} submissions wait already (limit {limit})")
        self.waiting = waiting
        self.limit = limit


class TooManyError(Exception):
    """One learner asks for more than their share; nothing was written.

    Attributes:
        kind: "rate" (too many in a minute) or "pending" (too many open on this exercise).
        limit: how many are allowed.
        retry_after: seconds after which another may be taken.
        submission: the id of the learner's submission that waits or was taken last.
        place: its place in line; 0 when it no longer waits.
    """

    def __init__(
        self,
        kind: Literal["rate", "pending"],
        limit: int,
        retry_after: float,
        submission: str,
        place: int,
    ) -> None:
        what = "submissions a minute" if kind == "rate" else "unfinished submissions to one exercise"
        super().__init__(f"at most {limit} {what}")
        self.kind = kind
        self.limit = limit
        self.retry_after = retry_after
        self.submission = submission
        self.place = place


class NotTakenError(Exception):
    """The course's rules do not allow another submission to this exercise; nothing was written.

    Attributes:
        kind: "closed" (since `closed_at`) or "attempts" (all `limit` of them are used).
    """

    def __init__(
        self, kind: Literal["closed", "attempts"], *, closed_at: float | None = None, limit: int = 0
    ) -> None:
        super().__init__("closed" if kind == "closed" else f"all {limit} attempts are used")
        self.kind = kind
        self.closed_at = closed_at
        self.limit = limit


class IdempotencyError(Exception):
    """The same key came with different code; nothing was written."""


@dataclass(frozen=True)
class Limits:
    """How much may be open. For the last two, 0 is any number."""

    open_jobs: int
    rate_per_minute: int
    pending_per_exercise: int


_EARLIER = select(submissions.c.id, submissions.c.source).where(
    submissions.c.user == bindparam("user"),
    submissions.c.exercise == bindparam("exercise"),
    submissions.c.idempotency_key == bindparam("idempotency_key"),
)
_OPEN_JOBS = (
    select(func.count()).select_from(jobs).where(QUEUED, IN_LINE).scalar_subquery()
    + select(func.count()).select_from(jobs).where(RUNNING, FRESH).scalar_subquery()
)
_LINE = select(_OPEN_JOBS.label("open"), select(line.c.turn).scalar_subquery().label("turn"))
_LEARNERS_JOBS = select(
    select(func.max(jobs.c.turn))
    .where(jobs.c.user == bindparam("user"), IN_LINE)
    .scalar_subquery()
    .label("last_turn"),
    select(func.count())
    .select_from(jobs)
    .where(jobs.c.user == bindparam("user"), jobs.c.exercise == bindparam("exercise"), OPEN, FRESH)
    .scalar_subquery()
    .label("pending"),
)
_LEARNERS_OPEN = (
    select(jobs.c.number)
    .where(jobs.c.user == bindparam("user"), jobs.c.exercise == bindparam("exercise"), OPEN, FRESH)
    .order_by(jobs.c.number)
    .limit(1)
)
_LEARNERS_LATEST = (
    select(submissions.c.number, submissions.c.submitted_at)
    .where(
        submissions.c.user == bindparam("user"),
        submissions.c.submitted_at > bindparam("submitted_at") - MINUTE,
        submissions.c.submitted_at <= bindparam("submitted_at"),
    )
    .order_by(submissions.c.submitted_at.desc(), submissions.c.number.desc())
    .limit(bindparam("rate"))
)
_ID_AND_PLACE = (
    select(submissions.c.id, place().label("place"))
    .join_from(jobs, submissions, jobs.c.number == submissions.c.number)
    .where(jobs.c.number == bindparam("number"))
)


_GRADED = select(scores.c.attempts).where(
    scores.c.user == bindparam("user"), scores.c.exercise == bindparam("exercise")
)


def admit(
    db: Connection, wanted: Mapping[str, Any], limits: Limits, lesson: str | None = None
) -> tuple[str | None, int]:
    """The id of the submission that `wanted` (a row to be) repeats, or None; and the turn that a new one gets.

    Raises:
        QueueFullError, TooManyError, NotTakenError, IdempotencyError: it is not taken.
    """
    if db.dialect.name == "postgresql":  # one learner's submissions are looked at one after the other
        db.execute(_LOCK_LEARNER, wanted)
    earlier = db.execute(_EARLIER, wanted).first()
    if earlier is not None:
        if earlier.source != wanted["source"]:
            raise IdempotencyError(wanted["idempotency_key"])
        return str(earlier.id), 0
    theirs = db.execute(_LEARNERS_JOBS, wanted).one()
    rule = rule_for(db, wanted["user"], wanted["exercise"], lesson)
    if rule.closed(wanted["submitted_at"]):
        raise NotTakenError("closed", closed_at=rule.closes_at)
    if rule.max_attempts is not None:
        used = (db.execute(_GRADED, wanted).scalar() or 0) + theirs.pending
        if used >= rule.max_attempts:
            raise NotTakenError("attempts", limit=rule.max_attempts)
    if 0 < limits.pending_per_exercise <= theirs.pending:
        first = db.execute(_LEARNERS_OPEN, wanted).scalar_one()
        where = db.execute(_ID_AND_PLACE, {"number": first}).one()
        raise TooManyError("pending", limits.pending_per_exercise, PENDING_PAUSE, where.id, where.place)
    if limits.rate_per_minute:
        lately = db.execute(_LEARNERS_LATEST, {**wanted, "rate": limits.rate_per_minute}).all()
        if len(lately) == limits.rate_per_minute:
            pause = lately[-1].submitted_at + MINUTE - wanted["submitted_at"]
            where = db.execute(_ID_AND_PLACE, {"number": lately[0].number}).one()
            raise TooManyError("rate", limits.rate_per_minute, pause, where.id, where.place)
    found = db.execute(_LINE).one()
    if db.dialect.name == "postgresql" and found.open >= limits.open_jobs - NEARLY_FULL:
        # Only near its limit is the queue worth counting one submission after the other.
        db.execute(_LOCK_LINE)
        found = db.execute(_LINE).one()
    if found.open >= limits.open_jobs:
        raise QueueFullError(found.open, limits.open_jobs)
    return None, max(found.turn, -1 if theirs.last_turn is None else theirs.last_turn + 1)
