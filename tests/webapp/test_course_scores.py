"""Scores: kept with every result, with lateness, deadlines and attempts; the same as if all were counted anew."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from alembic import command
from glasstorch_web.store import NotTakenError, course_tables, schema, tables
from glasstorch_web.store.engines import engine_for, url_of
from glasstorch_web.store.queue import RETRIES
from glasstorch_web.store.rules import DAY, Rules
from glasstorch_web.store.scoring import NO_SCORE, folded
from glasstorch_web.words import Refusal
from sqlalchemy import MetaData, insert, select
from support.course import FIRST, LATER, LESSON, OTHER, SECOND, Course
from support.seeded import NOW


@pytest.fixture
def course(store_place, tmp_path):
    made = Course(store_place, tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def one_course(tmp_path):
    """On SQLite alone, where the statements are the same."""
    made = Course(tmp_path / "grades.sqlite3", tmp_path)
    yield made
    made.database.close()


def assert_counted(course: Course) -> None:
    """What is kept is what counting everything gives."""
    rows = (
        select(tables.submissions, tables.results)
        .join_from(tables.submissions, tables.results, tables.results.c.number == tables.submissions.c.number)
        .order_by(tables.submissions.c.number)
    )
    with course.database.read() as db:
        found = [dict(row) for row in db.execute(rows).mappings()]
        rules = Rules(db)
        kept = {(row.user, row.exercise): row._asdict() for row in db.execute(select(course_tables.scores))}
        checks = {
            (row.exercise, row.check_id): (row.passed, row.failed)
            for row in db.execute(select(course_tables.check_tallies))
            if row.passed or row.failed
        }
        days = sum(row.submissions for row in db.execute(select(course_tables.day_tallies)))
        versions = {
            (row.exercise, row.version): row.results
            for row in db.execute(select(course_tables.version_tallies))
            if row.results
        }
    assert days == len(found)
    expected, passed, failed, used = {}, Counter(), Counter(), Counter()
    for row in found:
        if row["status"] == "grader_error":
            continue
        key = row["user"], row["exercise"]
        rule = rules.of(*key, course.catalogue.lesson_of(row["exercise"]))
        assert row["late_factor"] == pytest.approx(rule.late_factor(row["submitted_at"]))
        assert row["counted_score"] == pytest.approx(row["score"] * row["late_factor"])
        before = expected.get(key, {"user": key[0], "exercise": key[1], **NO_SCORE})
        expected[key] = folded(before, row, rule)
        used[row["exercise"], row["version"]] += 1
        for test in course.result(row["exercise"], row["score"])["tests"]:
            (passed if test["status"] == "passed" else failed)[row["exercise"], test["id"]] += 1
    assert kept == expected
    assert versions == used
    assert checks == {key: (passed[key], failed[key]) for key in {*passed, *failed}}


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_the_scores_are_those_of_all_results(one_course, seed):
    _live(one_course, random.Random(seed), 200)


def test_whatever_happens_on_postgresql(postgres, tmp_path):
    course = Course(postgres.new_database(), tmp_path)
    _live(course, random.Random(4), 80)
    course.database.close()


def _live(course: Course, draw: random.Random, steps: int) -> None:
    exercises = [FIRST, SECOND, OTHER]
    claims = []
    for step in range(steps):
        course.now += draw.random() * DAY / 2
        course.queue.sweep()  # those that have been held for long are others' now
        claims = [claim for claim in claims if course.queue.renew(claim)]
        deed = draw.random()
        if deed < 0.35:
            course.hand_in(draw.choice(["ann", "ben"]), None, draw.choice(exercises))
        elif deed < 0.5:
            claim = course.queue.claim("w")
            claims += [claim] if claim else []
        elif deed < 0.8 and claims:  # in whatever order they end
            claim = claims.pop(draw.randrange(len(claims)))
            course.queue.finish(claim, course.result(claim.exercise, draw.choice([0, 2, 7, 10])))
        elif deed < 0.85 and claims:
            course.queue.fail(claims.pop(), "the grader broke")
        elif deed < 0.9:
            course.regrades.exercise("staff", draw.choice(exercises), only_stale=draw.random() < 0.5)
        elif deed < 0.95:
            due = course.now - draw.random() * 10 * DAY
            course.rules.assign(
                "staff",
                draw.choice([LESSON, *exercises]),
                due_at=due,
                late_percent_per_day=draw.choice([0, 15, 40]),
                keep=draw.choice(["best", "last"]),
            )
        elif deed < 0.98:
            target = draw.choice([LESSON, *exercises])
            try:
                course.rules.extend("staff", "ann", target, course.now - draw.random() * 5 * DAY)
            except Refusal:
                course.rules.unextend("staff", "ann", target)
        else:
            course.rules.unassign("staff", draw.choice([LESSON, *exercises]))
        if step % 10 == 9:
            assert_counted(course)


def test_the_best_attempt_counts_and_lateness_is_taken_off(course):
    course.rules.assign("staff", LESSON, due_at=NOW, late_percent_per_day=20, grace_minutes=15)
    course.now = NOW + 14 * 60
    first = course.hand_in("ann", 7)
    assert course.score("ann").counted == 7, "within the minutes of grace"
    course.now = NOW + 16 * 60
    course.hand_in("ann", 10)
    assert course.score("ann").counted == 8, "a day that has begun is a day"
    course.now = NOW + 3 * DAY
    course.hand_in("ann", 10)
    score = course.score("ann")
    assert (score.best, score.last, score.counted, score.attempts) == (10, 10, 8, 3)
    assert score.first_passed_at == NOW + 16 * 60
    assert [line.late_factor for line in course.rules.submissions(user="ann")] == pytest.approx([0.4, 0.8, 1])
    course.hand_in("ann", 0, OTHER)
    assert course.score("ann", OTHER).counted == 0
    course.rules.assign("staff", FIRST, keep="last")
    assert course.score("ann").counted == 10, "an exercise's own rules stand in place of its lesson's"
    course.rules.assign("staff", FIRST, due_at=NOW, late_percent_per_day=60, grace_minutes=15)
    assert course.score("ann").counted == 7, "what was worth nothing any more is not what counts"
    row = course.gradebook.learner("ann")
    assert (row.cells[FIRST].number, row.cells[FIRST].late, row.cells[FIRST].passed) == (first, True, True)
    assert_counted(course)


def test_one_learner_has_more_time(course):
    course.rules.assign("staff", LESSON, due_at=NOW, closes_at=NOW + DAY, late_percent_per_day=50)
    course.now = NOW + 3 * DAY
    with pytest.raises(NotTakenError) as refused:
        course.hand_in("ann", None)
    assert (refused.value.kind, refused.value.closed_at) == ("closed", NOW + DAY)
    course.rules.extend("staff", "ann", LESSON, NOW + 4 * DAY)
    course.hand_in("ann", 10)
    assert course.score("ann").counted == 10
    with pytest.raises(NotTakenError):
        course.hand_in("ben", None)
    deadline = course.rules.deadlines("ann")[FIRST]
    assert (deadline.due_at, deadline.extended, deadline.closed(NOW + 3 * DAY)) == (
        NOW + 4 * DAY,
        True,
        False,
    )
    assert course.rules.deadlines("ben")[LESSON].due_at == NOW
    assert LATER not in course.rules.deadlines("ben")
    assert [(one.user, one.name) for one in course.rules.extensions(LESSON)] == [("ann", "Ann")]
    assert course.rules.unextend("staff", "ann", LESSON)
    assert course.score("ann").counted == 0
    assert [entry.what for entry in course.audit.entries()] == [
        "extension removed",
        "extension given",
        "deadline set",
    ]


def test_attempts_run_out_and_a_broken_grader_uses_none(course):
    course.rules.assign("staff", FIRST, max_attempts=2)
    course.hand_in("ann", None)
    for _ in range(RETRIES + 1):
        course.now += 60
        course.queue.fail(course.queue.claim("w"), "broken")
    assert course.score("ann") is None
    course.hand_in("ann", 2)
    course.hand_in("ann", None)
    with pytest.raises(NotTakenError) as refused:
        course.hand_in("ann", None)
    assert (refused.value.kind, refused.value.limit) == ("attempts", 2)
    course.hand_in("ann", None, SECOND)
    course.hand_in("ben", None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"target": "nothing"}, "no lesson and no exercise nothing"),
        ({"due_at": 10.0, "closes_at": 5.0}, "when it is due or later"),
        ({"due_at": float("nan")}, "no date"),
        ({"due_at": -1.0}, "no date"),
        ({"late_percent_per_day": 101}, "from 0 to 100"),
        ({"grace_minutes": float("inf")}, "Minutes of grace"),
        ({"keep": "worst"}, "best attempt"),
        ({"max_attempts": 0}, "at least one"),
    ],
)
def test_rules_that_make_no_sense_change_nothing(one_course, values, words):
    with pytest.raises(Refusal, match=words):
        one_course.rules.assign("staff", **{"target": FIRST, **values})
    assert one_course.rules.assignments() == []
    assert one_course.audit.entries() == []


def test_an_extension_needs_a_deadline_and_somebody_to_have_it(one_course):
    with pytest.raises(Refusal, match="no deadline yet"):
        one_course.rules.extend("staff", "ann", FIRST, NOW)
    one_course.rules.assign("staff", LESSON, due_at=NOW)
    with pytest.raises(Refusal, match="not later"):
        one_course.rules.extend("staff", "ann", FIRST, NOW)
    with pytest.raises(Refusal, match="no user nobody"):
        one_course.rules.extend("staff", "nobody", FIRST, NOW + 1)
    assert one_course.rules.extensions() == []


def test_what_was_graded_before_there_were_scores_is_counted(tmp_path):
    """A store as the migration before this one left it, with results."""
    place = tmp_path / "old.sqlite3"
    engine = engine_for(url_of(place)).execution_options(durable=True)
    with engine.begin() as db:
        command.upgrade(schema._configuration(db), "0003")
        old = MetaData()
        old.reflect(db, only=["submissions", "jobs", "results"])
        model = Course(tmp_path / "model.sqlite3", tmp_path)
        draw = random.Random(5)
        for number in range(1, 60):
            who, exercise = draw.choice(["ann", "ben"]), draw.choice([FIRST, SECOND])
            status_of = "grader_error" if number % 7 == 0 else None
            score = draw.choice([0, 2, 7, 10])
            _insert_old(db, old, number, who, exercise, model.result(exercise, score), status_of)
    engine.dispose()
    course = Course(place, tmp_path)
    assert_counted(course)
    assert course.score("ann").attempts > 5
    assert course.regrades.stale() == {}
    course.database.close()
    model.database.close()


def _insert_old(db, old, number, user, exercise, result, status) -> None:
    at = NOW + number * 1000
    tables_ = old.tables
    row = {"number": number, "id": f"id{number}", "user": user, "exercise": exercise, "submitted_at": at}
    db.execute(insert(tables_["submissions"]), {**row, "idempotency_key": f"k{number}", "source": "pass"})
    job = {"number": number, "state": "done", "available_at": at, "user": user, "exercise": exercise}
    db.execute(insert(tables_["jobs"]), job)
    stored = {"number": number, "status": status or result["status"], "max_score": 10, "finished_at": at + 1}
    db.execute(
        insert(tables_["results"]),
        {**stored, "score": 0 if status else result["score"], "result": json.dumps(result)},
    )
