"""All that a learner has done, in one file: out of one service, or a notebook, and into another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from glasstorch_web.services import guesses
from support.api import EXERCISE, GOOD, RESULT, WRITE, assert_problem, grade, hand_in, make_app, open_client

GUESS = {
    "lesson": "00-start-here",
    "question": "How many?",
    "guess": "3",
    "verdict": "right",
    "answered_at": 5.0,
}
PASSED = {**RESULT, "status": "passed", "score": RESULT["max_score"]}


def file(**parts: Any) -> dict[str, Any]:
    return {"format": "glasstorch-learner", "version": 1, **parts}


def written(
    source: str = GOOD, at: float = 50.0, ident: str = "0123456789abcdef", **more: Any
) -> dict[str, Any]:
    """A submission as a notebook has it that could not ask the service for its result."""
    made = {"id": ident, "exercise": EXERCISE, "source": source, "submitted_at": at, "result": None}
    return {**made, **more}


def bring(client, data: object, headers=WRITE):
    return client.post("/api/v1/me/progress", json=data, headers=headers)


@pytest.fixture
def alone(tmp_path):
    with open_client(make_app(tmp_path / "alone")) as client:
        yield client


@pytest.fixture
def course(tmp_path):
    """A service with accounts: its client and Ann's headers."""
    app = make_app(tmp_path / "course", multi_user=True)
    ann = app.state.people.add("Ann")
    with open_client(app) as client:
        yield client, {"Authorization": f"Bearer {app.state.people.issue_token(ann.id, 'test')}"}


def test_what_one_service_gives_another_takes_with_its_results(alone, tmp_path):
    hand_in(alone)
    grade(alone.app)
    guesses.add(tmp_path / "alone", [GUESS])
    kept = alone.get("/api/v1/me/progress").json()
    assert [one["source"] for one in kept["submissions"]] == [GOOD]
    assert kept["guesses"] == [GUESS]
    with open_client(make_app(tmp_path / "fresh")) as fresh:
        counts = bring(fresh, kept).json()
        assert (counts["submissions"], counts["guesses"], counts["graded"]) == (1, 1, 0)
        again = bring(fresh, kept).json()
        assert not any(again.values()), "the same file twice changes nothing"
        after = fresh.get("/api/v1/me/progress").json()
        for name in ("guesses", "reviews", "lessons"):
            assert after[name] == kept[name]
        for one, other in zip(kept["submissions"], after["submissions"], strict=True):
            for name in ("id", "exercise", "source", "submitted_at", "finished_at"):
                assert one[name] == other[name]
            for name in ("status", "score", "message"):
                assert one["result"][name] == other["result"][name]
        known = alone.get(f"/api/v1/exercises/{EXERCISE}").json()
        assert fresh.get(f"/api/v1/exercises/{EXERCISE}").json()["best"] == known["best"] == RESULT["score"]


def test_what_was_never_graded_is_graded_now(alone):
    counts = bring(alone, file(submissions=[written("# older", 40.0, "aaaaaaaa"), written()])).json()
    assert (counts["submissions"], counts["graded"]) == (0, 1)
    (one,) = alone.get("/api/v1/submissions").json()["items"]
    assert alone.get(f"/api/v1/submissions/{one['id']}/source").text == GOOD
    grade(alone.app)
    assert bring(alone, file(submissions=[written()])).json()["graded"] == 0
    later = one | {"submitted_at": 3e9}
    assert bring(alone, file(submissions=[written("# later", later["submitted_at"], "bbbbbbbb")])).json()[
        "graded"
    ]


def test_in_a_course_no_file_makes_a_score(course):
    client, ann = course
    forged = written("# nothing", 60.0, "ffffffff", result={**PASSED, "exercise": EXERCISE})
    unknown = {**written(ident="cccccccc"), "exercise": "of.another-course"}
    counts = bring(client, file(submissions=[forged, unknown, written()], guesses=[GUESS]), ann).json()
    assert (counts["submissions"], counts["guesses"], counts["graded"]) == (0, 0, 1)
    (one,) = client.get("/api/v1/submissions", headers=ann).json()["items"]
    assert (one["outcome"], one["score"]) == (None, None)
    grade(client.app)  # only the grader's word counts
    assert client.get("/api/v1/submissions", headers=ann).json()["items"][0]["outcome"] == RESULT["status"]
    assert bring(client, file(submissions=[forged, written()]), ann).json()["graded"] == 0
    assert bring(client, file(), {}).status_code == 401


def test_what_the_queue_does_not_take_comes_with_the_same_file_later(tmp_path):
    with open_client(make_app(tmp_path, queue_limit=1)) as client:
        hand_in(client, exercise=EXERCISE)
        later = file(submissions=[written("# later", 3e9)])
        counts = bring(client, later).json()
        assert (counts["graded"], counts["left"]) == (0, 1)
        grade(client.app)
        assert bring(client, later).json()["graded"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        json.dumps({"format": "glasstorch-learner", "version": 99}).encode(),
        json.dumps(file(submissions=[{"id": "x"}])).encode(),
        json.dumps(file(guesses=[{**GUESS, "answered_at": "NaN"}])).encode(),
        b"[" * 50_000,
    ],
)
def test_what_is_no_such_file_is_refused_in_words(alone, body):
    answer = alone.post(
        "/api/v1/me/progress", content=body, headers={**WRITE, "Content-Type": "application/json"}
    )
    assert_problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)
    assert_problem(bring(alone, file(), {}), 403)


def test_a_large_file_is_taken_and_a_larger_one_is_not(alone):
    large = file(guesses=[{**GUESS, "question": f"{n:04000d}"} for n in range(1000)])
    assert bring(alone, large).json()["guesses"] == 1000
    assert_problem(bring(alone, file(padding="x" * (33 * 2**20))), 413)
    assert_problem(alone.post("/api/v1/submissions", content=b"x" * (4 * 2**20), headers=WRITE), 413)


def test_a_line_that_was_cut_off_hides_no_other(tmp_path):
    guesses.add(tmp_path, [GUESS])
    with (tmp_path / guesses.FILE).open("a") as file:
        file.write('{"lesson": "00-st')
    newer = {**GUESS, "guess": "4", "answered_at": 6.0}
    assert guesses.add(tmp_path, [newer, {**GUESS, "answered_at": 4.0}]) == 1
    assert guesses.read(tmp_path) == [newer]
    assert guesses.add(tmp_path, [GUESS, newer]) == 0
    assert guesses.read(tmp_path / "nowhere") == []
