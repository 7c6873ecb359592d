"""Python's ``multiprocessing`` with tensors that travel as shared memory.

Everything is Python's own. Importing the package teaches its queues, pipes and process arguments to hand a tensor's
memory over instead of copying it: the tensor is first moved to shared memory, as ``share_memory_`` does, and both
sides then see the same numbers. The sender has to be alive until the other side has taken the tensor. Small print:
``reductions``. Source: https://pytorch.org/docs/stable/multiprocessing.html
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import *  # noqa: F403

from . import reductions
from .spawn import (
    ProcessContext,
    ProcessException,
    ProcessExitedException,
    ProcessRaisedException,
    SpawnContext,
    spawn,
    start_processes,
)

_STRATEGIES = {"file_descriptor", "file_system"}
_strategy = "file_descriptor"


def get_all_sharing_strategies() -> set[str]:
    """The names that ``set_sharing_strategy`` takes."""
    return _STRATEGIES


def get_sharing_strategy() -> str:
    """The name that was set, ``file_descriptor`` at first."""
    return _strategy


def set_sharing_strategy(new_strategy: str) -> None:
    """Kept for PyTorch's programs. Memory here never has a name, so nothing can leak and both mean the same."""
    global _strategy
    if new_strategy not in _STRATEGIES:
        raise AssertionError(f"invalid sharing strategy {new_strategy!r}, expected one of {_STRATEGIES}")
    _strategy = new_strategy


reductions.init_reductions()

__all__ = [
    *multiprocessing.__all__,
    "ProcessContext",
    "ProcessException",
    "ProcessExitedException",
    "ProcessRaisedException",
    "SpawnContext",
    "get_all_sharing_strategies",
    "get_sharing_strategy",
    "set_sharing_strategy",
    "spawn",
    "start_processes",
]
