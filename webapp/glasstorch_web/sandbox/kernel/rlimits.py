"""Per-process resource limits. In a box that can start no process they are limits of the whole box."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import sys

OPEN_FILES = 64


def memory(proc: int) -> tuple[int, int]:
    """Bytes of address space this process has now, and of memory that it shares with no file.

    `proc`: the folder /proc, opened. Zeros where the system does not tell.
    """
    try:
        statm = os.open("self/statm", os.O_RDONLY, dir_fd=proc)
    except OSError:
        return 0, 0
    try:
        counts = os.read(statm, 200).split()[:3]
    finally:
        os.close(statm)
    space, resident, shared = (int(pages) * resource.getpagesize() for pages in counts)
    return space, resident - shared


def tasks_of(uid: int) -> int:
    """How many processes and threads a user has now, which is what RLIMIT_NPROC counts."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


def apply(*, cpu_seconds: float, memory_bytes: int, tasks: int) -> None:
    """memory_bytes is the ceiling of the whole address space; 0 leaves it alone.

    tasks: how many processes and threads this user may have; 0 means that it can start none, -1 leaves it alone.
    """
    soft = max(1, math.ceil(cpu_seconds))
    _lower(resource.RLIMIT_CPU, soft, soft + 1)
    if memory_bytes and sys.platform == "linux":
        _lower(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK):
        _lower(kind, 0, 0)
    if tasks >= 0:
        _lower(resource.RLIMIT_NPROC, tasks, tasks)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        _lower(resource.RLIMIT_MSGQUEUE, 0, 0)


def _lower(kind: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))
