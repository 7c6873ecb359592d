"""Predict-then-reveal: the answer stays in Python until there is a guess."""

from __future__ import annotations

import json

import pytest
from glasstorch_widgets import predict


def state(widget) -> str:
    """Everything that the browser knows."""
    return json.dumps(
        {key: value for key, value in widget.get_state().items() if not key.startswith("_")}, default=str
    )


def test_nothing_of_the_answer_is_known_before_the_guess() -> None:
    calls = []
    widget = predict("How many?", answer=lambda: calls.append(1) or 31337, explain="because 31337")
    assert widget.state == "unanswered"
    assert "31337" not in state(widget)
    assert not calls
    assert "Not answered yet" in repr(widget)


def test_a_right_guess() -> None:
    widget = predict("Which shape?", [(4, 3), (3, 4)], answer=(4, 3), explain="rows by columns", lang="en")
    outcome = widget.answer_with("(4, 3)")
    assert (outcome["verdict"], outcome["answer"], outcome["explain"]) == (
        "right",
        "(4, 3)",
        "rows by columns",
    )
    assert widget.state == "revealed"
    assert "You guessed: (4, 3)" in repr(widget)


@pytest.mark.parametrize(
    ("guess", "tolerance", "verdict", "difference"),
    [(2.0, 0, "right", "0"), ("2.1", 0, "close", "0.1"), (3, 0, "wrong", "1"), (3, 1, "right", "1")],
)
def test_numeric_guesses_say_how_far_off(guess, tolerance, verdict, difference) -> None:
    outcome = predict("d(x²)/dx at 1?", answer=lambda: 2.0, tolerance=tolerance).answer_with(guess)
    assert (outcome["verdict"], outcome["difference"]) == (verdict, difference)


def test_a_guess_is_locked() -> None:
    widget = predict("?", ["yes", "no"], answer="yes")
    assert widget.answer_with("no")["verdict"] == "wrong"
    with pytest.raises(RuntimeError, match="run the cell again"):
        widget.answer_with("yes")
    widget._receive(widget, {"type": "guess", "value": "yes"}, [])
    assert widget.guess == "no"


@pytest.mark.parametrize(("options", "guess"), [(["a", "b"], "c"), (None, "many"), (None, "")])
def test_what_is_no_guess_is_not_locked(options, guess) -> None:
    widget = predict("?", options, answer=1)
    with pytest.raises(ValueError, match="not"):
        widget.answer_with(guess)
    assert widget.state == "unanswered"


def test_show_me_needs_no_guess() -> None:
    widget = predict("?", answer=5)
    widget._receive(widget, {"type": "show"}, [])
    assert widget.outcome["verdict"] == "shown"
    assert widget.outcome["answer"] == "5"


def test_what_the_answer_prints_is_shown_and_its_errors_too() -> None:
    def loud() -> int:
        print("working")
        return 3

    assert predict("?", answer=loud).answer_with(3)["printed"] == "working\n"
    outcome = predict("?", answer=lambda: 1 / 0).answer_with(1)
    assert outcome["verdict"] == "error"
    assert outcome["answer"] == "ZeroDivisionError: division by zero"


def test_one_element_arrays_count_as_numbers() -> None:
    import numpy as np

    assert predict("?", answer=lambda: np.array([0.5])).answer_with(0.5)["verdict"] == "right"
