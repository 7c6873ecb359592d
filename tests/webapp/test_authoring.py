"""`glasstorch exercise new` writes exercises that are right; `test` finds out what is wrong with one that is not."""

from __future__ import annotations

import argparse
import ast
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import ExerciseError, Grader, load_exercise
from glasstorch_web.grader.authoring import Finding, Proof, command, create, prove, taught
from glasstorch_web.grader.authoring.mutations import mutants
from glasstorch_web.grader.exercises import KINDS

LESSON = "03-try"
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        if grader._sandbox.no_tensors:
            pytest.fail(grader._sandbox.no_tensors)
        yield grader


def made(lessons: Path, kind: str = "function") -> Path:
    create(lessons, LESSON, f"try.{kind}", kind)
    return lessons / LESSON / "exercises" / f"try.{kind}"


def errors(proof: Proof) -> list[str]:
    return [f"{found.about}: {found.message}" for found in proof.findings if found.level == "error"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_a_right_exercise(grader: Grader, tmp_path: Path, kind: str) -> None:
    exercise = load_exercise(made(tmp_path, kind))
    assert exercise.kind == kind
    proof = prove(exercise, grader, seeds=SEEDS, most=8)
    assert errors(proof) == []
    assert all(len(check.hints) == 3 for check in exercise.checks)
    assert proof.figures["wrong"] >= 3
    assert proof.figures["caught"] >= 3
    assert 0 < proof.figures["cpu_share"] < 0.5


def test_an_exercise_is_not_overwritten(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(ExerciseError, match=r"already an exercise try\.function"):
        create(tmp_path, "04-other", "try.function", "bug")
    for lesson, name, words in (("03", "x", "no lesson's folder"), (LESSON, "../x", "small letters")):
        with pytest.raises(ExerciseError, match=words):
            create(tmp_path, lesson, name, "bug")


def edit(folder: Path, file: str, change: Callable[[str], str]) -> None:
    path = folder / file
    before = path.read_text("utf-8")
    path.write_text(change(before), "utf-8")
    assert path.read_text("utf-8") != before


def test_what_is_missing_is_found(grader: Grader, tmp_path: Path) -> None:
    folder = made(tmp_path)
    edit(folder, "statement.md", lambda text: text.replace("standardize(x)", "it"))
    edit(folder, "exercise.toml", lambda text: text[: text.rindex("hints = [")])
    edit(folder, "starter.py", lambda text: text + "    return x.no_such_thing\n")
    edit(
        folder,
        "checks.py",
        lambda text: text.replace("for rows, columns in [(2, 1), (9, 2)]:", "for _ in []:"),
    )
    edit(folder, "wrong/variance.py", lambda text: text.replace("the variance", "two"))
    edit(folder, "wrong/no_division.py", lambda text: text.partition("\n")[2])
    edit(
        folder,
        "wrong/whole_matrix.py",
        lambda text: text.partition("\n")[0] + "\n" + (folder / "solution.py").read_text("utf-8"),
    )
    (tmp_path / LESSON / "lesson.toml").write_text('teaches = ["Tensor.mean"]')
    found = "\n".join(errors(prove(load_exercise(folder), grader, seeds=SEEDS, most=4)))
    for words in (
        "statement.md: does not mention `standardize`",
        "shapes: has no hints",
        "values: stops with an error on the starter code instead of saying what is missing: AttributeError",
        "shapes: no wrong answer and no change of the solution fails it",
        "wrong/variance.py: values does not say “divided by two” (seed 1), but: Divide by the standard",
        "wrong/no_division.py: must begin with `# expect: CHECK:",
        "wrong/whole_matrix.py: passes (seed 1)",
        "lesson.toml: `sqrt` is used, and no lesson up to 03-try teaches it",
    ):
        assert words in found


CHINESE = """
[checks]
shapes = "别的大小"

[messages]
"Divide by the {1}: this is divided by the variance, its square." = "除以{1}：这里除以的是方差，它的平方。"
"standard deviation" = "标准差"
"""


def warnings(folder: Path, grader: Grader) -> list[str]:
    proof = prove(load_exercise(folder), grader, seeds=SEEDS, most=0)
    assert proof.ok
    return [found.message for found in proof.findings if found.level == "warning"]


def test_what_chinese_learners_read_in_english_is_found(grader: Grader, tmp_path: Path) -> None:
    folder = made(tmp_path)
    assert warnings(folder, grader) == []
    (folder / "exercise.zh.toml").write_text(CHINESE, "utf-8")
    title, *messages = sorted(warnings(folder, grader))
    assert title == "learners read in English: “Every column is standardized”. Put it under [checks]"
    assert len(messages) == 2, "one each, though they are met with every seed"
    assert messages[0].startswith(
        "learners read in English: “The mean is right, and the division by the deviation is mi"
    )
    assert messages[1].endswith(" of its own.”. Put it under [messages], with {1}, {2} ... for what varies")
    with (folder / "exercise.zh.toml").open("a", encoding="utf-8") as file:
        file.write('"{1}" = "no words"\n')
    assert len(warnings(folder, grader)) == 4, "a table that cannot be used"


def test_answers_learnt_by_heart_are_found(grader: Grader, tmp_path: Path) -> None:
    folder = made(tmp_path)
    fixed = "x = _matrix(np.random.default_rng(0)"
    edit(folder, "checks.py", lambda text: text.replace("x = _matrix(rng", fixed))
    assert "checks.py: takes answers learnt by heart: draw the inputs from `rng`" in errors(
        prove(load_exercise(folder), grader, seeds=SEEDS, most=0)
    )


def test_a_solution_near_the_limits_is_found(grader: Grader, tmp_path: Path) -> None:
    folder = made(tmp_path)
    edit(folder, "solution.py", lambda text: text + "\n\nballast = b'x' * (80 << 20)\n")
    edit(
        folder,
        "exercise.toml",
        lambda text: text.replace("[[check]]", "[limits]\nmemory_mb = 100\n\n[[check]]", 1),
    )
    proof = prove(load_exercise(folder), grader, seeds=SEEDS, most=0)
    assert any(found.startswith("limits: the solution needs more than half") for found in errors(proof))


def test_a_solution_that_fails_and_a_starter_that_passes(grader: Grader, tmp_path: Path) -> None:
    folder = made(tmp_path)
    solution, starter = (folder / "solution.py").read_text(), (folder / "starter.py").read_text()
    (folder / "solution.py").write_text(starter)
    (folder / "starter.py").write_text(solution)
    found = errors(prove(load_exercise(folder), grader, seeds=SEEDS, most=0))
    assert "starter.py: passes: there is nothing left to do" in found
    assert any(one.startswith("solution.py: fails values (seed 1): The result is None") for one in found)


def test_the_solution_is_graded_as_learners_are(grader: Grader, tmp_path: Path) -> None:
    folder = made(tmp_path, "module")
    (folder / "solution.py").write_text("from glasstorch.nn import Linear as Dense\n")
    proof = prove(load_exercise(folder), grader, seeds=SEEDS, most=0)
    said = "nn.Linear is what you are to build here"
    assert any(one.startswith("solution.py: fails layer") and said in one for one in errors(proof))
    notes = [found.message for found in proof.findings if found.about == "without"]
    assert any(note.startswith("also stops: ") and "nn.Transformer" in note for note in notes)


def test_mutants_are_small_mistakes() -> None:
    source = 'def f(x, n=2):\n    """Doc 1."""\n    x.sort()\n    if x < n:\n        return (x + 1).sum()\n'
    found = dict(mutants(source, 100))
    for said in ("return dropped", "`x.sort()` left out", "`x < n` swapped", "`x + 1` swapped", "2 became 3"):
        assert any(said in one for one in found), said
    assert len(set(found.values())) == len(found)
    for text in found.values():
        assert "Doc 1." in ast.unparse(ast.parse(text))
    assert len(mutants(source, 3)) == 3


SOURCE = """
import queue
import numpy as np
import glasstorch as torch
import torch.nn.functional as F
from glasstorch import nn
from torch.optim import Adam as A

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))

    def forward(self, x: torch.Tensor):
        print("a b".split(), np.abs(3), self.weight)
        return F.relu(x.clamp(min=0)).sum() + self.shift(x)

    def shift(self, x):
        waiting = queue.Queue(3)
        waiting.put(x)
        return A
"""


def test_names_of_the_framework_are_found_in_the_syntax_tree() -> None:
    methods = {"clamp", "sum", "split", "abs", "forward", "weight", "put"}
    assert set(taught.used_in(SOURCE, methods)) == {
        *("nn.Module", "nn.Parameter", "zeros", "Tensor", "nn.functional.relu", "optim.Adam"),
        *(".clamp", ".sum"),
    }


def test_what_earlier_lessons_taught_counts(tmp_path: Path, grader: Grader) -> None:
    exercise = load_exercise(made(tmp_path, "module"))
    listing = tmp_path / LESSON / "lesson.toml"
    for lesson, names in (("01-a", '["nn.*"]'), (LESSON, '["randn", "Tensor.T"]'), ("04-b", '["zeros"]')):
        (tmp_path / lesson).mkdir(exist_ok=True)
        (tmp_path / lesson / "lesson.toml").write_text(f"teaches = {names}")
    methods = {"T", "transpose"}
    assert taught.missing(exercise, taught.until(tmp_path / LESSON), methods) == ["zeros"]
    (tmp_path / LESSON / "03-try.py").write_text("torch.randn(3)")
    assert taught.unseen(tmp_path / LESSON) == ["Tensor.T"]
    listing.write_text('teach = ["x"]')
    with pytest.raises(ExerciseError, match="it must hold one list"):
        taught.teaches(tmp_path / LESSON)
    listing.write_text('teaches = ["x"]\nminutes = 30\nquestion = "Why?"\nquestion_zh = "为什么？"')
    assert taught.teaches(tmp_path / LESSON) == ["x"]
    listing.write_text('teaches = ["x"]\nminutes = "30"')
    with pytest.raises(ExerciseError, match="minutes is not expected, or of another type"):
        taught.teaches(tmp_path / LESSON)


def exercise(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser)
    arguments = parser.parse_args(list(words))
    return int(arguments.run(arguments))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--lessons", str(tmp_path))
    assert exercise("new", "a.b", "--kind", "prediction", "--lesson", LESSON, *where) == 0
    assert f"glasstorch exercise test a.b --lessons {tmp_path}`" in capsys.readouterr().out
    assert exercise("new", "a.where", "--kind", "training", "--lesson", LESSON, *where) == 0
    told = capsys.readouterr().out
    listing = tmp_path / LESSON / taught.FILE
    assert f"`teaches` in {listing}: " in told, "there was one already, for the first exercise"
    names = told.partition(f"{listing}: ")[2].partition(".\n")[0]
    listing.write_text(listing.read_text("utf-8").replace("teaches = [", f"teaches = [{names}, "), "utf-8")
    assert exercise("test", "a.where", "--seeds", "2", "--mutants", "0", *where) == 0
    capsys.readouterr()
    shutil.rmtree(tmp_path / LESSON / "exercises" / "a.where")
    broken = tmp_path / LESSON / "exercises" / "c.d"
    broken.mkdir()
    (broken / "exercise.toml").write_text('id = "c.d"')
    assert exercise("test", "--all", "--json", "--seeds", "2", "--mutants", "1", *where) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert (first["exercise"], first["ok"], first["figures"]["wrong"]) == ("a.b", True, 5)
    assert not second["ok"]
    assert "needs at least one [[check]]" in second["findings"][0]["message"]
    assert exercise("test", "c.d", *where) == 1
    assert capsys.readouterr().out.startswith("c.d: "), "no table without rows"
    mistaken = {
        (): "which exercise?",
        ("no.such",): "there is no exercise no.such in",
        ("a.bb",): "Did you mean a.b? Another folder of lessons is chosen by --lessons",
    }
    for words, said in mistaken.items():
        assert exercise("test", *words, *where) == 2
        assert said in capsys.readouterr().err


def test_the_table() -> None:
    figures = {
        "cpu_seconds": 0.5,
        "memory_mb": 64,
        "wall_seconds": 1,
        "cpu_share": 0.05,
        "memory_share": 0.125,
    }
    right = Proof("a.b", [], {**figures, "wall_share": 0.05, "wrong": 4, "mutants": 9, "caught": 8})
    wrong = Proof(
        "c.d",
        [Finding("error", "shapes", "has no hints"), Finding("note", "x", "y"), Finding("warning", "z", "w")],
    )
    lines = command.report([right, wrong]).splitlines()
    row = "a.b right 0.50 s ( 5%) 64 MB ( 12%) 1.00 s ( 5%) 4 8 of 9"
    assert " ".join(lines[1].split()) == row
    assert lines[2:] == ["c.d       WRONG", "", "c.d:", "  ✗ shapes: has no hints", "  · x: y", "  ! z: w"]
