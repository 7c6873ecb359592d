"""Which workers are alive, and what isolation each one has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from .database import Database
from .tables import workers

SILENT_AFTER = 20.0  # seconds without a heartbeat before a worker counts as gone


@dataclass(frozen=True)
class WorkerRecord:
    """A worker process that has said it is alive."""

    name: str
    server: str
    pid: int
    isolation: dict[str, Any]


class WorkerRegistry:
    """Workers sign in when they can grade, and keep saying that they are alive."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def sign_in(self, name: str, server: str, pid: int, isolation: dict[str, Any]) -> None:
        now = self._clock()
        row = {"name": name, "server": server, "pid": pid, "started_at": now, "seen_at": now}
        with self._db.write(durable=False) as db:
            db.execute(delete(workers).where(workers.c.name == name))
            db.execute(insert(workers), {**row, "isolation": json.dumps(isolation)})

    def heartbeat(self, name: str) -> bool:
        """Say that a worker is alive; False when it was silent for so long that it was forgotten."""
        with self._db.write(durable=False) as db:
            seen = update(workers).where(workers.c.name == name).values(seen_at=self._clock())
            return db.execute(seen).rowcount == 1

    def sign_out(self, name: str) -> None:
        with self._db.write(durable=False) as db:
            db.execute(delete(workers).where(workers.c.name == name))

    def forget_silent(self) -> None:
        silent = workers.c.seen_at < self._clock() - SILENT_AFTER
        with self._db.read() as db:
            if db.execute(select(workers.c.name).where(silent).limit(1)).first() is None:
                return
        with self._db.write(durable=False) as db:
            db.execute(delete(workers).where(silent))

    def alive(self) -> list[WorkerRecord]:
        heard = workers.c.seen_at >= self._clock() - SILENT_AFTER
        with self._db.read() as db:
            rows = db.execute(select(workers).where(heard).order_by(workers.c.started_at)).all()
        return [WorkerRecord(row.name, row.server, row.pid, json.loads(row.isolation)) for row in rows]
