"""Which workers are alive, and what isolation each one has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .database import Database

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
        with self._db.write(durable=False) as db:
            db.execute(
                "INSERT OR REPLACE INTO workers (name, server, pid, started_at, seen_at, isolation)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (name, server, pid, now, now, json.dumps(isolation)),
            )

    def heartbeat(self, name: str) -> None:
        with self._db.write(durable=False) as db:
            db.execute("UPDATE workers SET seen_at = ? WHERE name = ?", (self._clock(), name))

    def sign_out(self, name: str) -> None:
        with self._db.write(durable=False) as db:
            db.execute("DELETE FROM workers WHERE name = ?", (name,))

    def forget_silent(self) -> None:
        with self._db.write(durable=False) as db:
            db.execute("DELETE FROM workers WHERE seen_at < ?", (self._clock() - SILENT_AFTER,))

    def alive(self) -> list[WorkerRecord]:
        with self._db.read() as db:
            rows = db.execute(
                "SELECT * FROM workers WHERE seen_at >= ? ORDER BY started_at",
                (self._clock() - SILENT_AFTER,),
            ).fetchall()
        return [
            WorkerRecord(row["name"], row["server"], row["pid"], json.loads(row["isolation"])) for row in rows
        ]
