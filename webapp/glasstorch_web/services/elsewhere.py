"""People who are known elsewhere: at a JupyterHub, or at a learning platform."""

from __future__ import annotations

from ..store.people import PeopleError, Role, User, plain_email
from ..words import Refusal
from ..words import gettext_noop as _
from .accounts import Accounts

NAMELESS = "–"  # who has no name over there that could be shown


class NotLetIn(Refusal):
    """Somebody whom the other service knows, and who has no place here; the message says why."""


def known_from(
    accounts: Accounts, issuer: str, subject: str, name: str, email: str | None, role: Role = "learner"
) -> User:
    """The account of somebody whom `issuer` vouches for as `subject`; made now if there is none.

    An account with the same email is taken for theirs only if it is a learner's who has never had a password, such
    as one from a roster: else whoever can choose their email over there could take any account over here.

    Raises:
        NotLetIn: the account is disabled, or the email belongs to an account with a password.
    """
    people = accounts.people
    found = people.by_identity(issuer, subject)
    if found is None:
        found = _joined(accounts, issuer, subject, name, email, role)
    if found.disabled_at is not None:
        raise NotLetIn(_("Your account here is disabled. Ask your instructor."))
    return found


def _joined(accounts: Accounts, issuer: str, subject: str, name: str, email: str | None, role: Role) -> User:
    people = accounts.people
    try:
        address = plain_email(email)
    except PeopleError:
        address = None
    there = people.by_email(address) if address else None
    if there is None:
        try:
            found = people.add(name, role, address)
        except PeopleError:  # a name that cannot be shown
            found = people.add(NAMELESS, role, address)
        accounts.audit.record(found.id, "joined", user=found.id, role=found.role, issuer=issuer)
    elif there.role == "learner" and not accounts.has_password(there.id):
        found = there
        accounts.audit.record(found.id, "account connected", user=found.id, issuer=issuer)
    else:
        raise NotLetIn(
            _("There is an account here already with the email %(email)s. Log in with its password."),
            email=address,
        )
    people.identify(found.id, issuer, subject)
    return found
