"""Streams, queues of work that a GPU does in order, and events, marks in them.

Work on different streams may overlap; an event or ``wait_stream`` puts it in order where that matters.
Source: https://pytorch.org/docs/stable/notes/cuda.html#cuda-streams
"""

from __future__ import annotations

from typing import Any

from ..backends import cuda_runtime as runtime
from ..core.device import device as Device
from .devices import chosen, index_of, is_available
from .devices import device as selected


class Stream:
    """A queue of a GPU. ``with stream:`` or ``with cuda.stream(stream):`` gives it the work of a block.

    ``priority``: -1 goes before 0. RuntimeError without a GPU.
    """

    _of: Any
    _left: list[StreamContext]
    device_index: int

    def __new__(cls, device: Any = None, priority: int = 0, **kwargs: Any) -> Any:
        if not is_available():
            raise RuntimeError("torch.cuda.Stream requires CUDA support")
        index = chosen(device)
        return cls._over(runtime.new_stream(index, priority), index)

    @classmethod
    def _over(cls, of: Any, index: int) -> Any:
        """The stream that CuPy has already."""
        self = object.__new__(cls)
        self._of, self.device_index, self._left = of, index, []
        return self

    device = property(lambda self: Device("cuda", self.device_index), doc="The GPU.")
    cuda_stream = property(lambda self: self._of.ptr, doc="The address of CUDA's stream.")
    stream_id = property(lambda self: self._of.ptr, doc="A number for the stream.")
    priority = property(lambda self: self._of.priority, doc="Its priority; lower goes first.")

    def query(self) -> bool:
        """Has it done all its work?"""
        return self._of.done

    def synchronize(self) -> None:
        """Wait until it has done all its work."""
        self._of.synchronize()

    def record_event(self, event: Event | None = None) -> Event:
        """Put a mark (a new event if none is given) behind the work so far; returns it."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        """Let later work wait for an event."""
        event.wait(self)

    def wait_stream(self, stream: Stream) -> None:
        """Let later work wait for what the other stream was given so far."""
        self.wait_event(stream.record_event())

    def __enter__(self) -> Stream:
        self._left.append(StreamContext(self))
        self._left[-1].__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._left.pop().__exit__(*exc)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Stream) and (self.cuda_stream, self.device_index) == (
            other.cuda_stream,
            other.device_index,
        )

    def __hash__(self) -> int:
        return hash((self.cuda_stream, self.device_index))

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device={self.device} cuda_stream={self.cuda_stream:#x}>"


class ExternalStream(Stream):
    """A stream that other GPU code made, by its address; that code keeps it alive."""

    def __new__(cls, stream_ptr: int, device: Any = None, **kwargs: Any) -> Any:
        with selected(device):
            index = chosen(device)
            return cls._over(runtime.stream_at(stream_ptr, index), index)


class Event:
    """A mark in a stream: to wait for, or, with ``enable_timing``, to measure time between two.

    ``blocking``: waiting for it lets the CPU sleep. RuntimeError without a GPU.
    """

    _of: Any = None

    def __init__(
        self,
        enable_timing: bool = False,
        blocking: bool = False,
        interprocess: bool = False,
        external: bool = False,
    ) -> None:
        if not is_available():
            raise RuntimeError("Tried to instantiate dummy base class Event")
        self._how = enable_timing, blocking, interprocess

    def record(self, stream: Stream | None = None) -> None:
        """Put the mark behind the work that the stream (the current one) was given so far."""
        stream = current_stream() if stream is None else stream
        with selected(stream.device_index):
            if self._of is None:
                self._of = runtime.new_event(*self._how)
            self._of.record(stream._of)

    def wait(self, stream: Stream | None = None) -> None:
        """Let later work of the stream (the current one) wait for the mark."""
        if self._of is not None:
            (current_stream() if stream is None else stream)._of.wait_event(self._of)

    def query(self) -> bool:
        """Was everything before the mark done? True where it was never recorded."""
        return self._of is None or self._of.done

    def synchronize(self) -> None:
        """Wait for the mark."""
        if self._of is not None:
            self._of.synchronize()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this mark to ``end_event``. Both with ``enable_timing`` and done, else an error."""
        if not (self._how[0] and end_event._how[0]):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self._of is None or end_event._of is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        if not (self.query() and end_event.query()):
            raise RuntimeError(
                "Both events must be completed before calculating elapsed time. Call end_event.synchronize() first."
            )
        return runtime.elapsed(self._of, end_event._of)

    def __repr__(self) -> str:
        return (
            "<torch.cuda.Event uninitialized>"
            if self._of is None
            else f"<torch.cuda.Event {self._of.ptr:#x}>"
        )


def current_stream(device: Any = None) -> Stream:
    """The stream on which work for a GPU is queued now."""
    index = chosen(device)
    return Stream._over(runtime.current_stream(index), index)


def default_stream(device: Any = None) -> Stream:
    """The stream on which work is queued when none was chosen."""
    return Stream._over(runtime.default_stream(), chosen(device))


def get_stream_from_external(data_ptr: int, device: Any = None) -> Stream:
    """A stream that other GPU code made, by its address; that code keeps it alive."""
    index = chosen(device)
    return Stream._over(runtime.stream_at(data_ptr, index), index)


def set_stream(stream: Stream | None) -> None:
    """Queue work on this stream from now on, and select its GPU. None changes nothing; ``stream()`` is safer."""
    if stream is None:
        return
    if not isinstance(stream, Stream):
        raise AttributeError(
            f"'{type(stream).__name__}' object has no attribute 'stream_id'\nIt is no cuda.Stream."
        )
    runtime.select(stream.device_index)
    runtime.use_stream(stream._of, stream.device_index)


class StreamContext:
    """In a ``with`` block, work is queued on a stream, and its GPU is selected. Nothing for None."""

    def __init__(self, stream: Stream | None) -> None:
        self.stream = stream
        self.idx: int | None = index_of(None, optional=True)

    def __enter__(self) -> None:
        if self.stream is None or self.idx is None:
            return
        self._selected = runtime.current()
        self._there = current_stream(self.stream.device_index)
        set_stream(self.stream)

    def __exit__(self, *exc: Any) -> None:
        if self.stream is None or self.idx is None:
            return
        set_stream(self._there)
        runtime.select(self._selected)


def stream(stream: Stream | None) -> StreamContext:
    """A ``with`` block whose work is queued on a stream."""
    return StreamContext(stream)
