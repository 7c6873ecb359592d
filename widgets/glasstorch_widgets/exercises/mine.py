"""`mine("ID")`: what the learner wrote for an exercise and passed with, to build on in a later lesson."""

from __future__ import annotations

import ast
import linecache
import os
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from ..grading import homes
from ..grading.outbox import Outbox, OutboxError
from ..grading.service import Busy, LogInFirst, Refused, Service, Unreachable
from ..language import default_language, filled, labels, notebook_path


def mine(exercise: str) -> Any:
    """Your own code for an exercise: the function or class that it asks for, as you last handed it in and passed.

        Value = mine("scalars.engine")

    The code is run anew each time. An exercise that asks for several names gives an object with all of them. It works
    without the grading service, too, for what was handed in from here or restored with `%progress restore`.

    Args:
        exercise: the exercise's id.

    Raises:
        LookupError: the exercise was not passed yet; it says which.
    """
    source = _passed(exercise)
    if source is None:
        raise LookupError(filled(labels(default_language(), "progress")["not_passed"], id=exercise))
    module = _run(exercise, source)
    names = _entry(exercise) or _defined(source)
    found = {name: getattr(module, name) for name in names if hasattr(module, name)}
    if len(found) == 1:
        return next(iter(found.values()))
    return SimpleNamespace(**found)


def _passed(exercise: str) -> str | None:
    """The code that passed last, as the service or this machine knows it."""
    found: list[tuple[float, str]] = []
    try:
        kept = Outbox().passed(exercise)
    except OutboxError:
        kept = None
    if kept is not None:
        found.append((kept.written_at, kept.source))
    home = homes.find()
    if home is not None:
        try:
            told = Service(home).passed(exercise)
        except (Unreachable, LogInFirst, Busy, Refused):
            told = None
        if told is not None:
            found.append(told)
    return max(found)[1] if found else None


def _run(exercise: str, source: str) -> ModuleType:
    """A module of this code, which tracebacks can show."""
    name = f"mine_{re.sub(r'[^a-z0-9]', '_', exercise.lower())}"
    file = f"<mine {exercise}>"
    module = ModuleType(name, f"Your code for {exercise}.")
    module.__file__ = file
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    exec(compile(source, file, "exec"), vars(module))
    return module


def _entry(exercise: str) -> list[str]:
    """The names that the exercise asks for, from its folder beside the notebook's; empty where it is not at hand."""
    folders = [Path(notebook_path() or "here").absolute().parent, Path.cwd()]
    patterns = [folder / "exercises" for folder in folders]
    lessons = [folder.parent for folder in folders]
    if chosen := os.environ.get("GLASSTORCH_LESSONS"):
        lessons.append(Path(chosen))
    patterns += [found for folder in lessons for found in folder.glob("[0-9][0-9]-*/exercises")]
    for folder in patterns:
        try:
            entry = tomllib.loads((folder / exercise / "exercise.toml").read_text(encoding="utf-8"))["entry"]
        except (OSError, ValueError, KeyError):
            continue
        return [entry] if isinstance(entry, str) else [str(name) for name in entry]
    return []


def _defined(source: str) -> list[str]:
    """What the code itself defines."""
    kinds = ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef
    return [node.name for node in ast.parse(source).body if isinstance(node, kinds)]
