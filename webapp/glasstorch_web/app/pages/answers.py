"""Predictions as a form: answers become the Python source that is graded, and back."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import Any

from ...grader.exercises import Exercise, Question
from ..language import gettext as _


def source_of(given: Mapping[str, str], exercise: Exercise) -> tuple[str, str | None]:
    """The source that hands in these answers (texts by question), and what is wrong with one that cannot be read."""
    lines, problem = [], None
    for question in exercise.questions:
        text = given.get(question.id, "").strip()
        if not text:
            continue
        try:
            value = _value(question, text)
        except ValueError:
            problem = problem or _("“%(answer)s” cannot be read as %(form)s.") % {
                "answer": text[:80],
                "form": form_of(question),
            }
            value = text[:200]
        lines.append(f"    {question.id!r}: {value!r},\n")
    return f"{exercise.entry[0]} = {{\n{''.join(lines)}}}\n", problem


def form_of(question: Question) -> str:
    """How an answer is written, in words."""
    return {
        "number": _("a number, such as 2.5"),
        "shape": _("sizes, such as (3, 4)"),
        "bool": _("yes or no"),
        "choice": _("one of the choices"),
    }[question.kind]


def answers_in(source: str, exercise: Exercise) -> dict[str, str]:
    """The answers in a source handed in before, as the form's fields hold them."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}
    for statement in body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Dict):
            continue
        if [target.id for target in statement.targets if isinstance(target, ast.Name)] == [exercise.entry[0]]:
            return _texts(statement.value)
    return {}


def _texts(answers: ast.Dict) -> dict[str, str]:
    found = {}
    for key, value in zip(answers.keys, answers.values):
        try:
            name, answer = ast.literal_eval(key or ""), ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue  # code that computes something: not what the form writes
        if answer is not None and isinstance(name, str):
            found[name] = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)
    return found


def _value(question: Question, text: str) -> Any:
    """Raises ValueError for what cannot be read."""
    if question.kind == "number":
        number = float(text.replace("−", "-").replace(" ", ""))
        if not math.isfinite(number):
            raise ValueError(text)
        return int(number) if number == int(number) and abs(number) < 2**53 else number
    if question.kind == "bool":
        return {"yes": True, "no": False}[text] if text in ("yes", "no") else _refused(text)
    if question.kind == "choice":
        return text if text in question.choices else _refused(text)
    if not re.fullmatch(r"[\s()\[\],x×0-9]*", text):
        raise ValueError(text)
    return tuple(int(size) for size in re.findall(r"\d{1,9}", text))


def _refused(text: str) -> Any:
    raise ValueError(text)
