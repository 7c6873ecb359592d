"""What remains of a program under renaming: its tokens' fingerprints, by winnowing.

S. Schleimer, D. S. Wilkerson, A. Aiken: "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003. Of
the hashes of all runs of `RUN` tokens, the least of every `WINDOW` in a row is kept. So programs that share a passage
of RUN + WINDOW - 1 tokens share a fingerprint, whatever stands around it.
"""

from __future__ import annotations

import io
import keyword
import tokenize
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RUN = 10
WINDOW = 4

_ALIKE = (tokenize.NUMBER, tokenize.STRING, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
_SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)


@dataclass(frozen=True)
class Print:
    """A program's fingerprints: (hash, index of the first token of its run), and the line of each token."""

    chosen: tuple[tuple[int, int], ...]
    lines: tuple[int, ...]

    @property
    def hashes(self) -> frozenset[int]:
        return frozenset(value for value, _ in self.chosen)


def fingerprint(source: str) -> Print:
    """The fingerprints of Python code; of what is no Python, as far as it can be read."""
    tokens = list(_tokens(source))
    hashes = _runs([text for text, _ in tokens])
    return Print(tuple(_winnowed(hashes)), tuple(line for _, line in tokens))


def every_run(source: str) -> frozenset[int]:
    """The hashes of all runs, for code whose passages are to be left out wherever they stand."""
    return frozenset(_runs([text for text, _ in _tokens(source)]))


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    """Tokens with their lines. Names that a learner can choose become one and the same, values too."""
    before, owner = "", ""  # the last token, and the one before it
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _SILENT:
                continue
            text = token.string
            if token.type == tokenize.NAME and not keyword.iskeyword(text):
                given = before == "." and owner != "self"  # such as `sum` in `x.sum()`: the framework's own
                kind = text if given else "name"
            else:
                kind = tokenize.tok_name[token.type] if token.type in _ALIKE else text
            yield kind, token.start[0]
            before, owner = text, before
    except (tokenize.TokenError, SyntaxError):  # it ends in the middle, or is indented at random
        return


def _runs(tokens: Sequence[str]) -> list[int]:
    # Not hash(), which is another one in every process.
    return [zlib.crc32("\0".join(tokens[i : i + RUN]).encode()) for i in range(len(tokens) - RUN + 1)]


def _winnowed(hashes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The rightmost least hash of every window, each place once."""
    last = -1
    for start in range(max(1, len(hashes) - WINDOW + 1) if hashes else 0):
        window = hashes[start : start + WINDOW]
        least = min(window)
        place = start + len(window) - 1 - window[::-1].index(least)
        if place != last:
            last = place
            yield least, place


def regions(
    left: Print, right: Print, without: frozenset[int]
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where two programs agree: pairs of (first line, last line), in the left one's order.

    without: fingerprints that say nothing, such as the starter's.
    """
    places: dict[int, list[int]] = {}
    for value, place in right.chosen:
        places.setdefault(value, []).append(place)
    diagonals: dict[int, list[int]] = {}  # by how far the right place is from the left one: left places
    for value, place in left.chosen:
        if value not in without:
            for other in places.get(value, ()):
                diagonals.setdefault(other - place, []).append(place)
    spans = []
    for shift, starts in diagonals.items():
        first = last = starts[0]
        for start in starts[1:]:
            if start > last + RUN + WINDOW:
                spans.append((first, last, shift))
                first = start
            last = start
        spans.append((first, last, shift))
    found = {
        (_lines(left, first, last), _lines(right, first + shift, last + shift))
        for first, last, shift in spans
    }
    return sorted(found)


def _lines(program: Print, first: int, last: int) -> tuple[int, int]:
    return program.lines[first], program.lines[min(last + RUN, len(program.lines)) - 1]
