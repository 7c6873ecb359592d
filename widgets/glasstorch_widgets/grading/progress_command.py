"""Save all that you have done in one file, or restore it from one.

`glasstorch progress` tells what has been done; `glasstorch progress save [FILE]` writes attempts, guesses, review cards
and lessons read into a file; `glasstorch progress restore FILE` brings them back, here or on another machine.
"""

from __future__ import annotations

import argparse
import sys


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("save", "restore"), help="default: tell")
    parser.add_argument("file", nargs="?", default="", help="the file (saving: glasstorch-progress.json)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when it went well, 1 when it did not."""
    from ..exercises.progress import progress

    told, well = progress(options.action or "", options.file)
    print(told, file=sys.stdout if well else sys.stderr)
    return 0 if well else 1
