"""What a timing gives: the times of some runs of one task, their middle and their spread."""

from __future__ import annotations

import contextlib
import math
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

# From these spreads on (interquartile range over median) a measurement warns.
NOTICEABLE, GROSS = 0.1, 0.25
_DIGITS_AT_MOST = 4
_SHORTEST_INTERVAL = 25e-9  # seconds: no clock here tells shorter times apart
_NORMAL_90 = 1.645  # 90 % of a normal distribution lie within so many standard deviations
_UNITS = {
    "ns": (1e-9, "nanosecond"),
    "us": (1e-6, "microsecond"),
    "ms": (1e-3, "millisecond"),
    "s": (1, "second"),
}


def select_unit(t: float) -> tuple[str, float]:
    """The unit in which a time in seconds is a number from 1 to 1000, and its length in seconds."""
    thousands = int(math.log10(t) / 3 // 1) if t > 0 else 0
    unit = {-3: "ns", -2: "us", -1: "ms"}.get(thousands, "s")
    return unit, _UNITS[unit][0]


def unit_to_english(u: str) -> str:
    """The unit's name in full."""
    return _UNITS[u][1]


def trim_sigfig(x: float, n: int) -> float:
    """``x`` with ``n`` significant figures: 3.14159 with 2 is 3.1."""
    if n != int(n):
        raise AssertionError("Number of significant figures must be an integer")
    scale = 10.0 ** (math.ceil(math.log10(abs(x))) - n)
    return float(np.float32(np.round(np.float32(x / scale))) * scale)


def ordered_unique(elements: Iterable[Any]) -> list[Any]:
    """Each element once, in the order of first appearance."""
    return list(dict.fromkeys(elements))


@contextlib.contextmanager
def set_torch_threads(n: int) -> Iterator[None]:
    """Within ``with``: so many threads."""
    from ...settings import get_num_threads, set_num_threads

    before = get_num_threads()
    try:
        set_num_threads(n)
        yield
    finally:
        set_num_threads(before)


@dataclass(repr=False, frozen=True)
class TaskSpec:
    """What was timed. Measurements of equal tasks belong together."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    env: str | None = None
    num_threads: int = 1

    @property
    def title(self) -> str:
        """The label, or else the statement, with the sub-label."""
        if self.label is None and "\n" in self.stmt:
            sub = f" ({self.sub_label})" if self.sub_label else ""
            return f"stmt:{sub}\n{textwrap.indent(self.stmt, '  ')}"
        sub = f": {self.sub_label}" if self.sub_label else ""
        return (self.stmt if self.label is None else self.label) + sub

    def setup_str(self) -> str:
        """The setup, where there is one."""
        if not self.setup or self.setup == "pass":
            return ""
        return (
            f"setup:\n{textwrap.indent(self.setup, '  ')}" if "\n" in self.setup else f"setup: {self.setup}"
        )

    def summarize(self) -> str:
        """The lines that say what was timed."""
        parts = [p for p in (self.title, self.description or "", self.setup_str()) if p]
        return "\n".join(f"{p}\n" if "\n" in p else p for p in parts)


_OF_TASK = {f.name for f in fields(TaskSpec)}


@dataclass(repr=False)
class Measurement:
    """Times of one task: ``raw_times`` in seconds, each of ``number_per_run`` runs.

    The fields of ``task_spec`` are attributes of the measurement too.
    """

    number_per_run: int
    raw_times: list[float]
    task_spec: TaskSpec
    metadata: dict[Any, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in _OF_TASK:
            return getattr(self.task_spec, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def times(self) -> list[float]:
        """Seconds for one run, one number for each of ``raw_times``."""
        return [t / self.number_per_run for t in self.raw_times]

    def _quantile(self, q: float) -> float:
        return float(np.quantile(self.times, q)) if self.raw_times else -1.0

    @property
    def median(self) -> float:
        """Half of the runs took longer."""
        return self._quantile(0.5)

    @property
    def mean(self) -> float:
        """The average of ``times``."""
        return float(np.mean(self.times)) if self.raw_times else -1.0

    @property
    def iqr(self) -> float:
        """The interquartile range: how far apart the quarter points are."""
        return self._quantile(0.75) - self._quantile(0.25)

    @property
    def significant_figures(self) -> int:
        """How many figures of the median can be believed, judged by the spread of the middle half."""
        n = len(self.raw_times)
        middle = np.array(sorted(self.times)[n // 4 : math.ceil(3 * n / 4)])
        interval = max(_NORMAL_90 * float(middle.std()) / math.sqrt(len(middle)), _SHORTEST_INTERVAL)
        return min(max(math.floor(math.log10(self.median / interval)), 1), _DIGITS_AT_MOST)

    def meets_confidence(self, threshold: float = NOTICEABLE) -> bool:
        """Is the spread less than this part of the median?"""
        return self.iqr / self.median < threshold

    @property
    def has_warnings(self) -> bool:
        """Is the spread worth a warning?"""
        return bool(self.raw_times) and not self.meets_confidence()

    @property
    def title(self) -> str:
        """The task's title."""
        return self.task_spec.title

    @property
    def as_row_name(self) -> str:
        """What stands at the left of a table's row."""
        return self.task_spec.sub_label or self.task_spec.stmt or "[Unknown]"

    def _warning(self) -> list[str]:
        if not self.has_warnings:
            return []
        why = (
            "This could indicate system fluctuation."
            if self.meets_confidence(GROSS)
            else "This suggests significant environmental influence."
        )
        return [
            f"  WARNING: Interquartile range is {self.iqr / self.median * 100:.1f}% of the median measurement.",
            f"           {why}",
        ]

    def __repr__(self) -> str:
        n, threads = len(self.raw_times), self.task_spec.num_threads
        unit, length = select_unit(self.median)
        lines = [object.__repr__(self), self.task_spec.summarize()]
        lines.append(f"  {'Median: ' if n > 1 else ''}{self.median / length:.2f} {unit}")
        if n >= 4:
            low, high = self._quantile(0.25) / length, self._quantile(0.75) / length
            lines.append(f"  IQR:    {self.iqr / length:.2f} {unit} ({low:.2f} to {high:.2f})")
        runs = f"{self.number_per_run} runs {'per measurement,' if n > 1 else ','}"
        lines.append(
            f"  {n} measurement{'s' if n > 1 else ''}, {runs} {threads} thread{'s' if threads > 1 else ''}"
        )
        return "\n".join([*lines, *self._warning()])

    @staticmethod
    def merge(measurements: Iterable[Measurement]) -> list[Measurement]:
        """One measurement for each task, with the times of all that are of it."""
        groups: dict[TaskSpec, list[float]] = {}
        for m in measurements:
            groups.setdefault(m.task_spec, []).extend(m.times)
        return [Measurement(1, times, task) for task, times in groups.items()]
