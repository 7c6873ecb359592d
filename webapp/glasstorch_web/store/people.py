"""Who may use the service, and the tokens by which programs and pages know them."""

from __future__ import annotations

import hmac
import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from ..words import Refusal
from ..words import gettext_noop as _
from .database import Database
from .secret import fingerprint
from .tables import identities, sessions, tokens, users

Role = Literal["learner", "assistant", "instructor", "admin"]

ROLES: tuple[Role, ...] = get_args(Role)  # each may do what those before it may
LONGEST_NAME = 200
LONGEST_EMAIL = 254  # characters, as RFC 5321 allows
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f,;<>\"]+@[^@\s\x00-\x1f\x7f,;<>\"]+")
_UNSEEN = (
    "Cc",
    "Cf",
    "Co",
    "Cs",
    "Cn",
)  # categories of characters that nobody sees, or that turn text around

PREFIX = "gt_"  # by which a leaked token is recognised
USED_EVERY = 60.0  # seconds; `last_used_at` is no finer than that


class PeopleError(Refusal):
    """A person or token that cannot be; the message says why and what to do."""


@dataclass(frozen=True)
class User:
    """Somebody who may use the service. `disabled_at`: when that ended, None while it has not.

    `section`: their group within the course; `language`: the one they chose on the site.
    """

    id: str
    name: str
    email: str | None
    role: Role
    created_at: float
    disabled_at: float | None
    section: str = ""
    language: str | None = None


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

    def add(
        self,
        name: str,
        role: Role = "learner",
        email: str | None = None,
        id: str | None = None,
        section: str = "",
    ) -> User:
        """A new user; without an id they get one that nobody can guess.

        Raises:
            PeopleError: there is such an id or email already, or the role or a text is none.
        """
        with self._db.write() as db:
            return self.add_within(db, name, role, email, id, section)

    def add_within(
        self,
        db: Connection,
        name: str,
        role: Role = "learner",
        email: str | None = None,
        id: str | None = None,
        section: str = "",
    ) -> User:
        """As `add`, as a part of a transaction."""
        _require_role(role)
        ident = id or secrets.token_urlsafe(9)
        row: dict[str, Any] = {
            "id": ident,
            "role": role,
            "name": plain_name(name),
            "email": plain_email(email),
        }
        if "\0" in ident + section:
            raise PeopleError(_("An id and a section are printable characters."))
        row |= {"section": section.strip(), "created_at": self._clock()}
        try:
            with db.begin_nested():
                db.execute(insert(users), row)
        except IntegrityError:
            if db.execute(select(users.c.id).where(users.c.id == ident)).first():
                raise PeopleError(
                    _("There is a user %(user)s already. Choose another id."), user=ident
                ) from None
            raise PeopleError(_("%(email)s has an account already."), email=row["email"]) from None
        return _user(db.execute(select(users).where(users.c.id == ident)).one())

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

    def by_email(self, email: str) -> User | None:
        """The user with that email, in whatever case it is written."""
        if "\0" in email:
            return None
        with self._db.read() as db:
            row = db.execute(select(users).where(users.c.email == folded(email))).first()
        return None if row is None else _user(row)

    def by_identity(self, issuer: str, subject: str) -> User | None:
        """The user whom a hub or a learning platform knows as `subject`."""
        query = (
            select(users)
            .join_from(identities, users, users.c.id == identities.c.user)
            .where(identities.c.issuer == issuer, identities.c.subject == subject)
        )
        with self._db.read() as db:
            row = db.execute(query).first()
        return None if row is None else _user(row)

    def identify(self, user: str, issuer: str, subject: str) -> None:
        """From now on `by_identity` finds this user."""
        row = {"issuer": issuer, "subject": subject, "user": user, "created_at": self._clock()}
        with self._db.write() as db:
            db.execute(self._db.insert_if_new(identities), row)

    def all(self) -> list[User]:
        """Everybody, the earliest first, those who were disabled too."""
        with self._db.read() as db:
            rows = db.execute(select(users).order_by(users.c.created_at, users.c.id)).all()
        return [_user(row) for row in rows]

    def page(self, after: str | None = None, search: str = "", limit: int = 50) -> list[User]:
        """Those who follow the user with the id `after`, by role, then by name; whoever's name or email begins so."""
        query = select(users).order_by(users.c.role, users.c.name, users.c.id).limit(limit)
        if search.strip():
            begins = search.strip().lower()
            in_name = func.lower(users.c.name).startswith(begins, autoescape=True)
            query = query.where(or_(in_name, users.c.email.startswith(begins, autoescape=True)))
        last = self.get(after) if after else None
        if last is not None:
            here = tuple_(users.c.role, users.c.name, users.c.id)
            query = query.where(here > tuple_(last.role, last.name, last.id))
        with self._db.read() as db:
            return [_user(row) for row in db.execute(query)]

    def change(self, user: str, **values: Any) -> User:
        """Give a user another name, email, section or language.

        Raises:
            PeopleError: there is no such user, the email is another's, or a text is none.
        """
        if "name" in values:
            values["name"] = plain_name(values["name"])
        if "email" in values:
            values["email"] = plain_email(values["email"])
        try:
            with self._db.write() as db:
                db.execute(update(users).where(users.c.id == user).values(**values))
        except IntegrityError:
            raise PeopleError(_("%(email)s has an account already."), email=values.get("email")) from None
        return self._require(user)

    def take_in(self, rows: Iterable[Mapping[str, Any]]) -> list[User]:
        """Add people, or change those whose email is known, all in one transaction; those who are new.

        Raises:
            PeopleError: as for `add` and `set_role`; nothing was changed.
        """
        new = []
        with self._db.write() as db:
            for row in rows:
                _require_role(row["role"])
                there = select(users).where(users.c.email == folded(row["email"]))
                found = db.execute(there.with_for_update()).first()
                if found is None:
                    new.append(self.add_within(db, **row))
                    continue
                if row["role"] != "admin":
                    _require_another_admin(db, found.id)
                values = {"name": plain_name(row["name"]), "role": row["role"], "section": row["section"]}
                db.execute(update(users).where(users.c.id == found.id).values(**values))
        return new

    def set_role(self, user: str, role: Role) -> User:
        """Give a user another role, which counts from their next request on.

        Raises:
            PeopleError: there is no such user or role, or nobody would be left to administer.
        """
        _require_role(role)
        with self._db.write() as db:
            if role != "admin":
                _require_another_admin(db, user)
            db.execute(update(users).where(users.c.id == user).values(role=role))
        return self._require(user)

    def disable(self, user: str) -> bool:
        """End somebody's access, with all their tokens and sessions; what they handed in stays.

        False if it had ended.

        Raises:
            PeopleError: nobody would be left to administer.
        """
        with self._db.write() as db:
            _require_another_admin(db, user)
            db.execute(delete(sessions).where(sessions.c.user == user))
            change = update(users).where(users.c.id == user, users.c.disabled_at.is_(None))
            return db.execute(change.values(disabled_at=self._clock())).rowcount == 1

    def enable(self, user: str) -> bool:
        """Undo `disable`; tokens that were not revoked count again."""
        change = update(users).where(users.c.id == user, users.c.disabled_at.is_not(None))
        with self._db.write() as db:
            return db.execute(change.values(disabled_at=None)).rowcount == 1

    def issue_token(self, user: str, label: str, lifetime: float | None = None) -> str:
        """A new secret for this user, which is shown now and never again; for `lifetime` seconds, or always.

        Raises:
            PeopleError: there is no such user.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        now = self._clock()
        self._require(user)
        row = {"id": secrets.token_hex(6), "user": user, "sha256": fingerprint(secret), "label": label}
        expires = None if lifetime is None else now + lifetime
        with self._db.write() as db:
            db.execute(insert(tokens), {**row, "created_at": now, "expires_at": expires})
        return secret

    def by_token(self, secret: str) -> User | None:
        """Whose secret this is; None when it is nobody's, has ended, or its user is disabled."""
        now = self._clock()
        digest = fingerprint(secret)
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

    def _require(self, user: str) -> User:
        found = self.get(user)
        if found is None:
            raise PeopleError(_("There is no user %(user)s."), user=user)
        return found


def folded(email: str) -> str:
    """An email as it is kept and compared: case says nothing about whose it is."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def plain_email(email: str | None) -> str | None:
    """As it is kept; None for an empty one. Raises PeopleError when it is none."""
    if email is None or not email.strip():
        return None
    plain = folded(email)
    if len(plain) > LONGEST_EMAIL or not _EMAIL.fullmatch(plain) or not _is_seen(plain):
        raise PeopleError(_("“%(email)s” is no email address."), email=email.strip()[:100])
    return plain


def plain_name(name: str) -> str:
    """As it is kept. Raises PeopleError when nobody could read it."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not _is_seen(plain):
        raise PeopleError(_("A user needs a name, of printable characters."))
    return plain


def _is_seen(text: str) -> bool:
    return not any(unicodedata.category(character) in _UNSEEN for character in text)


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise PeopleError(
            _("There is no role “%(role)s”. The roles: %(roles)s."), role=role, roles=", ".join(ROLES)
        )


def _require_another_admin(db: Connection, user: str) -> None:
    """That the course has an admin besides this user, if they are one who may log in."""
    active = select(users.c.id).where(users.c.role == "admin", users.c.disabled_at.is_(None))
    admins = set(db.execute(active.with_for_update()).scalars())
    if admins == {user}:
        raise PeopleError(_("This is the only admin. Make somebody else an admin first."))


def _user(row: Row[Any]) -> User:
    values = row._mapping
    return User(*(values[field.name] for field in fields(User)))
