"""Backup and restore, for SQLite and PostgreSQL: whole copies from a store in use, and nothing replaced by accident."""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from glasstorch_web import backup_command, discovery, restore_command
from glasstorch_web.store import Audit, Database, JobQueue, People, StoreError, Submissions, WorkerRegistry
from glasstorch_web.store.backup import back_up, restore

RESULT = {"status": "passed", "score": 3, "max_score": 5, "tests": []}
CODE = "def f(): return '漢字 and a NUL \x00'"


@pytest.fixture
def database(store_place):
    database = Database(store_place)
    yield database
    database.close()


def hand_in_three(database):
    """One graded, one in a worker's hands, one waiting; their ids."""
    queue = JobQueue(database)
    ids = [queue.submit("ann", "start.x", f"{CODE}{n}") for n in range(3)]
    queue.finish(queue.claim("w"), RESULT)
    return ids, queue.claim("w")


def test_a_store_comes_back_as_it_was_and_grades_on(database, tmp_path):
    ids, held = hand_in_three(database)
    secret = People(database)
    token = secret.issue_token(secret.add("Ann").id, "laptop")
    back_up(database, tmp_path / "backup")
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0, "it holds everybody's code"
    queue, submissions = JobQueue(database), Submissions(database)
    queue.submit("ann", "start.x", "after the backup")
    with pytest.raises(StoreError, match="holds 4 submission"):
        restore(database, tmp_path / "backup")
    assert submissions.count() == 4, "refused, so nothing was replaced"
    assert restore(database, tmp_path / "backup", force=True) == 3

    found = [submissions.get(ident, "ann") for ident in ids]
    assert [s.source for s in found] == [f"{CODE}{n}" for n in range(3)]
    assert [(s.state, s.place) for s in found] == [("done", 0), ("queued", 1), ("queued", 2)]
    assert found[0].result == RESULT
    assert not queue.finish(held, RESULT), "the worker is of another time"
    assert [queue.claim("new").submission for _ in range(2)] == ids[1:]
    assert People(database).by_token(token).name == "Ann"
    assert Audit(database).entries()[0].detail == {"file": "backup", "replaced": 4}
    new = queue.submit("ben", "start.x", "numbers go on where they were")
    assert submissions.get(new, "ben").number > found[-1].number


WRITER = """
import sys
from glasstorch_web.store import Database, JobQueue
queue = JobQueue(Database(sys.argv[1]), limit=10**6)
while True:
    print(queue.submit("ann", "start.x", "code"), flush=True)
"""


def test_a_backup_of_a_store_in_use_holds_one_moment_of_it(database, store_place, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, store_place], stdout=subprocess.PIPE, text=True
    ) as writer:
        before = [writer.stdout.readline().strip() for _ in range(20)]
        back_up(database, tmp_path / "backup")
        assert writer.stdout.readline(), "the writer went on"
        writer.kill()
    restore(database, tmp_path / "backup", force=True)
    ids = [s.id for s in reversed(Submissions(database).history("ann", limit=10**6))]
    assert ids[:20] == before, "what was accepted before is in it"
    queue = JobQueue(database)
    assert [queue.claim("w").submission for _ in ids] == ids, "and each submission has its job"


def test_what_is_no_backup_changes_nothing(database, tmp_path):
    ident = JobQueue(database).submit("ann", "start.x", "mine")
    good, file = tmp_path / "good", tmp_path / "file"
    back_up(database, good)
    whole = good.read_bytes()
    half = whole[: len(whole) // 2]
    torn = whole[: len(whole) // 2] + b"\xa5" * 3000 + whole[len(whole) // 2 + 3000 :]
    for content in (b"", b"my shopping list" * 100, half, torn):
        file.write_bytes(content)
        with pytest.raises(StoreError, match=r"no backup|damaged|could not do its part"):
            restore(database, file, force=True)
    with pytest.raises(StoreError, match="cannot be read"):
        restore(database, tmp_path / "nowhere", force=True)
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(database, tmp_path / "no folder" / "backup")
    assert Submissions(database).get(ident, "ann").source == "mine"
    assert {path.name for path in tmp_path.iterdir()} <= {"good", "file", "state"}, "no drafts are left"


def test_other_kinds_of_store_are_told_apart(postgres, tmp_path):
    file = Database(tmp_path / "grades.sqlite3")
    server = Database(postgres.new_database())
    back_up(file, tmp_path / "from sqlite")
    back_up(server, tmp_path / "from postgresql")
    with pytest.raises(StoreError, match="on SQLite, and this store is on PostgreSQL"):
        restore(server, tmp_path / "from sqlite")
    with pytest.raises(StoreError, match="on PostgreSQL, and this store is on SQLite"):
        restore(file, tmp_path / "from postgresql")
    file.close()
    server.close()


def test_nothing_is_restored_under_a_running_service(database, tmp_path, monkeypatch):
    back_up(database, tmp_path / "backup")
    WorkerRegistry(database).sign_in("w", "server", 1, {"level": "L3"})
    with pytest.raises(StoreError, match="Stop every service"):
        restore(database, tmp_path / "backup", force=True)


def command(module, *arguments):
    parser = argparse.ArgumentParser()
    module.register(parser)
    options = parser.parse_args([str(argument) for argument in arguments])
    return options.run(options)


def test_the_commands(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("GLASSTORCH_DATABASE_URL", raising=False)
    state, copy = tmp_path / "state", tmp_path / "copy"
    assert command(backup_command, copy, "--state", state) == 1
    assert "There is no store" in capsys.readouterr().err
    database = Database(state / "grades.sqlite3")
    ident = JobQueue(database).submit("ann", "start.x", "mine")
    assert command(backup_command, copy, "--state", state) == 0
    assert "checked" in capsys.readouterr().out
    assert command(restore_command, copy, "--state", state) == 1
    assert "--force" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr(discovery, "running", lambda state: "http://127.0.0.1:1/")
        assert command(restore_command, copy, "--state", state, "--force") == 1
    assert "A service runs on this store" in capsys.readouterr().err
    assert command(restore_command, copy, "--state", tmp_path / "other") == 0
    assert "1 submission(s)" in capsys.readouterr().out
    other = Database(tmp_path / "other" / "grades.sqlite3")
    assert Submissions(other).get(ident, "ann").source == "mine"
    other.close()
    database.close()


def test_a_backup_from_a_newer_glasstorch_is_refused(tmp_path):
    database = Database(tmp_path / "grades.sqlite3")
    back_up(database, tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "backup")) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    with pytest.raises(StoreError, match="Update Glasstorch"):
        restore(database, tmp_path / "backup")
    database.close()
