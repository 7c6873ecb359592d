"""Namespaces: a root file system of its own, and no view of other processes, networks or IPC."""

from __future__ import annotations

import os
from collections.abc import Iterable

from glasstorch_web.sandbox.kernel import libc, syscalls

_NEW_MOUNT, _NEW_UTS, _NEW_IPC = 0x00020000, 0x04000000, 0x08000000
_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000

_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT = 1, 2, 4, 8, 32
_NOATIME, _NODIRATIME, _BIND, _RECURSIVE, _PRIVATE, _RELATIME = 1024, 2048, 4096, 16384, 1 << 18, 1 << 21


def enter(*, user: bool) -> None:
    """Leave the host's mounts, network, IPC and host name; `user` first makes a user namespace.

    Raises OSError where the kernel, or the container around it, does not allow it.
    """
    uid, gid = os.geteuid(), os.getegid()
    kinds = _NEW_MOUNT | _NEW_UTS | _NEW_IPC | _NEW_NET
    libc.unshare(kinds | _NEW_USER if user else kinds)
    if user:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
    libc.mount(None, "/", None, _RECURSIVE | _PRIVATE)


def fork_alone() -> int:
    """`os.fork`, but the child is process 1 of a namespace in which it is alone."""
    return libc.fork(_NEW_PID)


def change_root(at: str, readable: Iterable[str], links: dict[str, str]) -> None:
    """Make a small read-only root on the empty folder `at` and enter it.

    `readable` (real paths, folders before what is in them) appear at their own paths; `links` are
    symbolic links to make, path to target.
    """
    libc.mount("none", at, "tmpfs", _NOSUID | _NODEV, "mode=0755,size=1m,nr_inodes=4096")
    for path in readable:
        _show(path, at + path)
    for path, target in links.items():
        if not os.path.lexists(at + path):
            os.symlink(target, at + path)
    libc.mount(None, at, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)
    os.chdir(at)
    libc.syscall(syscalls.number("pivot_root"), b".", b".", what="pivot_root")
    libc.umount_detached(".")
    os.chdir("/")


def _show(path: str, target: str) -> None:
    if os.path.lexists(target):
        return  # inside a folder shown already
    if os.path.isdir(path):
        os.makedirs(target, 0o755)
    else:
        os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    libc.mount(path, target, None, _BIND | _RECURSIVE)
    libc.mount(None, target, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _kept_flags(target))


def _kept_flags(target: str) -> int:
    # In a user namespace the flags a mount came with are locked: a remount must repeat them.
    flags = os.statvfs(target).f_flag
    kept = flags & (_NODEV | _NOEXEC | _NOATIME | _NODIRATIME)
    return kept | (_RELATIME if flags & 4096 else 0)


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)
