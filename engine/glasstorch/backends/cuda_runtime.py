"""The door to the CUDA runtime: devices, memory, streams and events, through CuPy.

The ``cuda`` package is built on this file alone. Devices are numbers here, streams and events CuPy's own objects.
Without a GPU everything but ``count`` and ``cupy_if_any`` refuses, as PyTorch without CUDA does.
Source: https://docs.cupy.dev/en/stable/reference/cuda.html
"""

from __future__ import annotations

import threading
from typing import Any

from . import HINT, cupy, require, selected
from .memory import owners


class OutOfMemoryError(RuntimeError):
    """The GPU has no memory left for what was asked. CuPy's own error is its cause."""


def cupy_if_any() -> Any:
    """CuPy, or None where no GPU can be used."""
    return cupy()


def needs(native: str) -> Any:
    """CuPy; without a GPU the AttributeError that PyTorch without CUDA gives for a function it was built without."""
    module = cupy()
    if module is None:
        raise AttributeError(f"module 'torch._C' has no attribute '{native}'\n{HINT}")
    return module


# ------------------------------------------------------------------ devices
def count() -> int:
    """How many GPUs this process sees; ``CUDA_VISIBLE_DEVICES`` is heeded by CUDA itself."""
    module = cupy()
    return 0 if module is None else module.cuda.runtime.getDeviceCount()


def started() -> bool:
    """Is there a CUDA context in this thread: was a GPU used?"""
    module = cupy()
    return module is not None and bool(module.cuda.driver.ctxGetCurrent())


def current() -> int:
    """The selected GPU."""
    return selected()


def select(index: int) -> None:
    """Select a GPU for this thread. RuntimeError for one that is not there."""
    module = require("cuda")
    check(index)
    module.cuda.Device(index).use()


def check(index: int) -> int:
    """The index of a GPU that is there; RuntimeError in CUDA's words for another."""
    if not 0 <= index < (n := count()):
        there = "one GPU, cuda:0" if n == 1 else f"{n} GPUs, cuda:0 to cuda:{n - 1}"
        raise RuntimeError(
            f"CUDA error: invalid device ordinal\ncuda:{index} was asked for, and this process sees {there}"
        )
    return index


def on(index: int | None) -> Any:
    """A ``with`` block in which that GPU is selected; the selected one for None."""
    module = require("cuda")
    return module.cuda.Device() if index is None else module.cuda.Device(check(index))


def properties(index: int) -> dict[str, Any]:
    """What CUDA tells about a GPU, under the names of ``cudaDeviceProp``."""
    return require("cuda").cuda.runtime.getDeviceProperties(check(index))


def synchronize(index: int) -> None:
    """Wait until a GPU has done all it was given."""
    with on(index) as device:
        device.synchronize()


# ------------------------------------------------------------------ memory
class Peaks:
    """The most memory in use on each GPU since the beginning, or since ``reset``.

    Adding up a pool's blocks costs, so it is done only where the peak may have been passed: ``bound`` is what was in
    use when they were last added up plus everything allocated since.
    """

    def __init__(self) -> None:
        self.bound: dict[int, int] = {}
        self.used: dict[int, int] = {}
        self.reserved: dict[int, int] = {}
        self.allocations: dict[int, int] = {}

    def note(self, index: int, size: int, pool: Any) -> None:
        """``size`` bytes were allocated from the pool of the selected GPU."""
        self.allocations[index] = self.allocations.get(index, 0) + 1
        self.bound[index] = self.bound.get(index, 0) + size
        if self.bound[index] > self.used.get(index, 0):
            self.look(index, pool)

    def look(self, index: int, pool: Any) -> None:
        """Compare the pool of the selected GPU with the peaks."""
        self.bound[index] = used = pool.used_bytes()
        self.used[index] = max(self.used.get(index, 0), used)
        self.reserved[index] = max(self.reserved.get(index, 0), pool.total_bytes())

    def reset(self, index: int, pool: Any) -> None:
        """Begin again at what is in use now."""
        self.used[index] = self.reserved[index] = 0
        self.look(index, pool)


PEAKS = Peaks()
_allocators: dict[bool, Any] = {False: None}  # by: with the pool?


def watch_memory(module: Any) -> None:
    """Let CuPy's allocator raise our ``OutOfMemoryError`` and note the peaks. Called once, when CuPy is found."""
    inner, pool = module.cuda.get_allocator(), module.get_default_memory_pool()

    def allocate(size: int) -> Any:
        try:
            pointer = inner(size)
        except module.cuda.memory.OutOfMemoryError as error:
            raise OutOfMemoryError(
                f"CUDA out of memory. Tried to allocate {size / 2**20:.2f} MiB. {error}\n"
                "Smaller batches need less; del what is no longer used; no_grad() for what needs no gradients."
            ) from error
        PEAKS.note(pointer.device_id, pointer.mem.size, pool)
        return pointer

    _allocators[True] = allocate
    module.cuda.set_allocator(allocate)


def use_pool(on: bool) -> None:
    """Take memory from the pool, or from CUDA itself."""
    require("cuda").cuda.set_allocator(_allocators[on])


def memory(index: int) -> dict[str, int]:
    """Bytes in CuPy's pool on a GPU: in use, reserved, their peaks; how many allocations there were."""
    with on(index):
        pool = require("cuda").get_default_memory_pool()
        PEAKS.look(index, pool)
        return {"used": pool.used_bytes(), "reserved": pool.total_bytes(), "peak_used": PEAKS.used[index],
                "peak_reserved": PEAKS.reserved[index], "free_blocks": pool.n_free_blocks(),
                "allocations": PEAKS.allocations.get(index, 0)}  # fmt: skip


def reset_peaks(index: int) -> None:
    """Let the peaks begin again."""
    with on(index):
        PEAKS.reset(index, require("cuda").get_default_memory_pool())


def free_and_total(index: int) -> tuple[int, int]:
    """Bytes free and bytes in all on a GPU, whoever uses them."""
    with on(index) as device:
        free, total = device.mem_info
        return free, total


def release(pinned: bool = False) -> None:
    """Give memory that is held but unused back: the GPUs', or the host's pinned memory."""
    module = require("cuda")
    if pinned:
        module.get_default_pinned_memory_pool().free_all_blocks()
        return
    pool = module.get_default_memory_pool()
    for index in range(count()):
        with on(index):
            PEAKS.look(index, pool)
            pool.free_all_blocks()


def limit(index: int, fraction: float | None = None) -> float:
    """The share of a GPU's memory that the pool may take, set first where a fraction is given."""
    with on(index) as device:
        pool = require("cuda").get_default_memory_pool()
        if fraction is not None:
            pool.set_limit(fraction=fraction)
        most = pool.get_limit()
        return most / device.mem_info[1] if most else 1.0


# ------------------------------------------------------------------ streams and events
def new_stream(index: int, priority: int = 0) -> Any:
    """A CuPy stream on a GPU that does not wait for the default stream."""
    with on(index):
        return require("cuda").cuda.Stream(non_blocking=True, priority=priority)


class _Foreign:
    """A ``cudaStream_t`` by CUDA's protocol. Source:
    https://nvidia.github.io/cuda-python/cuda-core/latest/interoperability.html#cuda-stream-protocol
    """

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self.pointer


def stream_at(pointer: int, index: int) -> Any:
    """A CuPy stream for a ``cudaStream_t`` that somebody else made and keeps alive."""
    with on(index):
        return require("cuda").cuda.Stream.from_external(_Foreign(pointer))


def current_stream(index: int) -> Any:
    """The CuPy stream on which work for a GPU is queued now."""
    check(index)
    return require("cuda").cuda.get_current_stream(index)


def default_stream() -> Any:
    """CUDA's default stream."""
    return require("cuda").cuda.Stream.null


class _Kept(threading.local):
    """The streams that are this thread's current ones: CuPy itself does not keep them alive."""

    def __init__(self) -> None:
        self.streams: dict[int, Any] = {}


_kept = _Kept()


def use_stream(stream: Any, index: int) -> None:
    """Queue this thread's work for the selected GPU, which is ``index``, on a CuPy stream."""
    stream.use()
    _kept.streams[index] = stream


def new_event(enable_timing: bool, blocking: bool, interprocess: bool) -> Any:
    """A CuPy event on the selected GPU."""
    return require("cuda").cuda.Event(
        block=blocking, disable_timing=not enable_timing, interprocess=interprocess
    )


def elapsed(start: Any, end: Any) -> float:
    """Milliseconds between two recorded events."""
    return require("cuda").cuda.get_elapsed_time(start, end)


#: Arrays that a stream besides their own still works on, each with the event after which it does no more.
_in_use: list[tuple[Any, Any]] = []


def keep_until_done(array: Any, stream: Any) -> None:
    """Keep an array's memory from being used again until a stream has done what it was given so far."""
    _in_use[:] = [(a, event) for a, event in _in_use if not event.done]
    _in_use.append((array, stream.record()))


# ------------------------------------------------------------------ transfers
def is_pinned(array: Any) -> bool:
    """Does a host array stand on CuPy's pinned memory?"""
    return any(type(owner).__name__ == "PinnedMemoryPointer" for owner in owners(array))


def empty_pinned(shape: tuple[int, ...], dtype: Any) -> Any:
    """A host array in page-locked memory from CuPy's pinned pool. Source:
    https://docs.cupy.dev/en/stable/reference/generated/cupyx.empty_pinned.html
    """
    import cupyx  # type: ignore[import-not-found]

    require("cuda")
    return cupyx.empty_pinned(shape, dtype)


def from_pinned(array: Any) -> Any:
    """A pinned host array on the selected GPU, under way on the current stream."""
    module = require("cuda")
    out = module.empty(array.shape, array.dtype)
    out.set(array)
    keep_until_done(array, module.cuda.get_current_stream())  # else the next batch may be written over it
    return out


def to_host(array: Any) -> Any:
    """A copy of a GPU array in pinned memory, under way on the current stream: synchronize before reading it."""
    out = empty_pinned(array.shape, array.dtype)
    return array.get(out=out, blocking=False)
