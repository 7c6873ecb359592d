"""The schema's growth: alembic's migrations, run when a store is opened."""

from __future__ import annotations

import logging
from importlib import resources
from typing import Any

from sqlalchemy import Connection, inspect, text

from .errors import StoreError

NEWEST = "0006"  # the last of migrations/versions, so that a store that is up to date opens without alembic
SQLITE_MARK = 2  # `PRAGMA user_version` of such a store; 1 was the schema before alembic
MIGRATING = 0x676C6173  # the advisory lock that servers starting at once wait for


def migrate(connection: Connection) -> None:
    """Bring the store to the newest schema, within the transaction that the caller has begun for writing.

    Raises:
        StoreError: a newer Glasstorch has written it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
    found = revision(connection)
    if found == NEWEST:
        return

    logging.getLogger("alembic").setLevel(logging.WARNING)  # its steps say nothing to a learner
    from alembic import command  # takes a while to import, and most starts do not need it
    from alembic.script import ScriptDirectory

    config = _configuration(connection)
    if found is not None and found not in {
        s.revision for s in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise _from_the_future(found)
    if found is not None and not _has_alembic(connection):
        command.stamp(config, found)
    command.upgrade(config, NEWEST)


def require_known(connection: Connection) -> None:
    """Refuse a store that a newer Glasstorch has written."""
    found = revision(connection)
    if found is not None and found > NEWEST:
        raise _from_the_future(found)


def revision(connection: Connection) -> str | None:
    """The schema that the store has; None for an empty one.

    Raises:
        StoreError: an SQLite file marked by a newer Glasstorch.
    """
    mark = 0
    if connection.dialect.name == "sqlite":
        mark = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if mark > SQLITE_MARK:
            raise _from_the_future(str(mark))
    if _has_alembic(connection):
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return "0001" if mark == 1 else None


def _has_alembic(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")


def _configuration(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files(__package__) / "migrations"))
    config.attributes["connection"] = connection
    return config


def _from_the_future(found: str) -> StoreError:
    return StoreError(
        f"The grading service's store has schema {found}, and this Glasstorch knows only up to {NEWEST}. "
        "Update Glasstorch, or choose another store (--state, or GLASSTORCH_DATABASE_URL)."
    )
