"""`%progress` and `mine`: what a learner has done survives killed kernels and machines that are thrown away."""

from __future__ import annotations

import argparse
import inspect
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from glasstorch_widgets import mine, predict
from glasstorch_widgets.exercises import predict as predict_module
from glasstorch_widgets.exercises.progress import progress
from glasstorch_widgets.grading import guesses, progress_command
from glasstorch_widgets.grading.outbox import REMEMBERED, Outbox
from glasstorch_widgets.grading.progress_file import FORMAT, load, save
from support.api import EXERCISE, RESULT, grade, make_app, serving
from support.api import hand_in as hand_in_at

pytestmark = pytest.mark.usefixtures("own_state", "english")

SOURCE = "def f(x):\n    return 2 * x\n"
ANOTHER = "def f(x):\n    return 3 * x\n"
GUESS = {
    "lesson": "00-start-here",
    "question": "How many?",
    "guess": "3",
    "verdict": "right",
    "answered_at": 5.0,
}


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GLASSTORCH_LANG", "en")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)


def hand_in(source: str, status: str, exercise: str = "a.b") -> None:
    """As the courier leaves it in the outbox."""
    box = Outbox()
    entry = box.add("local", exercise, source)
    box.accepted(entry.number, f"id-{entry.key}")
    box.finished(entry.number, {"status": status, "score": 1, "max_score": 1})


def fresh(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A machine where nothing was done yet, such as Binder gives."""
    monkeypatch.setenv("GLASSTORCH_STATE", str(folder))


def test_what_was_done_comes_back_on_a_fresh_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guesses.add([GUESS])
    hand_in(SOURCE, "passed")
    hand_in("def f(x): ...", "failed")
    told, well = progress("save", "mine.json")
    assert well
    assert "1 exercises passed, 2 attempts; 1 of 1 guesses right" in told
    assert "does not answer" in told
    assert stat.S_IMODE(Path("mine.json").stat().st_mode) == 0o600
    fresh(monkeypatch, tmp_path / "elsewhere")
    with pytest.raises(LookupError, match=r"Pass the exercise a\.b first"):
        mine("a.b")
    told, well = progress("restore", "mine.json")
    assert "1 guesses" in told
    assert "your own code for 1 exercises" in told
    assert not well, "the service is away, and the learner is told"
    assert guesses.read() == [GUESS]
    assert mine("a.b")(4) == 8
    assert "was here already" in progress("restore", "mine.json")[0]
    assert "00-start-here: 1 of 1 guesses right" in progress()[0]
    assert "Passed: a.b" in progress()[0]


def test_saving_on_an_empty_machine_loses_nothing_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guesses.add([GUESS])
    hand_in(SOURCE, "passed")
    save(Path("p.json"))
    fresh(monkeypatch, tmp_path / "elsewhere")
    newer = {**GUESS, "guess": "4", "verdict": "wrong", "answered_at": 7.0}
    guesses.add([newer])
    document, _ = save(Path("p.json"))
    assert [one["source"] for one in document["submissions"]] == [SOURCE]
    assert load(Path("p.json"))["guesses"] == [newer]


def test_a_killed_kernel_has_kept_its_guesses_and_code(tmp_path: Path, own_state: Path) -> None:
    code = f"""
import os, signal
from glasstorch_widgets.exercises import predict as module
module.shell = lambda: object()  # as in a notebook
module.predict("How many?", ["3", "4"], answer="3").answer_with("3")
from glasstorch_widgets.grading.outbox import Outbox
Outbox().add("local", "a.b", {SOURCE!r})
os.kill(os.getpid(), signal.SIGKILL)
"""
    lesson = tmp_path / "05-lesson"
    lesson.mkdir()
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | {"JPY_SESSION_NAME": ""}, cwd=lesson)
    assert done.returncode == -signal.SIGKILL
    (guess,) = guesses.read()
    assert (guess["lesson"], guess["question"], guess["verdict"]) == ("05-lesson", "How many?", "right")
    save(tmp_path / "kept.json")
    (one,) = load(tmp_path / "kept.json")["submissions"]
    assert (one["source"], one["result"], one["outcome"]) == (SOURCE, None, "")


def test_a_kernel_killed_while_saving_leaves_the_file_whole(tmp_path: Path) -> None:
    guesses.add([{**GUESS, "question": f"{n}" * 50} for n in range(200)])
    save(Path("p.json"))
    code = """
from pathlib import Path
from glasstorch_widgets.grading.progress_file import save
print("saving", flush=True)
while True:
    save(Path("p.json"))
"""
    kernel = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=tmp_path)
    assert kernel.stdout is not None
    with kernel:
        kernel.stdout.readline()
        try:
            kernel.wait(0.2)
        except subprocess.TimeoutExpired:
            kernel.kill()
    assert len(load(Path("p.json"))["guesses"]) == 200


def test_only_guesses_made_in_a_notebook_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    predict("How many?", answer=3).answer_with(3)
    assert guesses.read() == []
    monkeypatch.setattr(predict_module, "shell", lambda: object())
    predict("How many?", answer=3).answer_with(4)
    predict("How many?", answer=3).show_me()
    assert [one["verdict"] for one in guesses.read()] == ["wrong"], "looking is no guess"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is damaged"),
        ("[" * 100_000, "is damaged"),
        ("\x00\x01", "is damaged"),
        ("[]", "is not a file of progress"),
        ('{"format": "another"}', "is not a file of progress"),
        (json.dumps({"format": FORMAT, "version": 7}), "newer Glasstorch (version 7"),
        (json.dumps({"format": FORMAT, "version": 1, "guesses": 3}), "is damaged"),
        (json.dumps({"format": FORMAT, "version": 1, "submissions": [3]}), "is damaged"),
    ],
)
def test_what_is_no_file_of_progress_is_told_and_kept(content: str | None, words: str) -> None:
    if content is not None:
        Path("p.json").write_text(content, "utf-8")
    told, well = progress("restore", "p.json")
    assert words in told
    assert not well
    assert guesses.read() == []
    if content is not None:
        told, well = progress("save", "p.json")
        assert not well
        assert Path("p.json").read_text("utf-8") == content, "nothing else is written over"


def test_the_command_does_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> int:
        parser = argparse.ArgumentParser()
        progress_command.register(parser)
        options = parser.parse_args(arguments)
        return int(options.run(options))

    guesses.add([GUESS])
    assert run("save", "p.json") == 0
    assert "Saved in" in capsys.readouterr().out
    assert run() == 0
    assert "1 of 1 guesses right" in capsys.readouterr().out
    assert run("restore") == 1
    assert "restore FILE" in capsys.readouterr().err
    assert run("restore", "none.json") == 1
    assert "none.json cannot be read" in capsys.readouterr().err


def test_scores_reviews_and_code_move_from_one_service_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Binder: a machine with a service, the file, and another machine where nothing was done yet."""
    first, second = tmp_path / "first", tmp_path / "second"
    fresh(monkeypatch, first)
    app = make_app(first)
    with serving(app) as url:
        monkeypatch.setenv("GLASSTORCH_GRADER_URL", url)
        guesses.add([GUESS])
        with httpx.Client(base_url=url) as client:
            assert hand_in_at(client).status_code == 202
        grade(app, {**RESULT, "status": "passed", "score": RESULT["max_score"]})
        app.state.progress.mark_read("local", "00-start-here", True)
        assert mine(EXERCISE)(1, 2, 3) == 12, "what was handed in on the site is there, too"
        told, well = progress("save", "p.json")
        assert well
        assert "does not answer" not in told
    fresh(monkeypatch, second)
    app = make_app(second)
    with serving(app) as url:
        monkeypatch.setenv("GLASSTORCH_GRADER_URL", url)
        told, well = progress("restore", "p.json")
        assert well
        assert "New here: 1 attempts, 1 guesses, 0 review cards, 1 lessons read" in told
        assert app.state.progress.scores("local")[EXERCISE].best == RESULT["max_score"]
        assert app.state.progress.read("local").keys() == {"00-start-here"}
        assert "was here already" in progress("restore", "p.json")[0]
        assert [one["question"] for one in app.state.progress.export("local")["guesses"]] == ["How many?"]
        document, _ = save(Path("again.json"))
        assert len(document["submissions"]) == 1
    assert mine(EXERCISE)(1, 2, 3) == 12, "also when the service is away"


# ---- mine ---


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lesson's folder, with an exercise that asks for two names and one that asks for one."""
    for name, entry in (("a.pair", '["f", "g"]'), ("a.one", '"Value"')):
        folder = tmp_path / "lessons" / "02-values" / "exercises" / name
        folder.mkdir(parents=True)
        (folder / "exercise.toml").write_text(f"entry = {entry}\n", "utf-8")
    other = tmp_path / "lessons" / "15-capstone"
    other.mkdir()
    monkeypatch.chdir(other)
    return tmp_path / "lessons"


def test_mine_is_what_passed_last(lessons: Path) -> None:
    hand_in(SOURCE, "passed")
    hand_in(ANOTHER, "passed")
    hand_in("def f(x): 1 / 0", "failed")
    assert mine("a.b")(4) == 12
    assert inspect.getsource(mine("a.b")) == ANOTHER


def test_mine_has_what_the_exercise_asks_for(lessons: Path) -> None:
    value = "from dataclasses import dataclass\n\n\ndef helper(): ...\n\n\n@dataclass\nclass Value:\n    data: float\n"
    hand_in(value, "passed", "a.one")
    assert mine("a.one")(2.5).data == 2.5
    hand_in("import math\n\n\ndef f(): return 1\n\n\ndef g(): return f() + 1\n", "passed", "a.pair")
    both = mine("a.pair")
    assert (both.f(), both.g()) == (1, 2)
    assert not hasattr(both, "math")


def test_what_passed_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(SOURCE, "passed")
    box = Outbox()
    with box._open() as db:
        db.execute("UPDATE sqlite_sequence SET seq = seq + ?", (2 * REMEMBERED,))
    hand_in("x = 1", "failed", "other")
    hand_in("x = 2", "failed", "other")
    assert mine("a.b")(1) == 2
