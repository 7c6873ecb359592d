"""Tables of measurements: a row for each sub-label, a column for each description, a table for each label."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

from .measurement import Measurement, ordered_unique, select_unit, trim_sigfig, unit_to_english

_END = "\033[0m"
_BEST, _GOOD, _BAD, _WORST = "\033[92m\033[1m", "\033[34m\033[1m", "\033[2m\033[91m", "\033[31m\033[1m"


class Colorize(enum.Enum):
    """Along what the fastest is marked by colour."""

    NONE = "none"
    COLUMNWISE = "columnwise"
    ROWWISE = "rowwise"


def _coloured(text: str, value: float, best: float) -> str:
    if value <= best * 1.01 or value <= best + 100e-9:
        return f"{_BEST}{text}{_END}{_END}"
    if value <= best * 1.1:
        return f"{_GOOD}{text}{_END}{_END}"
    if value >= best * 5:
        return f"{_WORST}{text}{_END}{_END}"
    return f"{_BAD}{text}{_END}" if value >= best * 2 else text


class _Column:
    """How one column writes its numbers: all with as many digits as its least certain one bears."""

    def __init__(self, cells: Sequence[Measurement | None], scale: float, trim: bool, spread: bool) -> None:
        there = [m for m in cells if m is not None]
        leading = [math.ceil(math.log10(m.median / scale)) for m in there]
        decimals = 1
        if trim:
            decimals = min(max(m.significant_figures - d, 0) for m, d in zip(there, leading, strict=True))
        width = max(leading) + decimals + bool(decimals)
        self._scale, self._trim = scale, trim
        self._spread = spread and any(m.has_warnings for m in there)
        self._form = f"{{:>{width}.{decimals}f}}{{:>{7 if self._spread else 0}}}"

    def write(self, m: Measurement | None) -> str:
        """The number, or as much empty space."""
        if m is None:
            return " " * len(self._form.format(1.0, ""))
        value = m.median / self._scale
        value = trim_sigfig(value, m.significant_figures) if self._trim else value
        spread = f" (! {m.iqr / m.median * 100:.0f}%)" if self._spread and m.has_warnings else ""
        return self._form.format(value, spread)


class Compare:
    """Measurements side by side: ``print(Compare(measurements))``.

    Args:
        results: measurements; those of one task are merged.
    """

    def __init__(self, results: list[Measurement]) -> None:
        self._results: list[Measurement] = []
        self.extend_results(results)
        self._trim = self._warn = False
        self._colours = Colorize.NONE

    def extend_results(self, results: list[Measurement]) -> None:
        """Add measurements."""
        for r in results:
            if not isinstance(r, Measurement):
                raise ValueError(f"Expected an instance of `Measurement`, got {type(r)} instead.")
        self._results.extend(results)

    def trim_significant_figures(self) -> None:
        """Write no more figures than the spread lets one believe."""
        self._trim = True

    def colorize(self, rowwise: bool = False) -> None:
        """Mark the fastest of each column, or of each row."""
        self._colours = Colorize.ROWWISE if rowwise else Colorize.COLUMNWISE

    def highlight_warnings(self) -> None:
        """Say the spread beside numbers where it is wide."""
        self._warn = True

    def print(self) -> None:
        """Print the tables."""
        print(str(self))  # noqa: T201  (what it is for)

    def __str__(self) -> str:
        groups: dict[str | None, list[Measurement]] = {}
        for m in Measurement.merge(self._results):
            groups.setdefault(m.label, []).append(m)
        return "\n".join(self._table(label, group) for label, group in groups.items())

    def _table(self, label: str | None, results: list[Measurement]) -> str:
        unit, scale = select_unit(min(m.median for m in results))
        heads = ordered_unique(m.description for m in results)
        keys = ordered_unique((m.num_threads, m.env, m.as_row_name) for m in results)
        keys.sort(key=lambda key: (key[0], key[1] or ""))  # rows of one kind stay in their order
        cells: dict = {key: [None] * len(heads) for key in keys}
        for m in results:
            cells[m.num_threads, m.env, m.as_row_name][heads.index(m.description)] = m
        columns = [_Column([row[k] for row in cells.values()], scale, self._trim, self._warn)
                   for k in range(len(heads))]  # fmt: skip
        envs = {m.env for m in results}
        room = max(len(str(e)) for e in envs) + 4 if len(envs) > 1 else 4
        lines, before = [["", *(str(h or "") for h in heads)]], None
        for key, row in cells.items():
            env = f"({key[1]})" if len(envs) > 1 and key[:2] != before else ""
            written = [column.write(m) for column, m in zip(columns, row, strict=True)]
            lines.append(["  " + env.ljust(room) + key[2], *written])
            before = key[:2]
        widths = [max(map(len, part)) for part in zip(*lines, strict=True)]
        out = ["  |  ".join(text.center(w) for text, w in zip(lines[0], widths, strict=True))]
        across, threads = len(out[0]), None
        for (key, row), line in zip(cells.items(), lines[1:], strict=True):
            if key[0] != threads:
                threads = key[0]
                out.append(f"{threads} threads: ".ljust(across, "-"))
            texts = [text.center(w) for text, w in zip(line[1:], widths[1:], strict=True)]
            bests = self._bests(row, [r for k, r in cells.items() if k[0] == threads])
            out.append("  |  ".join([line[0].ljust(widths[0]), *(
                text if m is None or best is None else _coloured(text, m.median, best)
                for text, m, best in zip(texts, row, bests, strict=True)
            )]))  # fmt: skip
        title = f"[{(' ' + (label or '') + ' ').center(across - 2, '-')}]"
        wide = self._warn and any(m.has_warnings for m in results)
        note = "(! XX%) Measurement has high variance, where XX is the IQR / median * 100.\n" if wide else ""
        return "\n".join([title, *out, "", f"Times are in {unit_to_english(unit)}s ({unit}).", note])

    def _bests(self, row: Sequence, group: Sequence[Sequence]) -> list[float | None]:
        if self._colours is Colorize.NONE:
            return [None] * len(row)
        if self._colours is Colorize.ROWWISE:
            return [min(m.median for m in row if m is not None)] * len(row)
        return [min((r[k].median for r in group if r[k] is not None), default=None) for k in range(len(row))]
