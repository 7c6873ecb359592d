"""How a store is opened: the schema's growth, old files, newer ones, and addresses that lead nowhere."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from glasstorch_web.store import (
    Database,
    JobQueue,
    StoreError,
    Submissions,
    UnavailableError,
    Watch,
    schema,
    tables,
)
from sqlalchemy import Engine, event, insert, inspect, text

RESULT = {"status": "passed", "score": 3, "max_score": 5, "tests": []}
OLD = (Path(__file__).parent / "stores" / "version_1.sql").read_text()
SECRET = "s3cret"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_place(request, tmp_path):
    """Where there is no store yet."""
    if request.param == "sqlite":
        return tmp_path / "grades.sqlite3"
    return request.getfixturevalue("postgres").new_database()


def test_the_migrations_lead_to_the_tables_as_they_are(empty_place):
    database = Database(empty_place)
    with database.read() as db:
        assert compare_metadata(MigrationContext.configure(db), tables.metadata) == []
    steps = Path(schema.__file__).parent / "migrations"
    assert ScriptDirectory(steps).get_heads() == [schema.NEWEST]
    database.close()


OPENER = """
import sys
from glasstorch_web.store import Database, JobQueue
sys.stdin.readline()
print(JobQueue(Database(sys.argv[1])).submit("ann", "start.x", sys.argv[2]))
"""


def test_servers_that_start_at_once_make_one_store(empty_place):
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, empty_place, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    ids = {opener.communicate()[0].strip() for opener in openers}
    assert [opener.returncode for opener in openers] == [0] * 3
    database = Database(empty_place)
    assert {s.id for s in Submissions(database).history("ann")} == ids
    database.close()


@pytest.fixture
def old_file(tmp_path):
    path = tmp_path / "grades.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(OLD)
    return path


def test_a_file_from_before_alembic_is_adopted_without_loss(old_file):
    with closing(sqlite3.connect(old_file)) as db:
        before = db.execute("SELECT * FROM submissions ORDER BY number").fetchall()
        results = db.execute("SELECT * FROM results ORDER BY number").fetchall()
    database = Database(old_file)
    with database.read() as db:
        assert [tuple(r) for r in db.execute(text("SELECT * FROM submissions ORDER BY number"))] == before
        found = db.execute(text("SELECT * FROM results ORDER BY number")).all()
        assert [tuple(r)[:6] for r in found] == results
        assert [(r.late_factor, r.counted_score) for r in found] == [(1, r[2]) for r in results]
        now = inspect(db)
        for table in tables.metadata.tables.values():
            assert {column["name"] for column in now.get_columns(table.name)} == set(table.c.keys())
            assert {index["name"] for index in now.get_indexes(table.name)} == {i.name for i in table.indexes}
    found = list(reversed(Submissions(database).history("local")))
    states = ["done", "done", "done", "running", "queued", "queued"]
    assert [s.state for s in found] == states
    assert [s.place for s in found] == [0, 0, 0, 0, 1, 2], "those who wait keep their order"
    assert found[0].source == "def f(x):\n    return 2 * x  # 漢字\n"
    assert found[2].result["status"] == "grader_error"
    assert (found[3].progress_done, found[3].progress_now) == (1, "The gradient has the shape of x")
    assert Submissions(database).best("local") == {"start.backward-formula": (10, 10)}
    assert database.fact("form token", lambda: "new") == "an-old-form-token"
    queue = JobQueue(database, pending_per_exercise=2, clock=lambda: 2e9)
    again = queue.submit("local", "start.backward-formula", "def f(x):\n    return x + x\n", "key-2")
    assert again == found[5].id, "its idempotency keys count"
    assert queue.sweep() == 1, "its worker is long gone"
    assert [queue.claim("w").submission for _ in range(3)] == [s.id for s in found[3:]]
    database.close()
    with closing(sqlite3.connect(old_file)) as db:
        (mark,) = db.execute("PRAGMA user_version").fetchone()
    assert mark == schema.SQLITE_MARK > 1, "an old Glasstorch refuses it"


def test_a_store_from_a_newer_glasstorch_is_refused(empty_place):
    database = Database(empty_place)
    with database.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match="Update Glasstorch"):
        Database(empty_place)


def test_a_mark_from_the_future_is_refused(tmp_path):
    path = tmp_path / "grades.sqlite3"
    Database(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="Update Glasstorch"):
        Database(path)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / "grades.sqlite3"
    path.write_text("my shopping list, which is not a database at all\n" * 100)
    with pytest.raises(StoreError, match="Move it away"):
        Database(path)
    assert path.read_text().startswith("my shopping list")


def test_opening_again_keeps_what_was_there(store_place):
    first = Database(store_place)
    ident = JobQueue(first).submit("ann", "start.x", "code\x00with 漢字 and a NUL")
    secret = first.fact("form secret", lambda: "one")
    first.close()
    again = Database(store_place)
    assert Submissions(again).get(ident, "ann").source == "code\x00with 漢字 and a NUL"
    assert again.fact("form secret", lambda: "two") == secret
    again.close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://ann:{}@localhost/grades", "cannot be kept in mysql"),
        ("postgresql://ann:{}@localhost:notaport/grades", "is not a database's"),
        ("://ann:{}@localhost", "is not a database's"),
        ("sqlite://", "cannot be kept in sqlite"),
        ("postgresql://ann:{}@127.0.0.1:1/grades", "correct GLASSTORCH_DATABASE_URL"),
        ("postgresql://ann:{}@/grades?host=/nowhere/at/all", "correct GLASSTORCH_DATABASE_URL"),
    ],
)
def test_addresses_that_lead_nowhere_are_said_without_the_password(address, words):
    with pytest.raises(StoreError, match=re.escape(words)) as caught:
        Database(address.format(SECRET))
    assert SECRET not in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_database_that_is_not_there_is_said(postgres):
    with pytest.raises(StoreError, match="See that the server runs") as caught:
        Database(postgres.url("nobody_made_this"))
    assert "nobody_made_this" in str(caught.value)


def test_a_server_that_goes_away_and_comes_back(postgres):
    database = Database(postgres.new_database())
    queue, watch = JobQueue(database), Watch(database)
    first = queue.submit("ann", "start.x", "before")
    assert watch.changed()
    postgres.stop_server()
    try:
        with pytest.raises(UnavailableError, match="does not answer"):
            queue.submit("ann", "start.x", "meanwhile")
        with pytest.raises(UnavailableError):
            queue.claim("w")
        watch.changed()
    finally:
        postgres.run_server()
    last = queue.submit("ann", "start.x", "after")
    assert [s.id for s in Submissions(database).history("ann")] == [last, first]
    watch.close()
    database.close()


MANY = 4000


def test_no_question_of_the_queue_reads_a_whole_table(store_place):
    """With thousands graded and hundreds waiting, each statement goes by an index."""
    database = Database(store_place)
    queue = JobQueue(database, limit=10**6, rate_per_minute=10**6, pending_per_exercise=10**6)
    with database.write() as db:
        texts = {"exercise": "start.x", "idempotency_key": "", "source": "code"}
        rows = [
            {"id": f"i{n}", "user": f"u{n % 200}", **texts, "idempotency_key": f"k{n}", "submitted_at": n}
            for n in range(MANY)
        ]
        db.execute(insert(tables.submissions), rows)
        numbers = [row.number for row in db.execute(text("SELECT number FROM submissions ORDER BY number"))]
        db.execute(
            insert(tables.jobs),
            [
                {
                    "number": number,
                    "state": "done" if n % 20 else "queued",
                    "available_at": 0,
                    "turn": n,
                    "user": f"u{n % 200}",
                    "exercise": "start.x",
                }
                for n, number in enumerate(numbers)
            ],
        )
        graded = {"status": "passed", "score": 1, "max_score": 1, "result": "{}", "finished_at": 0}
        db.execute(insert(tables.results), [{"number": n, **graded} for n in numbers])
        db.execute(
            text("DELETE FROM results WHERE number IN (SELECT number FROM jobs WHERE state <> 'done')")
        )
        db.execute(text("ANALYZE"))
    asked = []

    def listen(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith(("SELECT", "UPDATE", "WITH")) and "advisory" not in statement:
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        ident = queue.submit("u0", "start.x", "code", "key")
        claim = queue.claim("w")
        queue.renew(claim)
        queue.finish(claim, RESULT)
        queue.fail(queue.claim("w"), "reason")
        queue.sweep()
        queue.waiting()
        reading = Submissions(database)
        reading.get(ident, "u0")
        reading.many([ident, "i0", "i20"])
        reading.history("u0", "start.x")
        reading.best("u0")
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    whole = re.compile(
        r"Seq Scan on (jobs|submissions|results)|SCAN (jobs|submissions|results|ahead)(?! USING)"
    )
    used = ""
    with database.read() as db:
        if (
            database.dialect == "postgresql"
        ):  # for so few rows it may well prefer to read them all, if it has to
            for way in ("seqscan", "hashjoin", "mergejoin"):
                db.execute(text(f"SET enable_{way} = off"))
        for statement, parameters in asked:
            plan = "\n".join(str(row[-1]) for row in db.exec_driver_sql(explain + statement, parameters))
            assert not whole.search(plan), f"{statement}\n{plan}"
            used += plan
    for name in ("jobs_line", "jobs_leases", "jobs_learner", "submissions_rate"):
        assert name in used
    database.close()
