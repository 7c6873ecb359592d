"""The store's connections: reading, writing, and facts that stay."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Insert, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from .engines import described, engine_for, url_of
from .errors import StoreError, UnavailableError
from .schema import migrate
from .tables import facts

log = logging.getLogger("glasstorch.store")

AWAY = (OperationalError, InterfaceError, NoConnectionError)

CHANNEL = "glasstorch"  # on PostgreSQL, each transaction that wrote is followed by a NOTIFY on it


class Database:
    """One SQLite file or one PostgreSQL database, brought to the newest schema; for many threads.

    Durable by default: a transaction that has returned survives a killed process and a lost power supply.

    Raises:
        StoreError: it cannot be reached, is something else, or was written by a newer Glasstorch.
    """

    def __init__(self, place: str | Path) -> None:
        self.url = url_of(place)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = engine_for(self.url)
        self._durable = self._engine.execution_options(durable=True)
        self._quick = self._engine.execution_options(durable=False)
        # One statement a transaction saves PostgreSQL two round trips for each question.
        self._reading = (
            self._engine.execution_options(isolation_level="AUTOCOMMIT")
            if self.dialect == "postgresql"
            else self._engine
        )
        # SQLite has one writer at a time, and those who wait poll; threads of one process can queue instead.
        self._turn = threading.Lock() if self.dialect == "sqlite" else nullcontext()
        try:
            self.migrate()
        except BaseException:
            self.close()
            raise

    def __str__(self) -> str:
        return described(self.url)

    def migrate(self) -> None:
        """Bring the store to the newest schema; opening it does so.

        Raises:
            StoreError: as when it is opened.
        """
        try:
            with self._durable.begin() as connection:
                migrate(connection)
        except DBAPIError as error:
            raise StoreError(self._unusable(error)) from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for questions. On PostgreSQL each statement sees its own moment."""
        with self._said(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[Connection]:
        """A write transaction: all of it or nothing.

        With durable=False a power failure may lose it (a killed process may not): for claims, progress and
        heartbeats, which would otherwise cost a disk flush each.

        Raises:
            UnavailableError: the store does not answer, or another writer keeps it for too long.
        """
        with self._said(), self._turn, (self._durable if durable else self._quick).begin() as connection:
            yield connection
            if not durable:
                self._notify(connection)
        if durable and self.dialect == "postgresql":
            # A NOTIFY makes the commits wait for each other, so never while one is flushed to disk.
            try:
                with self._quick.begin() as connection:
                    self._notify(connection)
            except AWAY:  # what was written stays written
                log.warning("the store's news could not be told; listeners look for themselves")

    def fact(self, name: str, make: Callable[[], str]) -> str:
        """A small fact that is made once and then stays, such as a secret."""
        known = select(facts.c.value).where(facts.c.name == name)
        with self.read() as db:
            value = db.execute(known).scalar()
        if value is not None:
            return str(value)
        with self.write() as db:
            db.execute(self.insert_if_new(facts), {"name": name, "value": make()})
            return str(db.execute(known).scalar_one())

    def insert_if_new(self, table: Table) -> Insert:
        """An INSERT that leaves a row with the same key as it is."""
        if self.dialect == "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing()
        return sqlite.insert(table).on_conflict_do_nothing()

    def close(self) -> None:
        """Close the connections that nobody uses now."""
        self._engine.dispose()

    def _notify(self, connection: Connection) -> None:
        if self.dialect == "postgresql":
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except AWAY as error:
            reason = self._without_password(getattr(error, "orig", error))
            raise UnavailableError(f"The store does not answer ({reason}).") from error

    def _unusable(self, error: DBAPIError) -> str:
        reason = self._without_password(error.orig)
        if self.dialect == "sqlite":
            return (
                f"{self} cannot be used as the grading service's store ({reason}). "
                "Move it away to start with an empty one, or choose another folder with --state."
            )
        return (
            f"The PostgreSQL database {self} cannot be used as the grading service's store ({reason}). "
            "See that the server runs, that the database exists, and that its user may create tables in it; "
            "then correct GLASSTORCH_DATABASE_URL."
        )

    def _without_password(self, error: object) -> str:
        text = " ".join(str(error).split())
        password = self.url.password
        return text.replace(password, "***") if password else text
