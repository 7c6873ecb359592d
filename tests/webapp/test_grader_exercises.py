"""Exercise folders: found in order, and every mistake of an author explained."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from glasstorch_web.grader import ExerciseError, Grader, find_exercises, load_exercise
from glasstorch_web.grader.checker import version

HERE = Path(__file__).parent
LESSONS = HERE / "exercises"
FOLDER = LESSONS / "00-fixtures" / "exercises" / "fixture.relu-backward"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixture exercise, to be spoilt."""
    return Path(shutil.copytree(FOLDER, tmp_path / "00-x" / "exercises" / FOLDER.name))


def test_an_exercise_is_read() -> None:
    exercise = find_exercises(LESSONS)["fixture.relu-backward"]
    assert exercise == load_exercise(FOLDER)
    assert exercise.entry == ("relu_backward", "scale")
    assert exercise.points == 10
    assert exercise.lesson == "00-fixtures"
    assert [check.hidden for check in exercise.checks] == [False, False, True]
    assert exercise.checks[2].function == "check_odd_shapes"
    assert exercise.limits.memory_mb == 128
    assert "relu_backward(x, g)" in exercise.read("statement.md")
    assert exercise.harness == ""
    assert exercise.checks[0].hints == ("The gradient passes where x was positive.",)
    assert exercise.checks[1].hints == ()


def replace(old: str, new: str, file: str = "exercise.toml") -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))

    return edit


QUESTION = '[[question]]\nid = "q"\nprompt = "How many?"\nkind = "number"\n'


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (remove("exercise.toml"), "no readable file exercise.toml"),
        (remove("checks.py"), "no readable file checks.py"),
        (remove("statement.md"), "no readable file statement.md"),
        (replace("title =", "titel ="), "has no field 'titel'"),
        (replace('title = "The backward formula of ReLU"', ""), "`title` must be a text, and is missing"),
        (replace("points = 10", "points = 11"), "`points` is 11 but the checks add up to 10"),
        (replace("points = 4", "points = -4"), "check 1: `points` must be a positive number"),
        (replace("points = 4", "point = 4"), "check 1: has no field 'point'"),
        (replace("hidden = true", 'hidden = "yes"'), "check 3: `hidden` must be true or false"),
        (replace('id = "values"', 'id = "scale"'), "already a check 'scale'"),
        (replace('id = "values"', 'id = "My Values"'), "small letters"),
        (replace('id = "fixture.', 'id = "other.'), "the folder is called 'fixture.relu-backward'"),
        (replace('["relu_backward", "scale"]', "[]"), "`entry` must name"),
        (replace('["relu_backward", "scale"]', '["relu backward"]'), "not a public Python name"),
        (replace("cpu_seconds", "cpu"), "limits has no entry 'cpu'"),
        (replace("cpu_seconds = 2", "cpu_seconds = 900"), "the most is 60"),
        (replace("[[check]]", "[check]"), "exercise.toml: "),
        (
            replace('kind = "function"', 'kind = "functions"'),
            "`kind` is 'functions'; it must be one of function,",
        ),
        (replace('hint = "Try', 'hints = ["a"]\nhint = "Try'), "check 3: has both `hint` and `hints`"),
        (replace('hint = "Try', 'hints = "a"\n# "Try'), "check 3: `hints` must be a list of texts"),
        (replace('hint = "Try', 'hints = ["a", "b", "c", "d"]\n# "Try'), "there are at most 3"),
        (replace('kind = "function"', 'kind = "prediction"'), "[[question]]s belong to the kind prediction"),
        (replace("[[check]]", QUESTION + "[[check]]"), "[[question]]s belong to the kind prediction"),
        (
            replace("[[check]]", QUESTION.replace("number", "choice") + "[[check]]"),
            "question 1: `choices` belong to the kind choice",
        ),
        (replace("[[check]]", QUESTION + QUESTION + "[[check]]"), "there is already a question 'q'"),
    ],
)
def test_mistakes_are_explained(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(folder)
    with pytest.raises(ExerciseError) as error:
        load_exercise(folder)
    assert message in str(error.value)
    assert folder.name in str(error.value)


def test_a_broken_exercise_does_not_hide_the_others(folder: Path) -> None:
    lessons = folder.parents[2]
    other = folder.with_name("fixture.other")
    shutil.copytree(folder, other)
    replace('id = "fixture.relu-backward"', 'id = "fixture.other"')(other)
    remove("solution.py")(folder)
    broken: dict[str, str] = {}
    assert list(find_exercises(lessons, broken)) == ["fixture.other"]
    assert list(broken) == ["fixture.relu-backward"]


def test_two_of_the_same_name_are_an_error(folder: Path) -> None:
    shutil.copytree(folder, folder.parents[2] / "01-y" / "exercises" / folder.name)
    with pytest.raises(ExerciseError, match="Two exercises"):
        find_exercises(folder.parents[2])


def test_checks_are_loaded_from_their_file(folder: Path) -> None:
    replace("def check_scale", "def check_scales", "checks.py")(folder)
    with Grader() as grader:
        with pytest.raises(ExerciseError, match="no function check_scale for the check 'scale'"):
            grader.grade(load_exercise(folder), "x = 1")
        replace("def check_scales(", "def check_scale(", "checks.py")(folder)
        replace("factor = float", "factor = nonsense", "checks.py")(folder)
        result = grader.grade(load_exercise(folder), (folder / "solution.py").read_text())
        assert [test["status"] for test in result["tests"]] == ["passed", "error", "passed"]
        assert "stopped with an error of its own (NameError)" in result["tests"][1]["output"]


def test_version_follows_what_decides_a_result(folder: Path) -> None:
    before = version(load_exercise(folder))
    (folder / "statement.md").write_text("Another statement.")
    assert version(load_exercise(folder)) == before
    replace("uniform(2, 3)", "uniform(2, 4)", "checks.py")(folder)
    after = version(load_exercise(folder))
    assert after != before
    (folder / "harness.py").write_text("")
    assert version(load_exercise(folder)) != after
