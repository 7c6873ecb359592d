"""Make and manage the accounts of a course.

`glasstorch account new --role admin` prints a link by which the first admin joins. With --name and --email it makes
the account at once and asks for its password.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from .backup_command import add_store, settings_from
from .discovery import running
from .services.accounts import INVITATION_DAYS, LINK_DAYS, Accounts
from .services.passwords import require_good
from .settings import Settings, SettingsError
from .store import Audit, Database, Platform, StoreError
from .store.people import ROLES, PeopleError, User
from .words import Refusal

WHO = "command line"  # in the audit: whoever may read the store's files


def register(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(
        dest="action", required=True, metavar="new | list | role | link | disable | enable | new-key"
    )
    new = commands.add_parser("new", help="an invitation, or an account with a password that is asked for")
    new.add_argument("--role", choices=ROLES, default="learner", help="default: %(default)s")
    new.add_argument("--name", help="make the account now, for somebody of this name")
    new.add_argument("--email", help="with which they log in; alone: only they can use the invitation")
    new.add_argument("--uses", type=int, default=1, help="how many people may use the invitation")
    new.add_argument("--days", type=float, default=INVITATION_DAYS, help="after which it ends")
    commands.add_parser("list", help="everybody, with role and email")
    role = commands.add_parser("role", help="give somebody another role")
    role.add_argument("who", help="an id or an email")
    role.add_argument("role", choices=ROLES)
    for name, words in (
        ("link", "a link by which somebody sets a new password"),
        ("disable", "end somebody's access; what they handed in stays"),
        ("enable", "undo disable"),
    ):
        commands.add_parser(name, help=words).add_argument("who", help="an id or an email")
    commands.add_parser("new-key", help="sign messages to the learning platform (LTI) with a new key")
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
    try:
        if options.action == "new-key":
            return _new_key(settings, database)
        return _act(Accounts(database), settings, options)
    except (Refusal, StoreError) as error:
        return _sorry(error, 1)
    finally:
        database.close()


def _act(accounts: Accounts, settings: Settings, options: argparse.Namespace) -> int:
    if options.action == "new":
        if options.name:
            return _new_account(accounts, options)
        link = accounts.invite(
            WHO, options.role, email=options.email, max_uses=options.uses, days=options.days
        )
        print(
            f"An invitation for {_count(options.uses)}, as {options.role}, shown only now:", file=sys.stderr
        )
        print(_address(settings, f"join/{link.secret}"))
        return 0
    if options.action == "list":
        for user in accounts.people.all():
            ended = ", no access" if user.disabled_at else ""
            print(f"{user.id}  {user.name}  {user.email or '(no email)'}  {user.role}{ended}")
        return 0
    user = _known(accounts, options.who)
    if options.action == "role":
        accounts.set_role(WHO, user.id, options.role)
        print(f"{user.name} is now {options.role}.")
    elif options.action == "link":
        link = accounts.reset_link(WHO, user.id)
        print(f"For {user.name}, for {LINK_DAYS:g} days, shown only now:", file=sys.stderr)
        print(_address(settings, f"password/{link.secret}"))
    elif options.action == "disable":
        accounts.disable(WHO, user.id)
        print(f"{user.name} cannot log in any more. What they handed in stays.")
    else:
        accounts.enable(WHO, user.id)
        print(f"{user.name} can log in again.")
    return 0


def _new_account(accounts: Accounts, options: argparse.Namespace) -> int:
    if not options.email:
        raise PeopleError("An account needs an email address to log in with: --email")
    password = getpass.getpass("Password: ")
    require_good(password, (options.name, options.email))
    if getpass.getpass("Once more: ") != password:
        raise PeopleError("These were two different passwords. Nothing was made.")
    user = accounts.people.add(options.name, options.role, options.email)
    accounts.audit.record(WHO, "person added", user=user.id, role=user.role)
    accounts.set_password(WHO, user, password)
    print(f"{user.name} ({user.role}) can log in as {user.email}.")
    return 0


def _new_key(settings: Settings, database: Database) -> int:
    if not settings.has_platform:
        return _sorry("No learning platform is set: GLASSTORCH_LTI_ISSUER and what belongs to it.", 2)
    from .services.lti import Lti

    kid = Lti(settings, Platform(database)).rotate()
    Audit(database).record(WHO, "signing key changed", key=kid)
    print(f"Signing with {kid} from now on. The former keys are still published for 30 days.")
    return 0


def _known(accounts: Accounts, who: str) -> User:
    found = accounts.people.get(who) or accounts.people.by_email(who)
    if found is None:
        raise PeopleError(f"There is nobody under {who!r}. `glasstorch account list` shows everybody.")
    return found


def _address(settings: Settings, page: str) -> str:
    here = running(settings.state) or f"http://127.0.0.1:8765{settings.root_path}"
    return f"{(settings.public_url or here).rstrip('/')}/{page}"


def _count(uses: int) -> str:
    return "one person" if uses == 1 else f"{uses} people"


def _sorry(problem: object, status: int) -> int:
    print(f"glasstorch account: {problem}", file=sys.stderr)
    return status


def main() -> int:
    parser = argparse.ArgumentParser(prog="glasstorch account", description=__doc__)
    register(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
