"""An exercise's texts as one learner reads them: in their language, with what was drawn for them filled in.

Chinese stands beside the English: `statement.zh.md`, `starter.zh.py`, and `exercise.zh.toml` with `title`, `statement`,
`explanation`, tables `checks`, `questions` and `hints` that give titles, prompts and lists of hints by id, and a table
`messages` from what the checks say to its translation (see `sentences`). What is missing stays English.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..grader.exercises import Exercise, Question
from .sentences import Sentences, of_the_grader

log = logging.getLogger("glasstorch.service")


@dataclass(frozen=True)
class Texts:
    """What a learner reads of an exercise. `checks`: titles by id. `drawn`: it has numbers of the learner's own."""

    title: str
    summary: str
    statement: str
    starter: str
    checks: dict[str, str]
    questions: tuple[Question, ...]
    drawn: bool


def title_of(exercise: Exercise, language: str) -> str:
    return str(_overlay(exercise, language).get("title", exercise.title))


@dataclass(frozen=True)
class Told:
    """Texts that a result is told with: the checks' titles and hints by id, what there is to learn from it, and what
    the checks and the grader say.
    """

    checks: dict[str, str]
    explanation: str
    hints: dict[str, list[str]]
    sentences: Sentences


def told_of(exercise: Exercise | None, language: str) -> Told:
    """What stands in the result itself is used where this is empty: in English, or when the exercise has gone."""
    overlay = _overlay(exercise, language) if exercise else {}
    hints = {check: [str(hint) for hint in some] for check, some in overlay.get("hints", {}).items()}
    sentences = _sentences(exercise, overlay, language)
    return Told(dict(overlay.get("checks", {})), str(overlay.get("explanation", "")), hints, sentences)


def _sentences(exercise: Exercise | None, overlay: dict[str, Any], language: str) -> Sentences:
    tables = [_titles(exercise, overlay), of_the_grader(language)]
    try:
        messages = {english: str(said) for english, said in overlay.get("messages", {}).items()}
        return Sentences([messages, *tables])
    except (AttributeError, ValueError) as error:  # the author's mistake; results are shown all the same
        log.warning("What checks say stays English. %s: %s", exercise.id if exercise else "", error)
        return Sentences(tables)


def _titles(exercise: Exercise | None, overlay: dict[str, Any]) -> dict[str, str]:
    """The checks' titles from English, for sentences that name a check."""
    translated = overlay.get("checks", {})
    checks = exercise.checks if exercise else ()
    return {check.title: str(translated[check.id]) for check in checks if check.id in translated}


def retold(result: dict[str, Any], exercise: Exercise | None, language: str) -> dict[str, Any]:
    """A result with what its exercise and the grader say in a language."""
    told = told_of(exercise, language)
    tests = []
    for test in result.get("tests", []):
        hints = test.get("hints") and told.hints.get(test["id"])
        if hints:
            test = {**test, "hint": hints[0], "hints": hints}
        if test.get("output"):
            test = {**test, "output": told.sentences.say(test["output"])}
        if test.get("detail"):
            test = {**test, "detail": _detail(test["detail"], told.sentences)}
        tests.append({**test, "name": told.checks.get(test["id"], test["name"])})
    said: dict[str, Any] = {"tests": tests}
    if result.get("explanation"):
        said["explanation"] = told.explanation or result["explanation"]
    if result.get("message"):
        said["message"] = told.sentences.say(result["message"])
    return {**result, **said}


def left_in_english(result: dict[str, Any], exercise: Exercise) -> list[str]:
    """What a result told in Chinese still says in English, for the exercise's author."""
    sentences, told = told_of(exercise, "zh").sentences, retold(result, exercise, "zh")
    texts = [told["message"]]
    for test in told["tests"]:
        detail = test["detail"] or {}
        texts += [
            test["output"],
            *(said for key in ("expected", "got") if type(said := detail.get(key)) is str),
        ]
        texts += [one["message"] for one in (detail.get("graph") or {"differences": []})["differences"]]
    return [part for text in texts for part in sentences.left(text)]


def _detail(detail: dict[str, Any], sentences: Sentences) -> dict[str, Any]:
    """A test's detail with its words in the language: what was expected and came, and where a graph differs."""
    words: dict[str, Any] = {
        key: sentences.say(said) for key in ("expected", "got") if type(said := detail.get(key)) is str
    }
    graph = detail.get("graph")
    if graph:
        differences = [{**one, "message": sentences.say(one["message"])} for one in graph["differences"]]
        words["graph"] = {**graph, "differences": differences}
    return {**detail, **words}


def texts_of(exercise: Exercise, language: str, learner: str) -> Texts:
    """Everything a learner reads before handing in."""
    overlay = _overlay(exercise, language)
    titles, prompts = overlay.get("checks", {}), overlay.get("questions", {})
    fill, any_drawn = _filler(exercise, learner)
    return Texts(
        title=str(overlay.get("title", exercise.title)),
        summary=str(overlay.get("statement", exercise.statement)),
        statement=fill(_file(exercise, "statement", "md", language)),
        starter=fill(_file(exercise, "starter", "py", language)),
        checks={check.id: str(titles.get(check.id, check.title)) for check in exercise.checks},
        questions=tuple(
            replace(asked, prompt=fill(str(prompts.get(asked.id, asked.prompt))))
            for asked in exercise.questions
        ),
        drawn=any_drawn,
    )


def _filler(exercise: Exercise, learner: str) -> tuple[Callable[[str], str], bool]:
    """What puts into a text the values that were drawn for a learner, and whether there are any."""
    if exercise.kind != "prediction":
        return (lambda text: text), False
    from ..grader.author_code import (
        drawn,
        filled,
    )  # runs the author's code: only where something may be drawn

    values = drawn(exercise, learner)
    return (lambda text: filled(text, values)), bool(values)


def _file(exercise: Exercise, name: str, suffix: str, language: str) -> str:
    translated = f"{name}.{language}.{suffix}"
    return exercise.read(translated if (exercise.folder / translated).exists() else f"{name}.{suffix}")


def _overlay(exercise: Exercise, language: str) -> dict[str, Any]:
    path = exercise.folder / f"exercise.{language}.toml"
    return _table(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=512)
def _table(path: Path, modified: int) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # the exercise stays readable, in English
        log.warning("A translation is left out. %s: %s", path.name, error)
        return {}
