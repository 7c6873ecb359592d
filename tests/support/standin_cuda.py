"""The stand-in's ``cupy.cuda``: one device, whose streams have done everything as soon as they are given it.

It has the names of CuPy's documented API that the engine calls, with their parameters, and nothing else.
"""

from __future__ import annotations

import contextlib
import types
from typing import Any


class Device:
    """The one device."""

    cublas_handle, cusolver_handle = 101, 102
    pci_bus_id = "00000000:01:00.0"
    mem_info = (3 << 30, 4 << 30)

    def __init__(self, device: Any = None) -> None:
        self.id = int(device or 0)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *exc: Any) -> None: ...

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Device) and other.id == self.id

    def __hash__(self) -> int:
        return self.id

    def synchronize(self) -> None: ...

    def use(self) -> None: ...


class Event:
    """A mark: past at once. Two of them lie one millisecond apart."""

    made = 0
    done = True

    def __init__(self, block: bool = False, disable_timing: bool = False, interprocess: bool = False) -> None:
        Event.made += 1
        self.ptr = 0x1000 + Event.made

    def record(self, stream: Any = None) -> None: ...

    def synchronize(self) -> None: ...


class Stream:
    """A queue that is always empty."""

    made = 0
    done = True
    null: Stream

    def __init__(
        self, null: bool = False, non_blocking: bool = False, ptds: bool = False, priority: int | None = None
    ):
        Stream.made += not null
        self.ptr, self.priority = 0 if null else 0x2000 + Stream.made, priority or 0

    @staticmethod
    def from_external(obj: Any) -> Stream:
        out = Stream(null=True)
        out.ptr = obj.__cuda_stream__()[1]
        return out

    def use(self) -> Stream:
        _state["stream"] = self
        return self

    def record(self, event: Event | None = None) -> Event:
        return Event() if event is None else event

    def wait_event(self, event: Event) -> None: ...

    def synchronize(self) -> None: ...

    def is_capturing(self) -> bool:
        return False


Stream.null = Stream(null=True)
_state: dict[str, Any] = {"stream": Stream.null, "allocator": None}


class OutOfMemoryError(MemoryError):
    """CuPy's own error for a pool that gets no more memory."""


class Pool:
    """A memory pool that can be told how much is in use."""

    def __init__(self) -> None:
        self.used, self.total, self.limit = 0, 0, 0

    def malloc(self, size: int) -> Any:
        if self.limit and self.used + size > self.limit:
            raise OutOfMemoryError(
                f"Out of memory allocating {size} bytes (limit set to: {self.limit} bytes)."
            )
        self.used += size
        self.total = max(self.total, self.used)
        return types.SimpleNamespace(
            ptr=0x3000 + self.used, device_id=0, mem=types.SimpleNamespace(size=size)
        )

    def used_bytes(self) -> int:
        return self.used

    def total_bytes(self) -> int:
        return self.total

    def n_free_blocks(self) -> int:
        return 0

    def free_all_blocks(self) -> None:
        self.total = self.used

    def set_limit(self, size: int | None = None, fraction: float | None = None) -> None:
        self.limit = size or int((fraction or 0) * Device.mem_info[1])

    def get_limit(self) -> int:
        return self.limit


def properties(name: str) -> dict[str, Any]:
    """``cudaDeviceProp`` of a device that does not exist."""
    return {
        "name": name.encode(), "major": 9, "minor": 0, "totalGlobalMem": Device.mem_info[1],
        "multiProcessorCount": 132, "warpSize": 32, "l2CacheSize": 50 << 20, "uuid": bytes(range(16)),
        "pciBusID": 1, "pciDeviceID": 0, "pciDomainID": 0, "maxThreadsPerMultiProcessor": 2048,
    }  # fmt: skip


def build(name: str) -> tuple[types.ModuleType, Pool]:
    """``cupy.cuda`` and the pool behind it."""
    pool = Pool()
    _state["allocator"] = pool.malloc
    cuda = types.ModuleType("cupy.cuda")
    cuda.Device, cuda.Stream, cuda.Event = Device, Stream, Event  # type: ignore[attr-defined]
    cuda.memory = types.SimpleNamespace(OutOfMemoryError=OutOfMemoryError)  # type: ignore[attr-defined]
    cuda.get_allocator = lambda: _state["allocator"]  # type: ignore[attr-defined]
    cuda.set_allocator = lambda allocator=None: _state.update(allocator=allocator)  # type: ignore[attr-defined]
    cuda.get_current_stream = lambda device_id=-1: _state["stream"]  # type: ignore[attr-defined]
    cuda.get_elapsed_time = lambda start, end: 1.0  # type: ignore[attr-defined]
    cuda.driver = types.SimpleNamespace(ctxGetCurrent=lambda: 1)  # type: ignore[attr-defined]
    cuda.nvtx = types.SimpleNamespace(available=False)  # type: ignore[attr-defined]
    cuda.runtime = types.SimpleNamespace(  # type: ignore[attr-defined]
        getDeviceCount=lambda: 1,
        getDeviceProperties=lambda k: properties(name),
        runtimeGetVersion=lambda: 13000,
        deviceCanAccessPeer=lambda a, b: 0,
        profilerStart=contextlib.nullcontext,
        profilerStop=contextlib.nullcontext,
    )
    return cuda, pool
