"""A PostgreSQL server of the tests' own: Debian's binaries on a folder that goes with the run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

PATIENCE = 60.0  # seconds
NOBODY = 65534  # the server refuses to run as root
TEMPLATE = "empty_store"


def binaries() -> Path | None:
    """Where the newest installed server's programs lie."""
    return max(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: int(folder.parent.name),
        default=None,
    )


class Postgres:
    """A server that only this machine's file system can reach; it ends when the tests do, however they end."""

    def __init__(self) -> None:
        found = binaries()
        if found is None:
            raise LookupError("needs PostgreSQL's server (Debian: apt-get install postgresql)")
        self._programs = found
        self._as_nobody = ["setpriv", "--pdeathsig", "INT"]
        if shutil.which("setpriv") is None:
            raise LookupError("needs setpriv, from util-linux")
        self.folder = Path(tempfile.mkdtemp(prefix="glasstorch-pg-"))
        if os.getuid() == 0:
            self._as_nobody += ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
            os.chown(self.folder, NOBODY, NOBODY)
        self._made = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=glasstorch", "--encoding=UTF8", "-D", "data"
        )
        self.run_server()
        self.execute(f"CREATE DATABASE {TEMPLATE}")

    def run_server(self) -> None:
        """Also again, after `stop_server`."""
        options = ["fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses="]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._as_nobody,
                    str(self._programs / "postgres"),
                    *("-D", "data", "-k", str(self.folder)),
                    *(part for option in options for part in ("-c", option)),
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop_server(self) -> None:
        """At once: whoever is connected is cut off, and the server recovers when it runs again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(PATIENCE)
            self._process = None

    def remove(self) -> None:
        self.stop_server()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        address = URL.create(
            "postgresql", username="glasstorch", database=database, query={"host": str(self.folder)}
        )
        return address.render_as_string()

    def new_database(self, template: str = "template0") -> str:
        """The address of a database that nobody else uses."""
        self._made += 1
        name = f"store_{self._made}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="glasstorch", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_nobody, str(self._programs / program), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole run; skips where there is none."""
    try:
        server = Postgres()
    except LookupError as error:
        pytest.skip(str(error))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def _empty_store(postgres: Postgres) -> str:
    from glasstorch_web.store import Database

    Database(postgres.url(TEMPLATE)).close()
    return TEMPLATE


@pytest.fixture(params=["sqlite", "postgresql"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where an empty store of the test's own is: once a file, once a database."""
    if request.param == "sqlite":
        return tmp_path / "state" / "grades.sqlite3"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database(request.getfixturevalue("_empty_store"))
