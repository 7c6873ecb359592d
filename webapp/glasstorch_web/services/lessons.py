"""The lessons as notebooks to read: their titles, their cells, their questions.

A lesson's text is `NN-slug/NN-slug.ipynb`, or the same in jupytext's percent format (`.py`) where there is no
notebook. Cells that a translation (`NN-slug.zh.ipynb`, else `NN-slug.zh.py`) has under the same name take their place
in that language; what questions in code cells say is translated by `zh.toml`, from the English text to the Chinese.
"""

from __future__ import annotations

import ast
import logging
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

log = logging.getLogger("glasstorch.service")

_EXERCISE_MARK = re.compile(r"^# @exercise (?P<id>\S+)", re.MULTILINE)
_EXERCISE_CALL = re.compile(r"^exercise\(\s*[\"'](?P<id>[^\"']+)[\"']", re.MULTILINE)
_TITLE = re.compile(r"^# +(.+?)\s*$", re.MULTILINE)
_SECTION = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A question to guess at before the next result. `answer` is None where the notebook computes it."""

    text: str
    choices: tuple[str, ...]
    answer: str | None
    explanation: str


@dataclass(frozen=True)
class Cell:
    """One cell: kind is "markdown", "code", "question" or "exercise"."""

    id: str
    kind: str
    source: str
    question: Question | None = None
    exercise: str = ""
    outputs: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Lesson:
    """One lesson. `summary` is its first paragraph; `has_text` is false for a folder of exercises alone.

    `question`: the one that it answers, in one line, and `minutes` about how long it takes; "" and 0: not told.
    """

    slug: str
    number: str
    title: str
    summary: str
    folder: Path
    has_text: bool
    cells: tuple[Cell, ...] = field(repr=False)
    outline: tuple[tuple[str, str], ...] = field(repr=False)  # (anchor, heading) of each section
    question: str = ""
    minutes: int = 0


class Lessons:
    """Every lesson below the lessons folder, read again when its files change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self, language: str = "en") -> list[Lesson]:
        """In the course's order."""
        folders = sorted(self._folder.glob("[0-9][0-9]-*/"))
        return [_lesson(folder, language, _stamp(folder)) for folder in folders]

    def get(self, slug: str, language: str = "en") -> Lesson | None:
        return next((lesson for lesson in self.all(language) if lesson.slug == slug), None)


def _stamp(folder: Path) -> tuple[int, ...]:
    """Changes when one of the lesson's texts does."""
    paths = [*folder.glob(f"{folder.name}.*"), *folder.glob("*.toml")]
    return tuple(path.stat().st_mtime_ns for path in sorted(paths))


@lru_cache(maxsize=256)
def _lesson(folder: Path, language: str, stamp: tuple[int, ...]) -> Lesson:
    number, _, words = folder.name.partition("-")
    cells = tuple(_cells(_raw_cells(folder, language), _table(folder / f"{language}.toml")))
    about = _table(folder / "lesson.toml")
    text = "\n\n".join(cell.source for cell in cells if cell.kind == "markdown")
    title = _TITLE.search(text)
    return Lesson(
        slug=folder.name,
        number=number,
        title=_plain(title[1]) if title else words.replace("-", " ").capitalize(),
        summary=_first_paragraph(text),
        folder=folder,
        has_text=bool(cells),
        cells=_without_title(cells),
        outline=tuple(_outline(cells)),
        question=str(about.get(f"question_{language}") or about.get("question") or ""),
        minutes=minutes if isinstance(minutes := about.get("minutes"), int) and minutes > 0 else 0,
    )


def _without_title(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The page shows the lesson's title itself."""
    if cells and cells[0].kind == "markdown":
        return (replace(cells[0], source=_TITLE.sub("", cells[0].source, count=1).lstrip()), *cells[1:])
    return cells


def _outline(cells: tuple[Cell, ...]) -> Iterator[tuple[str, str]]:
    """Sections with their anchors: the cell's id, then id-2 for a second section in one cell and so on."""
    for cell in cells:
        if cell.kind == "markdown":
            for at, section in enumerate(_SECTION.findall(cell.source), 1):
                yield (cell.id if at == 1 else f"{cell.id}-{at}"), _plain(section)


def _raw_cells(folder: Path, language: str) -> list[Any]:
    """The notebook's cells, with translated ones in place of those of the same name."""
    notebook, source = folder / f"{folder.name}.ipynb", folder / f"{folder.name}.py"
    try:
        if notebook.exists():
            cells = list(nbformat.read(notebook, as_version=4).cells)
        elif source.exists():
            cells = _percent(source)
        else:
            return []
        theirs = {_name(cell): cell for cell in _translation(folder, language) if cell.cell_type != "code"}
        cells = [theirs.get(_name(cell), cell) for cell in cells]
    except Exception as error:  # the readers raise many kinds; one broken lesson must not hide the others
        log.warning("The lesson %s cannot be shown: %s", folder.name, error)
        return []
    return cells


def _translation(folder: Path, language: str) -> list[Any]:
    notebook, source = (folder / f"{folder.name}.{language}.{kind}" for kind in ("ipynb", "py"))
    if notebook.exists():
        return list(nbformat.read(notebook, as_version=4).cells)
    return _percent(source) if source.exists() else []


def _table(path: Path) -> dict[str, Any]:
    """A lesson's table; empty where there is none, or none that can be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        log.warning("Left out: %s/%s: %s", path.parent.name, path.name, error)
        return {}


def _percent(source: Path) -> list[Any]:
    import jupytext  # takes long to import, and a course of notebooks does without

    return list(jupytext.read(source, fmt="py:percent").cells)


def _name(cell: Any) -> str:
    return str(cell.metadata.get("name") or cell.get("id", ""))


def _cells(raw: list[Any], words: dict[str, Any]) -> list[Cell]:
    made: list[Cell] = []
    shown: set[str] = set()  # exercises that have their place already
    for at, cell in enumerate(raw):
        name, source = _name(cell) or f"cell-{at}", cell.source.rstrip()
        if cell.cell_type != "code":
            made.append(Cell(name, "markdown", source))
            continue
        exercise = _EXERCISE_MARK.search(source) or _EXERCISE_CALL.search(source)
        if exercise:
            if exercise["id"] not in shown:
                made.append(Cell(name, "exercise", source, exercise=exercise["id"]))
                shown.add(exercise["id"])
        elif question := _question(source, words):
            made.append(Cell(name, "question", source, question=question))
        elif source:
            made.append(Cell(name, "code", source, outputs=tuple(cell.get("outputs", ()))))
    return made


def _question(source: str, words: dict[str, Any]) -> Question | None:
    """What a cell that calls `predict(question, options, answer=..., explain=...)` asks, translated by `words`."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a cell with a magic
        return None
    call = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "predict" or not call.args:
        return None
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    text = _constant(call.args[0])
    if text is None:
        return None
    options = _constant(call.args[1] if len(call.args) > 1 else named.get("options")) or ()
    answer = _constant(named.get("answer"))

    def told(value: Any) -> str:
        return str(words.get(str(value), value))

    unit = told(_constant(named.get("unit")) or "")
    shown = None if answer is None else f"{told(answer)} {unit}".strip()
    return Question(told(text), tuple(map(told, options)), shown, told(_constant(named.get("explain")) or ""))


def _constant(node: ast.expr | None) -> Any:
    """The value of a literal; None for what has to be computed."""
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def _first_paragraph(text: str) -> str:
    for part in re.split(r"\n\s*\n", text):
        if part.strip() and not part.lstrip().startswith(("#", "```", "!", ">", "|", "-", "*", "$$")):
            return _plain(" ".join(part.split()))
    return ""


def _plain(markdown: str) -> str:
    """Text without Markdown's marks."""
    return re.sub(
        r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"[*_`$]{1,2}(?=\S)|(?<=\S)[*_`$]{1,2}", "", markdown)
    )
