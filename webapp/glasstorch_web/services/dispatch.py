"""Telling workers that there may be work.

The `jobs` table is the truth: a hint is only a reason to look there now, so a hint that is lost or comes
twice does no harm, and every worker looks by itself every second or so. On SQLite a server rings its own
workers through their pipes. On PostgreSQL procrastinate carries hints: one is stored in the submission's own
transaction, and one free worker among all hosts is woken for it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from ..store import Database, OnSubmit

if TYPE_CHECKING:
    import procrastinate

log = logging.getLogger("glasstorch.dispatch")

QUEUE = "grading"
TASK = "look for work"
ENOUGH = 16  # hints that wait: a worker that is awake takes jobs until none is left
STALLED_AFTER = 30.0  # seconds without a sign of life, after which a worker's hint is thrown away
TIDY_EVERY = 10.0
LONGEST_PAUSE = 10.0  # between attempts to listen again
STOP_SECONDS = 2.0
SCHEMA_LOCK = 0x676C6173  # any number, the same everywhere


class Bell:
    """A worker waits for it; whoever rings can wait until the worker has looked."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0
        self._heard = 0
        self._answered = 0

    def ring(self) -> int:
        """Wake the worker; the number to `await_answer` with."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()
            return self._rung

    def wait(self, seconds: float) -> None:
        """The worker has found nothing more to do: sleep until somebody rings, or for so long."""
        with self._condition:
            self._answered = self._heard
            self._condition.notify_all()
            self._condition.wait_for(lambda: self._rung > self._heard, seconds)
            self._heard = self._rung

    def await_answer(self, number: int) -> None:
        """Until the worker has looked for work after that ring."""
        with self._condition:
            self._condition.wait_for(lambda: self._answered >= number)

    def silence(self) -> None:
        """The worker leaves: nobody shall wait for it."""
        with self._condition:
            self._answered = self._rung + 1
            self._condition.notify_all()


class Dispatcher:
    """Tells workers on any host that a job is ready.

    Attributes:
        on_submit: for `JobQueue`, stores a hint in a submission's own transaction; None where pipes do for that.
    """

    def __init__(self, database: Database) -> None:
        """Prepares a PostgreSQL database for hints when it is not prepared yet."""
        self._database = database
        self.on_submit: OnSubmit | None = None
        if database.dialect == "postgresql":
            import procrastinate  # an SQLite service needs none

            _hush()
            _install(database)
            # Never opened: it uses the transaction's connection.
            self._app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
            self.on_submit = self._hint

    def hint(self) -> None:
        """Say now that there may be work: a job was handed back, or taken back from a worker that stopped."""
        if self.on_submit is not None:
            with self._database.write(durable=False) as connection:
                self.on_submit(connection, 0)

    def _hint(self, connection: Connection, number: int) -> None:
        if connection.execute(_WAITING, {"queue": QUEUE, "enough": ENOUGH}).scalar_one() < ENOUGH:
            own = connection.connection.driver_connection
            self._app.configure_task(TASK, queue=QUEUE, connection=own).defer()


@contextmanager
def listening(database: Database, bell: Bell) -> Iterator[None]:
    """Ring the bell for every hint, one at a time, while the context lasts."""
    if database.dialect != "postgresql":
        yield
        return
    listener = _Listener(database, bell)
    listener.start()
    try:
        yield
    finally:
        listener.stop()


class _Listener:
    """procrastinate's worker in a thread: takes a hint only while this worker is free to follow it."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._conninfo = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._bell = bell
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
        _hush()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._bell.silence()
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(STOP_SECONDS)  # with the database away there is nothing to tidy up

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        self._task = self._loop.create_task(self._listen())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass

    async def _listen(self) -> None:
        pause = 0.5
        while True:
            begun = self._loop.time()
            try:
                await self._follow_hints()
                reason = "the connection was lost"
            except Exception as error:
                reason = str(error.__cause__ or error).strip().partition("\n")[0]
            if self._loop.time() - begun > LONGEST_PAUSE:
                pause = 0.5
            log.warning(
                "no hints from the database (%s): looking every second; next attempt in %.1f s", reason, pause
            )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _follow_hints(self) -> None:
        import procrastinate

        connector = procrastinate.PsycopgConnector(
            conninfo=self._conninfo, min_size=1, max_size=3, timeout=LONGEST_PAUSE
        )
        app = procrastinate.App(connector=connector)

        @app.task(name=TASK, queue=QUEUE)
        async def look() -> None:
            await asyncio.to_thread(self._bell.await_answer, self._bell.ring())

        async with app.open_async():
            tidying = asyncio.create_task(_tidy(app))
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=1,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    stalled_worker_timeout=STALLED_AFTER,
                )
            finally:
                tidying.cancel()


async def _tidy(app: procrastinate.App) -> None:
    """Throw away hints that a killed worker had taken. Their jobs are found by whoever looks next."""
    from procrastinate.jobs import Status

    manager = app.job_manager
    while True:
        await manager.prune_stalled_workers(STALLED_AFTER)
        for hint in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_AFTER):
            await manager.finish_job(hint, Status.FAILED, delete_job=True)
        await asyncio.sleep(TIDY_EVERY)


def _hush() -> None:
    """procrastinate tells of every hint, and of a lost connection with stack traces; here are words instead."""
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


_WAITING = text(
    "SELECT count(*) FROM (SELECT 1 FROM procrastinate_jobs"
    " WHERE queue_name = :queue AND status = 'todo' LIMIT :enough) AS waiting"
)
# From the catalogue's table itself: to_regclass() may still answer what was true before the lock was waited for.
_NOTED = text(
    "SELECT coalesce(obj_description(oid, 'pg_class'), '0') FROM pg_class"
    " WHERE relname = 'procrastinate_jobs' AND pg_table_is_visible(oid)"
)


def _install(database: Database) -> None:
    """Bring procrastinate's schema to the installed version; the version is noted as its table's comment."""
    import procrastinate
    from procrastinate.schema import SchemaManager

    wanted = procrastinate.__version__
    with database.read() as connection:
        if connection.scalar(_NOTED) == wanted:
            return
    with database.write() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
        noted = connection.scalar(_NOTED)
        if noted is None:
            scripts = [SchemaManager.get_schema()]
        else:
            scripts = [script for version, script in _migrations() if _numbers(noted) < version]
        own: Any = connection.connection.driver_connection  # several statements at once, without parameters
        for script in scripts:
            own.execute(script)
        if noted is None or _numbers(noted) < _numbers(wanted):
            own.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{wanted}'")


def _migrations() -> list[tuple[tuple[int, ...], str]]:
    """procrastinate's own steps between versions, oldest first: files such as 03.08.00_01_subject.sql."""
    folder = resources.files("procrastinate.sql") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [(_numbers(f.name.partition("_")[0]), f.read_text(encoding="utf-8")) for f in files]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
