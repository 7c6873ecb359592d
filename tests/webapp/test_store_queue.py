"""The job queue: nothing accepted is lost, nothing is graded into the store twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
from glasstorch_web.store import (
    Database,
    IdempotencyError,
    JobQueue,
    QueueFullError,
    StoreError,
    Submissions,
    tables,
)
from glasstorch_web.store.queue import LOSSES, RETRIES
from sqlalchemy import func, select

RESULT = {"status": "passed", "score": 3, "max_score": 5, "tests": []}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(store_place):
    database = Database(store_place)
    yield database
    database.close()


@pytest.fixture
def queue(database, clock):
    return JobQueue(database, limit=4, lease=10, clock=clock)


@pytest.fixture
def submissions(database):
    return Submissions(database)


def test_a_submission_is_queued_graded_and_read_back(queue, submissions):
    ident = queue.submit("ann", "start.x", "def f(): pass")
    waiting = submissions.get(ident, "ann")
    assert (waiting.state, waiting.place, waiting.source) == ("queued", 1, "def f(): pass")
    claim = queue.claim("w1")
    assert (claim.submission, claim.exercise, claim.source) == (ident, "start.x", "def f(): pass")
    assert queue.progress(claim, 1, 3, "the first check")
    running = submissions.get(ident, "ann")
    assert (running.state, running.place) == ("running", 0)
    assert (running.progress_done, running.progress_total, running.progress_now) == (1, 3, "the first check")
    assert queue.finish(claim, RESULT)
    done = submissions.get(ident, "ann")
    assert (done.state, done.result) == ("done", RESULT)
    assert queue.claim("w1") is None


def test_submissions_belong_to_their_user(queue, submissions):
    ident = queue.submit("ann", "start.x", "1")
    assert submissions.get(ident, "ben") is None
    assert submissions.history("ben", "start.x") == []


def test_jobs_are_taken_in_order_of_arrival(queue, submissions):
    idents = [queue.submit("ann", "start.x", str(n)) for n in range(3)]
    assert [submissions.get(i, "ann").place for i in idents] == [1, 2, 3]
    assert [queue.claim("w").submission for _ in idents] == idents


def test_the_same_key_and_code_is_one_submission(queue):
    first = queue.submit("ann", "start.x", "code", "key-1")
    assert queue.submit("ann", "start.x", "code", "key-1") == first
    with pytest.raises(IdempotencyError):
        queue.submit("ann", "start.x", "other code", "key-1")
    assert queue.submit("ann", "start.y", "code", "key-1") != first
    assert queue.submit("ben", "start.x", "code", "key-1") != first


def test_a_full_queue_refuses_and_stores_nothing(queue, submissions):
    kept = [queue.submit("ann", "start.x", str(n), f"k{n}") for n in range(4)]
    with pytest.raises(QueueFullError):
        queue.submit("ann", "start.x", "one too many")
    assert len(submissions.history("ann", "start.x")) == 4
    assert queue.submit("ann", "start.x", "0", "k0") == kept[0], "a repeat of an accepted one is no new load"
    queue.finish(queue.claim("w"), RESULT)
    queue.submit("ann", "start.x", "now there is room")


def test_a_holder_that_lost_its_lease_cannot_write(queue, submissions, clock):
    ident = queue.submit("ann", "start.x", "code")
    slow = queue.claim("slow")
    clock.now += 11
    assert queue.sweep() == 1
    clock.now += 60
    fresh = queue.claim("fresh")
    assert fresh.submission == ident
    assert fresh.fence > slow.fence
    assert not queue.finish(slow, {**RESULT, "score": 0})
    assert not queue.renew(slow)
    assert not queue.progress(slow, 1, 1, "late")
    assert not queue.release(slow)
    assert not queue.fail(slow, "late")
    assert queue.finish(fresh, RESULT)
    assert not queue.finish(fresh, {**RESULT, "score": 1}), "one result per submission"
    assert submissions.get(ident, "ann").result["score"] == 3


def test_a_holder_swept_but_not_replaced_cannot_write_either(queue, clock):
    queue.submit("ann", "start.x", "code")
    claim = queue.claim("w")
    clock.now += 11
    queue.sweep()
    assert not queue.finish(claim, RESULT)


def test_a_renewed_lease_is_not_swept(queue, clock):
    queue.submit("ann", "start.x", "code")
    claim = queue.claim("w")
    for _ in range(5):
        clock.now += 8
        assert queue.renew(claim)
        assert queue.sweep() == 0
    assert queue.finish(claim, RESULT)


def test_a_released_job_is_free_at_once_and_costs_no_retry(queue, submissions):
    ident = queue.submit("ann", "start.x", "code")
    for _ in range(RETRIES + 3):
        assert queue.release(queue.claim("w"))
    assert submissions.get(ident, "ann").failures == 0


@pytest.mark.parametrize("how", ["the grader breaks", "its workers never come back"])
def test_after_some_retries_the_grader_admits_it_cannot(how, queue, submissions, clock):
    ident = queue.submit("ann", "start.x", "code")
    breaks = how == "the grader breaks"
    for attempt in range(1 + (RETRIES if breaks else LOSSES)):
        claim = queue.claim("w")
        assert claim is not None, f"attempt {attempt}"
        if breaks:
            queue.fail(claim, "the sandbox did not start")
        else:
            clock.now += 11
            queue.sweep()
        if attempt or breaks:  # a worker may have been killed for any reason: the first time costs nothing
            assert queue.claim("w") is None, "a retry waits a little"
            clock.now += 60
    assert queue.claim("w") is None
    found = submissions.get(ident, "ann")
    assert (found.state, found.result["status"]) == ("done", "grader_error")
    assert "does not say that your code is wrong" in found.result["message"]
    assert submissions.best("ann") == {}, "a grader error is no score"


def test_best_and_history(queue, submissions):
    for score in (1, 4, 2):
        queue.submit("ann", "start.x", f"score {score}")
        queue.finish(queue.claim("w"), {**RESULT, "score": score})
    assert submissions.best("ann") == {"start.x": (4, 5)}
    assert [s.result["score"] for s in submissions.history("ann", "start.x")] == [2, 4, 1]


def test_workers_never_share_a_job(database):
    queue = JobQueue(database, limit=1000)
    idents = {queue.submit("ann", "start.x", str(n)) for n in range(40)}
    taken: list[str] = []

    def work(name: str) -> None:
        while (claim := queue.claim(name)) is not None:
            taken.append(claim.submission)
            assert queue.finish(claim, RESULT)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(idents)


SUBMITTER = """
import sys
from glasstorch_web.store import Database, JobQueue
queue = JobQueue(Database(sys.argv[1]), limit=10**6)
while True:
    print(queue.submit("ann", "start.x", "code"), flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(store_place):
    acknowledged: set[str] = set()
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", SUBMITTER, store_place], stdout=subprocess.PIPE, text=True
        )
        acknowledged.update(child.stdout.readline().strip() for _ in range(10))
        child.send_signal(signal.SIGKILL)
        acknowledged.update(line.strip() for line in child.stdout if line.endswith("\n"))
        child.wait()
        child.stdout.close()
    database = Database(store_place)
    stored = {s.id for s in Submissions(database).history("ann", "start.x", limit=10**6)}
    with database.read() as db:
        jobs = db.scalar(select(func.count()).select_from(tables.jobs))
    assert acknowledged <= stored
    assert jobs == len(stored), "every submission has its job"
    database.close()


def test_a_store_from_a_newer_glasstorch_is_refused(tmp_path):
    path = tmp_path / "grades.sqlite3"
    Database(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(StoreError, match="Update Glasstorch"):
        Database(path)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / "grades.sqlite3"
    path.write_text("my shopping list, which is not a database at all\n" * 100)
    with pytest.raises(StoreError, match="Move it away"):
        Database(path)
    assert path.read_text().startswith("my shopping list")


def test_opening_again_keeps_what_was_there(store_place):
    path = store_place
    first = Database(path)
    ident = JobQueue(first).submit("ann", "start.x", "code\x00with 漢字 and a NUL")
    secret = first.fact("form secret", lambda: "one")
    first.close()
    again = Database(path)
    assert Submissions(again).get(ident, "ann").source == "code\x00with 漢字 and a NUL"
    assert again.fact("form secret", lambda: "two") == secret
    again.close()
