"""Giving up root and every capability, and dying with the parent."""

from __future__ import annotations

import ctypes
import os
import signal
import struct

from glasstorch_web.sandbox.kernel import libc, syscalls

NOBODY = 65534
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522


def unused_uid() -> int:
    """A user number that no account has, different for every process: boxes of two workers are strangers."""
    return 1_900_000_000 + os.getpid()


def become(uid: int, *, keep_reading: bool) -> None:
    """Drop from root to `uid`. With `keep_reading`, file modes do not hide files (Landlock still does):

    the way to use a Python that lives below a home folder closed to other users.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    if keep_reading:
        libc.prctl(libc.PR_SET_KEEPCAPS, 1)
    os.setresuid(uid, uid, uid)


def drop_capabilities(*, keep_reading: bool = False) -> None:
    kept = 1 << _CAP_DAC_READ_SEARCH if keep_reading else 0
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), 8)
    # effective, permitted, inheritable; low words, then high words
    data = ctypes.create_string_buffer(struct.pack("=6I", kept, kept, 0, 0, 0, 0), 24)
    libc.syscall(syscalls.number("capset"), header, data, what="capset")


def die_with_parent() -> None:
    """Must come after every change of user or capabilities: the kernel forgets it at each."""
    if libc.LINUX:
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
