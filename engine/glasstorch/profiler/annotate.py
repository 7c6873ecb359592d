"""``record_function``: a range with a name of the user's."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any

from ..core.mode import STATE, THREAD
from .recorder import ANNOTATION, USER, Range, Recorder


class record_function(ContextDecorator):
    """A label on a block of code, or (as a decorator) on every call of a function, in whatever profiler runs.

    ``name`` is what tables and traces call it; ``args`` a text for the trace. Without a profiler it does nothing.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.profiler.record_function.html
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args
        self._open: list[tuple[Recorder, Range] | None] = []

    def _recreate_cm(self) -> record_function:
        return type(self)(self.name, self.args)  # calls of a decorated function may overlap

    def __enter__(self) -> record_function:
        if not isinstance(self.name, str):
            raise RuntimeError(
                "profiler::_record_function_enter_new() Expected a value of type 'str' for argument 'name' but instead "
                f"found type '{type(self.name).__name__}'."
            )
        recorder = THREAD.profiler if STATE.special else None
        if recorder is None or not recorder.on:
            self._open.append(None)
            return self
        r = recorder.open(self.name, kind=ANNOTATION, scope=USER)
        r.args = self.args
        self._open.append((recorder, r))
        return self

    def __exit__(self, *exc: Any) -> None:
        opened = self._open.pop()
        if opened is not None:
            recorder, r = opened
            recorder.close(r)
