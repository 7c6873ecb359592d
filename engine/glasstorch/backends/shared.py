"""Memory that several processes map, without a name that could be left behind.

The memory is a file without a name (``memfd_create`` on Linux, an unlinked temporary file elsewhere), so neither the
size of ``/dev/shm`` matters nor does anything remain when a process is killed: the system takes the memory back when
the last process that maps it, or holds its file descriptor, has ended.
"""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
from typing import Any

import numpy as np

from .memory import owners


def _nameless_file(nbytes: int) -> int:
    """A file descriptor of ``nbytes`` zeros; OSError where the system has no more files or no more memory."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("glasstorch")
    else:
        with tempfile.TemporaryFile() as f:
            fd = os.dup(f.fileno())
    try:
        if scarce(fd):
            raise OSError(errno.EMFILE, "Too many open files: the last quarter is left to the program")
        os.ftruncate(fd, nbytes)
    except OSError:
        os.close(fd)
        raise
    return fd


def scarce(fd: int) -> bool:
    """Is a new file descriptor one of the last quarter of those allowed? They are handed out from below."""
    import resource  # not on Windows

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return limit != resource.RLIM_INFINITY and fd > limit * 3 // 4


class SharedBlock(mmap.mmap):
    """A block of shared memory: a new one, or the one behind the file descriptor ``fd``, which it then owns.

    OSError or ValueError when the system refuses. Whoever holds the descriptor can map the same memory; once nobody
    else needs it, ``close_file`` saves a file descriptor and leaves the memory.
    """

    fd = -1

    def __new__(cls, nbytes: int, fd: int = -1) -> SharedBlock:
        fd = _nameless_file(nbytes) if fd < 0 else fd
        try:
            self = super().__new__(cls, fd, nbytes)
        except BaseException:
            os.close(fd)
            raise
        self.fd = fd
        return self

    def array(self) -> np.ndarray:
        """The bytes as an array, which keeps the block alive."""
        return np.frombuffer(self, np.uint8)

    def close_file(self) -> None:
        """Close the file descriptor; the memory stays mapped."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.close_file()


def block_of(array: Any) -> mmap.mmap | None:
    """The shared memory that an array lies in, if any."""
    return next((owner for owner in owners(array) if isinstance(owner, mmap.mmap)), None)
