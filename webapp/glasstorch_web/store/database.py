"""The SQLite file: how it is opened, and how its schema grows."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

BUSY_SECONDS = 15.0


class StoreError(Exception):
    """The state file cannot be used; the message says why and what to do."""


class Database:
    """One SQLite file, opened once per thread.

    Durable by default: a transaction that has returned survives a killed process and a lost power supply.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            migrate(self.connection())
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreError(
                f"{path} cannot be used as the grading service's store ({error}). "
                "Move it away to start with an empty one, or choose another folder with --state."
            ) from error

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._open()
        return found

    def _open(self) -> sqlite3.Connection:
        # check_same_thread is off only so that close() may close what other threads opened.
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        with self._lock:
            self._opened.append(connection)
        return connection

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of it or nothing.

        With durable=False a power failure may lose it (a killed process may not): for progress and
        heartbeats, which would otherwise cost a disk flush each.
        """
        connection = self.connection()
        if not durable:
            connection.execute("PRAGMA synchronous = NORMAL")
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            if not durable:
                connection.execute("PRAGMA synchronous = FULL")

    def version(self) -> int:
        """A number that changes whenever another connection has committed something."""
        (number,) = self.connection().execute("PRAGMA data_version").fetchone()
        return int(number)

    def fact(self, name: str, make: Callable[[], str]) -> str:
        """A small fact that is made once and then stays, such as a secret."""
        with self.write() as db:
            db.execute("INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", (name, make()))
            (value,) = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(value)

    def close(self) -> None:
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._local = threading.local()


def migrations() -> list[str]:
    """The schema's steps, oldest first. A step that has been released is never edited."""
    folder = resources.files(__package__) / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text(encoding="utf-8") for f in files]


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest schema, in one transaction; a file from the future is refused."""
    steps = migrations()
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
