"""All that a learner has done, in one JSON file: saved here, and restored here or elsewhere without losing anything.

The file is the one that the site's page about a learner gives out (`format` and `version` say so): attempts with code
and results, review cards, lessons read; and the guesses, which notebooks write down on this machine. Where the service
does not answer, the file holds what this machine knows: guesses, code handed in, whether it passed.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from . import guesses, homes
from .outbox import Entry, Outbox
from .service import Busy, LogInFirst, Refused, Service, Unreachable

FORMAT, VERSION = "glasstorch-learner", 1
NAME = "glasstorch-progress.json"
LARGEST = 32 * 2**20  # bytes
RESTORED = "restored:"  # before the id of a submission that a file brought, as its key in the outbox
PARTS = ("submissions", "reviews", "lessons", "guesses")

_T = TypeVar("_T")


class NotProgress(ValueError):
    """The file is none of these; `key` names the sentence that says so."""

    def __init__(self, key: str, path: Path, **values: Any) -> None:
        super().__init__(f"{path}: {key}")
        self.key = key
        self.values = {"path": str(path), **values}


def load(path: Path) -> dict[str, Any]:
    """A file of progress.

    Raises:
        NotProgress: there is none, it is too large, damaged, another kind of file, or of a later version.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise NotProgress("too_large", path, most=LARGEST // 2**20)
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotProgress("cannot_read", path, reason=error.strerror or error) from None
    except (ValueError, RecursionError):
        raise NotProgress("damaged", path) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise NotProgress("foreign", path)
    if found.get("version") != VERSION:
        raise NotProgress("later_version", path, version=found.get("version"))
    for part in PARTS:
        some = found.get(part, [])
        if not isinstance(some, list) or not all(isinstance(one, dict) for one in some):
            raise NotProgress("damaged", path)
    return found


def save(path: Path) -> tuple[dict[str, Any], str]:
    """Write all that is known; what the file held before and is known no more stays in it.

    Returns:
        What is in the file, and why the service has told nothing; "" when it has.

    Raises:
        NotProgress: something else is there under this name. OSError, OutboxError.
    """
    document, away = gather()
    if path.exists():
        document = merged(load(path), document)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return document, away


def gather() -> tuple[dict[str, Any], str]:
    """What this machine and the service know, and why the service has told nothing. Raises OutboxError."""
    away, told = "", None
    try:
        told = asked(Service.progress)
    except (Unreachable, LogInFirst, Busy, Refused) as error:
        away = str(error)
    here: dict[str, Any] = {
        "submissions": [_submission(one) for one in Outbox().entries()],
        "guesses": guesses.read(),
    }
    document = {"format": FORMAT, "version": VERSION, "reviews": [], "lessons": []} | (told or {})
    return merged(here, document), away


def restore(path: Path) -> tuple[dict[str, int], str]:
    """Take a file in, here and at the service; the same file again changes nothing.

    Returns:
        How many of each kind were new, and why the service has taken nothing; "" when it has.

    Raises:
        NotProgress: the file is none. OSError, OutboxError.
    """
    document = load(path)
    counts = {"guesses": guesses.add(document.get("guesses", [])), "sources": 0}
    outbox = Outbox()
    for one in passed(document).values():
        result = one.get("result") or one
        scores = [value if isinstance(value, int | float) else None for value in map(result.get, _SCORES)]
        at = float(one["submitted_at"])
        counts["sources"] += outbox.bring(
            f"{RESTORED}{one['id']}", one["exercise"], one["source"], at, "passed", *scores
        )
    try:
        counts |= asked(lambda service: service.bring(document)) | {"guesses": counts["guesses"]}
    except (Unreachable, LogInFirst, Busy, Refused) as error:
        return counts, str(error)
    return counts, ""


_SCORES = ("score", "max_score")


def passed(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By exercise, the submission that passed last."""
    best: dict[str, dict[str, Any]] = {}
    for one in document.get("submissions", []):
        texts = all(isinstance(one.get(name), str) for name in ("id", "exercise", "source"))
        status = one["result"].get("status") if isinstance(one.get("result"), dict) else one.get("outcome")
        if texts and status == "passed" and isinstance(one.get("submitted_at"), int | float):
            known = best.get(one["exercise"])
            if known is None or known["submitted_at"] <= one["submitted_at"]:
                best[one["exercise"]] = one
    return best


def merged(older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """Two documents as one. Of a submission that both have, the result stays; of the rest the later counts."""
    submissions: dict[Any, dict[str, Any]] = {}
    for one in (*older.get("submissions", []), *newer.get("submissions", [])):
        before = submissions.get(one.get("id"))
        if before is None or one.get("result") or not before.get("result"):
            submissions[one.get("id")] = one
    # What was kept here under a name of its own has another one since the service has it.
    graded = {(one.get("exercise"), one.get("source")) for one in submissions.values() if one.get("result")}
    kept = [
        one
        for one in submissions.values()
        if one.get("result") or (one.get("exercise"), one.get("source")) not in graded
    ]
    return {
        **older,
        **newer,
        "submissions": sorted(kept, key=lambda one: _moment(one, "submitted_at")),
        "reviews": _latest(older, newer, "reviews", "card", "updated_at"),
        "lessons": _latest(older, newer, "lessons", "lesson", "read_at"),
        "guesses": guesses.latest([*older.get("guesses", []), *newer.get("guesses", [])]),
    }


def _latest(
    older: dict[str, Any], newer: dict[str, Any], part: str, key: str, when: str
) -> list[dict[str, Any]]:
    last: dict[Any, dict[str, Any]] = {}
    for one in (*older.get(part, []), *newer.get(part, [])):
        known = last.get(one.get(key))
        if known is None or _moment(known, when) <= _moment(one, when):
            last[one.get(key)] = one
    return list(last.values())


def _moment(one: dict[str, Any], name: str) -> float:
    value = one.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _submission(entry: Entry) -> dict[str, Any]:
    """A submission as this machine knows it."""
    return {
        "id": entry.id or entry.key.removeprefix(RESTORED),
        "exercise": entry.exercise,
        "source": entry.source,
        "submitted_at": entry.written_at,
        "result": None,
        "outcome": entry.outcome,
        "score": entry.score,
        "max_score": entry.max_score,
    }


def asked(ask: Callable[[Service], _T]) -> _T:
    """What the service of now answers; the one behind this Jupyter server is woken first, if need be.

    Raises:
        Unreachable, LogInFirst, Busy, Refused: as a `Service` does.
    """
    home = homes.find()
    if home is not None:
        try:
            return ask(Service(home))
        except Unreachable:
            if not home.is_local or not homes.wake():
                raise
    elif not homes.wake():
        raise Unreachable("no grading service is known here")
    home = homes.find()
    if home is None:
        raise Unreachable("no grading service is known here")
    return ask(Service(home))
