"""Memory while profiling: which arrays came into being, and when they went.

Only what becomes visible as a tensor (or as a gradient) is counted: an array that owns its memory is noted when a call
returns it, and a weak reference tells when it is gone. What a kernel takes and gives back inside is not seen, nor is
memory that was there before.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import backends
from ..core.lanes import Lanes
from ..core.tensor import Tensor

if TYPE_CHECKING:
    from .recorder import Range, Recorder


@dataclass(slots=True)
class MemoryEvent:
    """``bytes`` (negative when freed) of an array at a time, inside a range or (None) between operations.

    ``address`` tells arrays apart that are alive together; it is the array's ``id``.
    """

    time: int
    bytes: int
    address: int
    device: int | None  # the GPU's number; None for the host
    thread: int
    range: Range | None
    total: int = 0  # allocated on that device since the start


class MemoryLog:
    """Allocations that are alive, and all events so far."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.events: list[MemoryEvent] = []
        self.live: dict[int, weakref.ref] = {}
        self.totals: dict[int | None, int] = {}

    def produced(self, result: Any, inputs: Any) -> None:
        """Note the arrays in ``result`` that are new: neither known, nor memory of the inputs."""
        live, known = self.live, None
        for a in (result._a,) if result.__class__ is Tensor else _arrays(result):
            owner = _owner(a)
            if owner is None or id(owner) in live:
                continue
            if known is None:
                known = {id(_owner(i)) for i in _arrays(inputs)}
            if id(owner) not in known:
                self._allocated(owner)

    def _allocated(self, owner: Any) -> None:
        key, size = id(owner), owner.nbytes
        device = backends.place(owner)[1]
        self._note(size, key, device)

        def gone(_: Any) -> None:
            self.live.pop(key, None)
            if self.recorder.on:
                self._note(-size, key, device)

        self.live[key] = weakref.ref(owner, gone)

    def _note(self, size: int, address: int, device: int | None) -> None:
        recorder = self.recorder
        r = recorder.lane.top
        self.totals[device] = self.totals.get(device, 0) + size
        self.events.append(
            MemoryEvent(
                time.perf_counter_ns(),
                size,
                address,
                device,
                recorder.thread_number(),
                r,
                self.totals[device],
            )
        )
        if r is not None:
            if device is None:
                r.bytes += size
            else:
                r.device_bytes += size

    def close(self) -> None:
        """Let go of everything that is still watched."""
        self.live.clear()


def _arrays(value: Any) -> Iterator[Any]:
    """Every array in tensors, and in lists, tuples and dictionaries of them."""
    if isinstance(value, Tensor):
        yield value._a
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from _arrays(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from _arrays(v)
    elif value.__class__ is not Lanes and hasattr(value, "nbytes") and hasattr(value, "strides"):
        yield value


def _owner(a: Any) -> Any:
    """The array whose memory this one shows; None when no array owns it (a file, another library's memory)."""
    if a.__class__ is Lanes:
        return None
    while (base := getattr(a, "base", None)) is not None:
        a = base
    if isinstance(a, backends.HostArray):
        return a if a.flags.owndata else None
    return a if type(a).__weakrefoffset__ else None  # a NumPy scalar cannot be watched, and is no tensor
