"""Submissions on their way: written down before they are sent, forgotten long after their result came.

One SQLite file in the state folder. Every submission is in it, with the key by which the service knows a repeat,
before the first attempt to send it; so neither a killed kernel nor a lost answer loses or doubles one. Kernels and
commands share the file: who sends a submission claims it for a while first.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .homes import state_folder

MOST_WAITING = 200
LARGEST_SOURCE = 256 * 1024  # bytes, as the service has it
REMEMBERED = 500  # submissions with a result; what passed an exercise last is never forgotten
CLAIM_SECONDS = 90.0  # in which one attempt to send is over, dead or alive

State = Literal["waiting", "sent", "done", "refused"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS submissions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    exercise TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    written_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    reason TEXT NOT NULL DEFAULT '',
    claimed_until REAL NOT NULL DEFAULT 0,
    id TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    score REAL,
    max_score REAL
);
CREATE INDEX IF NOT EXISTS submissions_state ON submissions (service, state, number);
CREATE INDEX IF NOT EXISTS submissions_exercise ON submissions (service, exercise, number);
"""


class OutboxError(Exception):
    """The submission cannot be kept; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One submission.

    Attributes:
        key: names it to the service. service: where it goes, see `Home.name`.
        state: "waiting" (here only), "sent" (the service has it), "done" (so has its result come), "refused".
        reason: why it still waits, or was refused. id: the service's name for it, once it has one.
    """

    number: int
    key: str
    service: str
    exercise: str
    source: str
    written_at: float
    state: State
    reason: str
    id: str
    outcome: str
    score: float | None
    max_score: float | None


_FIELDS = ", ".join(Entry.__dataclass_fields__)


class Outbox:
    """The file, opened for each operation: several threads, kernels and commands may use it at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_folder() / "outbox.sqlite3"

    def add(self, service: str, exercise: str, source: str) -> Entry:
        """Write a submission down. One of the same code that is still under way is that submission.

        Raises:
            OutboxError: it is too large, too many wait, or the file cannot be written.
        """
        size = len(source.encode(errors="replace"))
        if size > LARGEST_SOURCE:
            raise OutboxError(
                f"The code is {size // 1024} KiB long; at most {LARGEST_SOURCE // 1024} KiB can be handed in. "
                "Hand in only the function asked for, without data or outputs."
            )
        digest = digest_of(source)
        with self._open() as db:
            found = db.execute(
                f"SELECT {_FIELDS} FROM submissions WHERE service = ? AND exercise = ? AND digest = ? "
                "AND state IN ('waiting', 'sent') ORDER BY number DESC LIMIT 1",
                (service, exercise, digest),
            ).fetchone()
            if found is not None:
                return Entry(**found)
            waiting = db.execute("SELECT count(*) AS n FROM submissions WHERE state = 'waiting'").fetchone()[
                "n"
            ]
            if waiting >= MOST_WAITING:
                raise OutboxError(
                    f"{waiting} submissions wait already, so this one was not kept. Send them with "
                    "`glasstorch submit --pending`, or see `glasstorch submit --list` and give some up."
                )
            values = (uuid.uuid4().hex, service, exercise, source, digest, time.time())
            row = db.execute(
                "INSERT INTO submissions (key, service, exercise, source, digest, written_at) "
                f"VALUES (?, ?, ?, ?, ?, ?) RETURNING {_FIELDS}",
                values,
            ).fetchone()
            db.execute(
                "DELETE FROM submissions WHERE state IN ('done', 'refused') AND number <= ? AND number NOT IN "
                "(SELECT max(number) FROM submissions WHERE outcome = 'passed' GROUP BY exercise)",
                (row["number"] - REMEMBERED,),
            )
            return Entry(**row)

    def bring(
        self,
        key: str,
        exercise: str,
        source: str,
        written_at: float,
        outcome: str,
        score: float | None,
        max_score: float | None,
    ) -> bool:
        """Keep a submission from a file, which goes nowhere; whether it is new."""
        values = (key, "restored", exercise, source, digest_of(source), written_at, outcome, score, max_score)
        with self._open() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO submissions (key, service, exercise, source, digest, written_at, state, "
                "outcome, score, max_score) VALUES (?, ?, ?, ?, ?, ?, 'done', ?, ?, ?)",
                values,
            )
            return done.rowcount == 1

    def passed(self, exercise: str) -> Entry | None:
        """The submission to an exercise that passed last, as far as this machine knows."""
        query = (
            f"SELECT {_FIELDS} FROM submissions WHERE exercise = ? AND outcome = 'passed' "
            "ORDER BY written_at DESC, number DESC LIMIT 1"
        )
        with self._open() as db:
            row = db.execute(query, (exercise,)).fetchone()
        return None if row is None else Entry(**row)

    def entries(self, service: str | None = None, *states: State, limit: int = -1) -> list[Entry]:
        """In the order they were written; with `limit` the last so many."""
        asked, values = ["1"], []
        if service is not None:
            asked.append("service = ?")
            values.append(service)
        if states:
            asked.append(f"state IN ({', '.join('?' * len(states))})")
            values += states
        query = f"SELECT {_FIELDS} FROM submissions WHERE {' AND '.join(asked)} ORDER BY number DESC LIMIT ?"
        with self._open() as db:
            return [Entry(**row) for row in reversed(db.execute(query, (*values, limit)).fetchall())]

    def entry(self, number: int) -> Entry | None:
        with self._open() as db:
            row = db.execute(f"SELECT {_FIELDS} FROM submissions WHERE number = ?", (number,)).fetchone()
        return None if row is None else Entry(**row)

    def latest(self, service: str, exercise: str, source: str) -> Entry | None:
        """The last submission to an exercise, if it was of this very code."""
        with self._open() as db:
            row = db.execute(
                f"SELECT {_FIELDS}, digest FROM submissions WHERE service = ? AND exercise = ? "
                "ORDER BY number DESC LIMIT 1",
                (service, exercise),
            ).fetchone()
        if row is None or row.pop("digest") != digest_of(source):
            return None
        return Entry(**row)

    def claim(self, number: int) -> bool:
        """Whether the caller may send it now; nobody else may meanwhile."""
        now = time.time()
        with self._open() as db:
            done = db.execute(
                "UPDATE submissions SET claimed_until = ? WHERE number = ? AND state = 'waiting' "
                "AND NOT claimed_until BETWEEN ? AND ?",  # a claim from the future: the clock was set back
                (now + CLAIM_SECONDS, number, now, now + CLAIM_SECONDS),
            )
            return done.rowcount == 1

    def put_back(self, number: int, reason: str) -> None:
        """It could not be sent; it stays."""
        self._change(number, ("waiting",), claimed_until=0, reason=reason)

    def accepted(self, number: int, ident: str) -> None:
        """The service has it on disk."""
        self._change(number, ("waiting",), state="sent", id=ident, reason="", claimed_until=0)

    def refused(self, number: int, reason: str) -> None:
        """The service will never take it, or knows it no more."""
        self._change(number, ("waiting", "sent"), state="refused", reason=reason)

    def finished(self, number: int, result: dict[str, Any]) -> None:
        """Its result has come."""
        self._change(
            number,
            ("sent",),
            state="done",
            outcome=str(result.get("status", "")),
            score=result.get("score"),
            max_score=result.get("max_score"),
        )

    def give_up(self, number: int) -> bool:
        """Drop a submission that waits; whether there was such a one."""
        with self._open() as db:
            query = "DELETE FROM submissions WHERE number = ? AND state = 'waiting'"
            return db.execute(query, (number,)).rowcount == 1

    def _change(self, number: int, states: tuple[State, ...], **values: Any) -> None:
        assignments = ", ".join(f"{name} = ?" for name in values)
        allowed = ", ".join("?" * len(states))
        with self._open() as db:
            db.execute(
                f"UPDATE submissions SET {assignments} WHERE number = ? AND state IN ({allowed})",
                (*values.values(), number, *states),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction that nobody else writes in."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # what one hands in is one's own
            with closing(sqlite3.connect(self.path, timeout=20, isolation_level=None)) as db:
                db.row_factory = lambda cursor, row: {
                    d[0]: v for d, v in zip(cursor.description, row, strict=True)
                }
                db.execute("PRAGMA synchronous = FULL")
                if db.execute("PRAGMA user_version").fetchone()["user_version"] == 0:
                    db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = 1; COMMIT;")
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise OutboxError(f"Submissions cannot be kept in {self.path}: {error}.") from error


def digest_of(source: str) -> str:
    return hashlib.sha256(source.encode(errors="replace")).hexdigest()
