"""Landlock: from a point on, this process can read the paths given to it and nothing else."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from glasstorch_web.sandbox.kernel import libc, syscalls

_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
# How many file rights each ABI version knows; what it does not know it cannot be asked to handle.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP_RIGHTS = 0b11  # bind, connect: ABI 4
_SCOPES = 0b11  # abstract unix sockets, signals: ABI 6
_PATH_BENEATH = 1
_O_PATH = getattr(os, "O_PATH", 0)


def abi() -> int:
    """The kernel's Landlock version, 0 when it has none."""
    if not libc.LINUX:
        return 0
    try:
        return libc.syscall(444, None, 0, 1, what="landlock")
    except OSError:
        return 0


def ruleset(readable: Iterable[str], listable: Iterable[str] = ()) -> int:
    """A rule set as a file descriptor: read below `readable`, list (only) below `listable`.

    Every other file right, TCP, abstract sockets and signals to the outside are denied, as far as
    this kernel's version handles them.
    """
    version = abi()
    rights = (1 << _FILE_RIGHTS[min(version, 5)]) - 1
    attributes = struct.pack("QQQ", rights, _TCP_RIGHTS, _SCOPES)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    buffer = ctypes.create_string_buffer(attributes[:size], size)
    handle = libc.syscall(
        syscalls.number("landlock_create_ruleset"), buffer, size, 0, what="landlock_create_ruleset"
    )
    for path in readable:
        _allow(handle, path, _READ_FILE | _READ_DIR)
    for path in listable:
        _allow(handle, path, _READ_DIR)
    return handle


def _allow(handle: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, _O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _EXECUTE | _READ_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place), 12)
        libc.syscall(
            syscalls.number("landlock_add_rule"), handle, _PATH_BENEATH, rule, 0, what="landlock_add_rule"
        )
    finally:
        os.close(place)


def restrict(handle: int) -> None:
    """Apply a rule set to this process for good."""
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.syscall(syscalls.number("landlock_restrict_self"), handle, 0, what="landlock_restrict_self")
