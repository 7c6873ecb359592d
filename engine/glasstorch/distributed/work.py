"""``Work``: what runs between processes, and can be waited for."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ..futures import Future
from . import traced


class Work:
    """A collective or a message on its way; ``wait()`` returns when it is done, or raises what went wrong."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._then: list[Callable[[], None]] = []  # run once it is done and before anybody hears of it
        self._heard: list[Callable[[Work], None]] = []  # run once everybody can hear of it
        self._result: list[Any] = []
        self.algorithm = ""
        self.source = -1
        self.started = time.perf_counter()
        self.finished = 0.0
        self.waits: list[tuple[float, float]] = []  # when somebody stood in wait(), and until when
        self.exact = False  # does ``finished`` say when it was over, and not when somebody looked?
        self.sent: int | None = None  # bytes on the wire, where they are counted
        self.received: int | None = None

    def _finish(self, error: BaseException | None = None) -> None:
        with self._lock:
            if error is None:
                try:
                    for step in self._then:
                        step()
                except Exception as e:
                    error = e
            self.finished = time.perf_counter()
            self._error = error
            self._done.set()
        for hear in self._heard:
            hear(self)

    def _before_done(self, step: Callable[[], None]) -> None:
        """Let a step be part of the work, also when the work may be done already."""
        with self._lock:
            if not self._done.is_set():
                self._then.append(step)
                return
        step()

    def _on_done(self, hear: Callable[[Work], None]) -> None:
        with self._lock:
            if not self._done.is_set():
                self._heard.append(hear)
                return
        hear(self)

    def wait(self, timeout: timedelta | None = None) -> bool:
        """Wait until it is done. RuntimeError after ``timeout``, or when another process has gone."""
        start = time.perf_counter()
        try:
            arrived = self._await(None if not timeout else timeout.total_seconds())
        finally:
            self.waits.append((start, time.perf_counter()))
            traced.waited(*self.waits[-1])
        if not arrived:
            assert timeout is not None
            raise RuntimeError(
                f"Work ran timed out after {round(timeout.total_seconds() * 1000)} milliseconds"
            )
        if self._error is not None:
            raise self._error
        return True

    def _await(self, seconds: float | None) -> bool:
        return self._done.wait(seconds)

    def synchronize(self) -> None:
        """The same as ``wait()``."""
        self.wait()

    @property
    def waited(self) -> float:
        """How many seconds somebody stood in ``wait()``."""
        return sum(end - start for start, end in self.waits)

    def is_completed(self) -> bool:
        """Is it done, well or not?"""
        return self._done.is_set()

    def is_success(self) -> bool:
        """Is it done, and well?"""
        return self.is_completed() and self._error is None

    def exception(self) -> BaseException | None:
        """What went wrong, if it is done and something did."""
        return self._error if self.is_completed() else None

    def result(self) -> list[Any]:
        """The tensors it has filled."""
        return self._result

    def source_rank(self) -> int:
        """Who sent what was received."""
        return self.source

    def get_future(self) -> Future:
        """A ``Future`` of ``result()``."""
        future: Future = Future()
        future._drive = self._stand

        def hear(work: Work) -> None:
            if work._error is None:
                future.set_result(work._result)
            else:
                future.set_exception(work._error)

        self._on_done(hear)
        return future

    def _stand(self) -> None:
        """Wait as ``wait()`` does, so that it is noted; what went wrong is left to whoever asks for the value."""
        with contextlib.suppress(Exception):
            self.wait()


class Finished(Work):
    """Work that was done on the spot."""

    def __init__(self) -> None:
        super().__init__()
        self.exact = True
        self._finish()


class Worker:
    """One thread that does one piece of work after the other, in the order they came."""

    def __init__(self, name: str) -> None:
        self.tasks: queue.SimpleQueue[tuple[Work, Callable[[], str]] | None] = queue.SimpleQueue()
        self.doing = self.idle = Work()  # what it does now
        self.idle.sent = self.idle.received = 0
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while (task := self.tasks.get()) is not None:
            work, function = task
            self.doing = work
            work.started = time.perf_counter()
            try:
                work.algorithm = function()
            except BaseException as error:
                work._finish(error)
            else:
                work._finish()
            self.doing = self.idle  # hold nobody's arrays while waiting for the next
            del task, work, function

    def submit(self, function: Callable[[], str]) -> Work:
        """Do this next; ``function`` returns the name of the algorithm it took."""
        work = Work()
        work.exact, work.sent, work.received = True, 0, 0
        self.tasks.put((work, function))
        return work

    def close(self) -> None:
        """End the thread when all that was asked for is done."""
        self.tasks.put(None)
