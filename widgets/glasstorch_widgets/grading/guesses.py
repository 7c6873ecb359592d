"""What a learner guessed before they saw a result: one JSON object a line in the state folder.

Each guess is on disk before its result is shown, so a killed kernel loses none. A grading service for one person on the
same machine reads the file, too, and gives it out with their progress.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .homes import state_folder

FILE = "guesses.jsonl"
TEXTS = ("lesson", "question", "guess", "verdict")


def path() -> Path:
    return state_folder() / FILE


def read() -> list[dict[str, Any]]:
    """The last guess at each question, the oldest first; what is damaged is left out."""
    try:
        lines = path().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:  # a kernel was killed in the middle of a line
            continue
    return latest(found)


def latest(some: Iterable[Any]) -> list[dict[str, Any]]:
    """Of these guesses the last at each question, the oldest first; what is no guess is left out."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for one in some:
        if is_guess(one):
            key = (one["lesson"], one["question"])
            if key not in last or last[key]["answered_at"] <= one["answered_at"]:
                last[key] = one
    return sorted(last.values(), key=lambda one: float(one["answered_at"]))


def add(brought: Iterable[dict[str, Any]]) -> int:
    """Write down those that are newer than what is known; how many that were. Raises OSError."""
    known = {(one["lesson"], one["question"]): one["answered_at"] for one in read()}
    new = [
        one
        for one in latest(brought)
        if known.get((one["lesson"], one["question"]), -1.0) < one["answered_at"]
    ]
    if new:
        path().parent.mkdir(parents=True, exist_ok=True)
        # A line of its own even behind one that was cut off.
        text = "".join(f"\n{json.dumps(one)}" for one in new) + "\n"
        file = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, text.encode())
            os.fsync(file)
        finally:
            os.close(file)
    return len(new)


def is_guess(one: object) -> bool:
    return (
        isinstance(one, dict)
        and all(isinstance(one.get(name), str) for name in TEXTS)
        and isinstance(one.get("answered_at"), int | float)
    )
