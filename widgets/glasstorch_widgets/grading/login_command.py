"""Log in to a course, so that notebooks on this machine hand in there.

Asks for the course's address and for a token, which the course's site makes for you (Me, then Tokens). The token is
checked, and kept in a file that only you can read: it stands in no notebook. Where no terminal is, it is read from
the standard input.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from . import homes
from .service import Busy, LogInFirst, Refused, Service, Unreachable


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "url",
        nargs="?",
        help="the course's address, such as https://course.example.edu; asked for if left out",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when logged in, 1 when that is not possible."""
    try:
        url = options.url or _ask("Address of the course: ")
        token = getpass.getpass("Token (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    except EOFError:
        return _sorry("no address or token was given")
    try:
        me = Service(homes.usable(url, token)).me()
        homes.log_in(url, token)
    except (homes.CannotLogIn, OSError) as error:
        return _sorry(str(error))
    except (Unreachable, LogInFirst, Busy, Refused) as error:
        return _sorry(f"{error} Nothing was kept.")
    who = f"{me.get('name')} ({me.get('role')})"
    print(f"Logged in as {who}. Notebooks hand in to {url.strip().rstrip('/')} now.")  # noqa: T201
    return 0


def _ask(question: str) -> str:
    if sys.stdin.isatty():
        return input(question)
    return sys.stdin.readline()


def _sorry(problem: str) -> int:
    print(f"glasstorch login: {problem}", file=sys.stderr)  # noqa: T201
    return 1
