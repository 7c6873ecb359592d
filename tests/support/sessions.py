"""Which processes belong to a session: a zygote leads its own, and keepers and boxes are in it."""

from __future__ import annotations

from pathlib import Path


def session_members(session: int) -> list[int]:
    """The process ids of a session, without those that have ended."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found
