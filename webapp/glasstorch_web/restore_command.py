"""Put what `glasstorch backup` saved back in its place; no service may run on it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .backup_command import add_store, settings_from


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="what `glasstorch backup` wrote")
    parser.add_argument("--force", action="store_true", help="also replace a store that holds submissions")
    add_store(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Restore; 0, or 1 when that was not possible and nothing was changed."""
    from . import discovery
    from .settings import SettingsError
    from .store import Database, StoreError
    from .store.backup import restore

    try:
        settings = settings_from(options)
        if url := discovery.running(settings.state):
            raise StoreError(f"A service runs on this store, at {url}. Stop it, and restore then.")
        database = Database(settings.database)
        try:
            count = restore(database, options.file.resolve(), options.force)
        finally:
            database.close()
    except (SettingsError, StoreError, OSError) as error:
        print(f"glasstorch restore: {error}", file=sys.stderr)
        return 1
    print(f"{database} holds the {count} submission(s) of {options.file} again.")
    return 0
