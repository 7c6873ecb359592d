"""A worker process: takes jobs from the store, grades them, stores the results.

Its standard input is its life line and its bell: a byte means "look for work", the end means that whoever
started it is gone. It then finishes the job in hand and leaves; on SIGTERM it hands the job back instead.
What it needs to know comes in the environment, as settings: an address with a password is no argument.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from . import logs
from .grader import ExerciseError, Grader, SandboxError
from .grader.result import Result
from .services import dispatch
from .services.catalogue import Catalogue
from .services.isolation import REFUSED, refusal
from .settings import Settings
from .store import Claim, Database, JobQueue, StoreError, UnavailableError, WorkerRegistry

log = logging.getLogger("glasstorch.worker")

IDLE = 1.0  # seconds between looks when nobody rings: a hint may be lost, or a retry be due
PROGRESS_EVERY = 0.05  # seconds; a quick grade reports nothing on the way
FIRST_PAUSE = 0.2  # before the store is tried again; doubles
LONGEST_PAUSE = 10.0

T = TypeVar("T")


class Worker:
    """One grader and its loop."""

    def __init__(self, name: str, server: str, settings: Settings) -> None:
        """Raises StoreError: the store cannot be used."""
        self._database = Database(settings.database)
        self._name = name
        self._server = server
        self._settings = settings
        self._catalogue = Catalogue(settings.lessons)
        self._queue = JobQueue(self._database, lease=settings.lease, lesson_of=self._catalogue.lesson_of)
        self._dispatcher = dispatch.Dispatcher(self._database)
        self._registry = WorkerRegistry(self._database)
        self._bell = dispatch.Bell()
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
            if refused := refusal(self._settings, grader.isolation["level"]):
                log.error("%s", refused)
                return REFUSED
            self._sign_in(grader)
            threading.Thread(target=self._keep_alive, args=[grader], name="heartbeat", daemon=True).start()
            try:
                with dispatch.listening(self._database, self._bell):
                    while not self._leaving.is_set():
                        if not self._grade_what_waits(grader):
                            return 1  # a grader that broke may stay broken: a new process is the remedy
                        self._bell.wait(IDLE)
            finally:
                self._say_goodbye()
        return 0

    def _sign_in(self, grader: Grader) -> None:
        isolation = dict(grader.isolation)
        self._insist(lambda: self._registry.sign_in(self._name, self._server, os.getpid(), isolation))

    def _say_goodbye(self) -> None:
        try:
            if self._claim is not None:
                self._queue.release(self._claim)
                self._dispatcher.hint()
            self._registry.sign_out(self._name)
        except UnavailableError as error:
            log.warning("leaving without a word: %s The job in hand is given on when its lease ends.", error)

    def _grade_what_waits(self, grader: Grader) -> bool:
        """Take jobs until none is left; False when the grader itself broke."""
        while not self._leaving.is_set():
            claim = self._claim = self._insist(lambda: self._queue.claim(self._name))
            if claim is None:
                break
            if not self._grade(grader, claim):
                return False
        return True

    def _grade(self, grader: Grader, claim: Claim) -> bool:
        try:
            result = self._result(grader, claim)
        except Exception as error:
            log.exception("grading submission %s of %s failed", claim.submission, claim.exercise)
            reason = f"{type(error).__name__}: {error}"
            self._insist(lambda: self._queue.fail(claim, reason))
            self._claim = None
            return isinstance(error, ExerciseError)
        if not self._insist(lambda: self._queue.finish(claim, dict(result))):
            log.warning("submission %s was taken over by another worker", claim.submission)
        self._claim = None
        return True

    def _result(self, grader: Grader, claim: Claim) -> Result:
        exercise = self._catalogue.get(claim.exercise)
        if exercise is None:
            raise ExerciseError(f"{claim.exercise} is gone, or its author has broken it")
        return grader.grade(exercise, claim.source, self._reporter(claim), claim.seed, learner=claim.user)

    def _reporter(self, claim: Claim) -> Callable[[int, int, str], None]:
        last = time.monotonic()

        def report(done: int, total: int, now: str) -> None:
            nonlocal last
            moment = time.monotonic()
            if moment - last >= PROGRESS_EVERY:
                last = moment
                try:
                    self._queue.progress(claim, done, total, now)
                except UnavailableError:
                    pass  # whoever looks cannot see it either

        return report

    def _insist(self, action: Callable[[], T]) -> T:
        """Have the store do something, however long it is away; told to leave meanwhile, raises UnavailableError.

        Doing it twice must do no harm: an answer can be lost on its way back.
        """
        pause = FIRST_PAUSE
        while True:
            try:
                done = action()
            except UnavailableError as error:
                if pause == FIRST_PAUSE:
                    log.warning("%s Trying again until it does.", error)
                if self._leaving.wait(pause):
                    raise
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                if pause != FIRST_PAUSE:
                    log.warning("The store answers again.")
                return done

    def _keep_alive(self, grader: Grader) -> None:
        away = False
        while True:
            time.sleep(self._settings.lease / 3)
            try:
                if claim := self._claim:
                    self._queue.renew(claim)
                if not self._registry.heartbeat(self._name):  # it was silent for too long, and forgotten
                    self._sign_in(grader)
                away = False
            except UnavailableError as error:
                if not away:
                    log.warning("no sign of life can be given. %s", error)
                away = True
            except Exception:
                log.exception("heartbeat failed")

    def _listen(self) -> None:
        while os.read(sys.stdin.fileno(), 4096):
            self._bell.ring()
        self._leaving.set()
        self._bell.ring()


def _leave_now(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough, and the job is being handed back
    raise SystemExit(0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    settings = Settings()
    logs.set_up(settings.log_format)
    try:
        return Worker(args.name, args.server, settings).run()
    except StoreError as error:
        log.error("this worker cannot start: %s", error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
