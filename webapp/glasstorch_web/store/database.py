"""The SQLite file: how it is opened, and how its schema grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

BUSY_SECONDS = 15.0


class StoreError(Exception):
    """The state file cannot be used; the message says why and what to do."""


class Database:
    """One SQLite file and its open connections; safe to use from many threads.

    Durable by default: a transaction that has returned survives a killed process and a lost power supply.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []  # list.append and list.pop are atomic
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with self.read() as connection:
                migrate(connection)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreError(
                f"{path} cannot be used as the grading service's store ({error}). "
                "Move it away to start with an empty one, or choose another folder with --state."
            ) from error

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for a while. Fetch every row before leaving."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect(self.path)
        try:
            yield connection
        finally:
            self._idle.append(connection)

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of it or nothing.

        With durable=False a power failure may lose it (a killed process may not): for progress and
        heartbeats, which would otherwise cost a disk flush each.
        """
        with self.read() as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def fact(self, name: str, make: Callable[[], str]) -> str:
        """A small fact that is made once and then stays, such as a secret."""
        with self.write() as db:
            db.execute("INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", (name, make()))
            (value,) = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(value)

    def close(self) -> None:
        """Close the connections that nobody uses now."""
        while self._idle:
            self._idle.pop().close()


class Watch:
    """Notices that somebody has committed something, for the price of one small read."""

    def __init__(self, database: Database) -> None:
        self._connection = connect(database.path)
        self._seen = -1

    def changed(self) -> bool:
        """Whether anything was committed since the last call; True at first."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return bool(version != before)

    def close(self) -> None:
        self._connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open the file with the settings that every connection shares."""
    # One thread uses a connection at a time, but not always the same one.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def migrations() -> list[str]:
    """The schema's steps, oldest first. A step that has been released is never edited."""
    folder = resources.files(__package__) / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text(encoding="utf-8") for f in files]


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest schema, in one transaction; a file from the future is refused."""
    steps = migrations()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")  # a second server starting now waits here, then finds nothing to do
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(steps):
            raise StoreError(
                f"The grading service's store has schema {version}, and this Glasstorch knows only up to "
                f"{len(steps)}. Update Glasstorch, or choose another folder with --state."
            )
        for number, script in enumerate(steps[version:], start=version + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    # sqlite3's own executescript() would commit halfway.
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending
