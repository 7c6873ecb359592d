"""What staff and learners read of a course: gradebook, figures, comments, review cards, everybody's own data."""

from __future__ import annotations

import csv
import datetime
import io
import json
import tomllib
from pathlib import Path

import pytest
from glasstorch_web.services.progress import Progress
from glasstorch_web.services.reviews import LEARNT, STEPS
from glasstorch_web.store.course_tables import scores
from glasstorch_web.store.rules import DAY
from glasstorch_web.words import Refusal
from sqlalchemy import select
from support.course import FIRST, LATER, LESSON, OTHER, SECOND, Course
from support.seeded import NOW

CARDS = """
[[card]]
id = "one"
question = "Why?"
answer = "So."
exercise = "l00.exercise-0"
zh.question = "为什么？"
zh.answer = "因为。"

[[card]]
id = "two"
question = "And?"
answer = "Yes."
"""


@pytest.fixture
def course(store_place, tmp_path):
    made = Course(store_place, tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def one_course(tmp_path):
    made = Course(tmp_path / "grades.sqlite3", tmp_path)
    (made.lessons / LESSON / "reviews.toml").write_text(CARDS, "utf-8")
    yield made
    made.database.close()


def test_the_gradebook_page_by_page(course):
    for n in range(7):
        course.people.add(
            f"Same {n // 3}", id=f"p{n}", section="blue" if n % 2 else "", email=f"x{n}@site.org"
        )
    course.people.disable("cyd")
    course.hand_in("p4", 7)
    course.hand_in("p4", 10, OTHER)
    seen, after = [], None
    while True:
        page = course.gradebook.page(after, limit=4)
        seen += [row.user for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == ["ann", "ben", *(f"p{n}" for n in range(7))], "by name, then id; no staff, nobody disabled"
    assert page.lessons == {LESSON: 20, LATER: 20}
    (row,) = [row for row in course.gradebook.page(limit=50).rows if row.user == "p4"]
    assert (row.total, row.max_total, row.lessons) == (17, 40, {LESSON: 7, LATER: 10})
    assert (row.cells[FIRST].attempts, row.cells[FIRST].passed, SECOND in row.cells) == (1, False, False)
    assert [row.user for row in course.gradebook.page(section="blue").rows] == ["p1", "p3", "p5"]
    assert [row.user for row in course.gradebook.page(search="sAmE 2").rows] == ["p6"]
    assert [row.user for row in course.gradebook.page(search="x3@").rows] == ["p3"]
    assert course.gradebook.page(search="100%").rows == []
    assert course.gradebook.sections() == ["blue"]


def test_the_csv_is_read_back_as_it_was_and_runs_no_formula(one_course):
    course = one_course
    names = ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", 'Ann "Quote", Bo', "王芳", "＝1+1", "Ünder"]
    for at, name in enumerate(names):
        course.people.add(name, id=f"n{at}", section="=cmd|' /C calc'!A0" if at == 4 else "")
    course.hand_in("n4", 7)
    course.rules.assign("staff", FIRST, due_at=NOW - 2.5 * DAY, late_percent_per_day=11)
    text = "".join(course.gradebook.csv())
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    head, points, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert head == ["id", "name", "email", "section", *course.catalogue.all(), LESSON, LATER, "total"]
    assert points[4:] == ["10", "10", "10", "10", "20", "20", "40"]
    by_id = {row[0]: row for row in rows}
    assert not any(field.startswith(("=", "+", "-", "@", "＝", "\t")) for row in rows for field in row)
    assert by_id["n0"][1] == "'" + names[0]
    assert by_id["n4"][1] == names[4]
    assert by_id["n5"][1] == names[5]
    assert by_id["n4"][4:] == ["4.69", "", "", "", "4.69", "0", "4.69"]
    assert {len(row) for row in rows} == {len(head)}
    assert "".join(course.gradebook.csv(bom=True)) == "\ufeff" + text


def test_figures_of_the_course(course):
    course.rules.assign("staff", LESSON, due_at=NOW + 5 * DAY)
    for _ in range(5):
        course.hand_in("ann", 2)
    course.now += 2 * DAY
    course.hand_in("ben", 7)
    course.hand_in("ben", 10)
    course.hand_in("ben", 10, SECOND)
    totals = course.dashboard.totals()
    assert (totals.learners, totals.active_week, totals.submissions, totals.passed) == (3, 2, 8, 2)
    assert [count for _day, count in course.dashboard.per_day(4)] == [0, 5, 0, 3]
    first = course.dashboard.per_exercise()[0]
    assert (first.id, first.learners, first.passed, first.attempts, first.mean) == (FIRST, 2, 1, 7, 0.6)
    assert course.dashboard.distribution(FIRST) == [0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    worst = course.dashboard.failing_checks()
    assert [(one.check, one.failed, one.passed) for one in worst] == [("large", 6, 1), ("values", 5, 2)]
    assert worst[0].hidden
    assert worst[0].title == "It stays right for large numbers"
    assert [(one.user, one.stuck, one.overdue) for one in course.dashboard.at_risk()] == [
        ("ann", [FIRST], [])
    ]
    course.now += 8 * DAY
    risks = {one.user: one for one in course.dashboard.at_risk()}
    assert [risks[user].overdue for user in ("ann", "ben", "cyd")] == [[FIRST, SECOND], [], [FIRST, SECOND]]
    assert (risks["cyd"].last_at, risks["ben"].last_at) == (None, NOW + 2 * DAY)
    course.rules.extend("staff", "cyd", LESSON, course.now + DAY)
    assert {one.user: one.behind for one in course.dashboard.at_risk()}["cyd"] == 0


def test_comments_by_line(course):
    number = course.hand_in("ann", 2, source="a = 1\nb = 2\n")
    note = course.annotations.add("staff", number, 2, "  Why *two*?\r\n")
    course.annotations.add("staff", number, 0, "On the whole: good.")
    assert [(one.line, one.author, one.text) for one in course.rules.annotations(number)] == [
        (0, "Prof. Sum", "On the whole: good."),
        (2, "Prof. Sum", "Why *two*?"),
    ]
    course.now += 5
    assert course.annotations.edit("staff", note.id, "Why?").edited_at == course.now
    course.annotations.remove("staff", note.id)
    assert [one.line for one in course.annotations.of(number)] == [0]
    for bad in (
        lambda: course.annotations.edit("staff", note.id, "x"),
        lambda: course.annotations.remove("a", 99),
    ):
        with pytest.raises(LookupError):
            bad()
    with pytest.raises(LookupError):
        course.annotations.add("staff", 999, 1, "x")
    for line, text, words in ((9, "x", "no line 9"), (1, " \n", "no text"), (1, "x" * 20_000, "10000")):
        with pytest.raises(Refusal, match=words):
            course.annotations.add("staff", number, line, text)
    whats = [entry.what for entry in course.audit.entries()]
    assert whats == ["annotation removed", "annotation changed", "annotation written", "annotation written"]


def test_cards_come_back_when_they_should(one_course):
    course, today = one_course, datetime.datetime.fromtimestamp(NOW).date()
    assert course.reviews.cards("ann") == []
    course.progress.mark_read("ann", LESSON, read=True)
    course.progress.mark_read("ann", LESSON, read=True)
    assert course.reviews.due("ann", today) == []
    assert course.reviews.counts("ann", today).next_on == today + datetime.timedelta(days=1)
    days, day = [], today
    while True:
        due = [card for card in course.reviews.due("ann", day) if card.id == "lesson-0.one"]
        if due:
            days.append((day - today).days)
            following = course.reviews.answer("ann", "lesson-0.one", True, day)
            assert course.reviews.answer("ann", "lesson-0.one", True, day) == following, (
                "sent twice, counts once"
            )
            if following is None:
                break
        day += datetime.timedelta(days=1)
    assert tuple(days) == STEPS
    assert course.reviews.counts("ann", day).learnt == 1
    (two,) = course.reviews.due("ann", day)
    assert (two.id, two.question, two.step) == ("lesson-0.two", {"en": "And?"}, 0)
    for knew, step, wait in ((True, 1, 2), (True, 2, 4), (False, 1, 1), (False, 0, 1), (False, 0, 1)):
        due_on = course.reviews.answer("ann", "lesson-0.two", knew, day)
        assert (due_on - day).days == wait
        assert next(c.step for c in course.reviews.cards("ann") if c.id == "lesson-0.two") == step
        day = due_on
    with pytest.raises(LookupError):
        course.reviews.answer("ben", "lesson-0.one", True, day)
    assert len(course.reviews.cards("ann")) == 2
    course.hand_in("ben", 2)
    assert [card.question["zh"] for card in course.reviews.cards("ben") if card.exercise] == ["为什么？"]


def test_broken_cards_are_left_out(one_course, caplog):
    (one_course.lessons / LESSON / "reviews.toml").write_text("[[card]]\nid = 'x'\n", "utf-8")
    one_course.progress.mark_read("ann", LESSON, read=True)
    assert one_course.reviews.cards("ann") == []
    assert "each [[card]] needs" in caplog.text


def test_the_lessons_cards_are_right():
    lessons = Path(__file__).resolve().parents[2] / "lessons"
    files = list(lessons.glob("*/reviews.toml"))
    assert files
    for path in files:
        cards = tomllib.loads(path.read_text("utf-8"))["card"]
        assert len({card["id"] for card in cards}) == len(cards)
        for card in cards:
            assert {"question", "answer"} <= card.keys()
            assert set(card["zh"]) == {"question", "answer"}
            if "exercise" in card:
                assert list(lessons.glob(f"*/exercises/{card['exercise']}/exercise.toml"))


def taken_in(**new: int) -> dict[str, int]:
    """What a file brought: nothing but this."""
    return {"submissions": 0, "reviews": 0, "lessons": 0, "guesses": 0, "graded": 0, "left": 0, **new}


def test_everything_is_given_out_and_taken_in_elsewhere(one_course, tmp_path):
    course, today = one_course, datetime.datetime.fromtimestamp(NOW).date()
    course.hand_in("ann", 2, source="x = '漢字\x00'\n")
    course.now += DAY
    number = course.hand_in("ann", 10)
    course.hand_in("ann", None, SECOND)
    course.hand_in("ben", 10)
    course.annotations.add("staff", number, 1, "Well done.")
    course.progress.mark_read("ann", LESSON, read=True)
    course.reviews.answer("ann", "lesson-0.one", True, today + datetime.timedelta(days=1))
    secret = course.people.issue_token("ann", "laptop")
    kept = json.loads(json.dumps(course.progress.export("ann")))
    assert secret not in json.dumps(kept)
    assert [one["label"] for one in kept["tokens"]] == ["laptop"]
    assert [one["text"] for one in kept["annotations"]] == ["Well done."]
    assert len(kept["submissions"]) == 3

    elsewhere = Course(tmp_path / "other.sqlite3", tmp_path)
    elsewhere.now = course.now
    assert elsewhere.progress.import_file("cyd", kept) == taken_in(submissions=2, reviews=1, lessons=1)
    assert elsewhere.progress.import_file("cyd", kept) == taken_in()
    assert elsewhere.progress.scores("cyd") == course.progress.scores("ann")
    assert elsewhere.submissions.history("cyd")[1].source == "x = '漢字\x00'\n"
    assert [c.due_on for c in elsewhere.reviews.cards("cyd")] == [
        c.due_on for c in course.reviews.cards("ann")
    ]
    assert course.progress.import_file("ann", kept) == taken_in()

    in_a_course = Progress(elsewhere.database, trust_files=False, clock=course.clock)
    assert in_a_course.import_file("ben", kept) == taken_in(reviews=1, lessons=1)
    assert in_a_course.scores("ben") == {}, "a file could claim any result"
    elsewhere.database.close()


def test_of_two_states_of_a_card_the_newer_counts(one_course):
    card = {"card": "lesson-0.one", "due_on": "2027-01-01", "last_answer": True}
    file = {"format": "glasstorch-learner", "version": 1}

    def bring(step, at):
        return one_course.progress.import_file(
            "ann", {**file, "reviews": [{**card, "step": step, "updated_at": at}]}
        )["reviews"]

    one_course.progress.mark_read("ann", LESSON, read=True)
    assert [bring(3, NOW - 50), bring(1, NOW - 60), bring(4, NOW - 40), bring(LEARNT, 3e9)] == [1, 0, 1, 1]
    assert next(c for c in one_course.reviews.cards("ann") if c.id == card["card"]).step == LEARNT
    assert bring(2, NOW + 5) == 0, "a clock that was wrong wins once, not for ever"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "choose one"),
        ({}, "choose one"),
        ({"format": "glasstorch-learner", "version": 2}, "choose one"),
        ({"format": "glasstorch-learner", "version": 1, "reviews": [{"card": "x"}]}, "reviews.0.step"),
        ({"format": "glasstorch-learner", "version": 1, "lessons": 5}, "“lessons”"),
        (
            {
                "format": "glasstorch-learner",
                "version": 1,
                "lessons": [{"lesson": LESSON, "read_at": 5}],
                "submissions": [
                    {
                        "id": "abcdefgh",
                        "exercise": FIRST,
                        "source": "x",
                        "submitted_at": 5,
                        "result": {"exercise": FIRST, "status": "passed", "score": 1e9, "max_score": 10},
                    }
                ],
            },
            "submissions.0.result.score",
        ),
    ],
)
def test_a_file_that_is_none_changes_nothing(one_course, data, words):
    with pytest.raises(Refusal, match=words):
        one_course.progress.import_file("ann", data)
    assert one_course.progress.read("ann") == {}
    with one_course.database.read() as db:
        assert db.execute(select(scores)).all() == []
