"""Noticing that somebody has written something."""

from __future__ import annotations

import math
import sqlite3
import time
from typing import TYPE_CHECKING

from .database import CHANNEL, Database
from .engines import connection_arguments

if TYPE_CHECKING:
    import psycopg

LOOK_ANYWAY = 2.0  # seconds; news is told after the commit, so one who dies in between tells nobody


class Watch:
    """Notices that somebody has committed something, for the price of one small look.

    On SQLite it reads the file's change counter, on PostgreSQL it listens on a connection of its own.
    """

    def __init__(self, database: Database) -> None:
        self._watch = _Listener(database) if database.dialect == "postgresql" else _Counter(database)

    def changed(self) -> bool:
        """Whether anything was committed since the last call; True at first."""
        return self._watch.changed()

    def close(self) -> None:
        self._watch.close()


class _Counter:
    def __init__(self, database: Database) -> None:
        self._connection = sqlite3.connect(str(database.url.database), check_same_thread=False)
        self._seen = -1

    def changed(self) -> bool:
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return bool(version != before)

    def close(self) -> None:
        self._connection.close()


class _Listener:
    def __init__(self, database: Database) -> None:
        self._arguments = connection_arguments(database.url)
        self._connection: psycopg.Connection | None = None
        self._looked = -math.inf

    def changed(self) -> bool:
        """True also when the line was cut and is back: something may have been missed."""
        import psycopg

        now = time.monotonic()
        due = now - self._looked >= LOOK_ANYWAY
        try:
            if self._connection is None:
                if not due:
                    return False
                self._connection = psycopg.connect(**self._arguments, autocommit=True)
                self._connection.execute(f"LISTEN {CHANNEL}")
            news = bool(list(self._connection.notifies(timeout=0)))
        except psycopg.OperationalError:  # the server is away; whoever asks it will hear so
            self.close()
            news = False
        if news or due:
            self._looked = now
        return news or due

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
