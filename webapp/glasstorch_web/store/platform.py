"""What is kept for a learning platform: signing keys, nonces that count once, and which grades it awaits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from .course_tables import scores
from .database import Database
from .platform_tables import nonces, platform_grades, signing_keys

NONCE_SECONDS = 600.0
FIRST_PAUSE = 60.0  # seconds after a grade could not be sent; it doubles each time
LONGEST_PAUSE = 6 * 3600.0
AT_ONCE = 50


@dataclass(frozen=True)
class SigningKey:
    """A private key of this tool's, as PEM."""

    kid: str
    private_key: str
    created_at: float


@dataclass(frozen=True)
class DueGrade:
    """A grade that the platform does not know yet, or not as it is now."""

    user: str
    line_item: str
    subject: str
    target: str
    sent_score: float | None
    failures: int


class Platform:
    """The store's part of LTI."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def keys(self) -> list[SigningKey]:
        """The newest first; it signs, the others are still published."""
        query = select(signing_keys).order_by(signing_keys.c.created_at.desc(), signing_keys.c.kid)
        with self._db.read() as db:
            return [SigningKey(row.kid, row.private_key, row.created_at) for row in db.execute(query)]

    def add_key(self, kid: str, private_key: str, retire: float) -> None:
        """From now on this key signs; those older than `retire` seconds are not published any more."""
        now = self._clock()
        with self._db.write() as db:
            db.execute(delete(signing_keys).where(signing_keys.c.created_at < now - retire))
            db.execute(insert(signing_keys), {"kid": kid, "private_key": private_key, "created_at": now})

    def add_nonce(self, nonce: str) -> None:
        now = self._clock()
        with self._db.write(durable=False) as db:
            db.execute(delete(nonces).where(nonces.c.expires_at <= now))
            db.execute(insert(nonces), {"nonce": nonce, "expires_at": now + NONCE_SECONDS})

    def use_nonce(self, nonce: str) -> bool:
        """Whether it was given out and comes back for the first time."""
        chosen = delete(nonces).where(nonces.c.nonce == nonce, nonces.c.expires_at > self._clock())
        with self._db.write() as db:
            return db.execute(chosen).rowcount == 1

    def await_grade(self, user: str, line_item: str, subject: str, target: str) -> None:
        """The platform has a column for this user's points in `target`."""
        row = {"user": user, "line_item": line_item, "subject": subject, "target": target}
        mine = (platform_grades.c.user == user) & (platform_grades.c.line_item == line_item)
        with self._db.write() as db:
            if db.execute(update(platform_grades).where(mine).values(**row)).rowcount == 0:
                db.execute(self._db.insert_if_new(platform_grades), row)

    def due(self) -> list[DueGrade]:
        """Grades of people whose points have changed since they were sent."""
        newer = (
            select(scores.c.user)
            .where(scores.c.user == platform_grades.c.user, scores.c.updated_at > platform_grades.c.sent_at)
            .exists()
        )
        query = select(platform_grades).where(newer, platform_grades.c.try_at <= self._clock()).limit(AT_ONCE)
        with self._db.read() as db:
            rows = db.execute(query).all()
        return [
            DueGrade(row.user, row.line_item, row.subject, row.target, row.sent_score, row.failures)
            for row in rows
        ]

    def sent(self, grade: DueGrade, score: float, at: float) -> None:
        """The platform knows this score, looked up at that time."""
        self._set(grade, sent_score=score, sent_at=at, failures=0, try_at=0.0)

    def failed(self, grade: DueGrade) -> None:
        """The platform could not be told; try again later, and later each time."""
        pause = min(FIRST_PAUSE * 2**grade.failures, LONGEST_PAUSE)
        self._set(grade, failures=grade.failures + 1, try_at=self._clock() + pause)

    def _set(self, grade: DueGrade, **values: float) -> None:
        mine = update(platform_grades).where(
            platform_grades.c.user == grade.user, platform_grades.c.line_item == grade.line_item
        )
        with self._db.write() as db:
            db.execute(mine.values(**values))
