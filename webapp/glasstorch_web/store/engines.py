"""How SQLite and PostgreSQL are reached: addresses, connections, and how a transaction begins."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from .errors import StoreError

BUSY_SECONDS = 15.0
CONNECT_SECONDS = 10
IDLE_CONNECTIONS = 10  # kept open for the next who asks
MOST_CONNECTIONS = 40  # of one process; the threads that answer requests are no more


def url_of(place: str | Path) -> URL:
    """The address of a store: a database URL, or the path of an SQLite file.

    Raises:
        StoreError: it is no address, or one of a database that is not known here.
    """
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):  # their messages may repeat the address, with the password in it
        raise StoreError(
            "The address in GLASSTORCH_DATABASE_URL is not a database's. It looks like "
            "postgresql://user:password@host:5432/name, with %40 for an @ in the password, "
            "or sqlite:////folder/grades.sqlite3."
        ) from None
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise StoreError(
        f"Submissions cannot be kept in {kind}{':memory:' if kind == 'sqlite' else ''}. "
        "GLASSTORCH_DATABASE_URL names an SQLite file (sqlite:////folder/grades.sqlite3) or "
        "a PostgreSQL database (postgresql://user:password@host/name)."
    )


def described(url: URL) -> str:
    """The address as it may be shown: without the password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def engine_for(url: URL) -> Engine:
    """Connections with the settings that all of them share.

    A transaction on `engine.execution_options(durable=True or False)` is one that writes.

    Raises:
        StoreError: the PostgreSQL driver is not installed.
    """
    pool: dict[str, Any] = {
        "pool_size": IDLE_CONNECTIONS,
        "max_overflow": MOST_CONNECTIONS - IDLE_CONNECTIONS,
        "pool_use_lifo": True,
        "hide_parameters": True,  # an error's text may end in a log, and parameters are people's code
    }
    if url.get_backend_name() == "sqlite":
        # One thread uses a connection at a time, but not always the same one.
        arguments: dict[str, Any] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, connect_args=arguments, **pool)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if importlib.util.find_spec("psycopg") is None:
        raise StoreError("PostgreSQL needs its driver: pip install 'glasstorch[postgres]'.")
    # A server that was started again has closed its old connections: ask before use.
    engine = create_engine(url, connect_args=connection_arguments(url), pool_pre_ping=True, **pool)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def connection_arguments(url: URL) -> dict[str, Any]:
    """What psycopg (and libpq) call the parts of a PostgreSQL address."""
    _, arguments = url.get_dialect()().create_connect_args(url)
    arguments.pop("context", None)
    return {"connect_timeout": CONNECT_SECONDS, "application_name": "glasstorch", **arguments}


def _set_up_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    durable = connection.get_execution_options().get("durable")
    if durable is None:
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("durable") is False:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
