"""`predict(...)`: the learner commits to a guess, and only then sees the result beside it."""

from __future__ import annotations

import contextlib
import io
import logging
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import traitlets

from ..grading import guesses
from ..language import default_language, notebook_path, translated
from ..notebook import shell
from ..palette import number
from ..view import View

log = logging.getLogger(__name__)

CLOSE = 0.1  # a numeric guess within this share of the answer is called close


class Predict(View, module="predict.js", styles=("predict.css",)):
    """A question whose answer stays in Python until the learner has locked a guess (or asked to be shown).

    Nothing blocks: the cell ends at once, and Run All goes on. See `predict` for the arguments.
    """

    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    guess = traitlets.Unicode("").tag(sync=True)
    state = traitlets.Enum(("unanswered", "locked", "revealed"), "unanswered").tag(sync=True)
    outcome = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        question: str,
        options: Sequence[Any] | None,
        answer: Any,
        *,
        tolerance: float,
        unit: str,
        explain: str,
        lang: str | None,
    ) -> None:
        lang = lang or default_language()
        self._answer, self._tolerance, self._explain = answer, tolerance, translated(explain, lang)
        self._asked = question
        # What an option is compared by stays as the lesson's code has it; what is shown may be its translation.
        self._shown = {text: translated(text, lang) for text in map(_text, options or ())}
        super().__init__(
            question=translated(question, lang),
            options=list(self._shown.values()),
            unit=translated(unit, lang),
            lang=lang,
        )

    def answer_with(self, guess: Any) -> dict[str, Any]:
        """Lock a guess and reveal the result, as the button does.

        An option may be given as the lesson's code has it or as it is shown.

        Returns the outcome: {"verdict": "right" | "close" | "wrong" | "error", "answer", "difference", ...}.

        Raises:
            ValueError: not one of the options, or not a number where one is asked for.
            RuntimeError: a guess is locked already.
        """
        if self.state != "unanswered":
            raise RuntimeError("this question has been answered; run the cell again to start over")
        text = _text(guess)
        text = self._shown.get(text, text)
        if self.options and text not in self.options:
            raise ValueError(f"{text!r} is not one of {', '.join(self.options)}")
        if not self.options:
            try:
                float(text)
            except ValueError:
                raise ValueError(f"{text!r} is not a number") from None
        self.guess = text
        self.state = "locked"
        self._reveal()
        return dict(self.outcome)

    def show_me(self) -> dict[str, Any]:
        """Reveal the result without a guess."""
        if self.state == "unanswered":
            self.state = "locked"
            self._reveal()
        return dict(self.outcome)

    def __repr__(self) -> str:
        if self.state == "unanswered":
            return f"{self.question}\n  ({self.labels['unanswered']})"
        guess = f"  {self.labels['your_guess']}: {self.guess}\n" if self.guess else ""
        return f"{self.question}\n{guess}  {self.labels['result']}: {self.outcome.get('answer', '')}"

    # ---- messages from the browser ---

    def receive_guess(self, message: dict[str, Any]) -> None:
        """The learner has locked a guess."""
        if self.state == "unanswered":
            try:
                self.answer_with(message["value"])
            except ValueError as error:
                self.outcome = {"verdict": "error", "answer": str(error)}

    def receive_show(self, message: dict[str, Any]) -> None:
        """The learner wants to see without guessing."""
        self.show_me()

    def _reveal(self) -> None:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                answer = self._answer() if callable(self._answer) else self._answer
            outcome = self._judge(answer)
        except Exception as error:
            log.debug("the answer of %r failed", self.question, exc_info=True)
            outcome = {"verdict": "error", "answer": f"{type(error).__name__}: {error}"}
        if self.guess and outcome["verdict"] != "error":
            self._remember(outcome["verdict"])
        self.outcome = {**outcome, "explain": self._explain, "printed": printed.getvalue()[-4000:]}
        self.state = "revealed"

    def _remember(self, verdict: str) -> None:
        """Write the guess down, in a notebook: under its lesson and the question as the code has it."""
        if shell() is None:
            return
        english = {shown: option for option, shown in self._shown.items()}
        guess = {
            "lesson": Path(notebook_path() or "here").absolute().parent.name,
            "question": self._asked,
            "guess": english.get(self.guess, self.guess),
            "verdict": verdict,
            "answered_at": time.time(),
        }
        try:
            guesses.add([guess])
        except OSError as error:  # it is shown all the same
            log.warning("the guess cannot be kept: %s", error)

    def _judge(self, answer: Any) -> dict[str, Any]:
        shown = _text(answer)
        shown = self._shown.get(shown, shown)
        if not self.guess:
            return {"verdict": "shown", "answer": shown}
        if self.options:
            return {"verdict": "right" if self.guess == shown else "wrong", "answer": shown}
        truth, guess = float(shown), float(self.guess)
        difference = abs(guess - truth)
        if guess == truth or difference <= self._tolerance or math.isclose(guess, truth, rel_tol=1e-6):
            verdict = "right"
        elif difference <= CLOSE * abs(truth):
            verdict = "close"
        else:
            verdict = "wrong"
        return {"verdict": verdict, "answer": number(truth), "difference": number(difference)}


def predict(
    question: str,
    options: Sequence[Any] | None = None,
    *,
    answer: Any | Callable[[], Any],
    tolerance: float = 0.0,
    unit: str = "",
    explain: str = "",
    lang: str | None = None,
) -> Predict:
    """Ask for a guess before the result is seen.

    Args:
        question: plain text.
        options: what to choose from; without them a number is asked for.
        answer: the result, or a function without arguments that computes it once the learner has guessed. A
            tensor with one element counts as its number. With options it must be one of them.
        tolerance: a numeric guess this near (in the answer's own unit) counts as right.
        unit: written after the number. explain: shown below the result.
        lang: "en" or "zh"; default from the environment.
    """
    return Predict(question, options, answer, tolerance=tolerance, unit=unit, explain=explain, lang=lang)


def _text(value: Any) -> str:
    """Numbers in full, one-element tensors and arrays as their number, anything else by str()."""
    item = getattr(value, "item", None)
    if callable(item):
        with contextlib.suppress(ValueError, RuntimeError):
            value = item()
    return str(value)
