"""Processes that share a store and are killed at any moment: nothing accepted is lost, nothing is taken twice."""

from __future__ import annotations

import collections
import re
import signal
import subprocess
import sys

import pytest
from glasstorch_web.store import Database, JobQueue, Submissions, tables
from sqlalchemy import func, select

RESULT = {"status": "passed", "score": 3, "max_score": 5, "tests": []}

BEGIN = """
import sys, time
from glasstorch_web.store import Database, JobQueue, QueueFullError, TooManyError
database = Database(sys.argv[1])
"""


@pytest.fixture
def database(store_place):
    database = Database(store_place)
    yield database
    database.close()


@pytest.fixture
def child(store_place):
    """Starts a process on the same store."""
    children = []

    def start(program, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + program, str(store_place), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        children.append(process)
        return process

    yield start
    for process in children:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def count(database, table):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table))


SUBMIT_FOR_EVER = """
queue = JobQueue(database, limit=10**6)
while True:
    print(queue.submit("ann", "start.x", "code"), flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(database, child):
    acknowledged = set()
    for _ in range(2):
        submitter = child(SUBMIT_FOR_EVER)
        acknowledged.update(submitter.stdout.readline().strip() for _ in range(10))
        submitter.send_signal(signal.SIGKILL)
        acknowledged.update(line.strip() for line in submitter.stdout if line.endswith("\n"))
    stored = {s.id for s in Submissions(database).history("ann", limit=10**6)}
    assert acknowledged <= stored
    assert count(database, tables.jobs) == len(stored), "every submission has its job"


STOP_HALFWAY = """
def stop(connection, number):
    print("halfway", flush=True)
    time.sleep(1000)
JobQueue(database, on_submit=stop).submit("ann", "start.x", "half", "key")
"""
HOLD_A_JOB = """
claim = JobQueue(database, clock=lambda: 2e9).claim("doomed")
print(claim.submission, flush=True)
with database.write() as db:
    db.exec_driver_sql("UPDATE jobs SET state = 'done', worker = NULL, lease_until = NULL")
    print("halfway", flush=True)
    time.sleep(1000)
"""


def test_kill_9_in_the_middle_of_a_transaction_leaves_no_half(database, child):
    submitter = child(STOP_HALFWAY)
    assert submitter.stdout.readline() == "halfway\n"
    assert count(database, tables.submissions) == 0, "nobody sees the half"
    submitter.kill()
    submitter.wait()
    moment = 2e9
    queue = JobQueue(database, clock=lambda: moment)
    ident = queue.submit("ann", "start.x", "whole", "key")
    assert Submissions(database).get(ident, "ann").place == 1, "and nobody waits for its locks"

    worker = child(HOLD_A_JOB)
    assert worker.stdout.readline().strip() == ident
    assert worker.stdout.readline() == "halfway\n"
    worker.kill()
    worker.wait()
    assert Submissions(database).get(ident, "ann").state == "running"
    assert queue.sweep() == 0, "its lease still runs"
    moment += 60
    assert queue.sweep() == 1
    assert queue.finish(queue.claim("heir"), RESULT)
    assert Submissions(database).get(ident, "ann").result == RESULT


CLAIM_ALL = """
queue = JobQueue(database)
sys.stdin.readline()
while (claim := queue.claim(sys.argv[2])) is not None:
    assert queue.finish(claim, {"status": "passed", "tests": []})
    print(claim.submission)
"""


def test_workers_of_many_processes_never_share_a_job(database, child):
    queue = JobQueue(database, limit=1000)
    ids = [queue.submit(f"learner {n % 7}", "start.x", str(n)) for n in range(60)]
    workers = [child(CLAIM_ALL, f"w{n}") for n in range(3)]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    taken = [line.strip() for worker in workers for line in worker.stdout]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert sorted(taken) == sorted(ids)
    assert count(database, tables.results) == len(ids)


SUBMIT_MANY = """
clock = lambda: 1e6
queues = {
    "rate": JobQueue(database, rate_per_minute=10, clock=clock),
    "pending": JobQueue(database, pending_per_exercise=2, clock=clock),
    "key": JobQueue(database, clock=clock),
    "full": JobQueue(database, limit=60, clock=clock),
}
for kind in sys.stdin:
    kind = kind.strip()
    for n in range(20):
        key = f"key {n}" if kind == "key" else None
        try:
            print("taken", queues[kind].submit(kind, "start.x", "code", key))
        except (QueueFullError, TooManyError) as refused:
            print(type(refused).__name__, getattr(refused, "kind", kind))
    print("done", flush=True)
"""


def test_limits_and_keys_hold_however_many_ask_at_once(database, child):
    submitters = [child(SUBMIT_MANY) for _ in range(3)]

    def ask(kind):
        for submitter in submitters:
            submitter.stdin.write(f"{kind}\n")
            submitter.stdin.flush()
        return [
            [line.strip() for line in iter(submitter.stdout.readline, "done\n")] for submitter in submitters
        ]

    def counted(said):
        return collections.Counter(re.sub("taken .*", "taken", line) for lines in said for line in lines)

    assert counted(ask("rate")) == {"taken": 10, "TooManyError rate": 50}
    assert counted(ask("pending")) == {"taken": 2, "TooManyError pending": 58}
    first, second, third = ask("key")
    assert first == second == third
    assert len(set(first)) == 20
    assert counted(ask("full")) == {"taken": 60 - 32, "QueueFullError full": 32}
    assert count(database, tables.submissions) == count(database, tables.jobs) == 60
