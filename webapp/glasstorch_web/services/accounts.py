"""Accounts: logging in, joining by invitation, passwords, and what staff may change about people.

Everything that staff changes becomes one row of the audit. Nobody gives a role that is not below their own, nor
touches somebody whose role is not; an admin may do everything but leave the course without an admin.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..store.attempts import Attempts
from ..store.audit import Audit
from ..store.database import Database
from ..store.invitations import Invitation, Invitations
from ..store.passwords import Passwords
from ..store.people import ROLES, People, PeopleError, Role, Token, User, folded
from ..store.sessions import Session, Sessions
from ..words import Refusal
from ..words import gettext_noop as _
from .passwords import PasswordKeeper, require_good

DAY = 24 * 3600.0
INVITATION_DAYS = 14.0
LONGEST_DAYS = 366.0
MOST_USES = 2000  # of one invitation
LINK_DAYS = 2.0  # in which a link to set a password can be used
LONGEST_LABEL = 100
MOST_TOKENS = 50  # of one person that have not ended


class NotYours(Refusal):
    """Somebody's role does not allow this; nothing was changed."""


class LoginRefused(Refusal):
    """Email and password do not belong together, or the account has ended: which of it is not told."""


class TooManyAttempts(Refusal):
    """Too many failures of late; `wait` seconds until the next attempt."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        minutes = max(1, round(wait / 60))
        super().__init__(
            _("There were too many attempts to log in. Take a break, and try again in %(minutes)s minutes."),
            minutes=minutes,
        )


@dataclass(frozen=True)
class Link:
    """A secret for an address, shown now and never again, and when it ends."""

    secret: str
    expires_at: float


class Accounts:
    """What can be done with accounts. `who` is the user who does it, or "command line"."""

    def __init__(
        self,
        database: Database,
        keeper: PasswordKeeper | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._db = database
        self._clock = clock
        self.keeper = keeper or PasswordKeeper()
        self.people = People(database, clock)
        self.sessions = Sessions(database, clock)
        self.invitations = Invitations(database, clock)
        self.audit = Audit(database, clock)
        self._passwords = Passwords(database, clock)
        self._attempts = Attempts(database, clock)

    def has_admin(self) -> bool:
        """Whether there is anybody who may administer."""
        return any(user.role == "admin" and user.disabled_at is None for user in self.people.all())

    # Logging in

    def log_in(self, email: str, password: str, address: str, browser: str = "") -> str:
        """A new session for whom email and password belong to; the secret for its cookie.

        An unknown email, a wrong password, an account without one and a disabled account are told apart neither
        by words nor by time. `address`: where the request comes from.

        Raises:
            LoginRefused: they do not belong to anybody who may log in.
            TooManyAttempts: this account or this address had too many failures; nothing was checked.
        """
        user = self._proven(email, password, address)
        return self.sessions.begin(user.id, browser)

    def _proven(self, email: str, password: str, address: str) -> User:
        account = folded(email)
        wait = self._attempts.wait(account, address)
        if wait > 0:
            raise TooManyAttempts(wait)
        user = self.people.by_email(email)
        hash = self._passwords.get(user.id if user else "")
        right = self.keeper.check(hash, password)
        if user is None or hash is None or not right or user.disabled_at is not None:
            if self._attempts.failed(account, address):
                # What was typed as an email is not written down: people type passwords there.
                self.audit.record(
                    "service", "log-ins throttled", user=user.id if user else None, address=address
                )
            raise LoginRefused(_("This email and this password do not belong together."))
        self._attempts.succeeded(account)
        if self.keeper.is_outdated(hash):
            self._passwords.set(user.id, self.keeper.hash(password))
        return user

    def has_password(self, user: str) -> bool:
        return self._passwords.get(user) is not None

    def change_password(self, user: User, current: str, new: str, address: str, browser: str = "") -> str:
        """Set one's own password. All sessions end; the secret of a new one.

        Raises:
            LoginRefused, TooManyAttempts: `current` is not the password.
            PasswordRefused: the new one is easily guessed.
        """
        require_good(new, (user.name, user.email or ""))
        try:
            self._proven(user.email or "", current, address)
        except LoginRefused:
            raise LoginRefused(_("The current password is another one.")) from None
        self._passwords.set(user.id, self.keeper.hash(new))
        self.sessions.end_all(user.id)
        self.audit.record(user.id, "password changed", user=user.id)
        return self.sessions.begin(user.id, browser)

    def set_password(self, who: str, user: User, new: str) -> None:
        """Set somebody's password from the command line; all their sessions end.

        Raises:
            PasswordRefused: it is easily guessed.
        """
        require_good(new, (user.name, user.email or ""))
        self._passwords.set(user.id, self.keeper.hash(new))
        self.sessions.end_all(user.id)
        self.audit.record(who, "password changed", user=user.id)

    # Links

    def join(self, secret: str, name: str, email: str, password: str) -> User:
        """A new account by an invitation, with the invitation's role.

        Raises:
            PeopleError: the invitation has ended, is for another email, or the email has an account.
            PasswordRefused: the password is easily guessed.
        """
        invitation = self.invitations.get(secret)
        if invitation is None or invitation.user is not None:
            raise PeopleError(_("This link has been used already or has ended."))
        if invitation.email is not None and invitation.email != folded(email):
            raise PeopleError(_("This invitation is for another email address."))
        if not email.strip():
            raise PeopleError(_("An account needs an email address to log in with."))
        require_good(password, (name, email))
        hash = self.keeper.hash(password)
        with self._db.write() as db:
            used = self.invitations.use(db, secret)
            user = self.people.add_within(db, name, used.role, email, section=used.section)
            self._passwords.set_within(db, user.id, hash)
        self.audit.record(user.id, "joined", user=user.id, role=user.role, invitation=used.id)
        return user

    def password_link_owner(self, secret: str) -> User | None:
        """Whose password a link sets; None when it has ended or is another kind of link."""
        invitation = self.invitations.get(secret)
        return self.people.get(invitation.user) if invitation and invitation.user else None

    def set_password_by_link(self, secret: str, new: str) -> User:
        """Set a password by a link that staff has handed out; all sessions of that user end.

        Raises:
            PeopleError: the link has ended, or its user may not log in.
            PasswordRefused: the password is easily guessed.
        """
        user = self.password_link_owner(secret)
        if user is None or user.disabled_at is not None:
            raise PeopleError(_("This link has been used already or has ended."))
        require_good(new, (user.name, user.email or ""))
        hash = self.keeper.hash(new)
        with self._db.write() as db:
            self.invitations.use(db, secret)
            self._passwords.set_within(db, user.id, hash)
        self.sessions.end_all(user.id)
        self._attempts.succeeded(user.email or "")
        self.audit.record(user.id, "password set by a link", user=user.id)
        return user

    # What staff does

    def invite(
        self,
        who: User | str,
        role: Role = "learner",
        *,
        email: str | None = None,
        section: str = "",
        max_uses: int = 1,
        days: float = INVITATION_DAYS,
    ) -> Link:
        """A link to join the course.

        Raises:
            NotYours: the role is not below one's own.
            PeopleError: uses or days out of range, an email with several uses, or one that has an account.
        """
        _require_may_give(who, role)
        if not 1 <= max_uses <= MOST_USES or not 0 < days <= LONGEST_DAYS:
            raise PeopleError(
                _("An invitation is for 1 to %(uses)s people and for up to %(days)s days."),
                uses=MOST_USES,
                days=int(LONGEST_DAYS),
            )
        if email and email.strip():
            if max_uses != 1:
                raise PeopleError(_("An invitation for one email is for one person."))
            if self.people.by_email(email) is not None:
                raise PeopleError(_("%(email)s has an account already."), email=folded(email))
        secret = self.invitations.add(
            _id(who), days * DAY, role=role, email=email, section=section, max_uses=max_uses
        )
        made = self.invitations.get(secret)
        assert made is not None
        self.audit.record(_id(who), "invited", invitation=made.id, role=role, uses=max_uses, email=made.email)
        return Link(secret, made.expires_at)

    def revoke_invitation(self, who: User, invitation: str) -> bool:
        """End an invitation; False when there was none.

        Raises:
            NotYours: it gives a role that one may not give.
        """
        found: Invitation | None = self.invitations.find(invitation)
        if found is None:
            return False
        _require_may_give(who, found.role)
        ended = self.invitations.revoke(invitation)
        if ended:
            self.audit.record(who.id, "invitation ended", invitation=invitation)
        return ended

    def reset_link(self, who: User | str, user: str) -> Link:
        """A link by which somebody sets a new password; it ends the links made for them before.

        Raises:
            NotYours: their role is not below one's own.
            PeopleError: there is no such user, they are disabled, or they have no email to log in with.
        """
        target = self._target(who, user)
        if target.disabled_at is not None:
            raise PeopleError(_("This account is disabled. Enable it first."))
        if target.email is None:
            raise PeopleError(_("An account needs an email address to log in with."))
        secret = self.invitations.add(_id(who), LINK_DAYS * DAY, user=user, role=target.role)
        self.audit.record(_id(who), "password link made", user=user)
        return Link(secret, self._clock() + LINK_DAYS * DAY)

    def set_role(self, who: User | str, user: str, role: Role) -> User:
        """Give somebody another role; it counts from their next request on.

        Raises:
            NotYours: their role or the new one is not below one's own, or it is one's own account.
            PeopleError: there is no such user or role, or nobody would be left to administer.
        """
        target = self._target(who, user)
        _require_may_give(who, role)
        if _id(who) == user:
            raise NotYours(_("Nobody changes their own role. Another admin can."))
        changed = self.people.set_role(user, role)
        self.audit.record(_id(who), "role changed", user=user, before=target.role, after=role)
        return changed

    def disable(self, who: User | str, user: str) -> bool:
        """End somebody's access with all their sessions; what they handed in stays. False if it had ended.

        Raises:
            NotYours, PeopleError: as for `set_role`.
        """
        self._target(who, user)
        if _id(who) == user:
            raise NotYours(_("Nobody disables their own account. Another admin can."))
        ended = self.people.disable(user)
        if ended:
            self.audit.record(_id(who), "account disabled", user=user)
        return ended

    def enable(self, who: User | str, user: str) -> bool:
        """Undo `disable`; False if it was not disabled.

        Raises:
            NotYours, PeopleError: as for `set_role`.
        """
        self._target(who, user)
        begun = self.people.enable(user)
        if begun:
            self.audit.record(_id(who), "account enabled", user=user)
        return begun

    def change(
        self,
        who: User | str,
        user: str,
        *,
        name: str | None = None,
        email: str | None = None,
        section: str | None = None,
    ) -> User:
        """Correct somebody's name, email or section; what is None stays.

        Raises:
            NotYours: their role is not below one's own, nor is it oneself.
            PeopleError: there is no such user, or a text is none.
        """
        self._target(who, user)
        given = {"name": name, "email": email, "section": section}
        values = {key: value for key, value in given.items() if value is not None}
        changed = self.people.change(user, **values)
        self.audit.record(_id(who), "account changed", user=user, fields=sorted(values))
        return changed

    def end_sessions(self, who: User | str, user: str) -> int:
        """Log somebody out everywhere; of how many browsers.

        Raises:
            NotYours, PeopleError: as for `change`.
        """
        self._target(who, user)
        ended = self.sessions.end_all(user)
        self.audit.record(_id(who), "sessions ended", user=user, sessions=ended)
        return ended

    # One's own

    def my_sessions(self, user: str) -> list[Session]:
        return self.sessions.of(user)

    def issue_token(self, user: User, label: str, days: float | None = None) -> str:
        """A token for a notebook or a program; the secret, which is shown now and never again.

        Raises:
            PeopleError: the label or the days cannot be, or there are too many tokens already.
        """
        label = " ".join(label.split())
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise PeopleError(_("Say in a few words what the token is for, such as “laptop”."))
        if days is not None and not 0 < days <= 10 * LONGEST_DAYS:
            raise PeopleError(_("A token is for at least a day and at most ten years."))
        if len(self.my_tokens(user.id)) >= MOST_TOKENS:
            raise PeopleError(_("You have %(most)s tokens. Revoke one first."), most=MOST_TOKENS)
        secret = self.people.issue_token(user.id, label, None if days is None else days * DAY)
        self.audit.record(user.id, "token issued", user=user.id, label=label)
        return secret

    def my_tokens(self, user: str) -> list[Token]:
        """A user's tokens that still count."""
        now = self._clock()
        return [
            token
            for token in self.people.tokens(user)
            if token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
        ]

    def revoke_token(self, user: User, token: str) -> bool:
        """End one of one's own tokens; False when there is none of that id."""
        ended = self.people.revoke(token, user=user.id)
        if ended:
            self.audit.record(user.id, "token revoked", token=token)
        return ended

    def _target(self, who: User | str, user: str) -> User:
        """The user whom something is to be done to, by one who may."""
        target = self.people.get(user)
        if target is None:
            raise PeopleError(_("There is no user %(user)s."), user=user)
        if isinstance(who, User) and who.id != user and not may_give(who.role, target.role):
            raise NotYours(_("Only somebody with a higher role may do this."))
        return target


def may_give(own: Role, role: Role) -> bool:
    """Whether somebody of one role may give the other, or change people who have it."""
    return own == "admin" or (own == "instructor" and ROLES.index(role) < ROLES.index(own))


def _require_may_give(who: User | str, role: Role) -> None:
    if role not in ROLES:
        raise PeopleError(
            _("There is no role “%(role)s”. The roles: %(roles)s."), role=role, roles=", ".join(ROLES)
        )
    if isinstance(who, User) and not may_give(who.role, role):
        raise NotYours(_("Only somebody with a higher role may do this."))


def _id(who: User | str) -> str:
    return who.id if isinstance(who, User) else who
