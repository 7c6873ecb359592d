"""Who may use the service, and the tokens by which programs and pages know them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from .database import Database
from .tables import tokens, users

Role = Literal["learner", "assistant", "instructor", "admin"]

PREFIX = "gt_"  # by which a leaked token is recognised
USED_EVERY = 60.0  # seconds; `last_used_at` is no finer than that


class PeopleError(ValueError):
    """A person or token that cannot be; the message says why and what to do."""


@dataclass(frozen=True)
class User:
    """Somebody who may use the service. `disabled_at`: when that ended, None while it has not."""

    id: str
    name: str
    email: str | None
    role: Role
    created_at: float
    disabled_at: float | None


@dataclass(frozen=True)
class Token:
    """What is known of a token; the secret itself is not kept."""

    id: str
    user: str
    label: str
    created_at: float
    last_used_at: float | None
    expires_at: float | None
    revoked_at: float | None


class People:
    """The users and their tokens."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    def add(self, name: str, role: Role = "learner", email: str | None = None, id: str | None = None) -> User:
        """A new user; without an id they get one that nobody can guess.

        Raises:
            PeopleError: there is such an id already, or the role or a text is none.
        """
        if role not in get_args(Role):
            raise PeopleError(f"There is no role {role!r}. The roles: {', '.join(get_args(Role))}.")
        if not name.strip() or any("\0" in text for text in (name, email or "", id or "")):
            raise PeopleError("A user needs a name, of printable characters.")
        row = {"id": id or secrets.token_urlsafe(9), "name": name.strip(), "email": email, "role": role}
        try:
            with self._db.write() as db:
                db.execute(insert(users), {**row, "created_at": self._clock()})
        except IntegrityError:
            raise PeopleError(f"There is a user {row['id']} already. Choose another id.") from None
        return self._require(str(row["id"]))

    def ensure(self, id: str, name: str, role: Role) -> User:
        """The user of that id, made now if there is none: for who is there without signing up."""
        found = self.get(id)
        if found is not None:
            return found
        row = {"id": id, "name": name, "role": role, "created_at": self._clock()}
        with self._db.write() as db:
            db.execute(self._db.insert_if_new(users), row)
        return self._require(id)

    def get(self, user: str) -> User | None:
        with self._db.read() as db:
            row = db.execute(select(users).where(users.c.id == user)).first()
        return None if row is None else _user(row)

    def all(self) -> list[User]:
        """Everybody, the earliest first, those who were disabled too."""
        with self._db.read() as db:
            rows = db.execute(select(users).order_by(users.c.created_at, users.c.id)).all()
        return [_user(row) for row in rows]

    def disable(self, user: str) -> bool:
        """End somebody's access, with all their tokens; what they handed in stays. False if it had ended."""
        return self._set(user, users.c.disabled_at.is_(None), self._clock())

    def enable(self, user: str) -> bool:
        """Undo `disable`; tokens that were not revoked count again."""
        return self._set(user, users.c.disabled_at.is_not(None), None)

    def issue_token(self, user: str, label: str, lifetime: float | None = None) -> str:
        """A new secret for this user, which is shown now and never again; for `lifetime` seconds, or always.

        Raises:
            PeopleError: there is no such user.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        now = self._clock()
        self._require(user)
        row = {"id": secrets.token_hex(6), "user": user, "sha256": _digest(secret), "label": label}
        expires = None if lifetime is None else now + lifetime
        with self._db.write() as db:
            db.execute(insert(tokens), {**row, "created_at": now, "expires_at": expires})
        return secret

    def by_token(self, secret: str) -> User | None:
        """Whose secret this is; None when it is nobody's, has ended, or its user is disabled."""
        now = self._clock()
        digest = _digest(secret)
        query = (
            select(users, tokens.c.sha256, tokens.c.last_used_at)
            .join_from(tokens, users, users.c.id == tokens.c.user)
            .where(
                tokens.c.sha256 == digest,
                tokens.c.revoked_at.is_(None),
                or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
                users.c.disabled_at.is_(None),
            )
        )
        with self._db.read() as db:
            row = db.execute(query).first()
        # The index compares digests, and how long that takes tells nothing about a secret; this one is to be sure.
        if row is None or not hmac.compare_digest(row.sha256, digest):
            return None
        if row.last_used_at is None or row.last_used_at <= now - USED_EVERY:
            with self._db.write(durable=False) as db:
                db.execute(update(tokens).where(tokens.c.sha256 == digest).values(last_used_at=now))
        return _user(row)

    def tokens(self, user: str) -> list[Token]:
        """A user's tokens, the earliest first, revoked ones too."""
        columns = [tokens.c[field.name] for field in fields(Token)]
        query = select(*columns).where(tokens.c.user == user).order_by(tokens.c.created_at, tokens.c.id)
        with self._db.read() as db:
            return [Token(*row) for row in db.execute(query)]

    def revoke(self, token: str, user: str | None = None) -> bool:
        """End a token, by its id; with a user, only if it is theirs. False when there was none to end."""
        chosen = update(tokens).where(tokens.c.id == token, tokens.c.revoked_at.is_(None))
        if user is not None:
            chosen = chosen.where(tokens.c.user == user)
        with self._db.write() as db:
            return db.execute(chosen.values(revoked_at=self._clock())).rowcount == 1

    def _set(self, user: str, condition: ColumnElement[bool], disabled_at: float | None) -> bool:
        change = update(users).where(users.c.id == user, condition).values(disabled_at=disabled_at)
        with self._db.write() as db:
            return db.execute(change).rowcount == 1

    def _require(self, user: str) -> User:
        found = self.get(user)
        if found is None:
            raise PeopleError(f"There is no user {user}.")
        return found


def _user(row: Row[Any]) -> User:
    return User(row.id, row.name, row.email, row.role, row.created_at, row.disabled_at)


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a fast hash hides it as well as a slow one.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
