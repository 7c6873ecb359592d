"""Workers beside the server, as on another machine: whatever is killed, each submission is graded once."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil
import pytest
from glasstorch_web.grader import Grader
from glasstorch_web.services.isolation import REFUSED
from glasstorch_web.settings import Settings
from glasstorch_web.store import Database
from glasstorch_web.store.tables import jobs, results
from glasstorch_web.worker import Worker
from sqlalchemy import func, select
from support.postgres import Postgres
from support.service import EXERCISES, Service, WorkerHost

EXERCISE = "service.weighted-square"
GOOD = (EXERCISES / "01-service/exercises" / EXERCISE / "solution.py").read_text()
SLOW = "import time\ntime.sleep(2)\n" + GOOD  # long enough to be seen running on a busy machine
SETTINGS = {"GLASSTORCH_LEASE": "1.5"}


class Site:
    """A server that grades nothing itself, and one worker beside it."""

    def __init__(self, service: Service, host: WorkerHost) -> None:
        self.service, self.host = service, host

    def running(self) -> Site:
        """With both parts alive, whatever a test before has done to them."""
        if self.service.process is None or self.service.process.poll() is not None:
            self.service.start("--workers", "0")
        if self.host.process is None or self.host.process.poll() is not None:
            self.host.start("--workers", "1")
        return self

    def stop(self) -> None:
        for part in (self.host, self.service):
            if part.process is not None and part.process.poll() is None:
                part.stop()

    def submit(self, source: str) -> str:
        return self.service.submit(EXERCISE, source)

    def passes(self, ident: str) -> bool:
        return self.service.result(ident)["result"]["status"] == "passed"

    def count(self) -> tuple[int, int, int, int]:
        """Jobs, results, failures of the grader, workers that were lost with a job."""
        database = Database(self.service.database)
        try:
            with database.read() as db:
                counted = select(func.count(), func.sum(jobs.c.failures), func.sum(jobs.c.losses))
                all_jobs, failures, losses = db.execute(counted.select_from(jobs)).one()
                return all_jobs, db.scalar(select(func.count()).select_from(results)), failures, losses
        finally:
            database.close()


# Workers of several machines mean a database server; the file between them takes as long again.
@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=pytest.mark.slow), "postgresql"])
def place(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "sqlite":
        return {}
    server: Postgres = request.getfixturevalue("postgres")
    return {"GLASSTORCH_DATABASE_URL": server.new_database()}


@pytest.fixture(scope="module")
def _site(place: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    state = tmp_path_factory.mktemp("site")
    made = Site(Service(state, **SETTINGS, **place), WorkerHost(state, **SETTINGS, **place))
    yield made
    made.stop()


@pytest.fixture
def site(_site: Site) -> Site:
    return _site.running()


def test_a_server_without_workers_is_ready_through_those_elsewhere(site):
    assert site.passes(site.submit(GOOD))
    assert site.service.workers() == []
    assert site.service.get("/readyz")["status"] == "ready"
    assert site.service.get("/api/v1/isolation")["attacks_tried"] > 0


def test_a_killed_worker_leaves_nothing_behind_and_its_job_to_another(site):
    before = site.count()
    sent = [site.submit(f"{SLOW}# {n}\n") for n in range(2)]
    site.service.wait_for(sent[0], "running")
    (worker,) = site.host.workers()
    started = worker.children(recursive=True)
    worker.kill()
    assert all(site.passes(ident) for ident in sent)
    assert psutil.wait_procs(started, timeout=60)[1] == []
    after = site.count()
    assert after[0] - before[0] == after[1] - before[1] == 2
    assert after[2:] == (before[2], before[3] + 1), "lost once, and that is nobody's failure"


def test_a_killed_server_comes_back_to_what_was_graded_meanwhile(site):
    sent = [site.submit(f"{SLOW}# {n}\n") for n in range(3)]
    site.service.wait_for(sent[0], "running")
    before = site.count()
    site.service.kill()
    site.service.start("--workers", "0", port=site.service.port)
    assert all(site.passes(ident) for ident in sent)
    assert site.count()[2:] == before[2:], "the worker went on as if nothing had been"
    jobs_now, results_now, *_ = site.count()
    assert jobs_now == results_now


def test_workers_told_to_stop_hand_their_job_back(site):
    before = site.count()
    ident = site.submit("import time\ntime.sleep(4)\n" + GOOD)
    site.service.wait_for(ident, "running")
    started = psutil.Process(site.host.process.pid).children(recursive=True)
    assert site.host.stop() == 0
    assert not any(process.is_running() for process in started)
    assert site.service.submission(ident)["status"] == "queued"
    site.running()
    assert site.passes(ident)
    assert site.count()[2:] == before[2:], "stopping costs no retry"


def test_a_job_passes_to_the_next_when_its_worker_says_nothing_more(site):
    ident = site.submit(SLOW)
    site.service.wait_for(ident, "running")
    (silent,) = site.host.workers()
    silent.suspend()  # as one whose network is gone
    second = WorkerHost(site.host.state, **site.host.environment).start("--workers", "1")
    try:
        assert site.passes(ident)
        found = site.service.submission(ident)
        silent.resume()
        later = site.submit(GOOD)
        assert site.passes(later)
        assert site.service.submission(ident) == found, "the one that came back cannot write over it"
    finally:
        second.stop()


def test_a_database_that_restarts_costs_no_grade_and_no_worker(postgres, tmp_path):
    place = {"GLASSTORCH_DATABASE_URL": postgres.new_database(), **SETTINGS, "GLASSTORCH_LEASE": "30"}
    site = Site(Service(tmp_path, **place), WorkerHost(tmp_path, **place)).running()
    try:
        assert site.passes(site.submit(GOOD))
        (worker,) = site.host.workers()
        ident = site.submit("import time\ntime.sleep(2)\n" + GOOD)
        site.service.wait_for(ident, "running")
        postgres.stop_server()
        postgres.run_server()
        assert site.passes(ident)
        assert site.passes(site.submit(GOOD))
        assert site.host.workers() == [worker]
        assert site.count()[2:] == (0, 0)
        log = site.host.log.read_text()
        assert "Traceback" not in log
    finally:
        site.stop()


@pytest.mark.parametrize(
    ("options", "status", "word"),
    [
        (["--workers", "0"], 2, "at least 1"),
        (["--database-url", "mysql://u:secret@h/d"], 2, "sqlite or postgresql"),
        (["--database-url", "postgresql://u:secret@127.0.0.1:1/d"], 1, "cannot be used"),
    ],
)
def test_workers_that_cannot_work_say_why(options, status, word, tmp_path):
    host = WorkerHost(tmp_path).start(*options)
    assert host.process.wait(120) == status
    said = host.log.read_text()
    assert word in said
    assert "secret" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("level", "settings", "refused"),
    [
        ("L1", {"multi_user": True}, True),
        ("L1", {}, False),
        ("L2", {"multi_user": True}, False),
        ("L3", {"multi_user": True, "minimum_level": "L4"}, True),
        ("L1", {"multi_user": True, "accept_weak_isolation": True}, False),
    ],
)
def test_a_worker_refuses_a_class_at_too_low_a_level(level, settings, refused, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(Grader, "start", lambda self: None)
    monkeypatch.setattr(Grader, "isolation", {"level": level})
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(Worker, "_listen", lambda self: self._leaving.set())
    worker = Worker("w", "s", Settings(state=tmp_path, lessons=EXERCISES, **settings))
    assert worker.run() == (REFUSED if refused else 0)
    assert ("GLASSTORCH_ACCEPT_WEAK_ISOLATION" in caplog.text) == refused
