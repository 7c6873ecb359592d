"""`%progress`: what has been done so far, saved in one file and restored from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..grading import guesses
from ..grading.outbox import OutboxError
from ..grading.progress_file import NAME, NotProgress, gather, passed, restore, save
from ..language import default_language, filled, labels


def progress(action: str = "", file: str = "") -> tuple[str, bool]:
    """Do what `%progress ACTION FILE` asks for.

    Returns:
        What to tell, and whether it went well.
    """
    words = labels(default_language(), "progress")
    path = Path(file or NAME).expanduser()
    try:
        if action == "save":
            document, away = save(path)
            lines = [filled(words["saved"], path=path.absolute()), _counts(words, document)]
            if away:
                lines.append(filled(words["save_away"], reason=away))
            return "\n".join(lines), True
        if action == "restore" and file:
            counts, away = restore(path)
            return "\n".join(_restored(words, path, counts, away)), not away
        if not action:
            document, away = gather()
            lines = [_counts(words, document), *_by_lesson(words)]
            if done := sorted(passed(document)):
                lines.append(filled(words["exercises"], names=", ".join(done)))
            if away:
                lines.append(filled(words["summary_away"], reason=away))
            return "\n".join([*lines, words["how"]]), True
    except NotProgress as error:
        return filled(words[error.key], **error.values), False
    except (OSError, OutboxError) as error:
        return filled(words["cannot_write"], reason=error), False
    return words["usage"], False


def _restored(words: dict[str, str], path: Path, counts: dict[str, int], away: str) -> list[str]:
    kinds = ("submissions", "sources", "guesses", "reviews", "lessons")
    new = {kind: counts.get(kind, 0) for kind in kinds}
    lines = [filled(words["restored" if any(new.values()) else "nothing_new"], path=path, **new)]
    for key in ("graded", "left"):
        if counts.get(key):
            lines.append(filled(words[key], n=counts[key]))
    if away:
        lines.append(filled(words["restore_away"], reason=away, path=path))
    return lines


def _counts(words: dict[str, str], document: dict[str, Any]) -> str:
    made: list[dict[str, Any]] = document["guesses"]
    return filled(
        words["counts"],
        passed=len(passed(document)),
        submissions=len(document["submissions"]),
        guesses=len(made),
        right=sum(one["verdict"] == "right" for one in made),
        reviews=len(document["reviews"]),
        lessons=len(document["lessons"]),
    )


def _by_lesson(words: dict[str, str]) -> list[str]:
    """How the guesses went, lesson by lesson."""
    right: dict[str, list[bool]] = {}
    for one in guesses.read():
        right.setdefault(one["lesson"], []).append(one["verdict"] == "right")
    return [
        filled(words["in_lesson"], lesson=lesson, right=sum(some), guesses=len(some))
        for lesson, some in sorted(right.items())
    ]
