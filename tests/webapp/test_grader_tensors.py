"""Exercises that speak tensors: gradients out of the box, objects kept in it, a harness beside the learner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from glasstorch_web.grader import Exercise, Grader, SandboxError, load_exercise
from glasstorch_web.sandbox.box import AsTensor, Box, CallFailed, Plain

HERE = Path(__file__).parent
FIXTURES = HERE / "exercises" / "00-fixtures" / "exercises"
FOLDER = FIXTURES / "fixture.train-step"


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        if grader._sandbox.no_tensors:
            pytest.fail(grader._sandbox.no_tensors)
        yield grader


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_exercise(FOLDER)


def test_solution_passes(grader: Grader, exercise: Exercise) -> None:
    result = grader.grade(exercise, exercise.read("solution.py"))
    assert [test["output"] for test in result["tests"]] == [""] * 4
    assert result["status"] == "passed"


def test_starter_fails(grader: Grader, exercise: Exercise) -> None:
    result = grader.grade(exercise, exercise.read("starter.py"))
    assert result["score"] == 0
    assert result["status"] == "failed"


@pytest.mark.parametrize("folder", sorted(FIXTURES.glob("*/")), ids=lambda folder: folder.name)
def test_common_mistakes_are_named(grader: Grader, folder: Path) -> None:
    exercise = load_exercise(folder)
    files = sorted((folder / "wrong").glob("*.py"))
    assert files
    for file in files:
        source = file.read_text()
        check, _, message = source.splitlines()[0].removeprefix("# expect: ").partition(": ")
        result = grader.grade(exercise, source)
        said = {test["id"]: test["output"] for test in result["tests"]}
        assert message in said[check], file.name
        assert result["status"] == "failed"


def test_a_harness_that_does_not_run_beside_the_code_is_named(grader: Grader, exercise: Exercise) -> None:
    source = exercise.read("solution.py") + "\nimport sys\nsys.modules['submission'] = None\n"
    result = grader.grade(exercise, source)
    assert result["status"] == "error"
    assert "The exercise's own code does not run beside yours: ModuleNotFoundError" in result["message"]


def test_missing_names_are_told_before_the_harness_runs(grader: Grader, exercise: Exercise) -> None:
    result = grader.grade(exercise, "def square_norm(x, w): ...\ndef trainstep(): ...\n")
    assert "does not define `Doubler`, `train_step`" in result["message"]


def test_without_the_framework_it_is_not_the_learners_fault(exercise: Exercise) -> None:
    grader = Grader()
    grader._sandbox._framework = ""
    with grader, pytest.raises(SandboxError, match="Glasstorch is not installed"):
        grader.grade(exercise, exercise.read("solution.py"))


KINDS = """
import numpy as np
import torch


def kinds(*values):
    return [type(value).__name__ for value in values]


def both(x):
    return {"tensor": torch.tensor([1.0, 2.0]), "array": np.arange(3), "scalar": np.float32(2.5), "x": (x, None)}


def seeded():
    return torch.rand(3)
"""


def test_what_arrives_and_what_comes_back(grader: Grader) -> None:
    x = np.ones(2, np.float32)
    with Box(grader._sandbox, KINDS, tensors=True) as box:
        box.load()
        assert box.call("kinds", x, Plain(x), 2.0, [x][0]) == ["Tensor", "ndarray", "float", "Tensor"]
        answer = box.call("both", 1.5)
        assert type(answer["tensor"]) is np.ndarray
        assert answer["tensor"].tolist() == [1.0, 2.0]
        assert answer["array"].tolist() == [0, 1, 2]
        assert type(answer["scalar"]) is np.float32
        assert answer["x"] == (1.5, None)
        assert np.array_equal(box.call("seeded"), box.call("seeded"))
    with Box(grader._sandbox, KINDS, tensors=False) as box:
        box.load()
        assert box.call("kinds", x, AsTensor(x)) == ["ndarray", "Tensor"]


def test_objects_are_kept_and_given_back(grader: Grader) -> None:
    source = "class A:\n    def __init__(self, n): self.n = n\ndef n_of(a, b=None): return a.n + (b.n if b else 0)\n"
    with Box(grader._sandbox, source) as box:
        box.load()
        one, two = (box.call("A", n, keep=True) for n in (1, 20))
        assert (one.type, box.call("n_of", one, b=two)) == ("A", 21)
        with pytest.raises(CallFailed) as failed:
            box.method(one, "missing")
        assert (failed.value.kind, failed.value.name) == ("missing", "A.missing")
