"""Hints on PostgreSQL: kept with a submission or not at all, followed by one free worker, never needed."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import procrastinate
import pytest
from glasstorch_web.services import dispatch
from glasstorch_web.services.dispatch import Bell, Dispatcher, listening
from glasstorch_web.store import Database, JobQueue

PATIENCE = 60.0


@pytest.fixture
def database(postgres):
    made = Database(postgres.new_database())
    yield made
    made.close()


def hints(database: Database) -> list[str]:
    with database.read() as db:
        return list(db.exec_driver_sql("SELECT status::text FROM procrastinate_jobs").scalars())


def test_many_who_start_at_once_prepare_the_database_once(database):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: Dispatcher(database), range(6)))
    with database.read() as db:
        noted = db.scalar(dispatch._NOTED)
    assert noted == procrastinate.__version__


def test_what_an_older_version_prepared_is_brought_up_to_date(database, monkeypatch):
    Dispatcher(database)
    with database.write() as db:
        db.exec_driver_sql("COMMENT ON TABLE procrastinate_jobs IS '3.9.0'")
    steps = [((3, 9, 0), "SELECT no_such_function()"), ((3, 9, 5), "CREATE TABLE newer (id int)")]
    monkeypatch.setattr(dispatch, "_migrations", lambda: steps)
    Dispatcher(database)
    with database.read() as db:
        assert db.exec_driver_sql("SELECT to_regclass('newer') IS NOT NULL").scalar()
        assert db.scalar(dispatch._NOTED) == procrastinate.__version__


def test_a_hint_is_kept_with_its_submission_or_not_at_all(database):
    dispatcher = Dispatcher(database)
    queue = JobQueue(database, on_submit=dispatcher.on_submit)
    queue.submit("ann", "start.x", "code", "key")
    assert hints(database) == ["todo"]

    def break_after(connection, number):
        dispatcher.on_submit(connection, number)
        raise RuntimeError("the transaction fails")

    with pytest.raises(RuntimeError):
        JobQueue(database, on_submit=break_after).submit("bob", "start.x", "code")
    assert hints(database) == ["todo"]


def test_hints_do_not_pile_up(database):
    dispatcher = Dispatcher(database)
    for _ in range(dispatch.ENOUGH + 5):
        dispatcher.hint()
    assert len(hints(database)) == dispatch.ENOUGH


def test_a_free_worker_is_woken_and_a_busy_one_takes_no_hint(database):
    dispatcher = Dispatcher(database)
    busy, free = Bell(), Bell()
    with listening(database, busy):
        dispatcher.hint()
        rung(busy)  # it has heard, and works from now on
        dispatcher.hint()
        dispatcher.hint()
        with listening(database, free):
            rung(free)
            rung(free)
            assert hints(database) == ["doing", "doing"], "one that each follows; the third is done with"
            free.wait(0)
        busy.wait(0)
    gone(database)


def test_a_hint_that_a_killed_worker_took_is_thrown_away(database, monkeypatch):
    monkeypatch.setattr(dispatch, "STALLED_AFTER", 1.0)
    monkeypatch.setattr(dispatch, "TIDY_EVERY", 0.2)
    Dispatcher(database).hint()
    with database.write() as db:
        db.exec_driver_sql(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id)"
            " UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead"
        )
    with listening(database, Bell()):
        gone(database)


def test_a_bell_answers_those_who_rang_before_the_look_and_no_later_ones():
    bell = Bell()
    first = bell.ring()
    bell.wait(0)  # hears it; now the worker looks
    second = bell.ring()  # during the look, which may have missed what this one tells of
    answered = []
    threads = [
        threading.Thread(target=lambda n=n: answered.append((bell.await_answer(n), n)[1]))
        for n in (first, second)
    ]
    for thread in threads:
        thread.start()
    bell.wait(0)
    threads[0].join(PATIENCE)
    assert answered == [first]
    bell.wait(0)
    threads[1].join(PATIENCE)
    assert answered == [first, second]


def rung(bell: Bell) -> None:
    """Wait until a hint rings; the worker then counts as busy until its next `wait`."""
    before = bell._heard
    bell.wait(PATIENCE)
    assert bell._heard > before


def gone(database: Database) -> None:
    deadline = time.monotonic() + PATIENCE
    while left := hints(database):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
