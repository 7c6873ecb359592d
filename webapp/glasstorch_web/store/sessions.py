"""Browsers that are logged in. The cookie's value is a secret of which only the fingerprint is kept."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, fields

from sqlalchemy import delete, insert, or_, select, update

from .database import Database
from .people import User
from .secret import fingerprint, new_secret
from .tables import sessions, users

DAY = 24 * 3600.0
IDLE = 14 * DAY  # seconds without a request after which a session ends
ABSOLUTE = 60 * DAY  # seconds after which it ends in any case
SEEN_EVERY = 300.0  # seconds; `seen_at` is no finer than that
LONGEST_BROWSER = 200  # characters of what a browser says about itself


@dataclass(frozen=True)
class Session:
    """One browser that is logged in. `browser`: what it says about itself."""

    id: str
    user: str
    browser: str
    created_at: float
    seen_at: float


class Sessions:
    """Who is logged in where."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def begin(self, user: str, browser: str = "") -> str:
        """A new session for this user; the secret for its cookie."""
        secret, now = new_secret(), self._clock()
        row = {"sha256": fingerprint(secret), "id": secrets.token_hex(8), "user": user}
        row["browser"] = "".join(c for c in browser[:LONGEST_BROWSER] if c.isprintable())
        over = or_(sessions.c.seen_at <= now - IDLE, sessions.c.created_at <= now - ABSOLUTE)
        with self._db.write() as db:
            db.execute(delete(sessions).where(sessions.c.user == user, over))
            db.execute(insert(sessions), {**row, "created_at": now, "seen_at": now})
        return secret

    def get(self, secret: str) -> tuple[User, Session] | None:
        """Whose session a cookie's secret opens; None when it has ended, or its user may not log in."""
        now = self._clock()
        digest = fingerprint(secret)
        mine = [sessions.c[field.name].label(f"session_{field.name}") for field in fields(Session)]
        query = (
            select(users, *mine)
            .join_from(sessions, users, users.c.id == sessions.c.user)
            .where(
                sessions.c.sha256 == digest,
                sessions.c.seen_at > now - IDLE,
                sessions.c.created_at > now - ABSOLUTE,
                users.c.disabled_at.is_(None),
            )
        )
        with self._db.read() as db:
            row = db.execute(query).first()
        if row is None:
            return None
        values = row._mapping
        if row.session_seen_at <= now - SEEN_EVERY:
            with self._db.write(durable=False) as db:
                db.execute(update(sessions).where(sessions.c.sha256 == digest).values(seen_at=now))
        user = User(*(values[field.name] for field in fields(User)))
        return user, Session(*(values[f"session_{field.name}"] for field in fields(Session)))

    def of(self, user: str) -> list[Session]:
        """A user's sessions, the one used last first."""
        now = self._clock()
        query = (
            select(*(sessions.c[field.name] for field in fields(Session)))
            .where(
                sessions.c.user == user,
                sessions.c.seen_at > now - IDLE,
                sessions.c.created_at > now - ABSOLUTE,
            )
            .order_by(sessions.c.seen_at.desc(), sessions.c.id)
        )
        with self._db.read() as db:
            return [Session(*row) for row in db.execute(query)]

    def end(self, id: str, user: str) -> bool:
        """End one of a user's sessions. False when there was none."""
        with self._db.write() as db:
            chosen = delete(sessions).where(sessions.c.id == id, sessions.c.user == user)
            return db.execute(chosen).rowcount == 1

    def end_all(self, user: str, but: str = "") -> int:
        """End a user's sessions, all but the one with that id; how many that were."""
        with self._db.write() as db:
            return db.execute(delete(sessions).where(sessions.c.user == user, sessions.c.id != but)).rowcount
