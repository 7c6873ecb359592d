"""`glasstorch grade`: what it prints and what it returns."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import Grader, command, load_exercise

HERE = Path(__file__).parent
LESSONS = HERE / "exercises"
FOLDER = LESSONS / "00-fixtures" / "exercises" / "fixture.relu-backward"
ID = FOLDER.name


@pytest.fixture(scope="module")
def kept() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


@pytest.fixture
def one_grader(kept: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes a grader that runs already; `test_passed` starts its own."""
    monkeypatch.setattr("glasstorch_web.grader.Grader", lambda: contextlib.nullcontext(kept))


def grade(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser)
    arguments = parser.parse_args([*words, "--lessons", str(LESSONS)])
    return int(arguments.run(arguments))


def test_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(ID, str(FOLDER / "solution.py")) == 0
    printed = capsys.readouterr().out
    assert "10 of 10 points, passed" in printed
    assert "✓   4/4  Other shapes (hidden)" in printed


@pytest.mark.usefixtures("one_grader")
def test_not_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(ID, str(FOLDER / "wrong" / "forgot_mask.py")) == 1
    printed = capsys.readouterr().out
    assert "2 of 10 points, failed" in printed
    assert "The gradient is off at [" in printed
    assert "Hint: The gradient passes where x was positive." in printed


@pytest.mark.usefixtures("one_grader")
def test_json_and_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(ID, str(FOLDER / "wrong" / "forgot_mask.py"), "--json", "--seed", "7") == 1
    first = json.loads(capsys.readouterr().out)
    assert first["seed"] == 7
    assert first["tests"][0]["detail"]["max_abs_diff"] > 0
    grade(ID, str(FOLDER / "wrong" / "forgot_mask.py"), "--json", "--seed", "7")
    assert json.loads(capsys.readouterr().out)["tests"] == first["tests"]


@pytest.mark.usefixtures("one_grader")
def test_standard_input_and_printed_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (FOLDER / "solution.py").read_bytes() + b"\nprint('hello\\nthere')\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source)))
    assert grade(ID, "-") == 0
    assert "Your code printed:\n  | hello\n  | there\n" in capsys.readouterr().out


@pytest.mark.usefixtures("one_grader")
def test_an_error_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def relu_backward(x, g)\n    return g\n")
    assert grade(ID, str(file)) == 1
    printed = capsys.readouterr().out
    assert printed.count("SyntaxError on line 1") == 1
    assert "0 of 10 points, error" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fixture.relu-backwards", "x.py"), "Did you mean fixture.relu-backward?"),
        (("quite-different", "x.py"), "There are: fixture."),
        ((ID, "no-such-file.py"), "cannot read no-such-file.py: No such file or directory."),
        ((ID, str(FOLDER)), "Is a directory"),
        ((ID, str(FOLDER / "solution.py"), "--seed", "-3"), "--seed must not be negative"),
    ],
)
def test_usage(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(*words) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert not captured.out


def test_not_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(b"\xff\xfe\x00")
    assert grade(ID, str(file)) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err


def test_weak_isolation_is_said_plainly() -> None:
    exercise = load_exercise(FOLDER)
    with Grader(isolation={"namespaces": False, "landlock": False, "seccomp": False}) as grader:
        result = grader.grade(exercise, exercise.read("solution.py"))
    assert result["status"] == "passed"
    assert "Isolation L1: on this system the code being graded is limited in time" in command.report(
        result, "T"
    )
    assert "seccomp: switched off" in result["isolation"]["gaps"]


def test_no_lessons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.register(parser)
    arguments = parser.parse_args([ID, "x.py", "--lessons", str(tmp_path / "none")])
    assert arguments.run(arguments) == 2
    assert "is not a folder" in capsys.readouterr().err


@pytest.mark.usefixtures("one_grader")
def test_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """The exercise's own words: those of lesson 0, which are there in Chinese."""
    lessons = HERE.parents[1] / "lessons"
    folder = lessons / "00-start-here" / "exercises" / "start.training-step"
    chinese = tomllib.loads((folder / "exercise.zh.toml").read_text("utf-8"))
    parser = argparse.ArgumentParser()
    command.register(parser)
    words = [
        folder.name,
        str(folder / "wrong" / "no_zero_grad.py"),
        "--lang",
        "zh",
        "--lessons",
        str(lessons),
    ]
    arguments = parser.parse_args(words)
    assert arguments.run(arguments) == 1
    printed = capsys.readouterr().out
    assert chinese["title"] in printed
    assert chinese["checks"]["step"] in printed
    assert f"Hint: {chinese['hints']['leftovers'][0]}" in printed
