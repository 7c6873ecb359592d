"""The job queue: nothing accepted is lost, nothing is graded into the store twice."""

from __future__ import annotations

import threading

import pytest
from glasstorch_web.store import (
    Database,
    IdempotencyError,
    JobQueue,
    QueueFullError,
    Submissions,
    TooManyError,
    WorkerRegistry,
    tables,
)
from glasstorch_web.store.queue import LOSSES, RETRIES
from glasstorch_web.store.workers import SILENT_AFTER
from sqlalchemy import insert, select

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
    slow = queue.claim("w")
    clock.now += 11
    assert queue.sweep() == 1
    clock.now += 60
    fresh = queue.claim("w")
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


def test_a_hundred_jobs_of_one_learner_do_not_delay_another(database, clock):
    queue = JobQueue(database, limit=1000, clock=clock)
    submissions = Submissions(database)
    many = [queue.submit("greedy", "start.x", str(n)) for n in range(100)]
    for _ in range(10):
        queue.finish(queue.claim("w"), RESULT)
    one = queue.submit("ann", "start.x", "1")
    two = queue.submit("ann", "start.x", "2")
    late = queue.submit("ben", "start.y", "1")
    places = {ident: s.place for ident, s in submissions.many([one, two, late, many[-1]]).items()}
    assert places == {one: 1, late: 2, two: 4, many[-1]: 93}
    assert [submissions.get(i, None).place for i in (one, late, two, many[-1])] == [1, 2, 4, 93]
    taken = [queue.claim("w").submission for _ in range(5)]
    assert taken == [one, late, many[10], two, many[11]], "they take turns"


def test_who_comes_later_does_not_pass_those_who_waited(database, clock):
    """Newcomers go first once each, and not again before those who were there have had their next turn."""
    queue = JobQueue(database, limit=1000, clock=clock)
    own = [queue.submit("ann", "start.x", str(n)) for n in range(3)]
    taken = [queue.claim("w").submission]
    for n in range(4):
        queue.submit(f"new {n}", "start.x", "1")
        taken.append(queue.claim("w").submission)
        queue.submit(f"new {n}", "start.x", "2")
    while (claim := queue.claim("w")) is not None:
        taken.append(claim.submission)
    assert [taken.index(ident) for ident in own] == [0, 5, 10]


def test_a_job_that_comes_back_keeps_its_turn(queue, submissions):
    first = queue.submit("ann", "start.x", "1")
    queue.submit("ann", "start.x", "2")
    claim = queue.claim("w")
    queue.submit("ben", "start.x", "1")
    queue.release(claim)
    assert submissions.get(first, "ann").place == 1


@pytest.fixture
def polite(database, clock):
    """A queue that bounds what one learner may ask for."""
    return JobQueue(database, limit=100, clock=clock, rate_per_minute=3, pending_per_exercise=2)


def test_a_learner_may_have_one_running_and_one_queued_per_exercise(polite):
    first = polite.submit("ann", "start.x", "1", "key")
    held = polite.claim("w")
    second = polite.submit("ann", "start.x", "2")
    with pytest.raises(TooManyError) as caught:
        polite.submit("ann", "start.x", "3")
    assert (caught.value.kind, caught.value.limit) == ("pending", 2)
    assert (caught.value.submission, caught.value.place) == (first, 0)
    assert caught.value.retry_after > 0
    assert polite.submit("ann", "start.x", "1", "key") == first, "a repeat is no new load"
    polite.submit("ann", "start.y", "another exercise")
    polite.submit("ben", "start.x", "another learner")
    polite.finish(held, RESULT)
    with pytest.raises(TooManyError) as caught:
        polite.submit("ann", "start.x", "3")
    assert caught.value.kind == "rate", "there is room, but it is the fourth in this minute"
    assert second != first


def test_a_learner_may_hand_in_so_many_a_minute(polite, clock):
    ids = []
    for n in range(3):
        ids.append(polite.submit("ann", f"start.{n}", "code", f"key {n}"))
        clock.now += 10
    with pytest.raises(TooManyError) as caught:
        polite.submit("ann", "start.x", "one too many")
    assert (caught.value.kind, caught.value.submission, caught.value.place) == ("rate", ids[-1], 3)
    assert caught.value.retry_after == pytest.approx(30)
    for n in range(3):
        assert polite.submit("ann", f"start.{n}", "code", f"key {n}") == ids[n]
    polite.submit("ben", "start.x", "another learner")
    clock.now += caught.value.retry_after
    polite.submit("ann", "start.x", "now")
    with pytest.raises(TooManyError):
        polite.submit("ann", "start.y", "and the next has to wait again")


def test_what_is_written_with_a_submission_stands_or_falls_with_it(database, submissions):
    def book(connection, number):
        connection.execute(insert(tables.facts), {"name": f"of {number}", "value": "booked"})
        if refuse:
            raise RuntimeError("the other table is full")

    queue = JobQueue(database, on_submit=book)
    refuse = True
    with pytest.raises(RuntimeError):
        queue.submit("ann", "start.x", "code")
    refuse = False
    ident = queue.submit("ann", "start.x", "code")
    (stored,) = submissions.history("ann")
    assert stored.id == ident
    with database.read() as db:
        assert db.scalars(select(tables.facts.c.name)).all() == [f"of {stored.number}"]


def test_history_comes_in_pages(queue, submissions):
    ids = []
    for n in range(7):
        ids.append(queue.submit("ann", f"start.{n % 2}", str(n)))
        queue.finish(queue.claim("w"), RESULT)
    pages, before = [], None
    while page := submissions.history("ann", limit=3, before=before):
        pages.append([s.id for s in page])
        before = page[-1].number
    newest = ids[::-1]
    assert pages == [newest[:3], newest[3:6], newest[6:]]
    assert [s.id for s in submissions.history("ann", "start.1")] == newest[1::2]
    assert set(submissions.many([*ids[:2], "unknown"])) == set(ids[:2])
    assert submissions.many([]) == {}


def test_workers_are_alive_while_they_say_so(database, clock):
    registry = WorkerRegistry(database, clock)
    registry.sign_in("a", "server", 1, {"level": "L3"})
    clock.now += 1
    registry.sign_in("b", "server", 2, {"level": "L1"})
    assert [(w.name, w.pid, w.isolation["level"]) for w in registry.alive()] == [
        ("a", 1, "L3"),
        ("b", 2, "L1"),
    ]
    clock.now += SILENT_AFTER - 0.5
    assert [w.name for w in registry.alive()] == ["b"]
    registry.heartbeat("a")
    clock.now += 1
    registry.forget_silent()
    assert [w.name for w in registry.alive()] == ["a"]
    registry.sign_in("a", "server", 3, {"level": "L2"})
    assert [w.pid for w in registry.alive()] == [3]
    registry.sign_out("a")
    assert registry.alive() == []
