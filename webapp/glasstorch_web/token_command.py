"""Make, list and revoke the tokens by which people use a service with accounts.

A token is shown once, when it is made; the store keeps only its fingerprint.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from typing import get_args

from .backup_command import add_store, settings_from
from .settings import SettingsError
from .store import Database, StoreError
from .store.audit import Audit
from .store.people import People, PeopleError, Role, Token, User

WHO = "command line"  # in the audit: whoever may read the store's files
DAY = 24 * 3600


def register(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="new | list | revoke")
    new = commands.add_parser("new", help="a token for somebody, who is added if unknown")
    new.add_argument("name", help="the id of somebody known, or a new person's name")
    new.add_argument("--role", choices=get_args(Role), help="of a new person (default: learner)")
    new.add_argument("--email", help="of a new person")
    new.add_argument("--label", default="", help="what the token is for, such as `laptop`")
    new.add_argument("--days", type=float, help="after which it ends (default: never)")
    commands.add_parser("list", help="everybody with their tokens")
    revoke = commands.add_parser("revoke", help="end a token, or all tokens of somebody")
    revoke.add_argument("which", help="a token's id, or a person's id")
    for command in commands.choices.values():
        add_store(command)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when it is done, 1 when it cannot be, 2 for a bad option."""
    try:
        settings = settings_from(options)
        database = Database(settings.database)
    except SettingsError as error:
        return _sorry(error, 2)
    except StoreError as error:
        return _sorry(error, 1)
    people, audit = People(database), Audit(database)
    try:
        if options.action == "new":
            return _new(people, audit, options)
        if options.action == "list":
            return _list(people)
        return _revoke(people, audit, options.which)
    except (PeopleError, StoreError) as error:
        return _sorry(error, 1)
    finally:
        database.close()


def _new(people: People, audit: Audit, options: argparse.Namespace) -> int:
    if options.days is not None and options.days <= 0:
        return _sorry("--days: a token that has ended is of no use; more than 0", 2)
    user = people.get(options.name)
    if user is None:
        user = people.add(options.name, options.role or "learner", options.email)
        audit.record(WHO, "person added", user=user.id, role=user.role)
    elif options.role not in (None, user.role):
        raise PeopleError(f"{user.id} is known, with the role {user.role}. Leave out --role.")
    lifetime = None if options.days is None else options.days * DAY
    secret = people.issue_token(user.id, options.label, lifetime)
    audit.record(WHO, "token issued", user=user.id, label=options.label)
    print(f"A token for {user.name} (id {user.id}, {user.role}), shown only now:", file=sys.stderr)
    print(secret)
    return 0


def _list(people: People) -> int:
    for user in people.all():
        ended = ", no access" if user.disabled_at else ""
        print(f"{user.id}  {user.name}  {user.role}{ended}")
        for token in people.tokens(user.id):
            print(f"    {token.id}  {token.label or '(no label)'}  {_state(token)}")
    return 0


def _revoke(people: People, audit: Audit, which: str) -> int:
    user: User | None = people.get(which)
    ids = [token.id for token in people.tokens(user.id)] if user else [which]
    ended = [token for token in ids if people.revoke(token)]
    if not ended:
        raise PeopleError(
            f"There is no token to end under {which!r}. `glasstorch token list` shows them all."
        )
    for token in ended:
        audit.record(WHO, "token revoked", token=token)
    print(f"Ended: {', '.join(ended)}")
    return 0


def _state(token: Token) -> str:
    if token.revoked_at:
        return f"revoked {_day(token.revoked_at)}"
    used = f"last used {_day(token.last_used_at)}" if token.last_used_at else "never used"
    return used if token.expires_at is None else f"{used}, ends {_day(token.expires_at)}"


def _day(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _sorry(problem: object, status: int) -> int:
    print(f"glasstorch token: {problem}", file=sys.stderr)
    return status


def main() -> int:
    parser = argparse.ArgumentParser(prog="glasstorch token", description=__doc__)
    register(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
