"""Checks of what a learner said would happen before running it."""

from __future__ import annotations

import math
from typing import Any

from glasstorch_web.grader.author_code import Asked
from glasstorch_web.grader.comparing import CheckFailed
from glasstorch_web.grader.exercises import Question
from glasstorch_web.sandbox.box import Box

_FORMS = {
    "number": "a number, such as 2.5",
    "shape": "the sizes in brackets, such as (3, 4)",
    "bool": "True or False",
}


def predicted(
    box: Box, asked: Asked, question: str, right: Any = None, *, wrong: dict[Any, str] | None = None
) -> None:
    """Require the learner's answer to a question to be right.

    The answers are `answers = {"QUESTION": ...}` in the learner's file, written out: code that computes them is no
    prediction. The message does not give the right answer away.

    Args:
        asked: the third argument of the check.
        question: the id of a [[question]].
        right: the answer; by default what `draw` put under the question's id.
        wrong: messages for well-known wrong answers; a shape is a tuple.
    """
    about = asked.questions[question]
    right = asked[question] if right is None else right
    answers = box.call("harness.standard_answers", asked.entry)
    if type(answers) is not dict:
        raise CheckFailed(
            f'Write your answers out as `{asked.entry} = {{"{question}": ...}}`, with plain values and no code.',
            kind="type",
        )
    answer = answers.get(question)
    if answer is None:
        raise CheckFailed(f"There is no answer to `{question}` yet.", kind="type")
    answer = _of_kind(about, answer)
    if _same(about, answer, right):
        return
    for known, message in (wrong or {}).items():
        if _same(about, answer, known):
            raise CheckFailed(message, got=_shown(answer))
    raise CheckFailed(f"`{question}`: {_shown(answer)} is not what happens.", got=_shown(answer))


def _of_kind(question: Question, answer: Any) -> Any:
    if question.kind == "number" and type(answer) in (int, float) and math.isfinite(answer):
        return answer
    if question.kind == "bool" and type(answer) is bool:
        return answer
    if question.kind == "choice" and type(answer) is str and answer.strip() in question.choices:
        return answer.strip()
    if question.kind == "shape" and type(answer) in (tuple, list) and all(type(n) is int for n in answer):
        return tuple(answer)
    form = _FORMS.get(question.kind) or f"one of {', '.join(question.choices)}, as text"
    raise CheckFailed(f"`{question.id}` is {_shown(answer)}; the answer is {form}.", kind="type")


def _same(question: Question, answer: Any, right: Any) -> bool:
    if question.kind == "number":
        return math.isclose(answer, right, rel_tol=question.tolerance, abs_tol=1e-9)
    if question.kind == "shape":
        return tuple(answer) == tuple(right)
    return bool(answer == right)


def _shown(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) <= 60 else text[:57] + "..."
