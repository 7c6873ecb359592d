"""What people did that others may have to answer for; entries are only ever added."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from .database import Database
from .tables import audit

BACKUP_MADE = "backup made"


@dataclass(frozen=True)
class AuditEntry:
    """At which time (seconds since the epoch) who (a user's id, or "service") did what."""

    number: int
    at: float
    who: str
    what: str
    detail: dict[str, Any]


class Audit:
    """The book of such deeds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def record(self, who: str, what: str, **detail: Any) -> None:
        """Write one entry; `detail` is anything that JSON can hold."""
        with self._db.write() as db:
            self.record_within(db, who, what, **detail)

    def record_within(self, db: Connection, who: str, what: str, **detail: Any) -> None:
        """As `record`, as a part of the transaction that does what is recorded."""
        row = {"at": self._clock(), "who": who, "what": what, "detail": json.dumps(detail)}
        db.execute(insert(audit), row)

    def entries(
        self, limit: int = 100, before: int | None = None, *, who: str = "", what: str = ""
    ) -> list[AuditEntry]:
        """The newest first; `before` is the `number` at which the page before ended.

        who, what: only entries with exactly this one, where given.
        """
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        if who:
            query = query.where(audit.c.who == who)
        if what:
            query = query.where(audit.c.what == what)
        if before is not None:
            query = query.where(audit.c.number < before)
        with self._db.read() as db:
            rows = db.execute(query).all()
        return [AuditEntry(row.number, row.at, row.who, row.what, json.loads(row.detail)) for row in rows]
