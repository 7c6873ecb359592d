"""Raw system calls through the C library that is already in the process."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

LINUX = sys.platform == "linux"
MACHINE = platform.machine()

_libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
# Calls through this one hold the interpreter's lock.
_held = ctypes.PyDLL(None, use_errno=True) if os.name == "posix" else None

_LARGE_PAGE, _MADV_COLLAPSE = 1 << 21, 25

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


def fork(flags: int) -> int:
    """`os.fork` with flags of clone(2): what the child gets of its own. One thread only may be running."""
    if not flags:
        return os.fork()
    # Holding the interpreter's lock, as os.fork does, and with the same work before and after.
    assert _held is not None
    python = ctypes.pythonapi
    call = _held.syscall
    number = ctypes.c_long({"x86_64": 56, "aarch64": 220}[MACHINE])
    python.PyOS_BeforeFork()
    child: int = call(number, ctypes.c_long(flags | signal.SIGCHLD), *[ctypes.c_long(0)] * 4)
    if child == 0:
        python.PyOS_AfterFork_Child()
        return 0
    python.PyOS_AfterFork_Parent()
    return _checked(child, "clone")


def collapse_own_memory() -> None:
    """Put what this process has allocated into large pages, as far as the kernel can: fork copies few entries then."""
    assert _libc is not None
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        areas = [line.split() for line in file]
    for span, mode, _, _, _, *name in areas:
        if mode == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in span.split("-"))
            for place in range(-(-start // _LARGE_PAGE) * _LARGE_PAGE, end - _LARGE_PAGE + 1, _LARGE_PAGE):
                _libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(_LARGE_PAGE), _MADV_COLLAPSE)


def unshare(flags: int) -> None:
    assert _libc is not None
    _checked(_libc.unshare(flags), "unshare")
