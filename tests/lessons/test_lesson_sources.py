"""Every lesson: the notebook is what its source says, and its exercises are those in the folder beside it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from glasstorch_widgets.exercises.source import between_markers, same_code

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
FOLDERS = sorted(LESSONS.glob("[0-9][0-9]-*/"))


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lesson_notebooks", LESSONS / "tools" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


notebooks = tool()


def cells(folder: Path, kind: str = "code") -> list[nbformat.NotebookNode]:
    read = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    return [cell for cell in read.cells if cell.cell_type == kind]


def test_there_are_lessons() -> None:
    assert next(folder.name for folder in FOLDERS) == "00-start-here"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_notebook_is_what_its_source_says(folder: Path) -> None:
    source = folder / f"{folder.name}.py"
    written = source.with_suffix(".ipynb").read_text("utf-8")
    assert written == notebooks.notebook(source), "run `make notebooks`"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_exercise_has_its_cell_and_its_button(folder: Path) -> None:
    ids = sorted(path.name for path in (folder / "exercises").iterdir() if path.is_dir())
    sources = [cell.source for cell in cells(folder)]
    marked = [name for text in sources for name in re.findall(r"^# @exercise (\S+)$", text, re.MULTILINE)]
    buttons = [
        name for text in sources for name in re.findall(r'^exercise\("([^"]+)"\)$', text, re.MULTILINE)
    ]
    assert sorted(marked) == sorted(buttons) == ids
    for name in ids:
        (code,) = [found for text in sources if (found := between_markers(text, name)) is not None]
        starter = (folder / "exercises" / name / "starter.py").read_text("utf-8")
        assert same_code(code, starter), f"{name}: the notebook's cell and starter.py differ"
        cell = next(text for text in sources if f"# @exercise {name}" in text)
        assert re.search(r"^# @end$", cell, re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_questions_come_before_results(folder: Path) -> None:
    asked = sum(text.source.count("predict(\n") for text in cells(folder))
    assert asked >= 4


def spoilt(tmp_path: Path, old: str, new: str) -> Path:
    text = (LESSONS / "00-start-here" / "00-start-here.py").read_text("utf-8")
    assert old in text
    path = tmp_path / "00-spoilt.py"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('# %% name="setup"', "# %%", "needs a name"),
        ('name="setup"', 'name="title"', "two cells are called 'title'"),
        ('name="setup"', 'name="set up"', "00-spoilt.py"),
    ],
)
def test_mistakes_in_a_source_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(notebooks.SourceError, match=message):
        notebooks.notebook(spoilt(tmp_path, old, new))


def test_check_tells_a_stale_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    folder = tmp_path / "00-start-here"
    folder.mkdir()
    source = folder / "00-start-here.py"
    source.write_bytes((LESSONS / "00-start-here" / "00-start-here.py").read_bytes())
    monkeypatch.setattr(notebooks, "sources", lambda: [source])
    monkeypatch.setattr(notebooks, "LESSONS", tmp_path)
    assert notebooks.main(["--check"]) == 1
    assert "00-start-here.ipynb is not what" in capsys.readouterr().err
    assert notebooks.main([]) == 0
    assert notebooks.main(["--check"]) == 0
