"""The job queue: leases with fencing tokens.

A worker *claims* a job and holds a lease on it. Whoever stops renewing a lease loses the job: the sweeper
puts it back. Each change of hands raises the job's *fence*, and a result is taken only with the current
fence, so a worker that was thought dead cannot write over its successor's result.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .database import Database

Clock = Callable[[], float]

RETRIES = 3  # after that many failures of the grader itself, one more gives up
RETRY_PAUSE = 0.5  # seconds before the first retry; doubles


class QueueFullError(Exception):
    """The queue holds as many jobs as it may; nothing was written."""

    def __init__(self, waiting: int, limit: int) -> None:
        super().__init__(f"{waiting} submissions wait already (limit {limit})")
        self.waiting = waiting


class IdempotencyError(Exception):
    """The same key came with different code; nothing was written."""


@dataclass(frozen=True)
class Claim:
    """The right to grade one submission, until the lease runs out."""

    number: int
    fence: int
    submission: str
    user: str
    exercise: str
    source: str


class JobQueue:
    """Everything that changes a job. Every method is one transaction."""

    def __init__(
        self, database: Database, *, limit: int = 200, lease: float = 15.0, clock: Clock = time.time
    ):
        self._db = database
        self._limit = limit
        self._lease = lease
        self._clock = clock

    def submit(self, user: str, exercise: str, source: str, idempotency_key: str | None = None) -> str:
        """Store a submission with its job and return its id; when this returns, both are on disk.

        The same key again, with the same code, returns the first submission's id.

        Raises:
            QueueFullError: too many jobs wait.
            IdempotencyError: the key was used before with other code.
        """
        now = self._clock()
        new_id = secrets.token_urlsafe(12)
        key = idempotency_key or f"once:{new_id}"
        with self._db.write() as db:
            earlier = db.execute(
                "SELECT id, source FROM submissions WHERE user = ? AND exercise = ? AND idempotency_key = ?",
                (user, exercise, key),
            ).fetchone()
            if earlier is not None:
                if earlier["source"] != source:
                    raise IdempotencyError(key)
                return str(earlier["id"])
            (waiting,) = db.execute("SELECT count(*) FROM jobs WHERE state <> 'done'").fetchone()
            if waiting >= self._limit:
                raise QueueFullError(waiting, self._limit)
            number = db.execute(
                "INSERT INTO submissions (id, user, exercise, idempotency_key, source, submitted_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (new_id, user, exercise, key, source, now),
            ).lastrowid
            db.execute(
                "INSERT INTO jobs (number, state, available_at) VALUES (?, 'queued', ?)", (number, now)
            )
        return new_id

    def claim(self, worker: str) -> Claim | None:
        """Take the oldest job that is ready, or None when there is none."""
        now = self._clock()
        ready = "SELECT number FROM jobs WHERE state = 'queued' AND available_at <= ? ORDER BY number LIMIT 1"
        with self._db.read() as db:  # an idle worker asks often; it must not take the write lock for that
            if db.execute(ready, (now,)).fetchone() is None:
                return None
        with self._db.write() as db:
            row = db.execute(
                "UPDATE jobs SET state = 'running', fence = fence + 1, worker = ?, lease_until = ?,"
                " progress_done = 0, progress_total = 0, progress_now = ''"
                f" WHERE number = ({ready}) RETURNING number, fence",
                (worker, now + self._lease, now),
            ).fetchone()
            if row is None:
                return None
            job = db.execute("SELECT * FROM submissions WHERE number = ?", (row["number"],)).fetchone()
        return Claim(row["number"], row["fence"], job["id"], job["user"], job["exercise"], job["source"])

    def renew(self, claim: Claim) -> bool:
        """Keep a job for another lease; False when it is no longer this holder's."""
        return self._touch(claim, "lease_until = ?", self._clock() + self._lease)

    def progress(self, claim: Claim, done: int, total: int, now: str) -> bool:
        """Say how far the grading is; False when the job is no longer this holder's."""
        return self._touch(claim, "progress_done = ?, progress_total = ?, progress_now = ?", done, total, now)

    def _touch(self, claim: Claim, columns: str, *values: object) -> bool:
        with self._db.write(durable=False) as db:
            changed = db.execute(
                f"UPDATE jobs SET {columns} WHERE number = ? AND fence = ? AND state = 'running'",
                (*values, claim.number, claim.fence),
            ).rowcount
        return changed == 1

    def finish(self, claim: Claim, result: dict[str, Any]) -> bool:
        """Store the result and close the job; False, storing nothing, when the fence has moved on."""
        with self._db.write() as db:
            closed = db.execute(
                "UPDATE jobs SET state = 'done', worker = NULL, lease_until = NULL"
                " WHERE number = ? AND fence = ? AND state = 'running'",
                (claim.number, claim.fence),
            ).rowcount
            if closed:
                self._store_result(db, claim.number, result)
        return closed == 1

    def release(self, claim: Claim) -> bool:
        """Hand a job back unfinished (a worker told to stop); it costs no retry."""
        with self._db.write() as db:
            changed = db.execute(
                "UPDATE jobs SET state = 'queued', fence = fence + 1, worker = NULL, lease_until = NULL"
                " WHERE number = ? AND fence = ? AND state = 'running'",
                (claim.number, claim.fence),
            ).rowcount
        return changed == 1

    def fail(self, claim: Claim, reason: str) -> bool:
        """The grader itself broke: try again later, or give up with an honest result."""
        with self._db.write() as db:
            row = db.execute(
                "SELECT number, failures FROM jobs WHERE number = ? AND fence = ? AND state = 'running'",
                (claim.number, claim.fence),
            ).fetchone()
            if row is not None:
                self._count_failure(db, row["number"], row["failures"] + 1, reason)
        return row is not None

    def sweep(self) -> int:
        """Take back every job whose lease ran out; returns how many."""
        now = self._clock()
        late = "SELECT number, failures, worker FROM jobs WHERE state = 'running' AND lease_until < ?"
        with self._db.read() as db:
            if db.execute(late, (now,)).fetchone() is None:
                return 0
        with self._db.write() as db:
            rows = db.execute(late, (now,)).fetchall()
            for row in rows:
                reason = f"worker {row['worker']} stopped without a result"
                self._count_failure(db, row["number"], row["failures"] + 1, reason)
        return len(rows)

    def _count_failure(self, db: sqlite3.Connection, number: int, failures: int, reason: str) -> None:
        state = "done" if failures > RETRIES else "queued"
        db.execute(
            "UPDATE jobs SET state = ?, fence = fence + 1, worker = NULL, lease_until = NULL,"
            " failures = ?, last_failure = ?, available_at = ? WHERE number = ?",
            (state, failures, reason[:2000], self._clock() + RETRY_PAUSE * 2 ** (failures - 1), number),
        )
        if state == "done":
            self._store_result(db, number, grader_error(failures))

    def _store_result(self, db: sqlite3.Connection, number: int, result: dict[str, Any]) -> None:
        db.execute(
            "INSERT INTO results (number, status, score, max_score, result, finished_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                str(result["status"]),
                float(result.get("score") or 0),
                float(result.get("max_score") or 0),
                json.dumps(result, allow_nan=False),
                self._clock(),
            ),
        )


def grader_error(failures: int) -> dict[str, Any]:
    """The result of a submission that the grader could not grade."""
    return {
        "status": "grader_error",
        "score": 0,
        "max_score": 0,
        "execution_time": 0,
        "output": "",
        "message": (
            f"The grader broke down {failures} times on this submission, so it has no score. This does not "
            "say that your code is wrong. Submit it again; if it happens again, the service's log says why."
        ),
        "isolation": None,
        "tests": [],
    }
