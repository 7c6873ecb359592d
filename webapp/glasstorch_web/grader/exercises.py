"""Exercises as folders: found, read, and checked for mistakes of their author."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasstorch_web.sandbox.limits import Limits

_ID = re.compile(r"[a-z0-9]+(?:[.\-_][a-z0-9]+)*")
_FIELDS = {
    *("id", "title", "kind", "points", "entry", "statement", "explanation", "tensors", "limits"),
    *("check", "question", "without"),
}
_CHECK_FIELDS = {"id", "title", "points", "hidden", "hint", "hints"}
_QUESTION_FIELDS = {"id", "prompt", "kind", "choices", "tolerance"}

KINDS = ("function", "module", "backward", "training", "bug", "prediction")
QUESTION_KINDS = ("number", "choice", "shape", "bool")
MOST_HINTS = 3


class ExerciseError(Exception):
    """An exercise's folder is not right; the message tells its author which file, what and how."""


@dataclass(frozen=True)
class CheckSpec:
    """One [[check]] of an exercise."""

    id: str
    title: str
    points: float
    hidden: bool = False
    hints: tuple[str, ...] = ()  # from a nudge to nearly the answer

    @property
    def hint(self) -> str:
        """The first hint, or nothing."""
        return self.hints[0] if self.hints else ""

    @property
    def function(self) -> str:
        """The function in checks.py that is this check."""
        return "check_" + re.sub(r"[.\-]", "_", self.id)


@dataclass(frozen=True)
class Question:
    """One [[question]] of a prediction: what a page needs to ask it, and `predicted` to compare.

    kind: "number", "choice" (one of `choices`), "shape" (sizes) or "bool". tolerance: how far off a number may be, as a
    share of the right one.
    """

    id: str
    prompt: str
    kind: str
    choices: tuple[str, ...] = ()
    tolerance: float = 1e-3


@dataclass(frozen=True)
class Exercise:
    """An exercise. `statement` is one line; the whole one is `read("statement.md")`.

    `explanation` is plain text, told to those who have passed. Texts of a prediction may hold `{{names}}`: see
    `author_code.filled`.
    """

    id: str
    title: str
    kind: str
    lesson: str
    points: float
    entry: tuple[str, ...]
    statement: str
    explanation: str
    tensors: bool
    limits: Limits
    checks: tuple[CheckSpec, ...]
    questions: tuple[Question, ...]
    folder: Path
    without: tuple[str, ...] = ()  # parts of the engine that the learner's process lacks

    def read(self, name: str) -> str:
        """One of the folder's files. Learners may see statement.md and starter.py, and no other."""
        return _text(self.folder, name)

    @property
    def harness(self) -> str:
        """Code of the author that runs in the learner's process; empty if there is none. Not secret."""
        return self.read("harness.py") if (self.folder / "harness.py").exists() else ""


def find_exercises(lessons: str | Path, broken: dict[str, str] | None = None) -> dict[str, Exercise]:
    """All exercises below the lessons folder, by id, in the lessons' order.

    One that is not right is left out; with `broken`, its author's message is put there under its
    folder's name. Raises ExerciseError when two exercises have the same id.
    """
    found: dict[str, Exercise] = {}
    for path in sorted(Path(lessons).glob("*/exercises/*/exercise.toml")):
        try:
            exercise = load_exercise(path.parent)
        except ExerciseError as error:
            if broken is not None:
                broken[path.parent.name] = str(error)
            continue
        if exercise.id in found:
            raise ExerciseError(
                f"Two exercises are called {exercise.id}: {found[exercise.id].folder} and {exercise.folder}. "
                "Give one of them another id."
            )
        found[exercise.id] = exercise
    return found


def load_exercise(folder: str | Path) -> Exercise:
    """One exercise folder; raises ExerciseError when something in it is not right."""
    folder = Path(folder)
    try:
        table = tomllib.loads(_text(folder, "exercise.toml"))
    except tomllib.TOMLDecodeError as error:
        raise ExerciseError(f"{folder / 'exercise.toml'}: {error}") from None
    reader = _Reader(folder / "exercise.toml", table, _FIELDS)
    checks = _checks(reader)
    exercise = Exercise(
        id=_identifier(reader, folder),
        title=reader.text("title"),
        kind=reader.one_of("kind", KINDS, "function"),
        lesson=folder.parent.parent.name,
        points=_points(reader, checks),
        entry=_entry(reader),
        statement=reader.text("statement"),
        explanation=_prose(reader.text("explanation", "")),
        tensors=reader.flag("tensors"),
        limits=_limits(reader),
        checks=checks,
        questions=_questions(reader),
        folder=folder,
        without=_without(reader),
    )
    for name in ("statement.md", "starter.py", "solution.py", "checks.py"):
        exercise.read(name)
    return exercise


class _Reader:
    """Takes values of the right type out of a table, or says what is wrong where."""

    def __init__(self, place: Path | str, table: dict[str, Any], fields: set[str]) -> None:
        self.place = place
        self.table = table
        unknown = sorted(set(table) - fields)
        if unknown:
            self.fail(f"has no field {unknown[0]!r}; it may have {', '.join(sorted(fields))}")

    def fail(self, what: str) -> None:
        raise ExerciseError(f"{self.place}: {what}.")

    def text(self, name: str, default: str | None = None) -> str:
        value = self.table.get(name, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            self.fail(f"`{name}` must be a text" + (", and is missing" if value is None else ""))
        return str(value)

    def flag(self, name: str) -> bool:
        value = self.table.get(name, False)
        if not isinstance(value, bool):
            self.fail(f"`{name}` must be true or false")
        return bool(value)

    def one_of(self, name: str, known: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in known:
            self.fail(f"`{name}` is {value!r}; it must be one of {', '.join(known)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            self.fail(f"`{name}` must be a list of texts")
        return tuple(value)

    def number(self, name: str, default: float | None = None) -> float:
        value = self.table.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            self.fail(f"`{name}` must be a positive number")
        return value  # type: ignore[return-value]


def _checks(reader: _Reader) -> tuple[CheckSpec, ...]:
    tables = reader.table.get("check")
    if not isinstance(tables, list) or not tables:
        reader.fail("needs at least one [[check]]")
    checks: list[CheckSpec] = []
    for number, table in enumerate(tables or (), 1):
        one = _Reader(f"{reader.place}, check {number}", table, _CHECK_FIELDS)
        check = CheckSpec(
            one.text("id"), one.text("title"), one.number("points"), one.flag("hidden"), _hints(one)
        )
        if not _ID.fullmatch(check.id):
            one.fail(f"`id` {check.id!r} must be small letters and digits, joined by . - or _")
        if any(check.function == other.function for other in checks):
            one.fail(f"there is already a check {check.id!r}")
        checks.append(check)
    return tuple(checks)


def _hints(check: _Reader) -> tuple[str, ...]:
    if "hint" in check.table and "hints" in check.table:
        check.fail("has both `hint` and `hints`; keep `hints`")
    hints = check.texts("hints") if "hints" in check.table else (check.text("hint", ""),)
    if len(hints) > MOST_HINTS:
        check.fail(f"`hints` has {len(hints)} levels; there are at most {MOST_HINTS}")
    return tuple(filter(None, hints))


def _questions(reader: _Reader) -> tuple[Question, ...]:
    tables = reader.table.get("question", [])
    if not isinstance(tables, list):
        reader.fail("questions are written as [[question]]")
    questions: list[Question] = []
    for number, table in enumerate(tables, 1):
        one = _Reader(f"{reader.place}, question {number}", table, _QUESTION_FIELDS)
        question = Question(
            id=one.text("id"),
            prompt=one.text("prompt"),
            kind=one.one_of("kind", QUESTION_KINDS),
            choices=one.texts("choices"),
            tolerance=one.number("tolerance", 1e-3),
        )
        if (question.kind == "choice") != (len(question.choices) > 1):
            one.fail("`choices` belong to the kind choice, two of them or more")
        if any(question.id == other.id for other in questions):
            one.fail(f"there is already a question {question.id!r}")
        questions.append(question)
    if bool(questions) != (reader.table.get("kind") == "prediction"):
        reader.fail("[[question]]s belong to the kind prediction, one or more")
    return tuple(questions)


def _identifier(reader: _Reader, folder: Path) -> str:
    name = reader.text("id")
    if not _ID.fullmatch(name):
        reader.fail(f"`id` {name!r} must be small letters and digits, joined by . - or _")
    if name != folder.name:
        reader.fail(f"`id` is {name!r} but the folder is called {folder.name!r}; they must agree")
    return name


def _points(reader: _Reader, checks: tuple[CheckSpec, ...]) -> float:
    total = sum(check.points for check in checks)
    if "points" in reader.table and abs(reader.number("points") - total) > 1e-9:
        reader.fail(f"`points` is {reader.table['points']:g} but the checks add up to {total:g}")
    return total


def _entry(reader: _Reader) -> tuple[str, ...]:
    entry = reader.table.get("entry")
    names = [entry] if isinstance(entry, str) else entry
    if not isinstance(names, list) or not names:
        reader.fail("`entry` must name what the learner has to define")
    for name in names or ():
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            reader.fail(f"`entry` {name!r} is not a public Python name")
    return tuple(names or ())


def _without(reader: _Reader) -> tuple[str, ...]:
    """Parts of the engine to leave out; whether it has them is asked of the engine, when the sandbox runs."""
    names = reader.table.get("without", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        reader.fail('`without` must be a list of names such as "relu" or "nn.Linear"')
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")) or name.startswith("torch."):
            reader.fail(
                f'`without` {name!r} must be a name as it stands behind "torch.", such as "nn.Linear"'
            )
        if names.count(name) > 1:
            reader.fail(f"`without` names {name!r} twice")
    if names and not reader.flag("tensors"):
        reader.fail("`without` leaves out parts of the engine, so it needs `tensors = true`")
    return tuple(names)


def _limits(reader: _Reader) -> Limits:
    table = reader.table.get("limits", {})
    if not isinstance(table, dict):
        reader.fail("`limits` must be a table")
    try:
        return Limits.from_table(table)
    except ValueError as error:
        raise ExerciseError(f"{reader.place}: {error}.") from None


def _prose(text: str) -> str:
    """Paragraphs, each on one line, with an empty line between two."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(filter(None, paragraphs))


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError:
        raise ExerciseError(f"{folder}: there is no readable file {name}.") from None
    except UnicodeDecodeError:
        raise ExerciseError(f"{folder / name} is not UTF-8 text.") from None
