"""Where the lessons lie and where state is kept: one answer for the launcher, the service and the grader."""

from __future__ import annotations

import os
import sys
from pathlib import Path

INSTALLED_LESSONS = Path(sys.prefix) / "share" / "glasstorch" / "lessons"


class NoLessons(Exception):
    """There is no lessons folder where one was looked for; the message says where and what to do."""


def lessons_folder(chosen: str | os.PathLike[str] | None = None) -> Path:
    """The folder that holds the `NN-slug/` lesson folders.

    Looked for, in this order: `chosen`, GLASSTORCH_LESSONS, the checkout this module lies in,
    `lessons/` below the working directory, and what the wheel installed under `share/glasstorch`.

    Raises:
        NoLessons: none of these exists, or the one asked for is no folder.
    """
    asked = chosen or os.environ.get("GLASSTORCH_LESSONS")
    if asked:
        if not Path(asked).is_dir():
            raise NoLessons(f"{asked} is not a folder; it should hold the lessons (00-start-here and so on).")
        return Path(asked).resolve()
    candidates = [
        Path(__file__).resolve().parents[2] / "lessons",
        Path.cwd() / "lessons",
        INSTALLED_LESSONS,
    ]
    for folder in candidates:
        if any(folder.glob("[0-9][0-9]-*/")):
            return folder
    looked = ", ".join(str(folder) for folder in candidates)
    raise NoLessons(
        f"There are no lessons here (looked in {looked}). Name their folder in GLASSTORCH_LESSONS."
    )


def first_notebook(lessons: Path) -> Path | None:
    """The notebook of the first lesson, relative to `lessons`; None when there is none yet."""
    return next((path.relative_to(lessons) for path in sorted(lessons.glob("[0-9][0-9]-*/*.ipynb"))), None)


def state_folder() -> Path:
    """Where grades, logs and the running service's address are kept (GLASSTORCH_STATE, else XDG's place)."""
    chosen = os.environ.get("GLASSTORCH_STATE")
    if chosen:
        return Path(chosen)
    xdg = os.environ.get("XDG_STATE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".local" / "state") / "glasstorch"
