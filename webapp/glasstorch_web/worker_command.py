"""Grade submissions on this machine for a service whose submissions are in a shared database.

`glasstorch serve --workers 0` on one machine and `glasstorch worker` on others is a normal service. Every
machine needs the same lessons. Stopped with Ctrl-C or SIGTERM, workers hand back what they were grading.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from . import logs
from .places import NoLessons
from .services.dispatch import Dispatcher
from .services.pool import WorkerPool
from .settings import SettingsError, load
from .store import Database, JobQueue, StoreError, WorkerRegistry


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="such as postgresql://host/name; one with a password belongs into GLASSTORCH_DATABASE_URL, "
        "which other users of this machine cannot read",
    )
    parser.add_argument("--lessons", metavar="DIR", type=Path, help="default: GLASSTORCH_LESSONS, ...")
    parser.add_argument("--state", metavar="DIR", type=Path, help="where SQLite and glasstorch.toml are")
    parser.add_argument("--workers", metavar="N", type=int, help="processes that grade (default: 2)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Grade until told to stop; 0 then, 1 when that is not possible here, 2 for a bad option."""
    try:
        settings = load(**_given(options))
        if settings.workers == 0:
            raise SettingsError("--workers: no worker grades nothing; at least 1")
        database = Database(settings.database)
        pool = WorkerPool(
            settings, JobQueue(database, lease=settings.lease), WorkerRegistry(database), Dispatcher(database)
        )
    except SettingsError as error:
        print(f"glasstorch worker: {error}", file=sys.stderr)
        return 2
    except (NoLessons, StoreError) as error:
        print(f"glasstorch worker: {error}", file=sys.stderr)
        return 1
    logs.set_up(settings.log_format)
    stop = threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    print(f"Grading for {database} with {settings.workers} workers (process {os.getpid()}).", flush=True)
    pool.start()
    try:
        while not pool.refused and not stop.wait(0.2):
            pass
    finally:
        pool.stop()
        database.close()
    return 1 if pool.refused else 0


def _given(options: argparse.Namespace) -> dict[str, Any]:
    names = ("database_url", "lessons", "state", "workers")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return {name: value.resolve() if isinstance(value, Path) else value for name, value in given.items()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="glasstorch worker", description=__doc__)
    register(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
