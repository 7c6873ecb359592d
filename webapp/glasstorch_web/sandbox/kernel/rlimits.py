"""Per-process resource limits. In a box that can start no process they are limits of the whole box."""

from __future__ import annotations

import math
import resource
import sys

OPEN_FILES = 64


def address_space() -> int:
    """Bytes of address space this process has now (0 where the system does not tell)."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def apply(*, cpu_seconds: float, memory_bytes: int) -> None:
    """memory_bytes is the ceiling of the whole address space; 0 leaves it alone."""
    soft = max(1, math.ceil(cpu_seconds))
    _lower(resource.RLIMIT_CPU, soft, soft + 1)
    if memory_bytes and sys.platform == "linux":
        _lower(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC, resource.RLIMIT_MEMLOCK):
        _lower(kind, 0, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        _lower(resource.RLIMIT_MSGQUEUE, 0, 0)


def _lower(kind: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))
