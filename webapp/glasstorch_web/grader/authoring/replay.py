"""A submission that has learnt the answers of an earlier run by heart.

Its box is no process: it gives, check by check, the replies that the solution gave in the run before. Where a check is
content with them, hard-coded answers pass it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.process import BoxEnded
from glasstorch_web.sandbox.values import Encoder


class Memory:
    """What was answered, by check. Give `recording` or `replaying` as `make_box`, and `progress` to the grade."""

    def __init__(self) -> None:
        self._answers: dict[str, list[Any]] = defaultdict(list)
        self._said: dict[str, int] = defaultdict(int)
        self._check = ""

    def progress(self, done: int, total: int, title: str) -> None:
        self._check = title

    def keep(self, answer: Any) -> None:
        self._answers[self._check].append(answer)

    def next(self) -> Any:
        known, number = self._answers[self._check], self._said[self._check]
        self._said[self._check] += 1
        if number >= len(known):
            raise BoxEnded("closed")
        return known[number]

    def recording(self, *args: Any, **options: Any) -> Box:
        return _Recording(self, *args, **options)

    def replaying(self, *args: Any, **options: Any) -> Box:
        return _Replaying(self, *args, **options)


class _Recording(Box):
    def __init__(self, memory: Memory, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._memory = memory

    def _exchange(self, header: dict[str, Any], encoder: Encoder) -> Any:
        try:
            answer = super()._exchange(header, encoder)
        except CallFailed as failed:
            self._memory.keep(failed)
            raise
        self._memory.keep(answer)
        return answer


class _Replaying(Box):
    def __init__(self, memory: Memory, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._memory = memory

    @property
    def alive(self) -> bool:
        return True

    def load(self) -> list[str]:
        names: list[str] = self._exchange({}, Encoder())
        return names

    def _unreadable(self, detail: str) -> BoxEnded:
        return BoxEnded("unreadable", detail)

    def _exchange(self, header: dict[str, Any], encoder: Encoder) -> Any:
        answer = self._memory.next()
        if isinstance(answer, CallFailed):
            raise answer
        return answer
