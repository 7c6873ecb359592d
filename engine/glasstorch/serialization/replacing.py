"""Files written whole or not at all.

Opening a file for writing empties it at once: a program that is killed, a full disk or Ctrl-C then leaves a checkpoint
that is neither the old one nor the new. So the new contents go to a file of their own beside it, and take its name in
one step when all is written. Memory that ``load(mmap=True)`` mapped from the old file stays what it was.
Source: https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html (a rename replaces in one step)
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from typing import IO, Any


@contextlib.contextmanager
def replacing(path: Any) -> Iterator[IO[bytes]]:
    """A file open for writing whose contents become those of ``path`` when the block ends without an error.

    A symbolic link stays one, and the file that it points to is replaced. A file that exists keeps its mode and, where
    the system lets us, its owner; further names of it (hard links) keep the old contents. Pipes and devices, and files
    in folders where nothing new can be made, are written as they are. Raises what ``open(path, "wb")`` would.
    """
    old = _existing(path)
    beside = None if old and not stat.S_ISREG(old.st_mode) else _open_beside(path, old)
    if beside is None:
        with open(path, "wb") as file:
            yield file
        return
    target, name, descriptor = beside
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the new name with no contents
            if not os.path.exists(name):
                os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=descriptor)
        _take_place(name, target)
    finally:  # there no more unless something failed, Ctrl-C included
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _existing(path: Any) -> os.stat_result | None:
    """What the system knows of the file at ``path``, if there is one; OSError if it may not be written."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found.st_mode):
        os.close(os.open(path, os.O_WRONLY))
    return found


def _open_beside(path: Any, old: os.stat_result | None) -> tuple[str, str, int] | None:
    """The file to be replaced, and a new one beside it: name and descriptor. None where ``path`` is to be written."""
    target = os.fsdecode(path)
    # Links are followed one by one: /dev/stdout leads to a file that others hold open, which must stay the same.
    for _ in range(40):
        if os.path.realpath(os.path.dirname(target)).startswith(("/proc/", "/dev/fd")):
            return None
        if not os.path.islink(target):
            break
        target = os.path.join(os.path.dirname(target), os.readlink(target))
    folder, last = os.path.split(target)
    name = os.path.join(folder, f".{last[:40]}.{secrets.token_hex(6)}.part")
    try:
        descriptor = _open_nameless(folder)
        if descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            descriptor = os.open(name, flags, 0o666)  # less the umask, as open() makes files
    except OSError as error:
        if old and not isinstance(error, PermissionError):
            raise  # a full disk, say: the old file is left alone
        return None  # only the folder is closed to us; or open() fails too, and says why
    if old and hasattr(os, "fchown"):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
        with contextlib.suppress(PermissionError):
            os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
    return target, name, descriptor


def _open_nameless(folder: str) -> int | None:
    """A new file that has no name yet, of which nothing is left when the program dies. Only Linux has such files."""
    if not hasattr(os, "O_TMPFILE") or not os.path.exists("/proc/self/fd"):
        return None
    try:
        return os.open(folder or ".", os.O_WRONLY | os.O_TMPFILE, 0o666)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT):
            return None  # not every file system has them
        raise


def _take_place(name: str, target: str) -> None:
    try:
        os.replace(name, target)
    except OSError:
        # A file mounted by itself, or another user's in a shared folder: its contents can still be replaced.
        with open(name, "rb") as new, open(target, "wb") as file:
            shutil.copyfileobj(new, file, 1 << 20)
