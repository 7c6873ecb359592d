"""What moves between processes, noted as it happens.

    with dist.traffic.record() as events:
        loss.backward()
    for event in events:
        print(event)

Every event knows what was called, how many bytes this process put in, by which algorithm they went, when it began and
how long it took, and how much of that time the program did not have to wait for: the overlap. Nothing is noted, and
nothing costs, while nobody records.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .transport import Transport
    from .work import Work


@dataclass(eq=False, repr=False)
class Event:
    """One collective or message, seen from this process.

    ``name``: what was called; ``backend``; ``group``: the global ranks that take part; ``nbytes``: what this process
    put in; ``asynchronous``: did the program go on meanwhile?
    """

    name: str
    backend: str
    group: list[int]
    nbytes: int
    asynchronous: bool
    work: Work

    @property
    def algorithm(self) -> str:
        """How it was done, such as "ring"; "" before it has begun."""
        return self.work.algorithm

    @property
    def start(self) -> float:
        """When it began: seconds, as ``time.perf_counter`` counts."""
        return self.work.started

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it goes on."""
        return max(self.work.finished - self.work.started, 0.0) if self.work.is_completed() else 0.0

    @property
    def waited(self) -> float:
        """How many seconds the program stood waiting for it."""
        return self.work.waited

    @property
    def overlap(self) -> float:
        """The part of its time in which the program did something else, from 0 to 1."""
        return max(0.0, 1.0 - self.waited / self.seconds) if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "name": self.name, "backend": self.backend, "group": self.group, "nbytes": self.nbytes,
            "asynchronous": self.asynchronous, "algorithm": self.algorithm, "start": self.start,
            "seconds": self.seconds, "waited": self.waited, "overlap": self.overlap,
        }  # fmt: skip

    def __repr__(self) -> str:
        how = f" by {self.algorithm}" if self.algorithm else ""
        return (
            f"{self.backend}:{self.name} {self.nbytes} bytes{how} in {self.seconds * 1e3:.2f} ms, "
            f"{self.overlap:.0%} while computing"
        )


_recordings: list[list[Event]] = []
_lock = threading.Lock()


@contextlib.contextmanager
def record() -> Iterator[list[Event]]:
    """Note all that is started within the block, in the list that it gives."""
    events: list[Event] = []
    with _lock:
        _recordings.append(events)
    try:
        yield events
    finally:
        with _lock:
            _recordings[:] = [r for r in _recordings if r is not events]


def to_dict(events: list[Event]) -> dict[str, Any]:
    """A recording as plain values: the events, and their sums for each name."""
    totals: dict[str, dict[str, Any]] = {}
    for event in events:
        total = totals.setdefault(event.name, {"calls": 0, "nbytes": 0, "seconds": 0.0, "waited": 0.0})
        total["calls"] += 1
        for key in ("nbytes", "seconds", "waited"):
            total[key] += getattr(event, key)
    return {"events": [event.to_dict() for event in events], "totals": totals}


def note(name: str, work: Work, backend: Transport, pg: Any, nbytes: int, asynchronous: bool) -> None:
    """Called for whatever is started."""
    if _recordings:
        event = Event(name, backend.name, list(pg.ranks), nbytes, asynchronous, work)
        for events in _recordings:
            events.append(event)


def range_of(backend: str, name: str) -> Any:
    """A range "gloo:all_reduce" for the profiler, where one runs."""
    profiler = sys.modules.get(f"{__name__.partition('.')[0]}.profiler")
    if profiler is None:
        return contextlib.nullcontext()
    return profiler.record_function(f"{backend}:{name}")


__all__ = ["Event", "record", "to_dict"]
