"""Every exercise of every lesson is right, as `glasstorch exercise test` proves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import Grader, find_exercises
from glasstorch_web.grader.authoring import prove

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
EXERCISES = find_exercises(LESSONS)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


def test_none_is_broken() -> None:
    broken: dict[str, str] = {}
    find_exercises(LESSONS, broken)
    assert broken == {}
    assert {"start.backward-formula", "start.training-step"} <= set(EXERCISES)


# Their proofs take long: wrong answers of `data.prefetch` wait forever and have to be waited for, each small mistake in
# the solution of `cnn.reach` trains a network, and `scalar.order` is proved on long chains.
LONG = {"data.prefetch", "cnn.reach", "scalar.order"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in EXERCISES]
)
def test_an_exercise_is_right(grader: Grader, name: str) -> None:
    proof = prove(EXERCISES[name], grader)
    assert [finding for finding in proof.findings if finding.level != "note"] == []
    assert proof.figures["wrong"] >= 3
    assert proof.figures["caught"] >= 3


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_explained(grader: Grader, name: str) -> None:
    exercise = EXERCISES[name]
    assert len(grader.grade(exercise, exercise.read("solution.py"))["explanation"]) > 80
    assert grader.grade(exercise, exercise.read("starter.py"))["explanation"] == ""


def test_a_wrong_formula_is_shown_as_a_graph(grader: Grader) -> None:
    """Exercise 1 of lesson 0: the message stays the author's, and the graph opens at the first wrong number."""
    exercise = EXERCISES["start.backward-formula"]
    source = (exercise.folder / "wrong" / "other_path.py").read_text("utf-8")
    test = grader.grade(exercise, source, seed=1)["tests"][0]
    assert "x is also a factor of its own" in test["output"]
    assert "Going forward" not in test["output"]
    graph = test["detail"]["graph"]
    first = graph["differences"][0]
    node = next(node for node in graph["record"]["nodes"] if node["id"] == first["node"])
    assert (node["op"], first["what"]) == ("mul", "value")
    assert source.splitlines()[node["source"]["line"] - 1].strip() == node["source"]["text"]
