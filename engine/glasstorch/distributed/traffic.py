"""What moves between processes, noted as it happens.

    with dist.traffic.record() as recording:
        loss.backward()
    print(recording.table())
    dist.traffic.save("traffic.json", recording)    # all ranks call it; one file with everybody's

Every event knows what was called, in which group, how many bytes this process put in and how many then went over its
wires, by which algorithm, when it ran, which bucket of ``DistributedDataParallel`` it carried, and how much of its time
the program stood still for it. Nothing is noted, and nothing costs, while nobody records.

Times: the backend ``gloo`` runs its collectives in a thread, which sees both ends of each. MPI's and NCCL's own, and a
message that arrives, are over when this process looks, so that ``seconds`` is the most they can have taken
(``exact`` is False). ``exposed`` is exact everywhere: it is the program's own time.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import phases, traced
from .bytes_moved import least
from .intervals import Intervals

if TYPE_CHECKING:
    from ..core.tensor import Tensor
    from .transport import Transport
    from .work import Work

LIMIT = 10_000


class Event:
    """One collective or message, seen from this process.

    Attributes:
        name: what was called, such as "all_reduce". backend: "gloo", "mpi" or "nccl".
        group: the global ranks that take part; group_name: the group's. rank: this process's in the group.
        dtype: of the elements. elements, nbytes: what this process put in; 0 where it only receives.
        asynchronous: did the program go on meanwhile?
        bucket: which bucket of gradients it carried, None for anything else; parameters: whose gradients those are.
        called: when it was asked for; it starts when the group's earlier ones are done.
        exact: are both ends of it known (see above)? thread: which one runs it, None for one outside Python.
    """

    def __init__(
        self, recording: Recording, name: str, work: Work, backend: Transport, pg: Any, first: Tensor | None,
        nbytes: int, asynchronous: bool,
    ) -> None:  # fmt: skip
        self.name, self.backend = name, backend.name
        self.group, self.group_name, self.rank = list(pg.ranks), pg.group_name, backend.rank
        self.dtype = "" if first is None else str(first.dtype).rpartition(".")[2]
        self.nbytes, self.asynchronous = nbytes, asynchronous
        self.elements = 0 if first is None else nbytes // first._a.itemsize
        self.bucket, self.parameters = _carried.now
        self.called = time.perf_counter()
        self.exact = work.exact
        thread = getattr(getattr(backend, "worker", None), "thread", None)
        self.thread = (
            thread.native_id if self.exact and thread is not None and not name.endswith("send") else None
        )
        self._recording = recording
        self._received_at_most = 0 if first is None else first._a.nbytes
        self._waits = work.waits  # this list alone outlives the work, whose tensors must not be held here
        self._work: Work | None = work
        work._on_done(self._settle)

    def _settle(self, work: Work) -> None:
        self._start, self._end = work.started, work.finished
        self._algorithm, self._failed = work.algorithm, work._error is not None
        self._sent, self._received = self._moved(work)
        self._work = None

    def _moved(self, work: Work) -> tuple[int | None, int | None]:
        if work.sent is not None:
            return work.sent, work.received
        return least(self.name, len(self.group), self.nbytes, self._received_at_most)

    @property
    def done(self) -> bool:
        """Is it over?"""
        work = self._work
        if work is not None and work.is_completed():
            self._settle(work)
        return self._work is None

    @property
    def failed(self) -> bool:
        """Is it over, and not well?"""
        return self.done and self._failed

    @property
    def algorithm(self) -> str:
        """How it was done, such as "ring"; "" before it is over."""
        return self._algorithm if self.done else ""

    @property
    def measured(self) -> bool:
        """Were ``sent`` and ``received`` counted? If not, they are the least that such a collective can move."""
        return self.backend == "gloo"

    @property
    def sent(self) -> int | None:
        """Bytes that this process sent. None: not known, or not over."""
        return self._sent if self.done else None

    @property
    def received(self) -> int | None:
        """Bytes that this process received. None: not known, or not over."""
        return self._received if self.done else None

    @property
    def start(self) -> float:
        """When it began: seconds, as ``time.perf_counter`` counts."""
        work = self._work
        return self._start if work is None else work.started

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it goes on."""
        return max(self._end - self._start, 0.0) if self.done else 0.0

    @property
    def waited(self) -> float:
        """How many seconds the program stood waiting for this one, also before it began."""
        return sum(end - start for start, end in list(self._waits))

    @property
    def exposed(self) -> float:
        """How many of its seconds the program stood still, waiting for this one or for another of the recording."""
        return self._recording._standing().within(self._start, self._end) if self.done else 0.0

    @property
    def overlap(self) -> float:
        """The part of its time in which the program did something else, from 0 to 1."""
        return max(0.0, 1.0 - self.exposed / self.seconds) if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "name": self.name, "backend": self.backend, "group": self.group, "group_name": self.group_name,
            "rank": self.rank, "dtype": self.dtype, "nbytes": self.nbytes, "sent": self.sent,
            "received": self.received, "measured": self.measured, "asynchronous": self.asynchronous,
            "bucket": self.bucket, "parameters": list(self.parameters), "algorithm": self.algorithm,
            "called": self.called, "start": self.start, "seconds": self.seconds, "exact": self.exact,
            "waited": self.waited, "exposed": self.exposed, "overlap": self.overlap, "failed": self.failed,
        }  # fmt: skip

    def __repr__(self) -> str:
        how = f" by {self.algorithm}" if self.algorithm else ""
        what = "" if self.bucket is None else f" (bucket {self.bucket})"
        return (
            f"{self.backend}:{self.name}{what} {self.nbytes} bytes{how} in {self.seconds * 1e3:.2f} ms, "
            f"{self.overlap:.0%} while computing"
        )


class Recording(list):
    """The events of one process, in the order in which they were asked for, and what the process did meanwhile.

    Attributes:
        rank, world_size: this process's place in the job. host: the machine's name.
        phases: ``(name, start, seconds)`` of each "forward", "backward" and "step" (of an optimizer).
        dropped: how many events came after ``limit`` was reached, and are not in the list.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        super().__init__()
        self.limit, self.dropped = limit, 0
        self.rank, self.world_size, self.host = *_place(), platform.node()
        self.epoch = _epoch()  # add to a start to get seconds since 1970
        self.phases: list[tuple[str, float, float]] = []
        self._stood: list[tuple[float, float]] = []
        self._merged: tuple[int, Intervals] = 0, Intervals(())

    def _note(self, event: tuple) -> None:
        if len(self) < self.limit:
            self.append(Event(self, *event))
        else:
            self.dropped += 1

    def _phase(self, name: str, start: float, end: float) -> None:
        if len(self.phases) < self.limit:
            self.phases.append((name, start, end - start))

    def _standing(self) -> Intervals:
        """When the program stood waiting."""
        waits = [wait for event in self for wait in list(event._waits)] + self._stood
        if self._merged[0] != len(waits):
            self._merged = len(waits), Intervals(waits)
        return self._merged[1]

    def summary(self) -> dict[str, Any]:
        """Bytes and seconds of all together.

        ``communicating``: seconds in which something was on its way. ``exposed``: those of them in which the program
        stood still; ``overlap``: the other part, from 0 to 1. ``sent`` and ``received`` leave out what is not known.
        """
        under_way = Intervals((e.start, e.start + e.seconds) for e in self)
        exposed = under_way.common(self._standing())
        return {
            "calls": len(self) + self.dropped, "nbytes": sum(e.nbytes for e in self),
            "sent": sum(e.sent or 0 for e in self), "received": sum(e.received or 0 for e in self),
            "communicating": under_way.length, "exposed": exposed,
            "overlap": max(0.0, 1.0 - exposed / under_way.length) if under_way.length else 0.0,
            **{name: sum(t for n, _, t in self.phases if n == name) for name in phases.NAMES},
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The recording as plain values, which go into JSON: what views and files are made of.

        ``waits``: when the program stood still, waiting for any of the events.
        """
        waits = self._standing()
        return {
            "rank": self.rank, "world_size": self.world_size, "host": self.host, "pid": os.getpid(),
            "epoch": self.epoch, "events": [event.to_dict() for event in self], "totals": _totals(self),
            "phases": [{"name": n, "start": s, "seconds": t} for n, s, t in self.phases],
            "waits": [
                {"start": s, "seconds": e - s} for s, e in zip(waits.starts, waits.ends, strict=True)
            ],
            "summary": self.summary(), "dropped": self.dropped,
        }  # fmt: skip

    def table(self) -> str:
        """A row for each kind of event (and for each bucket of gradients), as text."""
        kinds: dict[str, list[Event]] = {}
        for event in self:
            bucket = "" if event.bucket is None else f" bucket {event.bucket}"
            kinds.setdefault(event.name + bucket, []).append(event)
        width = max(map(len, kinds), default=0)
        titles = "calls", "bytes", "sent", "received", "ms", "exposed ms", "overlap"
        lines = [" " * width + "".join(f"{title:>12}" for title in titles)]
        for kind, events in kinds.items():
            lines.append(f"{kind:{width}}" + "".join(f"{cell:>12}" for cell in _cells(events)))
        s = self.summary()
        lines.append(
            f"Rank {self.rank} of {self.world_size}: something was on its way for {1e3 * s['communicating']:.2f} ms, "
            f"{s['overlap']:.0%} of it while the program computed."
        )
        if self.dropped:
            lines.append(
                f"{self.dropped} more calls are not listed: record(limit={self.limit}) keeps no more."
            )
        return "\n".join(lines)


def _cells(events: Sequence[Event]) -> list[str]:
    sent, received = [e.sent for e in events], [e.received for e in events]
    seconds, exposed = sum(e.seconds for e in events), sum(e.exposed for e in events)
    return [
        str(len(events)),
        str(sum(e.nbytes for e in events)),
        *("?" if None in moved else str(sum(n or 0 for n in moved)) for moved in (sent, received)),
        f"{1e3 * seconds:.2f}",
        f"{1e3 * exposed:.2f}",
        f"{max(0.0, 1 - exposed / seconds):.0%}" if seconds else "-",
    ]


def _epoch() -> float:
    """Both clocks at once, as nearly as this process comes to it without being interrupted in between."""
    best = float("inf"), 0.0
    for _ in range(5):
        before, now, after = time.perf_counter(), time.time(), time.perf_counter()
        best = min(best, (after - before, now - (before + after) / 2))
    return best[1]


def _place() -> tuple[int, int]:
    from . import groups

    return (groups.get_rank(), groups.get_world_size()) if groups.is_initialized() else (0, 1)


_recordings: tuple[Recording, ...] = ()
_lock = threading.Lock()


class _Carried(threading.local):
    now: tuple[int | None, Sequence[str]] = (None, ())


_carried = _Carried()


@contextlib.contextmanager
def record(limit: int = LIMIT) -> Iterator[Recording]:
    """Note all that is started within the block, in any thread, in the ``Recording`` (a list) that it gives.

    ``limit``: keep so many events; further ones are only counted, so that a long training cannot fill the memory.
    Also notes when modules run forward, when backward and optimizers do. No tensor is held.
    """
    global _recordings
    recording = Recording(limit)
    with _lock:
        _recordings = (*_recordings, recording)
    try:
        with phases.told(recording._phase):
            yield recording
    finally:
        with _lock:
            _recordings = tuple(r for r in _recordings if r is not recording)


def _totals(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    totals: dict[str, dict[str, Any]] = {}
    keys = ("nbytes", "sent", "received", "seconds", "waited", "exposed")
    for event in events:
        total = totals.setdefault(event.name, {"calls": 0, **dict.fromkeys(keys, 0)})
        total["calls"] += 1
        for key in keys:
            total[key] += getattr(event, key) or 0
    return totals


def to_dict(events: Sequence[Event]) -> dict[str, Any]:
    """A recording, or some of its events, as plain values."""
    if isinstance(events, Recording):
        return events.to_dict()
    return {"events": [event.to_dict() for event in events], "totals": _totals(events)}


def gather(recording: Recording, group: Any = None) -> list[dict[str, Any]]:
    """Everybody's recording as plain values, by rank. All members of the group call it, after the block."""
    from . import groups, objects

    mine = recording.to_dict()
    if not groups.is_initialized():
        return [mine]
    found: list[Any] = [None] * groups.get_world_size(group)
    objects.all_gather_object(found, mine, group)
    return found


def save(path: str | os.PathLike[str], recording: Recording, group: Any = None) -> None:
    """Write everybody's recording into one JSON file. All members of the group call it; the first one writes."""
    found = gather(recording, group)
    if found[0]["rank"] == recording.rank:
        Path(path).write_text(json.dumps(found), encoding="utf-8")


def load(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """What ``save`` wrote: a recording for each rank, as plain values."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(found, list) or not all(isinstance(r, dict) and "events" in r for r in found):
        raise ValueError(f"{os.fspath(path)} holds no recordings: traffic.save() writes such files")
    return found


# ---------------------------------------------------------------------- what the rest of the package tells
@contextlib.contextmanager
def carrying(bucket: int, parameters: Sequence[str]) -> Iterator[None]:
    """What this thread starts within the block carries the gradients of these parameters."""
    before, _carried.now = _carried.now, (bucket, parameters)
    try:
        yield
    finally:
        _carried.now = before


@contextlib.contextmanager
def standing() -> Iterator[None]:
    """Within the block the program waits for something that is no ``Work``, such as what a hook promised."""
    start = time.perf_counter()
    try:
        yield
    finally:
        for recording in _recordings:
            recording._stood.append((start, time.perf_counter()))


def note(
    name: str, work: Work, backend: Transport, pg: Any, first: Tensor | None, nbytes: int, asynchronous: bool
) -> None:  # fmt: skip
    """Called for whatever is started."""
    event = (name, work, backend, pg, first, nbytes, asynchronous)
    for recording in _recordings:
        recording._note(event)
    p = traced.profiler()
    if p is not None:
        if p.traffic is None:
            p.traffic = Recording(sys.maxsize)
        p.traffic._note(event)
        p.beside(traced.name_of(backend.name, name), p.traffic[-1], () if first is None else (first,))


__all__ = ["Event", "Recording", "gather", "load", "record", "save", "to_dict"]
