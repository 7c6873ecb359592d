"""Lessons as tests run them: their cells, the cells with their exercises solved, and what they claim to print.

Claims stand in `tests/lessons/claims/NN-slug.toml`, one `[[claim]]` for each figure that a lesson's text states:

    cell = "train"                 # a code cell's name
    after = "test accuracy:"       # the first number behind the last of these in what the cell prints
    low = 97.0
    high = 100.0

or `contains = "..."` instead of the last three. `solved = true`: what the cell prints once the exercises are solved.
`engine = true`: about Glasstorch alone (a view, a message, a duration), not to be asked of PyTorch.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons"
CLAIMS = ROOT / "tests" / "lessons" / "claims"
FOLDERS = sorted(
    path.parent for path in LESSONS.glob("[0-9][0-9]-*/[0-9][0-9]-*.py") if path.suffixes == [".py"]
)

_NUMBER = re.compile(r"[-+−]?(?:nan|inf|(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)", re.IGNORECASE)
_KEYS = {"cell", "after", "low", "high", "contains", "solved", "engine"}


@dataclass(frozen=True)
class Claim:
    """See above. A figure claim has `after`, `low` and `high`, any other `contains`."""

    cell: str
    after: str = ""
    low: float = 0.0
    high: float = 0.0
    contains: str = ""
    solved: bool = False
    engine: bool = False

    @property
    def is_figure(self) -> bool:
        return not self.contains

    def problem(self, printed: Mapping[str, str]) -> str:
        """What is wrong with it, given what each cell printed; empty when it holds."""
        if self.cell not in printed:
            return f"{self.cell}: there is no such code cell" + (
                " run again when solved" if self.solved else ""
            )
        text = printed[self.cell]
        if not self.is_figure:
            return (
                "" if self.contains in text else f"{self.cell}: {self.contains!r} is not in {text[:2000]!r}"
            )
        _, found, behind = text.rpartition(self.after)
        number = _NUMBER.search(behind)
        if not found or number is None:
            return f"{self.cell}: no number behind {self.after!r} in {text[:2000]!r}"
        value = float(number[0].replace(",", "").replace("−", "-"))
        if self.low <= value <= self.high:
            return ""
        return f"{self.cell}: {self.after!r} is followed by {value:g}, not by {self.low:g} to {self.high:g}"


def claims(folder: Path) -> list[Claim]:
    """A lesson's claims.

    Raises:
        ValueError: one of them is none.
    """
    path = CLAIMS / f"{folder.name}.toml"
    tables = tomllib.loads(path.read_text("utf-8")).get("claim", []) if path.exists() else []
    for table in tables:
        figure = {"cell", "after", "low", "high"} <= table.keys() and "contains" not in table
        words = {"cell", "contains"} <= table.keys() and not table.keys() & {"after", "low", "high"}
        if not (figure or words) or not table.keys() <= _KEYS:
            raise ValueError(f"{path.name}: {table} is no claim; see tests/support/lesson_runs.py")
    return [Claim(**table) for table in tables]


def code_cells(folder: Path) -> list[Any]:
    """The code cells of a lesson's notebook."""
    read = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    return [cell for cell in read.cells if cell.cell_type == "code"]


def solved_cells(folder: Path) -> list[tuple[str, str]]:
    """Name and code of what runs again when the exercises are solved: their cells, and those below that use them."""
    entries: set[str] = set()
    again = []
    for cell in code_cells(folder):
        exercise = re.search(r"^# @exercise (\S+)$", cell.source, re.MULTILINE)
        if exercise:
            there = folder / "exercises" / exercise[1]
            entry = tomllib.loads((there / "exercise.toml").read_text("utf-8")).get("entry", [])
            entries |= {entry} if isinstance(entry, str) else set(entry)
            solution = (there / "solution.py").read_text("utf-8")
            again.append((cell.id, f"# @exercise {exercise[1]}\n{solution}\n# @end\n"))
        elif entries & set(re.findall(r"\w+", cell.source)) and not cell.source.startswith(
            ("exercise(", "predict(")
        ):
            again.append((cell.id, cell.source))
    return again
