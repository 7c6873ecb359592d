"""Keeps the worker processes running, and takes back jobs whose worker stopped."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from ..settings import PREFIX, Settings
from ..store import JobQueue, StoreError, WorkerRegistry
from .dispatch import Dispatcher
from .isolation import REFUSED

log = logging.getLogger("glasstorch.service")

LOOK_EVERY = 0.5  # seconds between looks at the workers
SWEEP_EVERY = 2.0
LONGEST_PAUSE = 10.0  # before a worker that keeps dying is started again
HEALTHY_AFTER = 10.0  # seconds of life after which a death counts as the first again
FINISH_GRACE = 2.0  # seconds a worker may take to finish its job when the service stops
STOP_GRACE = 5.0  # seconds it may take to hand the job back

# Settings that this process may have from its command line.
_TOLD = (
    *("state", "lessons", "database_url", "lease", "log_format"),
    *("multi_user", "minimum_level", "accept_weak_isolation"),
)


@dataclass
class _Slot:
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0


class WorkerPool:
    """`settings.workers` processes that grade; a dead one is replaced. Others may grade on other machines.

    `refused` turns true when workers may not grade at this machine's level of isolation; the log says why.
    """

    def __init__(
        self, settings: Settings, queue: JobQueue, registry: WorkerRegistry, dispatcher: Dispatcher
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._registry = registry
        self._dispatcher = dispatcher
        self._slots = [_Slot() for _ in range(settings.workers)]
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.server = secrets.token_hex(6)
        self.refused = False

    def start(self) -> None:
        for slot in self._slots:
            self._spawn(slot)
        self._thread = threading.Thread(target=self._supervise, name="worker pool", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Tell the workers that there may be work."""
        for slot in self._slots:
            if slot.process is not None and slot.process.stdin is not None:
                try:
                    os.write(slot.process.stdin.fileno(), b"\n")
                except (OSError, ValueError):  # it has just died; the job waits for its successor
                    pass

    def ready(self) -> bool:
        """Whether at least one worker, wherever it runs, can grade."""
        return bool(self._registry.alive())

    def isolation(self) -> dict[str, Any] | None:
        """What the weakest of all workers measured; None while none has started."""
        measured = [worker.isolation for worker in self._registry.alive()]
        return min(measured, key=lambda isolation: str(isolation["level"]), default=None)

    def stop(self) -> None:
        """Let each worker finish for a moment, then have it hand its job back, then leave none behind."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        processes = [slot.process for slot in self._slots if slot.process is not None]
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
        _wait(processes, FINISH_GRACE)
        for process in processes:
            process.terminate()
        _wait(processes, STOP_GRACE)
        for process in processes:
            process.kill()
            process.wait()

    def _supervise(self) -> None:
        next_sweep = 0.0
        while not self._stop.wait(LOOK_EVERY):
            try:
                for slot in self._slots:
                    self._look_after(slot)
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + SWEEP_EVERY
                    if taken_back := self._queue.sweep():
                        log.warning("%d unfinished job(s) taken back from workers that stopped", taken_back)
                        self.ring()
                        self._dispatcher.hint()
                    self._registry.forget_silent()
            except StoreError as error:
                log.warning("%s", error)
            except Exception:  # such as a full disk: say so, and look again
                log.exception("the worker pool's round failed")

    def _look_after(self, slot: _Slot) -> None:
        now = time.monotonic()
        if slot.process is not None and (status := slot.process.poll()) is not None:
            if slot.process.stdin is not None:
                slot.process.stdin.close()
            slot.process = None
            if status == REFUSED:
                self.refused = True
            slot.deaths = 1 if now - slot.started > HEALTHY_AFTER else slot.deaths + 1
            pause = min(LONGEST_PAUSE, 0.25 * 2 ** (slot.deaths - 1))
            slot.not_before = now + pause
            log.warning("a worker ended (status %s); the next starts in %.1f s", status, pause)
        if slot.process is None and now >= slot.not_before and not self.refused:
            self._spawn(slot)

    def _spawn(self, slot: _Slot) -> None:
        name = f"{self.server}-{secrets.token_hex(3)}"
        settings = self._settings
        slot.process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "glasstorch_web.worker"),
                *("--name", name, "--server", self.server),
            ],
            stdin=subprocess.PIPE,
            env={
                **os.environ,
                **{f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in _TOLD},
                **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            },
        )
        slot.started = time.monotonic()


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
