"""Shared memory for batches: a worker writes a batch into a segment, the loader's process reads it where it lies.

A segment is lent with a batch and comes back when nothing in the loader's process looks at that batch any more; the
worker then fills it again. So the pages are made once, and a pass touches no more memory than the batches alive.
"""

from __future__ import annotations

import os
import weakref
from functools import partial

import numpy as np

from ...backends.shared import SharedBlock, scarce

AVAILABLE = hasattr(os, "memfd_create")  # elsewhere batches go through the pipe
#: Segments that one worker lends at a time. Each costs a file descriptor in the loader's process; a program that keeps
#: more batches than this, or has few descriptors left, gets copies of the further ones.
MOST_LENT = 32
ROUND = 1 << 16  # sizes are rounded up, so that batches of nearly the same size fit into the same segment


class Segments:
    """The worker's side: segments to write into. They are numbered as they are made."""

    def __init__(self) -> None:
        self.free: dict[int, SharedBlock] = {}
        self.lent: dict[int, SharedBlock] = {}
        self.made = 0

    def take(self, nbytes: int) -> tuple[int, SharedBlock, bool]:
        """A segment of at least ``nbytes``: its number, its memory, and whether it is new to the other side.

        OSError or ValueError when the system has no more files or memory.
        """
        fitting = [number for number, block in self.free.items() if len(block) >= nbytes]
        if fitting:
            number = min(fitting, key=lambda n: len(self.free[n]))
            block, new = self.free.pop(number), False
        else:
            if self.free:  # all too small: the new one takes the place of one of them
                del self.free[min(self.free, key=lambda n: len(self.free[n]))]
            block, new = SharedBlock(-(-nbytes // ROUND) * ROUND), True
            number, self.made = self.made, self.made + 1
        self.lent[number] = block
        return number, block, new

    def settle(self, returned: list[int], lost: list[int]) -> None:
        """Take segments back, and forget those that will not come back."""
        for number in returned:
            self.free[number] = self.lent.pop(number)
        for number in lost:
            del self.lent[number]


class Loans:
    """The reader's side: the segments of one worker, and which of them are being looked at."""

    def __init__(self) -> None:
        self.blocks: dict[int, SharedBlock] = {}
        self.out: dict[int, weakref.ref] = {}  # the arrays over lent segments, by number
        self.returned: list[int] = []
        self.lost: list[int] = []
        self.crowded = False
        _all_loans.add(self)

    def add(self, number: int, nbytes: int, fd: int) -> None:
        """Map a new segment; the file descriptor is used up."""
        self.crowded = self.crowded or scarce(fd)
        self.blocks[number] = SharedBlock(nbytes, fd)
        self.blocks[number].close_file()

    def read(self, number: int, nbytes: int) -> np.ndarray:
        """The first bytes of a segment, which counts as lent as long as this array or a view of it lives."""
        memory = np.frombuffer(self.blocks[number], np.uint8, nbytes)
        if self.crowded or len(self.out) >= MOST_LENT:
            self.returned.append(number)
            return memory.copy()
        self.out[number] = weakref.ref(memory, partial(_came_back, number, self.out, self.returned))
        return memory

    def settled(self) -> tuple[list[int], list[int]]:
        """What the worker is to be told: numbers that came back, numbers that are lost."""
        if not self.returned and not self.lost:
            return [], []
        returned, lost = self.returned.copy(), self.lost
        del self.returned[: len(returned)]  # in place: the callbacks know this list, and may be adding to it
        self.lost = []
        for number in lost:
            self.blocks.pop(number, None)
        return returned, lost

    def lose(self) -> None:
        """Give up all lent segments: their memory stays with whoever looks at it."""
        while self.out:  # one by one: meanwhile another thread may let go of a batch
            self.lost.append(self.out.popitem()[0])


def _came_back(number: int, out: dict, returned: list, ref: weakref.ref) -> None:
    if out.pop(number, None) is not None:
        returned.append(number)


_all_loans: weakref.WeakSet[Loans] = weakref.WeakSet()


def _after_fork() -> None:
    """A forked process looks at the same segments, and nobody learns when it is done with them."""
    for loans in list(_all_loans):
        loans.lose()


if AVAILABLE:
    os.register_at_fork(after_in_parent=_after_fork)
