"""Every lesson from the first cell to the last, in one kernel: untouched, then with its exercises solved.

Run untouched nothing raises, every question is answered as soon as it is asked, and what the text claims is printed;
then every exercise's cell runs with the solution in it, and every cell below that uses what it defines.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.examples import ONE_THREAD
from support.lesson_runs import FOLDERS, claims, code_cells, solved_cells

SECONDS_PER_CELL = 600
CPU_SECONDS = 60  # for the notebook as it is and all its questions; authors aim at 15
SOLVED = "solved-"  # before the names of cells that run again
ANSWER = "test-answer-"  # before the name of the cell with the question

# What a reader would do with the mouse: look at the answer, before any later cell has run. One that cannot be computed
# shows as "error".
REVEAL = """
from glasstorch_widgets import Predict
from ipywidgets.widgets import widget as _registry
for asked in [one for one in list(_registry._instances.values()) if isinstance(one, Predict)]:
    if asked.state == "revealed":
        continue
    outcome = asked.show_me()
    print(outcome["verdict"], "|", outcome["answer"], "|", asked.question)
"""
CPU = "import time; print(time.process_time())"


def notebook(folder: Path) -> nbformat.NotebookNode:
    made = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    made.cells = []
    for cell in code_cells(folder):
        made.cells.append(cell)
        if "predict(" in cell.source:
            made.cells.append(nbformat.v4.new_code_cell(REVEAL, id=f"{ANSWER}{cell.id}"))
    extra = [("test-cpu", CPU)]
    extra += [(f"{SOLVED}{name}", source) for name, source in solved_cells(folder)]
    extra += [("test-cpu-solved", CPU)]
    made.cells += [nbformat.v4.new_code_cell(source, id=name) for name, source in extra]
    return made


def executed(folder: Path, state: Path) -> dict[str, str]:
    """The lesson's text outputs by cell name; an error in any cell fails here, with its traceback."""
    nbclient = pytest.importorskip("nbclient")
    made = notebook(folder)
    client = nbclient.NotebookClient(
        made, timeout=SECONDS_PER_CELL, resources={"metadata": {"path": str(folder)}}
    )
    # One thread: what is measured is the lesson, not how threads wait for each other on a busy machine.
    own = {"GLASSTORCH_LANG": "en", "GLASSTORCH_STATE": str(state)}
    client.execute(env={**os.environ, **ONE_THREAD, **own})
    return {cell.id: text_of(cell) for cell in made.cells}


def text_of(cell: Any) -> str:
    # What is printed may arrive in pieces that end anywhere, so nothing is put between them.
    return "".join(
        one.get("text") or one.get("data", {}).get("text/plain", "") + "\n" for one in cell.outputs
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_lesson_runs_and_keeps_its_word(folder: Path, tmp_path: Path) -> None:
    printed = executed(folder, tmp_path / "state")
    answered, solved = (float(printed[name]) for name in ("test-cpu", "test-cpu-solved"))
    print(
        f"\n{folder.name}: {answered:.1f} s CPU with all answers, {solved:.1f} s with the exercises solved too"
    )
    answers = [
        line for name, text in printed.items() if name.startswith(ANSWER) for line in text.splitlines()
    ]
    assert len(answers) >= 4, "a lesson asks before it shows"
    assert not [answer for answer in answers if answer.startswith("error")]
    untouched = {name: text for name, text in printed.items() if not name.startswith((SOLVED, "test-"))}
    again = {name.removeprefix(SOLVED): text for name, text in printed.items() if name.startswith(SOLVED)}
    problems = [
        problem
        for claim in claims(folder)
        if (problem := claim.problem(again if claim.solved else untouched))
    ]
    assert not problems, "\n".join(problems)
    assert answered < CPU_SECONDS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_lesson_claims_something(folder: Path) -> None:
    """The figures and comparisons of its text, each through what a cell prints."""
    assert len(claims(folder)) >= 4
