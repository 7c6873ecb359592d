"""Sharing a kernel's work among threads, for what NumPy itself does on one.

NumPy lets go of the interpreter's lock inside large operations, so plain threads run side by side. The batch is cut
into as many parts as ``get_num_threads()`` says; each part makes its own matrix products, on one BLAS thread.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np

WORTH = 1 << 22  # multiplications below which handing work to a thread costs more than it saves
_wanted = {"count": 0}


def count() -> int:
    """Threads a kernel may use: what ``set_count`` was told, else ``OMP_NUM_THREADS``, else one for each processor."""
    return _wanted["count"] or _from_environment() or _processors()


def set_count(n: int) -> None:
    """Use ``n`` threads, in matrix products too where the package threadpoolctl is installed."""
    _wanted["count"] = n
    for library in _blas():
        library.set_num_threads(n)


def _from_environment() -> int:
    first = (
        os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    )  # one number for each level of nesting
    return int(first) if first.isdecimal() else 0


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@functools.cache
def _blas() -> list[Any]:
    """The BLAS libraries of this process, as threadpoolctl controls them; none without it."""
    try:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        return []
    return [c for c in ThreadpoolController().lib_controllers if c.user_api == "blas"]


@functools.cache
def _pool(n: int, pid: int) -> ThreadPoolExecutor:
    """Threads of this process; a forked child has none of its parent's."""
    return ThreadPoolExecutor(n, thread_name_prefix="glasstorch")


_limit_lock = threading.Lock()
_limited: dict[str, Any] = {"users": 0, "before": []}


@contextlib.contextmanager
def _one_blas_thread() -> Iterator[None]:
    """BLAS on one thread; the last of several users at once gives back what the first one found."""
    with _limit_lock:
        if not _limited["users"]:
            _limited["before"] = [library.get_num_threads() for library in _blas()]
            for library in _blas():
                library.set_num_threads(1)
        _limited["users"] += 1
    try:
        yield
    finally:
        with _limit_lock:
            _limited["users"] -= 1
            if not _limited["users"]:
                for library, n in zip(_blas(), _limited["before"]):
                    library.set_num_threads(n)


def share(xp: ModuleType, part: Callable[[int, int], Any], n: int, work: int) -> list[Any]:
    """``part(start, stop)`` over parts of ``range(n)``, side by side when ``work`` multiplications are worth it.

    The results in order of the parts, which depend on nothing but ``n`` and the number of threads.
    """
    k = min(count(), n)
    if k < 2 or work < WORTH or xp is not np:
        return [part(0, n)]
    ends = [n * i // k for i in range(k + 1)]
    pool = _pool(k - 1, os.getpid())
    with _one_blas_thread():
        others = [pool.submit(part, ends[i], ends[i + 1]) for i in range(1, k)]
        return [part(ends[0], ends[1]), *(other.result() for other in others)]
