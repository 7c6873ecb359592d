"""The loader's side of its workers: handing out tasks, collecting batches in order, noticing the dead."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import time
import weakref
from multiprocessing import connection as connections
from typing import Any

from . import wire, worker
from .iterate import BatchIterator
from .segments import Loans

STOP_SECONDS = 5  # how long a worker may finish what it is doing before it is ended


class _Process:
    """A worker process, the connection to it, and what it is up to."""

    def __init__(self, context: Any, number: int, loader: Any, base_seed: int) -> None:
        self.connection, theirs = context.Pipe()
        arguments = (number, loader.num_workers, theirs, loader.recipe(), base_seed, loader.worker_init_fn)
        self.process = context.Process(target=worker.run, args=arguments, daemon=True)
        self.process.start()
        theirs.close()  # so that this end reads an end of file when the worker dies
        self.loans = Loans()
        self.active = True  # has its stream not ended?
        self.tasks = 0


def _stop(workers: list[_Process], owner: int) -> None:
    """End the workers: by asking, then by force."""
    if os.getpid() != owner:  # a forked copy of the loader has no say
        return
    for w in workers:
        try:
            w.connection.send(None)
        except OSError:
            pass  # it is gone already
    deadline = time.monotonic() + STOP_SECONDS
    for w in workers:
        w.process.join(max(0, deadline - time.monotonic()))
        if w.process.is_alive():
            w.process.terminate()
            w.process.join(1)
        if w.process.is_alive():
            w.process.kill()
            w.process.join()
        w.connection.close()


def default_context() -> Any:
    """The way of starting workers: what the program chose, else ``fork`` on Linux.

    ``fork`` needs no pickling, so datasets and functions written in a notebook or inside a function work.
    """
    chosen = multiprocessing.get_start_method(allow_none=True)
    return multiprocessing.get_context(chosen or ("fork" if sys.platform == "linux" else None))


class ParallelIterator(BatchIterator):
    """One pass over a loader with workers; several passes when they persist."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.numbers = iter(
            self.index_sampler
        )  # again, as PyTorch does: a sampler may draw numbers when asked
        self.timeout, self.in_order = loader.timeout, loader.in_order
        self.persistent = loader.persistent_workers
        self.most = max(1, loader.prefetch_factor) * loader.num_workers
        context = loader.multiprocessing_context or default_context()
        self.workers: list[_Process] = []
        self.close = weakref.finalize(self, _stop, self.workers, os.getpid())
        for number in range(loader.num_workers):
            self.workers.append(_Process(context, number, loader, self.base_seed))
        self.which = 0
        self._begin()

    @property
    def closed(self) -> bool:  # type: ignore[override]
        """Have the workers ended?"""
        return not self.close.alive

    def reset(self, loader: Any) -> None:
        """Start another pass with the same workers."""
        super().reset(loader)
        self._begin()

    def _begin(self) -> None:
        self.which += 1  # replies to an earlier, abandoned pass are thrown away
        self.sent = self.handed = 0
        self.waiting: dict[int, _Process] = {}  # tasks without a reply
        self.ready: dict[int, Any] = {}  # replies not handed out yet
        self.turn = itertools.cycle(self.workers)
        for w in self.workers:
            w.active, w.tasks = True, 0
        for _ in range(self.most):
            self._send_one()

    def _send_one(self) -> None:
        """Give the next indices to the worker whose turn it is."""
        if not any(w.active for w in self.workers):
            return
        try:
            indices = self.next_indices()
        except StopIteration:
            return
        w = next(w for w in self.turn if w.active)
        if not self.in_order:
            w = min((w for w in self.workers if w.active), key=lambda w: w.tasks)
        try:
            w.connection.send((self.which, self.sent, indices, *w.loans.settled()))
        except OSError:
            self._worker_died(w)
        self.waiting[self.sent] = w
        w.tasks += 1
        self.sent += 1

    def next_batch(self) -> Any:
        while not self.closed:
            place = self.handed if self.in_order else next(iter(self.ready), None)
            if place in self.ready:
                batch = self.ready.pop(place)
                self.handed += 1
                if isinstance(batch, str) and batch == worker.STREAM_ENDED:
                    continue
                self._send_one()
                if isinstance(batch, wire.Failure):
                    batch.reraise()
                return batch
            if not self.waiting:
                break
            self._receive()
        if not self.persistent:
            self.close()
        raise StopIteration

    def _receive(self) -> None:
        """Wait for a reply of any worker; RuntimeError after ``timeout`` seconds or when one died."""
        by_handle = {w.connection: w for w in self.workers} | {w.process.sentinel: w for w in self.workers}
        ready = self._wait(by_handle)
        if not ready:
            for w in self.workers:  # no use in asking
                w.process.terminate()
            self.close()
            raise RuntimeError(f"DataLoader timed out after {self.timeout} seconds")
        talking = [by_handle[h] for h in ready if not isinstance(h, int)]
        for w in talking:
            try:
                (which, place), reply = wire.receive(w.connection, w.loans)
            except (EOFError, OSError):
                self._worker_died(w)
            if which != self.which:
                continue
            self.waiting.pop(place)
            w.tasks -= 1
            if isinstance(reply, str) and reply == worker.STREAM_ENDED and w.active:
                w.active = False
                self._send_one()
            self.ready[place] = reply
        if not talking:
            self._worker_died(by_handle[ready[0]])

    def _wait(self, by_handle: dict[Any, _Process]) -> list[Any]:
        """The connections and sentinels with something to say; none after ``timeout`` seconds.

        A process that a worker has left behind holds both ends open, so that the worker's own end goes unnoticed:
        now and then the system is asked directly.
        """
        deadline = time.monotonic() + self.timeout if self.timeout else float("inf")
        while True:
            left = max(0, deadline - time.monotonic())
            ready = connections.wait(list(by_handle), min(left, worker.LOOK_SECONDS))
            if ready or left <= worker.LOOK_SECONDS:
                return ready
            for w in self.workers:
                if not w.process.is_alive():
                    self._worker_died(w)

    def _worker_died(self, w: _Process) -> None:
        if self.closed:  # the program is ending, and ended the workers
            raise StopIteration
        w.process.join(1)
        code, pid = w.process.exitcode, w.process.pid
        if code is not None and code < 0:
            name = signal.strsignal(-code) or str(-code)
            how = f", killed by signal: {name}."
            if -code == signal.SIGKILL:
                how += " The system does that when memory runs out: try fewer workers or smaller batches."
        else:
            how = f" with exit code {code}. Use num_workers=0 to see the error itself."
        self.close()
        raise RuntimeError(f"DataLoader worker (pid(s) {pid}) exited unexpectedly{how}")
