"""Forget the course that `glasstorch login` was told of, with its token.

The token itself stays valid; the course's site ends it (Me, then Tokens). What was not handed in yet is kept.
"""

from __future__ import annotations

import argparse

from . import homes
from .outbox import Outbox


def register(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Always 0."""
    course = homes.logged_in()
    if not homes.log_out():
        print("You were not logged in.")  # noqa: T201
        return 0
    print("Logged out; the token is forgotten on this machine.")  # noqa: T201
    kept = len(Outbox().entries(course.name, "waiting")) if course else 0
    if course and kept:
        print(f"{kept} kept for {course.url}: handed in once you log in there again.")  # noqa: T201
    return 0
