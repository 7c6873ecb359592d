"""Links that staff hands out: to join the course with a role, or to set somebody's new password."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, fields

from sqlalchemy import Connection, insert, select, update

from ..words import gettext_noop as _
from .database import Database
from .people import PeopleError, Role, folded
from .secret import fingerprint, new_secret
from .tables import invitations

PAGE = 50


@dataclass(frozen=True)
class Invitation:
    """One such link; the secret in it is not kept. `user`: whose password it sets, None to join."""

    id: str
    user: str | None
    role: Role
    email: str | None
    section: str
    max_uses: int
    uses: int
    created_by: str
    created_at: float
    expires_at: float
    revoked_at: float | None


_COLUMNS = [invitations.c[field.name] for field in fields(Invitation)]


class Invitations:
    """The links that were handed out."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def add(
        self,
        created_by: str,
        lifetime: float,
        *,
        role: Role = "learner",
        user: str | None = None,
        email: str | None = None,
        section: str = "",
        max_uses: int = 1,
    ) -> str:
        """A new link's secret. A new link for a user's password ends that user's earlier ones."""
        secret, now = new_secret(), self._clock()
        row = {
            "id": secrets.token_hex(6),
            "sha256": fingerprint(secret),
            "user": user,
            "role": role,
            "email": folded(email) if email and email.strip() else None,
            "section": section.strip(),
            "max_uses": max_uses,
            "created_by": created_by,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        with self._db.write() as db:
            if user is not None:
                _end(db, user, now)
            db.execute(insert(invitations), row)
        return secret

    def get(self, secret: str) -> Invitation | None:
        """The invitation of a link that can still be used."""
        with self._db.read() as db:
            return self._usable(db, secret)

    def use(self, db: Connection, secret: str) -> Invitation:
        """Count one use, as a part of the transaction in which it has its effect.

        Raises:
            PeopleError: it has been used up, has ended, or never was.
        """
        count = update(invitations).where(
            invitations.c.sha256 == fingerprint(secret),
            invitations.c.revoked_at.is_(None),
            invitations.c.expires_at > self._clock(),
            invitations.c.uses < invitations.c.max_uses,
        )
        if db.execute(count.values(uses=invitations.c.uses + 1)).rowcount != 1:
            raise PeopleError(_("This link has been used already or has ended."))
        query = select(*_COLUMNS).where(invitations.c.sha256 == fingerprint(secret))
        return Invitation(*db.execute(query).one())

    def list(self, before: float | None = None, limit: int = PAGE) -> list[Invitation]:
        """Invitations to join, the newest first; `before`: made before that time."""
        query = select(*_COLUMNS).where(invitations.c.user.is_(None))
        if before is not None:
            query = query.where(invitations.c.created_at < before)
        with self._db.read() as db:
            rows = db.execute(query.order_by(invitations.c.created_at.desc()).limit(limit)).all()
        return [Invitation(*row) for row in rows]

    def find(self, id: str) -> Invitation | None:
        """The invitation of that id, usable or not."""
        with self._db.read() as db:
            row = db.execute(select(*_COLUMNS).where(invitations.c.id == id)).first()
        return None if row is None else Invitation(*row)

    def revoke(self, id: str) -> bool:
        """End a link. False when there was none to end."""
        chosen = update(invitations).where(invitations.c.id == id, invitations.c.revoked_at.is_(None))
        with self._db.write() as db:
            return db.execute(chosen.values(revoked_at=self._clock())).rowcount == 1

    def _usable(self, db: Connection, secret: str) -> Invitation | None:
        query = select(*_COLUMNS).where(
            invitations.c.sha256 == fingerprint(secret),
            invitations.c.revoked_at.is_(None),
            invitations.c.expires_at > self._clock(),
            invitations.c.uses < invitations.c.max_uses,
        )
        row = db.execute(query).first()
        return None if row is None else Invitation(*row)


def _end(db: Connection, user: str, now: float) -> None:
    still = update(invitations).where(invitations.c.user == user, invitations.c.revoked_at.is_(None))
    db.execute(still.values(revoked_at=now))
