"""Raw system calls through the C library that is already in the process."""

from __future__ import annotations

import ctypes
import os
import platform
import sys

LINUX = sys.platform == "linux"
MACHINE = platform.machine()

_libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_NO_NEW_PRIVS = 38

Argument = int | bytes | None | ctypes.Array[ctypes.c_char] | ctypes.c_void_p


def _pass(argument: Argument) -> object:
    # ctypes would truncate a bare int to 32 bits in a variadic call.
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def syscall(number: int, *arguments: Argument, what: str = "syscall") -> int:
    """Make system call `number`; raise OSError with its errno when it fails."""
    assert _libc is not None
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_pass, arguments)), what)


def prctl(option: int, *arguments: int) -> int:
    assert _libc is not None
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_libc.prctl(option, *(ctypes.c_ulong(value) for value in padded)), f"prctl({option})")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    assert _libc is not None
    source_, target_, kind_, data_ = (
        None if s is None else os.fsencode(s) for s in (source, target, kind, data)
    )
    result = _libc.mount(source_, target_, kind_, ctypes.c_ulong(flags), data_)
    _checked(result, f"mount {target}")


def umount_detached(target: str) -> None:
    assert _libc is not None
    _checked(_libc.umount2(os.fsencode(target), 2), f"umount {target}")


def unshare(flags: int) -> None:
    assert _libc is not None
    _checked(_libc.unshare(flags), "unshare")
