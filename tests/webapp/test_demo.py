"""The demo course: the same for the same seed, with the grader's own grades; and never over something else."""

from __future__ import annotations

import random
import re
import shutil

import pytest
from glasstorch_web.demo import cast, command
from glasstorch_web.services.accounts import Accounts
from glasstorch_web.store import Database, JobQueue, Submissions
from glasstorch_web.store.course_tables import notes, reviews, scores
from glasstorch_web.store.tables import results, submissions
from sqlalchemy import func, select


@pytest.fixture(autouse=True)
def a_short_course(tmp_path, monkeypatch, repository):
    """The first lesson alone: every answer of the demo is graded."""
    name = "00-start-here"
    shutil.copytree(repository / "lessons" / name, tmp_path / "lessons" / name)
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(tmp_path / "lessons"))


def make(folder, monkeypatch, capsys, *options):
    monkeypatch.setattr("sys.argv", ["glasstorch demo", "--state", str(folder), *options])
    status = command.main()
    return status, capsys.readouterr()


def told(database):
    """Who handed in what and what it was worth."""
    query = (
        select(submissions.c.user, submissions.c.exercise, submissions.c.source, results.c.score)
        .outerjoin_from(submissions, results, results.c.number == submissions.c.number)
        .order_by(submissions.c.number)
    )
    with database.read() as db:
        return [tuple(row) for row in db.execute(query)]


def test_the_same_seed_makes_the_same_course(tmp_path, monkeypatch, capsys):
    courses = []
    for name in ("one", "two"):
        status, output = make(tmp_path / name, monkeypatch, capsys, "--learners", "8", "--seed", "3")
        assert status == 0
        database = Database(tmp_path / name / "grades.sqlite3")
        courses.append(told(database))
        with database.read() as db:
            for table in (scores, notes, reviews):
                assert db.execute(select(func.count()).select_from(table)).scalar_one() > 5, table.name
        if name == "one":
            database.close()
    assert courses[0] == courses[1]
    assert {score for *_, score in courses[0]} >= {None, 0, 10}, (
        "some wait, and they are graded for what they are"
    )
    accounts = Accounts(database)
    password = re.search(r"password (\S+) as", output.out)[1]
    for email in re.findall(r"\S+@example\.org", output.out):
        accounts.log_in(email, password, "127.0.0.1")
    again = JobQueue(database).submit("learner-005", courses[0][0][1], "pass")
    assert Submissions(database).get(again, "learner-005").place > 0, "the course goes on"
    before = told(database)
    database.close()

    status, output = make(tmp_path / "two", monkeypatch, capsys)
    assert (status, "in use already" in output.err) == (1, True)
    database = Database(tmp_path / "two" / "grades.sqlite3")
    assert told(database) == before
    database.close()


def test_the_learners_are_different_people():
    people = list(cast.learners(command.MOST_LEARNERS, random.Random(1)))
    for name in ("id", "name", "email"):
        assert len({getattr(one, name) for one in people}) == len(people)
    assert people[1].name == "王思远"


@pytest.mark.parametrize("count", ["0", "many", "501"])
def test_a_course_has_learners(tmp_path, monkeypatch, capsys, count):
    with pytest.raises(SystemExit):
        make(tmp_path / "none", monkeypatch, capsys, "--learners", count)
    assert "learners, not" in capsys.readouterr().err
