"""Make a demo course to look at: learners, weeks of graded work, deadlines, comments and reviews.

    glasstorch demo --state ./demo
    glasstorch serve --course --insecure-http --state ./demo

All people are invented. The grades are the grader's own. The same --seed makes the same course.
"""

from __future__ import annotations

import argparse
import datetime
import random
import secrets
import sys
from pathlib import Path

from ..grader import Grader, SandboxError
from ..places import NoLessons
from ..services.accounts import Accounts
from ..services.catalogue import Catalogue
from ..settings import Settings, SettingsError, load
from ..store import Database, StoreError, Submissions
from ..store.people import People, Role
from .cast import SHOWN, Learner, learners
from .story import WEEKS, Story

WHO = "command line"
STATE = Path("glasstorch-demo")
MOST_LEARNERS = 500
STAFF: tuple[tuple[str, str, Role], ...] = (
    ("admin", "Ada Admin", "admin"),
    ("instructor", "Prof. Irene Instructor", "instructor"),
    ("assistant", "Achim Assistant", "assistant"),
)


def register(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--learners", type=_count, default=30, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another number makes another course")
    parser.add_argument(
        "--state", metavar="DIR", type=Path, default=STATE, help="an unused folder (default: %(default)s)"
    )
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_LEARNERS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_LEARNERS} learners, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """0 when the course is made, 1 when it cannot be, 2 for a bad option."""
    try:
        settings = load(state=options.state.resolve())
        database = Database(settings.database)
    except SettingsError as error:
        return _sorry(error, 2)
    except (NoLessons, StoreError) as error:
        return _sorry(error, 1)
    try:
        if Submissions(database).count() or People(database).all():
            return _sorry(
                f"{database} is in use already. Name an unused folder with --state; nothing was changed.", 1
            )
        with Grader() as grader:
            _make(settings, database, grader, options)
    except (SandboxError, StoreError) as error:
        return _sorry(error, 1)
    finally:
        database.close()
    return 0


def _make(settings: Settings, database: Database, grader: Grader, options: argparse.Namespace) -> None:
    draw = random.Random(options.seed)
    catalogue = Catalogue(settings.lessons)
    today = datetime.datetime.now().replace(minute=0, second=0, microsecond=0)
    story = Story(database, catalogue, grader, draw, today.timestamp())
    cast = list(learners(options.learners, draw))
    password = f"demo-{secrets.token_urlsafe(9)}"
    _people(database, cast, story.begin, password)
    print(f"A course of {WEEKS} weeks with {len(cast)} learners; each different source is graded once ...")
    count = story.tell(cast, print)
    print(
        f"{count} submissions, {story.different} different ones, graded at level {grader.isolation['level']}."
    )
    folder = options.state.resolve()
    print(f"\nStart it:  glasstorch serve --course --insecure-http --state {folder}\n")
    print(f"Log in with the password {password} as")
    for ident, _name, role in STAFF:
        print(f"  {role:<12}{ident}@example.org")
    print(f"  {'learner':<12}{cast[0].email} ({cast[0].name})")
    print("This password was made for you now and is not shown again; it is also that of two more learners.")


def _people(database: Database, cast: list[Learner], begin: float, password: str) -> None:
    people = People(database, lambda: begin)
    accounts = Accounts(database)
    staff = [people.add(name, role, f"{ident}@example.org", id=ident) for ident, name, role in STAFF]
    course = [people.add(one.name, "learner", one.email, id=one.id, section=one.section) for one in cast]
    for user in (*staff, *course[:SHOWN]):  # a hash takes a while: the others are there to be looked at
        accounts.set_password(WHO, user, password)


def _sorry(problem: object, status: int) -> int:
    print(f"glasstorch demo: {problem}", file=sys.stderr)
    return status


def main() -> int:
    parser = argparse.ArgumentParser(prog="glasstorch demo", description=__doc__)
    register(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
