"""The hashes of people's passwords."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select

from .database import Database
from .tables import passwords


class Passwords:
    """One hash for each user who has a password; it says itself how it was made."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def get(self, user: str) -> str | None:
        """The user's hash; None for who logs in elsewhere only, or not yet."""
        with self._db.read() as db:
            found: str | None = db.execute(select(passwords.c.hash).where(passwords.c.user == user)).scalar()
        return found

    def set(self, user: str, hash: str) -> None:
        with self._db.write() as db:
            self.set_within(db, user, hash)

    def set_within(self, db: Connection, user: str, hash: str) -> None:
        """As `set`, as a part of a transaction."""
        db.execute(delete(passwords).where(passwords.c.user == user))
        db.execute(insert(passwords), {"user": user, "hash": hash, "changed_at": self._clock()})
