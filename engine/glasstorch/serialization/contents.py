"""The bytes of a file to be loaded: looked at through a map, taken by reading.

What is mapped and then copied is in memory twice, which large files cannot afford.
"""

from __future__ import annotations

import io
import mmap
import os
from typing import Any

import numpy as np


class Contents:
    """Bytes at hand, or those of a file from ``start`` on. ``view`` shows them all without a copy."""

    def __init__(self, data: Any, file: Any = None, start: int = 0) -> None:
        self.view = memoryview(data)[start:]
        self.file, self.start = file, start

    @classmethod
    def of(cls, file: Any, start: int = 0, access: int = mmap.ACCESS_READ) -> Contents:
        """Those of an open file of the system. ``access``: may the view be written, and does the file see it?"""
        if os.fstat(file.fileno()).st_size <= start:
            return cls(b"")
        return cls(mmap.mmap(file.fileno(), 0, access=access), file, start)

    @classmethod
    def from_object(cls, f: Any, start: int) -> Contents:
        """Those of any object with ``read``, which stands at ``start``."""
        if isinstance(f, io.BufferedReader) and isinstance(f.raw, io.FileIO) and os.path.isfile(f.fileno()):
            return cls.of(f, start)
        data = f.read()
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"load() needs a file open in binary mode, this one gives {type(data).__name__}")
        return cls(data)

    def take(self, at: int, nbytes: int, into: np.ndarray | None = None) -> np.ndarray:
        """A copy of some bytes, in a new array or in one that is given. EOFError if there are not as many."""
        out = np.empty(nbytes, np.uint8) if into is None else into
        if self.file is None:
            out[:] = np.frombuffer(self.view, np.uint8, nbytes, at)
            return out
        self.file.seek(self.start + at)
        left = memoryview(out)  # type: ignore[arg-type]
        while left:
            n = self.file.readinto(left)
            if not n:
                raise EOFError(
                    f"Ran out of input: the file ends {len(left)} bytes too early, it is cut or corrupt"
                )
            left = left[n:]
        return out

    def shared(self, at: int, nbytes: int) -> np.ndarray:
        """The bytes themselves, without a copy."""
        return np.frombuffer(self.view, np.uint8, nbytes, at)
