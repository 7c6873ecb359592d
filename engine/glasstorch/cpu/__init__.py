"""The CPU under the names that other devices have. Source: https://pytorch.org/docs/stable/cpu.html"""

from __future__ import annotations

from typing import Any

from . import amp


def is_available() -> bool:
    """True: there is always a CPU."""
    return True


def is_initialized() -> bool:
    """True: there is nothing to start."""
    return True


def device_count() -> int:
    """1: all cores count as one device."""
    return 1


def current_device() -> str:
    """``cpu``."""
    return "cpu"


def set_device(device: Any) -> None:
    """Nothing to choose."""


def synchronize(device: Any = None) -> None:
    """Nothing to wait for: operations on the CPU are done when they return."""


class Stream:
    """In the place of a GPU's stream: work on the CPU is done when a call returns."""

    def __init__(self, priority: int = -1) -> None: ...

    def wait_stream(self, stream: Any) -> None:
        """Nothing to wait for."""

    def record_event(self) -> None:
        """Nothing to mark."""

    def wait_event(self, event: Any) -> None:
        """Nothing to wait for."""


class Event:
    """In the place of a GPU's event: always past."""

    def query(self) -> bool:
        """True: it is past."""
        return True

    def record(self, stream: Any = None) -> None:
        """Nothing to mark."""

    def synchronize(self) -> None:
        """Nothing to wait for."""

    def wait(self, stream: Any = None) -> None:
        """Nothing to wait for."""


_default = _current = Stream()


def current_stream(device: Any = None) -> Stream:
    """The stream chosen by ``stream``."""
    return _current


class StreamContext:
    """A ``with`` block in which ``current_stream`` is another one; nothing for None."""

    def __init__(self, stream: Stream | None) -> None:
        self.stream, self._before = stream, _default

    def __enter__(self) -> None:
        global _current
        if self.stream is not None:
            self._before, _current = _current, self.stream

    def __exit__(self, *exc: Any) -> None:
        global _current
        if self.stream is not None:
            _current = self._before


def stream(stream: Stream | None) -> StreamContext:
    """A ``with`` block with another current stream."""
    return StreamContext(stream)


__all__ = [
    "Event", "Stream", "StreamContext", "amp", "current_device", "current_stream", "device_count", "is_available",
    "is_initialized", "set_device", "stream", "synchronize",
]  # fmt: skip
