"""What travels between a loader and its workers: pickles whose arrays follow as they lie in memory."""

from __future__ import annotations

import pickle
import traceback
from typing import Any


def pack(message: Any) -> list[Any]:
    """The message as byte strings: first the pickle with the lengths of the rest, then one for each array."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    arrays = [b.raw() for b in buffers]
    return [pickle.dumps((body, [a.nbytes for a in arrays])), *arrays]


def send(connection: Any, packed: list[Any]) -> None:
    """Send what ``pack`` made."""
    for part in packed:
        connection.send_bytes(part)


def receive(connection: Any) -> Any:
    """Receive one message; EOFError when the other side is gone."""
    body, lengths = pickle.loads(connection.recv_bytes())
    arrays = []
    for n in lengths:
        memory = bytearray(n)
        if n:
            connection.recv_bytes_into(memory)
        else:
            connection.recv_bytes()
        arrays.append(memory)
    return pickle.loads(body, buffers=arrays)


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
            pickle.dumps(self)
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
