"""What a learner guessed before they saw a result: one JSON object a line, in the state folder of this machine.

Notebooks write the file (`guesses.jsonl`), so it belongs to whoever uses the machine: a service for one person gives it
out with their progress and adds to it what a file brings, a service with accounts does not look at it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

log = logging.getLogger("glasstorch.service")

FILE = "guesses.jsonl"
TEXTS = ("lesson", "question", "guess", "verdict")


def read(state: Path) -> list[dict[str, Any]]:
    """The last guess at each question, the oldest first. What is damaged is left out: a killed kernel's last line."""
    try:
        lines = (state / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if _is_guess(one):
            key = (one["lesson"], one["question"])
            if key not in last or last[key]["answered_at"] <= one["answered_at"]:
                last[key] = one
    return sorted(last.values(), key=lambda one: float(one["answered_at"]))


def add(state: Path, brought: Iterable[dict[str, Any]]) -> int:
    """Write down those that are newer than what is known; how many that were."""
    known = {(one["lesson"], one["question"]): one["answered_at"] for one in read(state)}
    new = [one for one in brought if known.get((one["lesson"], one["question"]), -1.0) < one["answered_at"]]
    if new:
        state.mkdir(parents=True, exist_ok=True)
        # A line of its own even behind one that was cut off.
        text = "".join(f"\n{json.dumps(one)}" for one in new) + "\n"
        file = os.open(state / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, text.encode())
            os.fsync(file)
        finally:
            os.close(file)
    return len(new)


def _is_guess(one: object) -> bool:
    return (
        isinstance(one, dict)
        and all(isinstance(one.get(name), str) for name in TEXTS)
        and isinstance(one.get("answered_at"), int | float)
    )
