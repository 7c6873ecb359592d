"""Grading again: behind fresh work, without losing the former result, and to the same result where nothing changed."""

from __future__ import annotations

import pytest
from glasstorch_web.grader import Grader
from glasstorch_web.store import QueueFullError
from glasstorch_web.store.figures import Figures
from glasstorch_web.store.queue import LOSSES, RETRIES
from glasstorch_web.store.tables import LAST_TURNS, jobs
from glasstorch_web.words import Refusal
from sqlalchemy import select, update
from support.course import FIRST, OTHER, SECOND, Course
from support.seeded import TEMPLATE

SOLUTION = (TEMPLATE / "solution.py").read_text("utf-8")


@pytest.fixture
def course(store_place, tmp_path):
    made = Course(store_place, tmp_path)
    yield made
    made.database.close()


def ask(course: Course, number: int):
    with course.database.read() as db:
        return db.execute(select(jobs).where(jobs.c.number == number)).one()


def read(course: Course, number: int):
    line = next(one for one in course.rules.submissions() if one.number == number)
    return course.submissions.get(line.id, None)


def test_a_changed_exercise_makes_its_results_stale_until_they_are_graded_again(course):
    ann, ben = course.hand_in("ann", 10), course.hand_in("ben", 2)
    course.hand_in("ann", 7, SECOND)
    assert course.regrades.stale() == {}
    old = read(course, ann).result["exercise_version"]
    course.change_checks(FIRST)
    assert course.regrades.stale() == {FIRST: 2}
    assert course.regrades.is_stale(FIRST, old)
    assert course.regrades.exercise("staff", FIRST) == 2
    assert course.regrades.exercise("staff", FIRST) == 0, "they wait already"
    assert course.regrades.waiting() == 2
    course.now += 60
    course.grade(7)  # ann's
    found = read(course, ann)
    assert (found.state, found.result["score"], found.regrading, found.regraded_at) == (
        *("done", 7, False),
        course.now,
    )
    (former,) = course.regrades.former(ann)
    assert (former.score, former.version, former.replaced_at) == (10, old, course.now)
    assert former.result["tests"]
    assert (course.score("ann").best, course.score("ann").first_passed_at) == (7, None)
    assert course.regrades.stale() == {FIRST: 1}
    course.grade(10)
    assert course.score("ben").best == 10
    assert (course.regrades.stale(), course.regrades.waiting()) == ({}, 0)
    assert course.regrades.former(ben)[0].score == 2
    (entry,) = course.audit.entries()
    assert (entry.who, entry.what) == ("staff", "regrade")
    assert entry.detail == {"exercise": FIRST, "submissions": 2, "only_stale": True, "same_seed": False}


def test_fresh_work_goes_first_and_nobody_sees_the_rest_of_the_line(course):
    old = [course.hand_in("ann", 10) for _ in range(5)]
    assert course.regrades.exercise("staff", FIRST, only_stale=False) == 5
    fresh = course.hand_in("ann", None)
    later = course.hand_in("ben", None, OTHER)
    assert (read(course, fresh).place, read(course, later).place) == (1, 2)
    waiting = read(course, old[0])
    assert (waiting.state, waiting.place, waiting.regrading, waiting.result["score"]) == ("done", 0, True, 10)
    assert course.queue.waiting() == 2
    assert Figures(course.database, course.clock).line().waiting == 2
    order = [course.queue.claim("w").number for _ in range(7)]
    assert order == [fresh, later, *old]
    assert ask(course, course.hand_in("cyd", None)).turn < LAST_TURNS, "the line has not moved behind them"
    assert ask(course, course.hand_in("ann", None)).turn < LAST_TURNS


def test_what_is_graded_again_takes_no_place_from_those_who_hand_in(course):
    for _ in range(3):
        course.hand_in("ann", 10)
    course.regrades.exercise("staff", FIRST, only_stale=False)
    full = type(course.queue)(course.database, limit=2, pending_per_exercise=2, clock=course.clock)
    full.submit("ann", FIRST, "pass")
    full.submit("ann", FIRST, "pass")
    with pytest.raises(QueueFullError):
        full.submit("ben", FIRST, "pass")


@pytest.mark.parametrize("kind", ["failures", "losses"])
def test_a_grader_that_breaks_down_leaves_the_result_as_it_was(course, kind):
    number = course.hand_in("ann", 10)
    course.regrades.submission("staff", number)
    for _ in range(RETRIES + 1 if kind == "failures" else LOSSES + 1):
        course.now += 1000
        claim = course.queue.claim("w")
        if kind == "failures":
            course.queue.fail(claim, "broken")
        else:
            course.now += 10 * 86400
            course.queue.sweep()
    assert course.queue.claim("w") is None
    found = read(course, number)
    assert (found.state, found.result["score"], found.regrading, found.regraded_at) == (
        "done",
        10,
        False,
        None,
    )
    assert course.regrades.former(number) == []
    assert course.score("ann").best == 10
    assert course.regrades.submission("staff", number), "it can be tried again"


def test_only_what_is_graded_can_be_graded_again(course):
    number = course.hand_in("ann", None)
    assert not course.regrades.submission("staff", number)
    with pytest.raises(LookupError):
        course.regrades.submission("staff", 999)
    gone = course.queue.submit("ann", "gone.exercise", "pass")
    with pytest.raises(Refusal, match="not here any more"):
        course.regrades.exercise("staff", "gone.exercise")
    assert course.submissions.get(gone, "ann").state == "queued"
    assert course.audit.entries() == []


def test_a_taken_over_job_cannot_replace_its_successors_result(course):
    number = course.hand_in("ann", 10)
    course.regrades.submission("staff", number)
    slow = course.queue.claim("slow")
    course.now += 10 * 86400
    course.queue.sweep()
    course.grade(7)
    assert not course.queue.finish(slow, course.result(FIRST, 0))
    assert (read(course, number).result["score"], len(course.regrades.former(number))) == (7, 1)


def test_the_same_version_with_the_same_numbers_gives_the_same_result(tmp_path):
    course = Course(tmp_path / "grades.sqlite3", tmp_path)
    wrong = SOLUTION.replace("2", "2.5", 1)
    number = course.hand_in("ann", None, source=wrong)
    with Grader() as grader:
        for same_seed in (None, True, False):
            if same_seed is not None:
                course.regrades.submission("staff", number, same_seed)
            claim = course.queue.claim("w")
            assert (claim.seed is not None) == bool(same_seed)
            exercise = course.catalogue.get(claim.exercise)
            course.queue.finish(claim, dict(grader.grade(exercise, claim.source, seed=claim.seed)))
    new, (again, first) = read(course, number).result, course.regrades.former(number)
    measured = ("execution_time", "cpu_time", "memory_mb")
    told = [{k: v for k, v in one.result.items() if k not in measured} for one in (first, again)]
    assert told[0] == told[1]
    assert first.status == "failed"
    assert new["seed"] != first.result["seed"]
    course.database.close()


def test_a_breakdown_from_before_is_graded_again_with_what_is_stale(course):
    course.hand_in("ann", None)
    for _ in range(RETRIES + 1):
        course.queue.fail(course.queue.claim("w"), "broken")
        course.now += 100
    with course.database.write() as db:
        db.execute(update(jobs).values(available_at=0))
    assert course.regrades.exercise("staff", FIRST) == 1
    course.grade(10)
    assert (course.score("ann").best, course.score("ann").attempts) == (10, 1)
