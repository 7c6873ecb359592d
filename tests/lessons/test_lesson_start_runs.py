"""Lesson 0 from the first cell to the last, in a kernel of its own: untouched, and with the exercises solved."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest

LESSON = Path(__file__).resolve().parents[2] / "lessons" / "00-start-here"
EXERCISES = ("start.backward-formula", "start.training-step")
SECONDS_PER_CELL = 600

# What a reader would do with the mouse: look at every answer. One that cannot be computed shows as "error".
REVEAL = """
from glasstorch_widgets import Predict
for asked in [value for value in list(Out.values()) if isinstance(value, Predict)]:
    outcome = asked.show_me()
    print("answer:", outcome["verdict"], outcome["answer"])
"""
CHECK = """
from glasstorch_widgets import check
result = check({name!r}, lang="en").wait(300)
print(result["status"], result["score"], result["message"])
"""
CPU = "import time; print(round(time.process_time(), 1))"


def lesson(solved: bool) -> nbformat.NotebookNode:
    notebook = nbformat.read(LESSON / "00-start-here.ipynb", as_version=4)
    extra = {"test-reveal": REVEAL, "test-cpu": CPU}
    if solved:
        for name in EXERCISES:
            cell = next(cell for cell in notebook.cells if f"# @exercise {name}\n" in cell.source)
            solution = (LESSON / "exercises" / name / "solution.py").read_text("utf-8")
            cell.source = f"# @exercise {name}\n{solution}\n# @end\n"
            extra[f"test-{name.replace('.', '-')}"] = CHECK.format(name=name)
    for name, source in extra.items():
        notebook.cells.append(nbformat.v4.new_code_cell(source, id=name))
    return notebook


def executed(solved: bool) -> dict[str, str]:
    """The lesson's text outputs by cell name; an error in any cell fails here, with its traceback."""
    nbclient = pytest.importorskip("nbclient")
    notebook = lesson(solved)
    client = nbclient.NotebookClient(
        notebook, timeout=SECONDS_PER_CELL, resources={"metadata": {"path": str(LESSON)}}
    )
    # One thread: what is measured is the lesson, not how threads wait for each other on a busy machine.
    client.execute(env={**os.environ, "GLASSTORCH_LANG": "en", "OPENBLAS_NUM_THREADS": "1"})
    return {cell.id: text_of(cell) for cell in notebook.cells if cell.cell_type == "code"}


def text_of(cell: nbformat.NotebookNode) -> str:
    outputs = cell.outputs
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


@pytest.fixture(scope="module")
def untouched() -> dict[str, str]:
    return executed(solved=False)


@pytest.fixture(scope="module")
def solved() -> dict[str, str]:
    return executed(solved=True)


def number(text: str) -> float:
    found = re.search(r"-?\d+(?:\.\d+)?", text)
    assert found, text
    return float(found[0])


def test_untouched_it_runs_and_learns(untouched: dict[str, str]) -> None:
    print(f"\nuntouched: {untouched['test-cpu'].strip()} s CPU, {untouched['train'].strip()}")
    assert number(untouched["train"].partition("test accuracy:")[2]) >= 97
    assert number(untouched["wiggle-check"].partition(":")[2]) == pytest.approx(12, abs=0.1)
    with_it, without = re.findall(r"(\d+\.\d) % with", untouched["trap-curve"])
    assert float(with_it) > float(without) + 10
    assert number(untouched["zero-grad-answer"].partition(":")[2]) == pytest.approx(2)
    assert "None" in untouched["exercise-1-compare"]
    assert number(untouched["own-step-run"].partition(":")[2]) < 30


def test_every_question_has_its_answer(untouched: dict[str, str]) -> None:
    answers = [line for line in untouched["test-reveal"].splitlines() if line.startswith("answer:")]
    assert len(answers) == 7
    assert not [line for line in answers if "error" in line.split()[:2]]
    assert answers[:3] == ["answer: shown (3, 4)", "answer: shown 12", "answer: shown 11.0"]


def test_solved_it_passes_the_grader(solved: dict[str, str]) -> None:
    print(f"\nsolved: {solved['test-cpu'].strip()} s CPU, {solved['own-step-run'].strip()}")
    for name in EXERCISES:
        said = solved[f"test-{name.replace('.', '-')}"]
        assert said.startswith("passed 10"), said
    autograd, yours = re.findall(r"tensor\(([^)]*)\)", solved["exercise-1-compare"])
    assert yours == autograd
    assert number(solved["own-step-run"].partition(":")[2]) > 85
