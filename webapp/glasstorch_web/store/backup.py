"""Copies of a store while it is in use, and the way back."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import IO

from sqlalchemy import create_engine, delete

from .audit import Audit
from .database import Database
from .engines import connection_arguments
from .errors import StoreError
from .queue import JobQueue
from .schema import require_known
from .submissions import Submissions
from .tables import metadata, workers
from .workers import WorkerRegistry

SQLITE_BEGINS = b"SQLite format 3\0"
POSTGRESQL_BEGINS = b"PGDMP"


def back_up(database: Database, target: Path) -> int:
    """Copy the store, as it is at one moment, into one file; servers may go on meanwhile.

    The file is there whole and checked, or not at all. Returns its size in bytes.

    Raises:
        StoreError: it cannot be written, or what was written is not sound.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=0o600)  # it holds everybody's code
        if database.dialect == "sqlite":
            _copy_sqlite(_sqlite_path(database), draft)
            with closing(sqlite3.connect(draft)) as copy:
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no other beside it
            _require_sound(draft)
        else:
            tables = [f"--table={name}" for name in (*metadata.tables, "alembic_version")]
            _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-acl", *tables, f"--file={draft}")
            _run(database, "pg_restore", "--file=/dev/null", str(draft))
        _flush(draft)
        size = draft.stat().st_size
        draft.replace(target)
        _flush(target.parent)
        return size
    except OSError as error:
        raise StoreError(f"The backup cannot be written to {target} ({error.strerror}).") from None
    finally:
        draft.unlink(missing_ok=True)


def restore(database: Database, source: Path, force: bool = False) -> int:
    """Put a backup in the place of what the store holds; returns how many submissions it brought.

    What was running when the backup was made is queued again, at the place it had. It is all restored, or nothing.

    Raises:
        StoreError: `source` is no sound backup of this kind of store, workers are busy with the store,
            or it holds submissions and `force` is not given.
    """
    _require_backup(source, database)
    if alive := WorkerRegistry(database).alive():
        raise StoreError(
            f"{len(alive)} worker(s) are grading from this store. Stop every service that uses it, "
            "wait 20 seconds, and restore then."
        )
    present = Submissions(database).count()
    if present and not force:
        raise StoreError(
            f"The store holds {present} submission(s), which restoring would replace. "
            "Back them up, then say --force."
        )
    database.close()
    if database.dialect == "sqlite":
        # Into the file that is there, as one transaction: whoever has it open sees the one or the other.
        _copy_sqlite(source, _sqlite_path(database))
    else:
        _restore_postgresql(database, source)
    database.migrate()  # the backup may be from before the newest migration
    JobQueue(database).requeue_running()
    with database.write() as db:
        db.execute(delete(workers))
    Audit(database).record("service", "restored a backup", file=source.name, replaced=present)
    return Submissions(database).count()


def _require_backup(source: Path, database: Database) -> None:
    try:
        with source.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise StoreError(f"The backup {source} cannot be read ({error.strerror}).") from None
    kinds = {SQLITE_BEGINS: "sqlite", POSTGRESQL_BEGINS + begins[5:]: "postgresql"}
    kind = kinds.get(begins)
    if kind is None:
        raise StoreError(f"{source} is no backup of a grading service.")
    if kind != database.dialect:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise StoreError(
            f"{source} is a backup of a store on {names[kind]}, and this store is on {names[database.dialect]}. "
            "Name the store to restore to with --state, or in GLASSTORCH_DATABASE_URL."
        )
    if kind == "sqlite":
        _require_sound(source)
        _require_known_schema(source)
    else:
        _run(database, "pg_restore", "--file=/dev/null", str(source))
        if not re.search(
            r" TABLE DATA \S+ submissions ", _run(database, "pg_restore", "--list", str(source))
        ):
            raise StoreError(f"{source} is no backup of a grading service.")


def _require_known_schema(source: Path) -> None:
    engine = create_engine("sqlite://", creator=lambda: _open(source))
    try:
        with engine.connect() as connection:
            require_known(connection)
    finally:
        engine.dispose()


def _sqlite_path(database: Database) -> Path:
    return Path(str(database.url.database))


def _copy_sqlite(source: Path, target: Path) -> None:
    """All pages in one step, for which SQLite holds one moment of the source still."""
    try:
        with closing(_open(source)) as old, closing(sqlite3.connect(target, timeout=15)) as new:
            old.backup(new)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{source} cannot be copied to {target} ({error}).") from None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=15)


def _require_sound(path: Path) -> None:
    try:
        with closing(_open(path)) as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
            astray = db.execute("PRAGMA foreign_key_check").fetchone()
            known = db.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'submissions'"
            ).fetchone() != (0,)
    except sqlite3.DatabaseError as error:
        found, astray, known = [str(error)], None, True
    if not known:
        raise StoreError(f"{path} is no backup of a grading service.")
    if found != ["ok"] or astray is not None:
        raise StoreError(f"The backup {path} is damaged ({'; '.join(found)}); nothing was changed.")


def _restore_postgresql(database: Database, source: Path) -> None:
    """One transaction of psql: the tables go, and come back as the backup has them."""
    names = ", ".join((*metadata.tables, "alembic_version"))
    command = [
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
        f"--command=DROP TABLE IF EXISTS {names} CASCADE",
        "--file=-",
    ]
    reader = subprocess.Popen(
        [_program("pg_restore"), "--no-owner", "--no-acl", "--file=-", str(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # the whole file has been read before, without complaint
    )
    with reader:
        _run(database, "psql", *command, stdin=reader.stdout)


def _run(database: Database, program: str, *arguments: str, stdin: IO[bytes] | None = None) -> str:
    """One of PostgreSQL's own programs on this database; what it printed."""
    import psycopg

    place = connection_arguments(database.url)
    password = place.pop("password", None)
    target = [] if program == "pg_restore" else [f"--dbname={psycopg.conninfo.make_conninfo(**place)}"]
    done = subprocess.run(
        [_program(program), *target, *arguments],
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        env=os.environ if password is None else {**os.environ, "PGPASSWORD": str(password)},
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise StoreError(f"{program} could not do its part ({'; '.join(said[-3:])}); nothing was changed.")
    return done.stdout.decode(errors="replace")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:  # Debian keeps the server's own copies apart
        copies = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        found = max(map(str, copies), key=lambda path: int(path.split("/")[4]), default=None)
    if found is None:
        raise StoreError(
            f"This needs PostgreSQL's program {name}, which is not here. Install its client programs "
            "(Debian: apt-get install postgresql-client), in the server's version or a newer one."
        )
    return found


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
