"""A worker process: takes jobs from the store, grades them, stores the results.

Its standard input is its life line and its bell: a byte means "look for work", the end means that the
server is gone. It then finishes the job in hand and leaves; on SIGTERM it hands the job back instead.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from .grader import ExerciseError, Grader, SandboxError
from .services.catalogue import Catalogue
from .store import Claim, Database, JobQueue, WorkerRegistry

log = logging.getLogger("glasstorch.worker")

IDLE = 1.0  # seconds between looks when nobody rings: a job may come from another server, or a retry be due
PROGRESS_EVERY = 0.05  # seconds; a grade with hundreds of quick checks need not report each


class Worker:
    """One grader and its loop."""

    def __init__(self, name: str, server: str, state: Path, lessons: Path, lease: float) -> None:
        database = Database(state / "grades.sqlite3")
        self._name = name
        self._server = server
        self._catalogue = Catalogue(lessons)
        self._lease = lease
        self._queue = JobQueue(database, lease=lease)
        self._registry = WorkerRegistry(database)
        self._bell = threading.Event()
        self._leaving = threading.Event()
        self._claim: Claim | None = None

    def run(self) -> int:
        """Grade until told to leave; returns the exit status."""
        signal.signal(signal.SIGTERM, _leave_now)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server decides
        threading.Thread(target=self._listen, name="life line", daemon=True).start()
        grader = Grader()
        try:
            grader.start()
        except SandboxError as error:
            log.error("this worker cannot grade: %s", error)
            return 1
        with grader:
            self._registry.sign_in(self._name, self._server, os.getpid(), dict(grader.isolation))
            threading.Thread(target=self._keep_alive, name="heartbeat", daemon=True).start()
            try:
                while not self._leaving.is_set():
                    self._bell.clear()
                    self._claim = self._queue.claim(self._name)
                    if self._claim is None:
                        self._bell.wait(IDLE)
                    elif not self._grade(grader, self._claim):
                        return 1  # a grader that broke may stay broken: a new process is the remedy
            finally:
                if self._claim is not None:
                    self._queue.release(self._claim)
                self._registry.sign_out(self._name)
        return 0

    def _grade(self, grader: Grader, claim: Claim) -> bool:
        """Grade one submission; False when the grader itself broke."""
        try:
            exercise = self._catalogue.get(claim.exercise)
            if exercise is None:
                raise ExerciseError(f"{claim.exercise} is gone, or its author has broken it")
            result = grader.grade(exercise, claim.source, progress=self._reporter(claim))
            stored = self._queue.finish(claim, dict(result))
        except Exception as error:
            log.exception("grading submission %s of %s failed", claim.submission, claim.exercise)
            self._queue.fail(claim, f"{type(error).__name__}: {error}")
            self._claim = None
            return isinstance(error, ExerciseError)
        if not stored:
            log.warning("submission %s was taken over by another worker", claim.submission)
        self._claim = None
        return True

    def _reporter(self, claim: Claim) -> Any:
        last = -math.inf

        def report(done: int, total: int, now: str) -> None:
            nonlocal last
            moment = time.monotonic()
            if moment - last >= PROGRESS_EVERY:
                last = moment
                self._queue.progress(claim, done, total, now)

        return report

    def _keep_alive(self) -> None:
        while True:
            time.sleep(self._lease / 3)
            try:
                claim = self._claim
                if claim is not None:
                    self._queue.renew(claim)
                self._registry.heartbeat(self._name)
            except Exception:
                log.exception("heartbeat failed")

    def _listen(self) -> None:
        while os.read(sys.stdin.fileno(), 4096):
            self._bell.set()
        self._leaving.set()
        self._bell.set()


def _leave_now(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--lessons", type=Path, required=True)
    parser.add_argument("--lease", type=float, required=True)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(name)s: %(message)s")
    return Worker(args.name, args.server, args.state, args.lessons, args.lease).run()


if __name__ == "__main__":
    sys.exit(main())
