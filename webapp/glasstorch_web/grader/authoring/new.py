"""A new exercise from the template of its kind: complete, small and right, to be changed bit by bit."""

from __future__ import annotations

import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from glasstorch_web.grader.authoring import taught
from glasstorch_web.grader.exercises import KINDS, ExerciseError, load_exercise

_SUFFIX = ".template"
_ID = "EXERCISE_ID"
_LESSON = re.compile(r"\d\d-[a-z0-9]+(?:-[a-z0-9]+)*")


def create(lessons: Path, lesson: str, name: str, kind: str) -> list[Path]:
    """Write `lessons/LESSON/exercises/NAME/` and, where it is missing, the lesson's lesson.toml; the new files.

    Raises:
        ExerciseError: the exercise exists, or a name is not one that an exercise or a lesson can have.
    """
    if kind not in KINDS:
        raise ExerciseError(f"There is no kind {kind!r}; there are {', '.join(KINDS)}.")
    if not _LESSON.fullmatch(lesson):
        raise ExerciseError(f"{lesson!r} is no lesson's folder; one is called 03-two-layers, for instance.")
    other = next(lessons.glob(f"*/exercises/{name}"), None) if re.fullmatch(r"[\w.\-]+", name) else None
    if other is not None:
        raise ExerciseError(f"There is already an exercise {name}, in {other}.")
    if not re.fullmatch(r"[a-z0-9]+(?:[.\-_][a-z0-9]+)*", name):
        raise ExerciseError(f"The id {name!r} must be small letters and digits, joined by . - or _.")
    folder = lessons / lesson / "exercises" / name
    written = [
        _write(folder / path, text.replace(_ID, name))
        for path, text in _files(resources.files(__package__) / "templates" / kind)
    ]
    exercise = load_exercise(folder)
    listing = lessons / lesson / taught.FILE
    if not listing.exists():
        written.append(_write(listing, taught.written(taught.used_by(exercise))))
    return written


def _files(place: Traversable, below: str = "") -> list[tuple[str, str]]:
    found = []
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _files(entry, f"{below}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            found.append((below + entry.name.removesuffix(_SUFFIX), entry.read_text("utf-8")))
    return found


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
