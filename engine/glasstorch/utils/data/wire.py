"""What travels between a loader and its workers: pickles, and beside them the arrays as they lie in memory.

Large arrays are written into shared memory, small ones follow the pickle through the pipe.
"""

from __future__ import annotations

import pickle
import traceback
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...backends.shared import SharedBlock
from .segments import AVAILABLE, Loans, Segments

SHARED_FROM = 1 << 16  # bytes; less costs more to arrange than to send (bench/data_loading.py)
ALIGNMENT = 64  # of each array in the common memory


@dataclass
class Parcel:
    """A packed message: the header, the bytes that follow it through the pipe, a new segment to hand over."""

    header: bytes
    payload: np.ndarray | None = None
    segment: SharedBlock | None = None


def pack(label: Any, message: Any, segments: Segments | None = None) -> Parcel:
    """Pickle a message. Its arrays are copied at once, since their owner may go on writing into them.

    The label is read apart, so that what goes wrong with a message is known to have gone wrong with this one.
    """
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    spans, end = [], 0
    for array in (raws := [b.raw() for b in buffers]):
        spans.append((end, end + array.nbytes))
        end = -(-(end + array.nbytes) // ALIGNMENT) * ALIGNMENT
    if AVAILABLE and segments is not None and end >= SHARED_FROM:
        try:
            number, block, new = segments.take(end)
        except (OSError, ValueError):  # no file or memory left for another one
            pass
        else:
            _fill(np.frombuffer(block, np.uint8), raws, spans)
            place = number, len(block) if new else 0
            return Parcel(pickle.dumps((label, body, spans, end, place)), segment=block if new else None)
    payload = np.empty(end, np.uint8)
    _fill(payload, raws, spans)
    return Parcel(pickle.dumps((label, body, spans, end, None)), payload)


def _fill(memory: np.ndarray, arrays: list[memoryview], spans: list[tuple[int, int]]) -> None:
    for array, (start, stop) in zip(arrays, spans):
        if start < stop:
            memory[start:stop] = np.frombuffer(array, np.uint8)


def send(connection: Any, parcel: Parcel) -> None:
    """Send what ``pack`` made."""
    connection.send_bytes(parcel.header)
    if parcel.payload is not None and parcel.payload.size:
        connection.send_bytes(parcel.payload)
    if parcel.segment is not None:
        from multiprocessing import reduction

        reduction.send_handle(connection, parcel.segment.fd, None)
        parcel.segment.close_file()


def receive(connection: Any, loans: Loans) -> tuple[Any, Any]:
    """Receive a label and a message, a ``Failure`` if it cannot be read; EOFError when the other side is gone."""
    label, body, spans, nbytes, segment = pickle.loads(connection.recv_bytes())
    if segment is not None:
        number, new = segment
        if new:
            _take_over(connection, loans, number, new)
        memory = loans.read(number, nbytes)
    else:
        memory = np.empty(nbytes, np.uint8)
        if nbytes:
            connection.recv_bytes_into(memory)
    try:
        return label, pickle.loads(body, buffers=[memory[start:stop] for start, stop in spans])
    except Exception as error:  # for example a class that only the worker knows
        return label, Failure(error, "while reading a worker's batch")


def _take_over(connection: Any, loans: Loans, number: int, nbytes: int) -> None:
    """Receive a new segment and map it."""
    from multiprocessing import reduction

    try:
        loans.add(number, nbytes, reduction.recv_handle(connection))
    except ConnectionError:  # the worker is gone
        raise
    except (RuntimeError, OSError) as error:  # the system drops a descriptor for which there is no room
        raise RuntimeError(
            "Too many open files: a worker's batch could not be taken over. Keep fewer files open, or raise the "
            "limit with `ulimit -n` in the shell."
        ) from error


class _PlainText(str):
    """Text whose repr is itself: KeyError shows the repr of its argument, which would hide the line breaks."""

    def __repr__(self) -> str:
        return str(self)


class Failure:
    """An exception on its way from a worker to the loader, with its traceback as text."""

    def __init__(self, error: BaseException, where: str) -> None:
        lines = "".join(traceback.format_exception(error))
        self.kind: type[BaseException] = type(error)
        self.message = f"Caught {self.kind.__name__} {where}.\nOriginal {lines}"

    def packable(self) -> Failure:
        """Itself, or with RuntimeError as its type where the type cannot be pickled (a class made in a function)."""
        try:
            pickle.loads(pickle.dumps(self))
        except Exception:
            self.kind = RuntimeError
        return self

    def reraise(self) -> None:
        """Raise an exception of the same type with the worker's traceback in its message."""
        text = _PlainText(self.message) if self.kind is KeyError else self.message
        try:
            error = self.kind(text)
        except Exception:  # its constructor wants other arguments
            error = RuntimeError(text)
        raise error
