"""The job queue: leases with fencing tokens, and fair turns.

A worker *claims* a job and holds a lease on it. Whoever stops renewing a lease loses the job: the sweeper
puts it back. Each change of hands raises the job's *fence*, and a result is taken only with the current
fence, so a worker that was thought dead cannot write over its successor's result.

Learners take turns (start-time fair queueing): a submission gets the *turn* after that of its learner's last
one, and never one before that of the job claimed last. The least turn goes first, among equals the earliest.
So somebody's hundred submissions stand one behind the other, and another's first one does not wait for them.
What is graded again has turns behind all others, and moves nobody's.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from .admission import Limits, admit
from .database import Database
from .scoring import replace_result, write_result
from .tables import IN_LINE, LAST_TURNS, QUEUED, RUNNING, jobs, line, results, submissions

Clock = Callable[[], float]
OnSubmit = Callable[[Connection, int], None]
LessonOf = Callable[[str], str | None]

RETRIES = 3  # after that many failures of the grader itself, one more gives up
# Workers are killed for reasons of their own: a machine that restarts, memory that others took. Only a job that
# nobody who took it came back from is given up.
LOSSES = 8
ANEW, SAME_SEED = 1, 2  # how a job is graded again (jobs.regrade)
RETRY_PAUSE = 0.5  # seconds before the second retry, or the first after a failure; doubles

_READY = (
    select(jobs.c.number)
    .where(QUEUED, jobs.c.available_at <= bindparam("now"))
    .order_by(jobs.c.turn, jobs.c.number)
    .limit(1)
)
_TAKE = (
    update(jobs)
    # On PostgreSQL workers who claim at once step over each other's choice; SQLite has one writer anyway.
    .where(jobs.c.number == _READY.with_for_update(skip_locked=True).scalar_subquery())
    .values(
        state="running",
        fence=jobs.c.fence + 1,
        worker=bindparam("holder"),
        lease_until=bindparam("until"),
        progress_done=0,
        progress_total=0,
        progress_now="",
    )
    .returning(jobs.c.number, jobs.c.fence, jobs.c.turn, jobs.c.regrade)
)
_MOVE_LINE = update(line).where(line.c.turn < bindparam("reached")).values(turn=bindparam("reached"))
_OF_NUMBER = select(submissions).where(submissions.c.number == bindparam("number"))
_MINE = and_(
    jobs.c.number == bindparam("its_number"),
    jobs.c.fence == bindparam("its_fence"),
    jobs.c.worker == bindparam("its_worker"),
    RUNNING,
)
_LATE = select(jobs.c.number, jobs.c.losses, jobs.c.worker).where(
    RUNNING, jobs.c.lease_until < bindparam("now")
)
_FREE = {"fence": jobs.c.fence + 1, "worker": None, "lease_until": None}


@dataclass(frozen=True)
class Claim:
    """The right to grade one submission, until the lease runs out. `seed`: to grade with, None for any."""

    number: int
    fence: int
    worker: str
    submission: str
    user: str
    exercise: str
    source: str
    seed: int | None = None


class JobQueue:
    """Everything that changes a job. Every method is one transaction.

    Args:
        limit: how many jobs may be open at once.
        lease: seconds for which a claim is good unless renewed.
        clock: seconds since the epoch.
        rate_per_minute: submissions that one learner may make in a minute; 0 is any number.
        pending_per_exercise: one learner's open jobs on one exercise; 0 is any number.
        on_submit: called with the open transaction and the new submission's number before it is committed;
            what it writes is kept if and only if the submission is.
        lesson_of: the lesson of an exercise, whose deadline holds where the exercise has none of its own.
    """

    def __init__(
        self,
        database: Database,
        *,
        limit: int = 200,
        lease: float = 15.0,
        clock: Clock = time.time,
        rate_per_minute: int = 0,
        pending_per_exercise: int = 0,
        on_submit: OnSubmit | None = None,
        lesson_of: LessonOf = lambda exercise: None,
    ) -> None:
        self._db = database
        self._limits = Limits(limit, rate_per_minute, pending_per_exercise)
        self._lease = lease
        self._clock = clock
        self._on_submit = on_submit
        self._lesson_of = lesson_of

    def submit(self, user: str, exercise: str, source: str, idempotency_key: str | None = None) -> str:
        """Store a submission with its job and return its id; when this returns, both are on disk.

        The same key again, with the same code, returns the first submission's id; that is no new load and
        counts towards no limit.

        Raises:
            QueueFullError: too many jobs wait.
            TooManyError: this learner has handed in too much lately, or has too much waiting.
            NotTakenError: the exercise is closed, or this learner has no attempt left.
            IdempotencyError: the key was used before with other code.
            UnavailableError: the store does not answer. All of these leave nothing stored.
        """
        new_id = secrets.token_urlsafe(12)
        submission = {
            "id": new_id,
            "user": user,
            "exercise": exercise,
            "idempotency_key": idempotency_key or f"once:{new_id}",
            "source": source,
            "submitted_at": self._clock(),
        }
        lesson = self._lesson_of(exercise)
        with self._db.write() as db:
            earlier, turn = admit(db, submission, self._limits, lesson)
            if earlier is not None:
                return earlier
            number: int = db.execute(
                insert(submissions).returning(submissions.c.number), submission
            ).scalar_one()
            db.execute(
                insert(jobs),
                {
                    "number": number,
                    "state": "queued",
                    "available_at": submission["submitted_at"],
                    "user": user,
                    "exercise": exercise,
                    "turn": turn,
                },
            )
            if self._on_submit is not None:
                self._on_submit(db, number)
        return new_id

    def claim(self, worker: str) -> Claim | None:
        """Take the job whose turn it is, or None when none is ready."""
        now = self._clock()
        with self._db.read() as db:  # an idle worker asks often; it must not take the write lock for that
            if db.execute(_READY, {"now": now}).first() is None:
                return None
        # A claim that a power failure loses is as good as one whose worker has died.
        with self._db.write(durable=False) as db:
            job = db.execute(_TAKE, {"now": now, "holder": worker, "until": now + self._lease}).first()
            if job is None:
                return None
            if job.turn < LAST_TURNS:
                db.execute(_MOVE_LINE, {"reached": job.turn})
            found = db.execute(_OF_NUMBER, {"number": job.number}).one()
            seed = _seed(db, job.number) if job.regrade == SAME_SEED else None
        return Claim(job.number, job.fence, worker, found.id, found.user, found.exercise, found.source, seed)

    def renew(self, claim: Claim) -> bool:
        """Keep a job for another lease; False when it is no longer this holder's."""
        return self._change(claim, durable=False, lease_until=self._clock() + self._lease)

    def progress(self, claim: Claim, done: int, total: int, now: str) -> bool:
        """Say how far the grading is; False when the job is no longer this holder's."""
        said = now.replace("\0", "")
        return self._change(claim, durable=False, progress_done=done, progress_total=total, progress_now=said)

    def finish(self, claim: Claim, result: dict[str, Any]) -> bool:
        """Store the result and close the job; False, storing nothing, when the fence has moved on."""
        lesson = self._lesson_of(claim.exercise)
        with self._db.write() as db:
            closed = _changed(db, claim, state="done", worker=None, lease_until=None)
            if closed:
                store = replace_result if _has_result(db, claim.number) else write_result
                store(db, claim.number, result, self._clock(), lesson)
                db.execute(update(jobs).where(jobs.c.number == claim.number).values(regrade=0))
        return closed

    def release(self, claim: Claim) -> bool:
        """Hand a job back unfinished (a worker told to stop); it costs no retry."""
        return self._change(claim, durable=True, state="queued", **_FREE)

    def fail(self, claim: Claim, reason: str) -> bool:
        """The grader itself broke: try again later, or give up with an honest result."""
        with self._db.write() as db:
            row = db.execute(select(jobs.c.failures).where(_MINE).with_for_update(), _holder(claim)).first()
            if row is not None:
                failures = row.failures + 1
                pause = RETRY_PAUSE * 2 ** (failures - 1)
                self._put_back(db, claim.number, pause, failures > RETRIES, reason, failures=failures)
        return row is not None

    def sweep(self) -> int:
        """Take back every job whose lease ran out; returns how many."""
        now = self._clock()
        with self._db.read() as db:
            if db.execute(_LATE.limit(1), {"now": now}).first() is None:
                return 0
        with self._db.write() as db:
            rows = db.execute(_LATE.with_for_update(skip_locked=True), {"now": now}).all()
            for row in rows:
                reason = f"worker {row.worker} stopped without a result"
                losses = row.losses + 1
                pause = RETRY_PAUSE * 2 ** (losses - 2) if losses > 1 else 0
                self._put_back(db, row.number, pause, losses > LOSSES, reason, losses=losses)
        return len(rows)

    def requeue_running(self) -> int:
        """Take back every job in hand without counting a failure; returns how many.

        For a store that has just been restored, whose workers are those of another time.
        """
        with self._db.write() as db:
            return db.execute(update(jobs).where(RUNNING).values(state="queued", **_FREE)).rowcount

    def waiting(self) -> int:
        """How many submissions wait for their first result."""
        with self._db.read() as db:
            query = select(func.count()).select_from(jobs).where(QUEUED, IN_LINE)
            return db.execute(query).scalar_one()

    def _change(self, claim: Claim, *, durable: bool, **values: Any) -> bool:
        with self._db.write(durable) as db:
            return _changed(db, claim, **values)

    def _put_back(
        self, db: Connection, number: int, pause: float, given_up: bool, reason: str, **counted: int
    ) -> None:
        """Queue a job again after a pause, or close it with an honest result."""
        db.execute(
            update(jobs)
            .where(jobs.c.number == number)
            .values(
                state="done" if given_up else "queued",
                last_failure=reason.replace("\0", "")[:2000],
                available_at=self._clock() + pause,
                **counted,
                **_FREE,
            )
        )
        if given_up:
            if not _has_result(db, number):  # one that was to be graded again keeps what it has
                write_result(db, number, GRADER_ERROR, self._clock(), None)
            db.execute(update(jobs).where(jobs.c.number == number).values(regrade=0))


def _has_result(db: Connection, number: int) -> bool:
    return db.execute(select(results.c.number).where(results.c.number == number)).first() is not None


def _seed(db: Connection, number: int) -> int | None:
    """What the present result was drawn with; None where it does not say."""
    old = db.execute(select(results.c.result).where(results.c.number == number)).scalar()
    seed = json.loads(old).get("seed") if old else None
    return seed if isinstance(seed, int) else None


def _holder(claim: Claim) -> dict[str, Any]:
    return {"its_number": claim.number, "its_fence": claim.fence, "its_worker": claim.worker}


def _changed(db: Connection, claim: Claim, **values: Any) -> bool:
    return db.execute(update(jobs).where(_MINE).values(**values), _holder(claim)).rowcount == 1


# The result of a submission that the grader could not grade.
GRADER_ERROR: dict[str, Any] = {
    "status": "grader_error",
    "score": 0,
    "max_score": 0,
    "execution_time": 0,
    "output": "",
    "message": (
        "The grader broke down again and again on this submission, so it has no score. This does not "
        "say that your code is wrong. Submit it again; if it happens again, the service's log says why."
    ),
    "isolation": None,
    "tests": [],
}
