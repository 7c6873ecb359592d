"""The queue against a model of it in plain Python: whatever is done, both say the same."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from glasstorch_web.store import (
    Database,
    IdempotencyError,
    JobQueue,
    QueueFullError,
    Submissions,
    TooManyError,
    tables,
)
from glasstorch_web.store.queue import LOSSES, RETRIES, RETRY_PAUSE
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, update

LIMIT, LEASE, RATE, PENDING = 9, 10.0, 6, 4
USERS, EXERCISES = ("ann", "ann", "ben", "cleo"), ("start.x", "start.x", "start.y")


@dataclass
class Job:
    """What the model knows of a submission."""

    order: int
    id: str
    user: str
    exercise: str
    source: str
    key: str | None
    at: float
    turn: int
    available: float
    state: str = "queued"
    fence: int = 0
    lease: float = 0.0
    failures: int = 0
    losses: int = 0
    status: str | None = None


class Model:
    """The rules of the queue, said once more and simply."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.turn = 0
        self.jobs: list[Job] = []

    def line(self) -> list[Job]:
        return sorted((j for j in self.jobs if j.state == "queued"), key=lambda j: (j.turn, j.order))

    def place(self, job: Job) -> int:
        return self.line().index(job) + 1 if job.state == "queued" else 0

    def earlier(self, user: str, exercise: str, key: str | None) -> Job | None:
        same = (j for j in self.jobs if key and (j.user, j.exercise, j.key) == (user, exercise, key))
        return next(same, None)

    def refusal(self, user: str, exercise: str) -> tuple[object, ...] | None:
        is_open = [j for j in self.jobs if j.state != "done"]
        pending = [j for j in is_open if (j.user, j.exercise) == (user, exercise)]
        if len(pending) >= PENDING:
            return "pending", pending[0].id, self.place(pending[0])
        lately = [j for j in self.jobs if j.user == user and j.at > self.now - 60]
        if len(lately) >= RATE:
            return "rate", lately[-1].id, self.place(lately[-1]), lately[-RATE].at + 60 - self.now
        return ("full", len(is_open)) if len(is_open) >= LIMIT else None

    def add(self, id: str, user: str, exercise: str, source: str, key: str | None) -> None:
        last = max((j.turn for j in self.jobs if j.user == user), default=-1)
        turn = max(self.turn, last + 1)
        order = len(self.jobs)
        self.jobs.append(Job(order, id, user, exercise, source, key, self.now, turn, self.now))

    def claim(self) -> Job | None:
        job = next((j for j in self.line() if j.available <= self.now), None)
        if job is not None:
            job.state, job.fence, job.lease = "running", job.fence + 1, self.now + LEASE
            self.turn = max(self.turn, job.turn)
        return job

    def put_back(self, job: Job, pause: float, given_up: bool) -> None:
        job.fence += 1
        job.state, job.available = ("done" if given_up else "queued"), self.now + pause
        if given_up:
            job.status = "grader_error"


class QueueMachine(RuleBasedStateMachine):
    """One queue, one clock, several workers some of which are slow."""

    claims = Bundle("claims")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.model = Model()
        with database.write() as db:
            for table in (tables.results, tables.jobs, tables.submissions):
                db.execute(delete(table))
            db.execute(update(tables.line).values(turn=0))
        self.queue = JobQueue(
            database,
            limit=LIMIT,
            lease=LEASE,
            clock=lambda: self.model.now,
            rate_per_minute=RATE,
            pending_per_exercise=PENDING,
        )
        self.reading = Submissions(database)

    @rule(
        wanted=st.lists(
            st.tuples(
                st.sampled_from(USERS),
                st.sampled_from(EXERCISES),
                st.sampled_from(["a", "b\0"]),
                st.sampled_from([None, None, None, "key 1", "key 2"]),
            ),
            min_size=1,
            max_size=6,
        )
    )
    def submit(self, wanted):
        for one in wanted:
            self.submit_one(*one)

    def submit_one(self, user, exercise, source, key):
        earlier = self.model.earlier(user, exercise, key)
        refusal = self.model.refusal(user, exercise)
        wanted = (user, exercise, source, key)
        if earlier is not None and earlier.source != source:
            with pytest.raises(IdempotencyError):
                self.queue.submit(*wanted)
        elif earlier is not None:
            assert self.queue.submit(*wanted) == earlier.id
        elif refusal is None:
            self.model.add(self.queue.submit(*wanted), *wanted)
        elif refusal[0] == "full":
            with pytest.raises(QueueFullError) as full:
                self.queue.submit(*wanted)
            assert full.value.waiting == refusal[1]
        else:
            with pytest.raises(TooManyError) as many:
                self.queue.submit(*wanted)
            assert (many.value.kind, many.value.submission, many.value.place) == refusal[:3]
            assert refusal[0] == "pending" or many.value.retry_after == pytest.approx(refusal[3])

    @rule(target=claims, worker=st.sampled_from(["w1", "w2"]))
    def claim(self, worker):
        expected = self.model.claim()
        claim = self.queue.claim(worker)
        assert (claim is None) == (expected is None)
        if claim is None:
            return multiple()
        assert (claim.submission, claim.fence, claim.source) == (expected.id, expected.fence, expected.source)
        return claim, expected

    def holds(self, held):
        claim, job = held
        return job.state == "running" and job.fence == claim.fence

    @rule(held=claims)
    def renew(self, held):
        holds = self.holds(held)
        assert self.queue.renew(held[0]) == holds
        if holds:
            held[1].lease = self.model.now + LEASE

    @rule(held=consumes(claims), score=st.integers(0, 3))
    def finish(self, held, score):
        holds = self.holds(held)
        result = {"status": "passed", "score": score, "max_score": 3, "tests": []}
        assert self.queue.finish(held[0], result) == holds
        assert not self.queue.finish(held[0], result), "one result for each"
        if holds:
            held[1].state, held[1].status = "done", "passed"

    @rule(held=claims)
    def release(self, held):
        holds = self.holds(held)
        assert self.queue.release(held[0]) == holds
        if holds:
            held[1].state = "queued"
            held[1].fence += 1

    @rule(held=claims)
    def fail(self, held):
        job, holds = held[1], self.holds(held)
        assert self.queue.fail(held[0], "reason\0") == holds
        if holds:
            job.failures += 1
            self.model.put_back(job, RETRY_PAUSE * 2 ** (job.failures - 1), job.failures > RETRIES)

    @rule(seconds=st.sampled_from([0.0, 0.0, LEASE + 1]))
    def sweep(self, seconds):
        self.model.now += seconds
        late = [j for j in self.model.jobs if j.state == "running" and j.lease < self.model.now]
        assert self.queue.sweep() == len(late)
        for job in late:
            job.losses += 1
            pause = RETRY_PAUSE * 2 ** (job.losses - 2) if job.losses > 1 else 0
            self.model.put_back(job, pause, job.losses > LOSSES)

    @rule(seconds=st.sampled_from([0.25, 1.0, 6.0, 11.0, 61.0]))
    def wait(self, seconds):
        self.model.now += seconds

    @invariant()
    def both_say_the_same(self):
        found = self.reading.many([job.id for job in self.model.jobs])
        said = {i: (s.state, s.place, s.failures, s.result and s.result["status"]) for i, s in found.items()}
        assert said == {j.id: (j.state, self.model.place(j), j.failures, j.status) for j in self.model.jobs}
        last = self.model.jobs[-1:]
        assert [self.reading.get(job.id, job.user) for job in last] == [found[job.id] for job in last]


@pytest.mark.parametrize("store_place", ["sqlite", "postgresql"], indirect=True)
def test_the_queue_does_what_its_model_does(store_place):
    database = Database(store_place)
    effort = settings(
        max_examples=20 if database.dialect == "sqlite" else 8,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(lambda: QueueMachine(database), settings=effort)
    finally:
        database.close()
