"""Finds the learner's code for an exercise: the text between `# @exercise ID` and `# @end`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

_END = re.compile(r"^\s*#\s*@end\b")


def between_markers(cell: str, exercise: str) -> str | None:
    """The lines after `# @exercise ID` up to `# @end` (or the end of the cell); None if the cell has none."""
    begin = re.compile(rf"^\s*#\s*@exercise\s+{re.escape(exercise)}\s*$")
    kept: list[str] | None = None
    for line in cell.splitlines():
        if kept is None:
            if begin.match(line):
                kept = []
        elif _END.match(line):
            break
        else:
            kept.append(line)
    return None if kept is None else textwrap.dedent("\n".join(kept)).strip("\n") + "\n"


def latest(cells: Iterable[str], exercise: str) -> str | None:
    """The code in the first of `cells` (latest first) that holds the exercise."""
    for cell in cells:
        found = between_markers(cell, exercise)
        if found is not None:
            return found
    return None


def same_code(a: str, b: str) -> bool:
    """Whether two sources differ only in blank lines and trailing spaces."""
    return _lines(a) == _lines(b)


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in textwrap.dedent(source).splitlines() if line.strip()]
