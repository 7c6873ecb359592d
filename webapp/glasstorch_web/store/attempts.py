"""Failed log-ins of late, kept in the store so that several servers count together and a restart forgets nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from .database import Database
from .tables import attempts

WINDOW = 15 * 60.0  # seconds after which failures are forgotten
PER_ACCOUNT = 10  # failures within the window, for one email, whether it has an account or not
PER_ADDRESS = 60  # a whole class may sit behind one address


class Attempts:
    """Counts failures by account and by address."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def wait(self, account: str, address: str) -> float:
        """Seconds until somebody may try again for this account from this address; 0: now."""
        limits = _limits(account, address)
        now = self._clock()
        query = select(attempts).where(attempts.c.key.in_(limits), attempts.c.since > now - WINDOW)
        with self._db.read() as db:
            rows = db.execute(query).all()
        return max((row.since + WINDOW - now for row in rows if row.failures >= limits[row.key]), default=0.0)

    def failed(self, account: str, address: str) -> bool:
        """Count a failure; whether it was the one that used up a limit."""
        now = self._clock()
        limits = _limits(account, address)
        make = postgresql.insert if self._db.dialect == "postgresql" else sqlite.insert
        fresh = attempts.c.since <= now - WINDOW
        row = make(attempts).on_conflict_do_update(
            index_elements=[attempts.c.key],
            set_={
                "failures": case((fresh, 1), else_=attempts.c.failures + 1),
                "since": case((fresh, now), else_=attempts.c.since),
            },
        )
        with self._db.write() as db:
            db.execute(delete(attempts).where(fresh))
            for key in sorted(limits):  # in one order, so that two servers never wait for each other
                db.execute(row, {"key": key, "failures": 1, "since": now})
            counts = db.execute(select(attempts.c.key, attempts.c.failures).where(attempts.c.key.in_(limits)))
            return any(failures == limits[key] for key, failures in counts)

    def succeeded(self, account: str) -> None:
        """Forget the account's failures; the address keeps its own, or one's own account would reset it."""
        with self._db.write(durable=False) as db:
            db.execute(delete(attempts).where(attempts.c.key == _key("account", account)))


def _limits(account: str, address: str) -> dict[str, int]:
    return {_key("account", account): PER_ACCOUNT, _key("address", address): PER_ADDRESS}


def _key(kind: str, of: str) -> str:
    # People type passwords where their email belongs, so what was typed is not kept.
    return f"{kind}:{hashlib.sha256(of.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
