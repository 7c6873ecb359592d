"""Copy all submissions, results and accounts into one file; the service may run on meanwhile."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Settings


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="where to; a file of that name is replaced")
    add_store(parser)
    parser.set_defaults(run=run)


def add_store(parser: argparse.ArgumentParser) -> None:
    """The option that says which store is meant."""
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=Path,
        help="the service's state folder (default: GLASSTORCH_STATE, ...); GLASSTORCH_DATABASE_URL counts first",
    )


def settings_from(options: argparse.Namespace) -> Settings:
    """The settings that `glasstorch serve` would have, which say where the store is.

    Raises:
        SettingsError: one of them cannot be.
    """
    from .settings import load

    given = {} if options.state is None else {"state": options.state.resolve()}
    return load(**given, lessons=Path.cwd())  # a store can be saved where there are no lessons


def run(options: argparse.Namespace) -> int:
    """Back up; 0, or 1 when that was not possible."""
    from .settings import SettingsError
    from .store import Database, StoreError
    from .store.audit import BACKUP_MADE, Audit
    from .store.backup import back_up

    try:
        place = settings_from(options).database
        if isinstance(place, Path) and not place.exists():
            raise StoreError(f"There is no store at {place} yet. --state names the service's state folder.")
        database = Database(place)
        try:
            size = back_up(database, options.file.resolve())
            Audit(database).record("command line", BACKUP_MADE, bytes=size)
        finally:
            database.close()
    except (SettingsError, StoreError, OSError) as error:
        print(f"glasstorch backup: {error}", file=sys.stderr)
        return 1
    print(f"{database} is saved in {options.file} ({size / 1e6:.1f} MB, checked).")
    return 0
