"""Running code again and again, with a clock beside it."""

from __future__ import annotations

import enum
import textwrap
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

from .measurement import Measurement, TaskSpec, set_torch_threads

_SHORTEST = 1e-9  # seconds
_MOST_RUNS = 2**31 - 1


class Language(enum.Enum):
    """The language of a statement."""

    PYTHON = 0
    CPP = 1


def timer() -> float:
    """The time in seconds, once a GPU has finished what it was given."""
    from ... import cuda

    if cuda.is_available() and cuda.is_initialized():
        cuda.synchronize()
    return timeit.default_timer()


class Timer:
    """Times a statement: with one thread unless told otherwise, after a warm-up, a GPU's work included.

    Args:
        stmt: the statement, as text. setup: what is run once before. globals: the names that both may use; ``torch``
            is among them.
        timer: gives the time in seconds.
        label, sub_label, description, env: what tables of ``Compare`` say of the task; ``description`` names the
            column, ``sub_label`` the row.
        num_threads: how many threads operations may use.
    """

    def __init__(
        self, stmt: str = "pass", setup: str = "pass", global_setup: str = "", timer: Callable[[], float] = timer,
        globals: dict[str, Any] | None = None, label: str | None = None, sub_label: str | None = None,
        description: str | None = None, env: str | None = None, num_threads: int = 1,
        language: Language | str = Language.PYTHON,
    ) -> None:  # fmt: skip
        import glasstorch

        if not isinstance(stmt, str):
            raise ValueError("Currently only a `str` stmt is supported.")
        if language in (Language.CPP, "cpp", "c++"):
            raise NotImplementedError("Timer runs Python only; C++ statements are PyTorch's.")
        if language not in (Language.PYTHON, "py", "python"):
            raise ValueError(f"Invalid language `{language}`.")
        if global_setup:
            raise ValueError(
                f"global_setup is C++ only, got `{global_setup}`. Most likely this code can simply be moved to `setup`."
            )
        names = {"torch": glasstorch, **(globals or {})}
        stmt, setup = _plain(stmt), _plain(setup)
        self._timer = timeit.Timer(stmt, setup, timer, names)
        self._task_spec = TaskSpec(stmt, setup, "", label, sub_label, description, env, num_threads)

    def _seconds(self, number: int) -> float:
        return max(self._timer.timeit(number), _SHORTEST)

    def _result(self, number: int, times: list[float]) -> Measurement:
        return Measurement(number, times, self._task_spec)

    def timeit(self, number: int = 1000000) -> Measurement:
        """Run the statement ``number`` times, after a warm-up of a hundredth of that."""
        with set_torch_threads(self._task_spec.num_threads):
            self._seconds(max(number // 100, 2))
            return self._result(number, [self._seconds(number)])

    def repeat(self, repeat: int = -1, number: int = -1) -> None:
        """Not here: ``blocked_autorange`` repeats."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def autorange(self, callback: Callable | None = None) -> None:
        """Not here: ``blocked_autorange`` finds how many runs are enough."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def blocked_autorange(
        self, callback: Callable[[int, float], Any] | None = None, min_run_time: float = 0.2
    ) -> Measurement:
        """Measure for ``min_run_time`` seconds, in blocks of so many runs that the clock itself does not count.

        Args:
            callback: called with the number of runs and the seconds of each block.
        """
        number = self._block(min_run_time)
        return self._result(number, self._blocks(number, min_run_time, lambda times: True, None, callback))

    def adaptive_autorange(
        self, threshold: float = 0.1, *, min_run_time: float = 0.01, max_run_time: float = 10.0,
        callback: Callable[[int, float], Any] | None = None,
    ) -> Measurement:  # fmt: skip
        """Like ``blocked_autorange``, until the spread is under ``threshold`` times the median, or time is up."""
        number = self._block(min_run_time=0.05)

        def steady(times: list[float]) -> bool:
            return len(times) > 3 and self._result(number, times).meets_confidence(threshold)

        return self._result(number, self._blocks(number, min_run_time, steady, max_run_time, callback))

    def _blocks(
        self, number: int, at_least: float, enough: Callable[[list[float]], bool], at_most: float | None,
        callback: Callable[[int, float], Any] | None,
    ) -> list[float]:  # fmt: skip
        times: list[float] = []
        with set_torch_threads(self._task_spec.num_threads):
            while sum(times) < at_least or not enough(times):
                times.append(self._seconds(number))
                if callback:
                    callback(number, times[-1])
                if at_most and sum(times) > at_most:
                    break
        return times

    def _block(self, min_run_time: float) -> int:
        """So many runs that reading the clock is a ten-thousandth of their time."""
        with set_torch_threads(self._task_spec.num_threads):
            clock = float(np.median([self._seconds(0) for _ in range(5)]))
            number = 1
            while True:
                taken = self._seconds(number)
                settled = clock / taken <= 1e-4 and taken >= min_run_time / 1000
                if settled or taken > min_run_time or number * 10 > _MOST_RUNS:
                    return number
                number *= 10

    def collect_callgrind(self, *args: Any, **kwargs: Any) -> Any:
        """Not here: instructions of Python code on NumPy say little about it."""
        raise NotImplementedError(
            "Timer.collect_callgrind(): Glasstorch does not count instructions. Use timeit or blocked_autorange."
        )


def _plain(code: str) -> str:
    code = textwrap.dedent(code)
    return code.removeprefix("\n").rstrip()
