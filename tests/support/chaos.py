"""Kill servers, workers and boxes at random while learners hand in, and count what was lost. Nothing may be.

A server with a worker and a `glasstorch worker` beside it, as on another machine, share one database. While many
threads hand in over HTTP, processes of every kind die by kill -9: servers, the other machine's supervisor, workers,
zygotes and boxes, which are the sandbox's. Servers and supervisors are started again by this program, all
others by the service itself. Then every submission must have been graded once and rightly, and nothing that runs
learner code may have outlived its worker by a second.

    PYTHONPATH=tests python -m support.chaos [--database sqlite|postgresql] [--submissions 2000] [--kills 200]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from glasstorch_web.store import Database
from glasstorch_web.store.tables import jobs, results, submissions
from sqlalchemy import select
from support.postgres import Postgres
from support.service import EXERCISES, Service, WorkerHost

EXERCISE = "service.weighted-square"
FOLDER = EXERCISES / "01-service/exercises" / EXERCISE
ANSWERS = [  # source, score, status
    ((FOLDER / "solution.py").read_text(), 10.0, "passed"),
    ((FOLDER / "wrong/forgot_two.py").read_text(), 2.0, "failed"),
    ((FOLDER / "solution.py").read_text() + "\nsum(range(2_000_000))\n", 10.0, "passed"),
]
WEIGHTS = {"server": 2, "supervisor": 1, "worker": 4, "zygote": 3, "box": 10}
SURVIVAL = 1.0  # seconds
PAUSE = 0.3  # seconds between kills, on average, besides the time that each takes
PATIENCE = 300.0  # seconds for the queue to drain after the last kill


@dataclass
class Report:
    """What happened."""

    submissions: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    survivors: int = 0  # processes that outlived their worker by more than SURVIVAL
    longest_survival: float = 0.0
    retaken: int = 0  # leases that ran out, and failures of the grader
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.survivors)

    def table(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        rows = [
            ("submissions acknowledged", self.submissions),
            ("killed", f"{self.kills.total()}: {kinds}"),
            ("lost", self.lost),
            ("stored or graded twice", self.doubled),
            ("graded wrongly or given up", len(self.wrong)),
            ("graded again after a kill", self.retaken),
            ("processes that outlived their worker by 1 s", self.survivors),
            ("longest that one outlived its worker", f"{1000 * self.longest_survival:.0f} ms"),
            ("time", f"{self.seconds:.0f} s"),
        ]
        return "\n".join(f"{name:<46}{value}" for name, value in rows)


class Learners:
    """Threads that hand in until each has had all of its submissions acknowledged."""

    def __init__(self, service: Service, submissions: int, learners: int) -> None:
        self._service = service
        self.allowed = 0  # how many may be handed in by now: so that there is work when something is killed
        self.acknowledged: dict[str, str] = {}
        self.confused: list[str] = []  # keys that were answered with two different submissions
        self._threads = [
            threading.Thread(target=self._hand_in, args=[range(first, submissions, learners)], daemon=True)
            for first in range(learners)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _hand_in(self, numbers: range) -> None:
        with httpx.Client(timeout=10, headers={"X-Glasstorch": "1"}) as client:
            for number in numbers:
                while number >= self.allowed:
                    time.sleep(0.02)
                self._insist(client, number)

    def _insist(self, client: httpx.Client, number: int) -> None:
        source = f"{ANSWERS[number % len(ANSWERS)][0]}# {number}\n"
        body = {"exercise": EXERCISE, "source": source, "idempotency_key": f"n{number}"}
        times = 2 if number % 10 == 0 else 1  # some hand in again, as one whose connection broke would
        while times:
            try:
                answer = client.post(f"{self._service.url}/api/v1/submissions", json=body)
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.status_code == 202:
                times -= 1
                ident = answer.json()["id"]
                if self.acknowledged.setdefault(f"n{number}", ident) != ident:
                    self.confused.append(f"n{number}")
            else:
                assert answer.status_code in (429, 503), answer.text
                time.sleep(0.2)


class Chaos:
    """One run. `environment` says where the database is."""

    def __init__(
        self, folder: Path, submissions: int, kills: int, learners: int, seed: int, **environment: str
    ):
        environment |= {
            "GLASSTORCH_LEASE": "2",
            "GLASSTORCH_WORKERS": "1",
        }
        self.service = Service(folder / "state", **environment)
        self.host = WorkerHost(folder / "state", **environment)
        self._submissions, self._kills = submissions, kills
        self._learners = Learners(self.service, submissions, learners)
        self._chance = random.Random(seed)
        self._report = Report()

    def run(self) -> Report:
        begun = time.monotonic()
        self.service.start()
        self.host.start()
        try:
            self._learners.start()
            for done in range(self._kills):
                self._learners.allowed = math.ceil(self._submissions * (done + 1) / self._kills)
                time.sleep(self._chance.uniform(0, 2 * PAUSE))
                while not self._kill_one():
                    pass
            self._learners.join()
            self._await_results()
        finally:
            self.host.stop()
            self.service.stop()
        self._count()
        self._report.seconds = time.monotonic() - begun
        return self._report

    def _kill_one(self) -> bool:
        """Kill something of a random kind; False when there was nothing of that kind."""
        kind = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if kind == "server":
            self.service.kill()
            self.service.start(port=self.service.port)
        elif kind == "supervisor":
            self.host.kill()
            self.host.start()
        else:
            victim = self._find(kind)
            if victim is None:
                return False
            try:
                if kind == "worker":
                    self._kill_worker(victim)
                else:
                    victim.kill()
            except psutil.NoSuchProcess:  # it ended by itself just now
                return False
        self._report.kills[kind] += 1
        return True

    def _find(self, kind: str) -> psutil.Process | None:
        """One of that kind, or None while there is none: a box lives for some milliseconds."""
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            found = [p for one in (self.service, self.host) for p in one.workers()]
            for _ in range(("worker", "zygote", "box").index(kind)):
                found = [child for process in found for child in _children(process)]
            if found:
                return self._chance.choice(found)
            time.sleep(0.002)
        return None

    def _kill_worker(self, worker: psutil.Process) -> None:
        """Kill it and see how long that which it had started lives on."""
        worker.suspend()  # so that it starts nothing between the look and the kill
        sessions = {child.pid for child in _children(worker)}  # a zygote leads a session, boxes stay in it
        worker.kill()
        begun = time.monotonic()
        while left := in_sessions(sessions):
            lived = time.monotonic() - begun
            self._report.longest_survival = max(self._report.longest_survival, lived)
            if lived > SURVIVAL:
                self._report.survivors += len(left)
                return
            time.sleep(0.01)

    def _await_results(self) -> None:
        deadline = time.monotonic() + PATIENCE
        with httpx.Client(timeout=30) as client:
            for ident in self._learners.acknowledged.values():
                url = f"{self.service.url}/api/v1/submissions/{ident}"
                while client.get(url).json()["status"] != "done" and time.monotonic() < deadline:
                    time.sleep(0.1)

    def _count(self) -> None:
        """From the database itself: what is there, how often, and with which result."""
        report, acknowledged = self._report, self._learners.acknowledged
        columns = (submissions.c.idempotency_key, submissions.c.id, results.c.result)
        columns += (jobs.c.failures,)
        query = select(*columns).select_from(submissions.join(jobs).outerjoin(results))
        database = Database(self.service.database)
        try:
            with database.read() as connection:
                rows = connection.execute(query).all()
        finally:
            database.close()
        report.submissions = len(acknowledged)
        report.doubled = len(self._learners.confused) + len(rows) - len({row.idempotency_key for row in rows})
        kept = {row.id: row for row in rows}
        for key, ident in acknowledged.items():
            row = kept.get(ident)
            if row is None or row.result is None:
                report.lost += 1
                continue
            report.retaken += row.failures
            result = json.loads(row.result)
            _, score, status = ANSWERS[int(key[1:]) % len(ANSWERS)]
            if (result["status"], result["score"]) != (status, score):
                report.wrong.append(f"{key}: {result['status']}, {result['score']}, {result['message']}")


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.NoSuchProcess:
        return []


def in_sessions(leaders: set[int]) -> list[int]:
    """Living processes of these sessions."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.NoSuchProcess):
            if os.getsid(pid) in leaders and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--learners", type=int, default=20, help="threads that hand in")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 16))
    options = parser.parse_args()
    print(f"{options.database}, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, database(options.database) as environment:
        chaos = Chaos(
            Path(folder), options.submissions, options.kills, options.learners, options.seed, **environment
        )
        report = chaos.run()
        print(report.table())
        for line in report.wrong:
            print(line)
    return 0 if report.good else 1


@contextlib.contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """What the service's environment says of a database that is thrown away afterwards."""
    if kind == "sqlite":
        yield {}
    else:
        server = Postgres()
        try:
            server.start()
            yield {"GLASSTORCH_DATABASE_URL": server.new_database()}
        finally:
            server.remove()


if __name__ == "__main__":
    sys.exit(main())
