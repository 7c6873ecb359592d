"""Every exercise of every lesson, through the real grader: starter, solution, and common wrong answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import Grader, find_exercises

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
EXERCISES = find_exercises(LESSONS)
WRONG = [path for exercise in EXERCISES.values() for path in sorted((exercise.folder / "wrong").glob("*.py"))]
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


def test_none_is_broken() -> None:
    broken: dict[str, str] = {}
    find_exercises(LESSONS, broken)
    assert broken == {}
    assert {"start.backward-formula", "start.training-step"} <= set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_starter_fails_every_check(grader: Grader, name: str) -> None:
    result = grader.grade(EXERCISES[name], EXERCISES[name].read("starter.py"))
    assert result["status"] == "failed"
    assert [test["status"] for test in result["tests"]] == ["failed"] * len(result["tests"])
    assert result["explanation"] == ""


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_solution_passes_and_is_explained(grader: Grader, name: str, seed: int) -> None:
    exercise = EXERCISES[name]
    result = grader.grade(exercise, exercise.read("solution.py"), seed=seed)
    assert {test["id"]: test["output"] for test in result["tests"]} == {
        check.id: "" for check in exercise.checks
    }
    assert result["score"] == result["max_score"] == exercise.points
    assert len(result["explanation"]) > 80


@pytest.mark.parametrize("path", WRONG, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
@pytest.mark.parametrize("seed", SEEDS)
def test_a_common_wrong_answer_gets_its_own_message(grader: Grader, path: Path, seed: int) -> None:
    exercise = EXERCISES[path.parts[-3]]
    source = path.read_text("utf-8")
    check, _, message = source.splitlines()[0].removeprefix("# expect: ").partition(": ")
    result = grader.grade(exercise, source, seed=seed)
    said = {test["id"]: test for test in result["tests"]}
    assert result["status"] == "failed"
    assert message in said[check]["output"]
    assert result["score"] < result["max_score"]


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_complete(name: str) -> None:
    exercise = EXERCISES[name]
    assert len([path for path in WRONG if path.parts[-3] == name]) >= 3
    assert any(check.hidden for check in exercise.checks)
    assert all(check.hint for check in exercise.checks)
    for shown in ("statement.md", "starter.py", "harness.py"):  # the learner, or their code, may read these
        assert exercise.read(shown).strip() not in exercise.read("solution.py")


@pytest.mark.parametrize("name", EXERCISES)
def test_hidden_checks_tell_nothing(grader: Grader, name: str) -> None:
    for path in [path for path in WRONG if path.parts[-3] == name]:
        for test in grader.grade(EXERCISES[name], path.read_text("utf-8"))["tests"]:
            if test["visibility"] == "hidden":
                assert test["detail"] is None
                assert len(test["output"]) < 80


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
