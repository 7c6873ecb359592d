"""Carries submissions from the outbox to the service and brings their results, in a thread of its own.

The thread lives as long as something is under way. While the service is away it tries again after longer and longer
pauses; whoever hands something in meanwhile makes it try at once.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from . import homes
from .outbox import Entry, Outbox, OutboxError
from .service import Busy, LogInFirst, Refused, Service, Unreachable

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0  # seconds between attempts to reach a service that is away
FIRST_LOOK, LAST_LOOK = 0.1, 1.0  # seconds between looks for a result
UNWATCHED = 5  # of earlier submissions, so many results are asked for at a time

What = Literal["busy", "kept", "sent", "queued", "running", "away", "done", "refused"]


@dataclass(frozen=True)
class News:
    """What became of a submission.

    Attributes:
        what: "busy" (the service takes no more for `seconds`), "kept" (here, to be sent), "sent", "away" (the
            service has it but does not answer now), "done" (with `result`), ...
        reason: in words, where something is in the way.
        place: in line; 1 is next, 0 unknown.
    """

    what: What
    reason: str = ""
    place: int = 0
    seconds: float = 0.0
    progress: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    id: str = ""


Listener = Callable[[News], None]


@dataclass(eq=False)
class _Ear:
    """One who listens to a submission, and the last that they heard."""

    listener: Listener
    heard: News | None = None


class Courier:
    """One for each outbox in a process: `courier()`."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.away = ""  # why nothing could be reached in the last round
        self._ears: dict[int, list[_Ear]] = {}
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._failures = 0
        self._look = FIRST_LOOK
        self._not_before: dict[str, float] = {}  # by exercise, "" for all: when the service takes more

    def hand_in(self, exercise: str, source: str, listener: Listener | None = None) -> Entry:
        """Write a submission down and send it as soon as it can be sent. Returns once it is on disk.

        Args:
            listener: hears what becomes of it, in the courier's thread.

        Raises:
            OutboxError: it could not be kept; nothing was sent.
        """
        entry = self.write_down(exercise, source)
        self.follow(entry.number, listener)
        return entry

    def write_down(self, exercise: str, source: str) -> Entry:
        """Put a submission into the outbox for the service of now. Raises OutboxError."""
        home = homes.find()
        return self.outbox.add(home.name if home else homes.LOCAL, exercise, source)

    def follow(self, number: int, listener: Listener | None = None) -> None:
        """Listen to a submission, and see to it now."""
        with self._lock:
            if listener is not None:
                self._ears.setdefault(number, []).append(_Ear(listener))
        self.ring()

    def ring(self) -> None:
        """See to what is under way now."""
        with self._lock:
            self._failures, self._look = 0, FIRST_LOOK
            self._bell.set()
            if self._thread is None:
                self._stopping = False
                self._thread = threading.Thread(target=self._run, name="glasstorch courier", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread after what it does now. What is under way stays in the outbox."""
        thread = self._thread
        self._stopping = True
        self._bell.set()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            self._bell.clear()
            try:
                pause = self.round()
            except OutboxError as error:
                log.warning("%s", error)
                pause = LONGEST_PAUSE
            except Exception:
                log.exception("the courier stumbled")
                pause = LONGEST_PAUSE
            with self._lock:
                if self._stopping or (pause is None and not self._bell.is_set()):
                    self._thread = None
                    return
            self._bell.wait(pause)

    def round(self) -> float | None:
        """Do once what can be done now.

        Returns:
            Seconds until there is more to do; None when nothing is under way to the service of now.
        """
        self.away = ""
        home = homes.find()
        name = home.name if home else homes.LOCAL
        waiting = self.outbox.entries(name, "waiting")
        sent = self._to_look_at(name)
        if not waiting and not sent:
            return None
        try:
            if home is None:
                home = self._woken()
            service = Service(home)
            pauses = [*self._send(service, waiting), *self._look_for_results(service, sent)]
        except (Unreachable, LogInFirst) as error:
            gone = home is not None and home.is_local and isinstance(error, Unreachable)
            if gone and homes.wake() and homes.find() != home:
                return 0.0  # another one was started behind the Jupyter server
            self.away = str(error)
            return self._nobody_there(name)
        self._failures = 0
        return min(pauses, default=0.0)

    def _woken(self) -> homes.Home:
        home = homes.find() if homes.wake() else None
        if home is None:
            raise Unreachable("no grading service is known here")
        return home

    def _to_look_at(self, name: str) -> list[Entry]:
        """Submissions whose results somebody waits for, and a few of the others."""
        with self._lock:
            listened = list(self._ears)
        watched, others = [], [one for one in self.outbox.entries(name, "sent") if one.number not in listened]
        for number in listened:
            entry = self.outbox.entry(number)
            if entry is None:
                self._tell(number, News("refused", "It was given up."))
            elif entry.state == "refused":
                self._tell(number, News("refused", entry.reason))
            elif entry.service != name:
                self._tell(number, News("kept", f"It is meant for {entry.service}."))
            elif entry.id:
                watched.append(entry)
        return watched + others[:UNWATCHED]

    def _send(self, service: Service, waiting: list[Entry]) -> list[float]:
        pauses = []
        held: set[str] = set()  # exercises whose earlier submissions must go first
        for entry in waiting:
            pause = max(self._not_before.get(key, 0.0) for key in ("", entry.exercise)) - time.monotonic()
            if pause > 0 or entry.exercise in held:
                held.add(entry.exercise)
                pauses.append(max(pause, LAST_LOOK))
                continue
            if not self.outbox.claim(entry.number):  # another kernel is sending it, or has just done so
                held.add(entry.exercise)
                pauses.append(LAST_LOOK)
                continue
            try:
                accepted = service.submit(entry.exercise, entry.source, entry.key)
                ident = accepted["id"]
            except Busy as busy:
                self.outbox.put_back(entry.number, str(busy))
                self._not_before[entry.exercise if busy.others_may else ""] = time.monotonic() + busy.seconds
                self._tell(entry.number, News("busy", str(busy), busy.place, busy.seconds))
                held.add(entry.exercise)
                pauses.append(busy.seconds)
            except Refused as no:
                self.outbox.refused(entry.number, str(no))
                self._tell(entry.number, News("refused", str(no)))
            except (Unreachable, LogInFirst) as no:
                self.outbox.put_back(entry.number, str(no))
                raise
            else:
                self.outbox.accepted(entry.number, str(ident))
                self._look = FIRST_LOOK
                self._tell(entry.number, News("sent", place=accepted.get("place", 0), id=str(ident)))
                pauses.append(0.0)
        return pauses

    def _look_for_results(self, service: Service, sent: list[Entry]) -> list[float]:
        pauses = []
        for entry in sent:
            try:
                now = service.submission(entry.id)
            except Refused as no:
                self.outbox.refused(entry.number, str(no))
                self._tell(entry.number, News("refused", str(no)))
                continue
            except Busy as busy:
                pauses.append(busy.seconds)
                continue
            result = now.get("result")
            if now.get("status") == "done" and isinstance(result, dict):
                self.outbox.finished(entry.number, result)
                self._tell(entry.number, News("done", result=result, id=entry.id))
                pauses.append(0.0)
                continue
            what: What = "running" if now.get("status") == "running" else "queued"
            news = News(
                what, place=now.get("place", 0), progress=dict(now.get("progress") or {}), id=entry.id
            )
            if self._tell(entry.number, news):
                self._look = FIRST_LOOK
            pauses.append(self._look)
        self._look = min(self._look * 1.3, LAST_LOOK)
        return pauses

    def _nobody_there(self, name: str) -> float:
        for entry in self.outbox.entries(name, "waiting", "sent"):
            self._tell(
                entry.number, News("away" if entry.state == "sent" else "kept", self.away, id=entry.id)
            )
        pause: float = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures += 1
        return pause * random.uniform(0.8, 1.2)  # a class does not come back all at once

    def _tell(self, number: int, news: News) -> bool:
        """Tell whoever listens, each once; whether it was news to anybody."""
        with self._lock:
            ears = [ear for ear in self._ears.get(number, ()) if ear.heard != news]
            if news.what in ("done", "refused"):
                self._ears.pop(number, None)
            for ear in ears:
                ear.heard = news
        for ear in ears:
            try:
                ear.listener(news)
            except Exception:
                log.exception("a listener to submission %s failed", number)
        return bool(ears)


_couriers: dict[Path, Courier] = {}


def courier() -> Courier:
    """This process's courier for this user's outbox."""
    outbox = Outbox()
    return _couriers.setdefault(outbox.path, Courier(outbox))
