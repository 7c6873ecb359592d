"""What tests of several processes look at."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

SHARED = "/dev/shm/"


def shared_names(pids: Iterable[int]) -> set[str]:
    """The names in Linux's shared memory that these processes have mapped or open.

    Only their own are asked about: what other programs keep there meanwhile says nothing about them.
    """
    used = set()
    for process in (Path("/proc", str(pid)) for pid in pids):
        used |= {line.split(maxsplit=5)[-1] for line in (process / "maps").read_text().splitlines()}
        for file in (process / "fd").iterdir():
            try:
                used.add(os.readlink(file))
            except FileNotFoundError:  # closed since it was listed
                continue
    return {path.removeprefix(SHARED) for path in used if path.startswith(SHARED) and os.path.exists(path)}
