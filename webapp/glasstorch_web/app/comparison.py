"""What changed between two pieces of code, line by line, each line in colour."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from markupsafe import Markup

from .highlight import highlighted_lines, lines_of

CONTEXT = 3  # unchanged lines shown around each change


@dataclass(frozen=True)
class Line:
    """One line of one side, numbered from 1."""

    number: int
    html: Markup


@dataclass(frozen=True)
class Pair:
    """Two lines side by side; None where a side has none there."""

    kind: Literal["same", "changed"]
    old: Line | None
    new: Line | None


@dataclass(frozen=True)
class Comparison:
    """`parts`: stretches of lines, each around some changes."""

    parts: tuple[tuple[Pair, ...], ...]
    added: int
    removed: int

    def unified(self, part: tuple[Pair, ...]) -> Iterator[tuple[Literal["same", "removed", "added"], Line]]:
        """The lines of a part one below the other: of each change, first what went, then what came."""
        waiting: list[Line] = []
        for pair in part:
            if pair.kind == "same":
                yield from (("added", line) for line in waiting)
                waiting = []
                if pair.new:
                    yield "same", pair.new
                continue
            if pair.old:
                yield "removed", pair.old
            if pair.new:
                waiting.append(pair.new)
        yield from (("added", line) for line in waiting)


def compare(old: str, new: str) -> Comparison:
    """The changes that lead from `old` to `new`."""
    old_lines, new_lines = lines_of(old), lines_of(new)
    old_html, new_html = highlighted_lines(old), highlighted_lines(new)
    matcher = difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    parts, added, removed = [], 0, 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        pairs: list[Pair] = []
        for tag, i1, i2, j1, j2 in group:
            left = [Line(at + 1, old_html[at]) for at in range(i1, i2)]
            right = [Line(at + 1, new_html[at]) for at in range(j1, j2)]
            kind: Literal["same", "changed"] = "same" if tag == "equal" else "changed"
            pairs += [Pair(kind, one, other) for one, other in zip_longest(left, right)]
            if tag != "equal":
                added, removed = added + len(right), removed + len(left)
        parts.append(tuple(pairs))
    return Comparison(tuple(parts), added, removed)
