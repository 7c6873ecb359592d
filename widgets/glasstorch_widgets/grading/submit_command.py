"""Hand in a file, or what notebooks kept while the service was away.

`glasstorch submit EXERCISE FILE` hands in and waits for the result; without the service the file is kept.
`--pending` hands in what was kept and fetches the results; `--list` shows all; `--drop N` gives a kept one up.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ..exercises.magics import Submissions, describe
from .courier import Courier, courier
from .outbox import OutboxError


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", nargs="?", help="the exercise's id")
    parser.add_argument("file", nargs="?", type=Path, help="the Python file to hand in")
    parser.add_argument("--pending", action="store_true", help="hand in what was kept")
    parser.add_argument("--list", action="store_true", help="what was handed in from here, and what waits")
    parser.add_argument("--drop", type=int, metavar="N", help="give up the kept submission N of the list")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when all is handed in and graded, 3 when something is kept still, 1 when it is refused, 2 for a bad option."""
    post = courier()
    if (options.exercise is None) != (options.file is None):
        return _sorry(
            "name the exercise and the file, as in `glasstorch submit start.training-step answer.py`", 2
        )
    if not (options.exercise or options.pending or options.list or options.drop is not None):
        return _sorry("nothing to do: name an exercise and a file, or give --pending, --list or --drop", 2)
    try:
        if options.drop is not None and not post.outbox.give_up(options.drop):
            return _sorry(
                f"there is no kept submission {options.drop}; `glasstorch submit --list` shows them", 1
            )
        number = None
        if options.file is not None:
            number = post.write_down(options.exercise, options.file.read_text(encoding="utf-8")).number
        status = _deliver(post, number) if number is not None or options.pending else 0
        if options.list:
            print(Submissions(post.outbox.entries()))  # noqa: T201
        return status
    except (OutboxError, OSError, UnicodeDecodeError) as error:
        return _sorry(str(error), 1)


def _deliver(post: Courier, number: int | None) -> int:
    """Hand in what waits, and print what becomes of it, until the results are there or the service is away."""
    numbers = {one.number for one in post.outbox.entries(None, "waiting", "sent")} | ({number} - {None})
    while (pause := post.round()) is not None and not post.away:
        time.sleep(pause)
    left = refused = 0
    for one in post.outbox.entries():
        if one.number in numbers:
            print(f"{one.number}  {one.exercise}  {describe(one)}")  # noqa: T201
            left += one.state in ("waiting", "sent")
            refused += one.state == "refused"
    if not numbers:
        print("Nothing waits.")  # noqa: T201
    if post.away:
        print(f"The grading service takes nothing now: {post.away}", file=sys.stderr)  # noqa: T201
    return 3 if left else 1 if refused else 0


def _sorry(problem: str, status: int) -> int:
    print(f"glasstorch submit: {problem}", file=sys.stderr)  # noqa: T201
    return status
