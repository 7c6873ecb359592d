"""The Check button: finding the code, talking to the service, and what happens when there is none."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import glasstorch as torch
import pytest
from glasstorch_widgets import Check, check, exercise
from glasstorch_widgets.exercises.check import courier
from glasstorch_widgets.exercises.source import between_markers, latest, same_code
from support.scripted import Scripted, scripted
from support.service import EXERCISES

pytestmark = pytest.mark.usefixtures("own_state")
ID = "fixture.relu-backward"
FOLDER = EXERCISES / "00-fixtures" / "exercises" / ID
SOLUTION = (FOLDER / "solution.py").read_text("utf-8")
STARTER = (FOLDER / "starter.py").read_text("utf-8")
WRONG = (FOLDER / "wrong" / "forgot_mask.py").read_text("utf-8")

CELL = f"""import numpy as np
x = 1
# @exercise {ID}
def f(x):
    return x  # not the end
# @end
print(f(3))
"""


# ---- finding the code ---


def test_the_code_is_what_stands_between_the_marks() -> None:
    assert between_markers(CELL, ID) == "def f(x):\n    return x  # not the end\n"
    assert between_markers(CELL, "fixture.relu") is None
    assert between_markers("x = 1", ID) is None
    assert between_markers(f"  #  @exercise {ID}\n  y = 2\n", ID) == "y = 2\n"
    assert between_markers(f"# @exercise {ID}\n# @end", ID) == "\n"


def test_the_cell_run_last_counts() -> None:
    old, new = CELL, CELL.replace("return x", "return 2 * x")
    assert "2 * x" in latest([new, "x", old], ID)
    assert latest(["x"], ID) is None


def test_code_that_differs_only_in_blank_space_is_the_same() -> None:
    assert same_code("def f():\n\n    pass  \n", "def f():\n    pass")
    assert not same_code("def f():\n    pass", "def f():\n    return")


# ---- the service's protocol, its refusals and its absences: a small server that we can let fail ---


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted() as running:
        monkeypatch.setenv("GLASSTORCH_GRADER_URL", f"{running.url}/")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # must not be asked for this machine
        yield running


RESULT = {
    "status": "failed",
    "score": 4,
    "max_score": 10,
    "message": "One check did not pass.",
    "tests": [
        {
            "id": "a",
            "name": "Values",
            "status": "passed",
            "score": 4,
            "max_score": 4,
            "output": "",
            "hint": "",
        },
        {
            "id": "b",
            "name": "Shapes",
            "status": "failed",
            "score": 0,
            "max_score": 6,
            "output": "off",
            "hint": "H1",
        },
    ],
}


def accept(server: Scripted, *states: dict) -> None:
    server.answers["POST", "/api/v1/submissions"] = (
        202,
        {"id": "s1", "status": "queued", "place": 2, "url": "."},
    )
    server.answers["GET", "/api/v1/submissions/s1"] = [(200, state) for state in states]


def test_progress_and_result_are_followed(server) -> None:
    accept(
        server,
        {"status": "queued", "place": 2, "progress": {"done": 0, "total": 2, "now": ""}},
        {"status": "running", "place": 0, "progress": {"done": 1, "total": 2, "now": "Shapes"}},
        {"status": "done", "progress": {}, "result": RESULT},
    )
    widget = exercise("x.y", lang="en")
    states = []
    widget.observe(lambda change: states.append((widget.state, dict(widget.progress))), "state")
    result = widget.submit("def f(): ...").wait(30)
    assert result == RESULT
    assert [state for state, _ in states] == ["sending", "queued", "running", "failed"]
    assert states[1][1]["place"] == 2
    assert states[2][1]["now"] == "Shapes"
    (posted, headers), *_ = server.posted
    assert posted["source"] == "def f(): ..."
    assert posted["idempotency_key"]
    assert headers["X-Glasstorch"] == "1"
    assert "✗ Shapes" in repr(widget)
    assert "Not passed yet (4 of 10 points)" in repr(widget)


def test_a_chinese_notebook_says_in_chinese_how_many_checks_passed(server) -> None:
    server.answers["GET", "/api/v1/exercises/x.y"] = (200, {"title": "X", "points": 10, "starter": "pass"})
    accept(server, {"status": "done", "progress": {}, "result": RESULT})
    widget = exercise("x.y", lang="zh")
    widget.submit("def f(): ...").wait(30)
    said = widget.message
    assert said == "2 项检查通过了 1 项。先看：Shapes。"


def test_a_result_is_told_in_the_views_language_whatever_the_notebooks(server, monkeypatch) -> None:
    monkeypatch.setenv("GLASSTORCH_LANG", "en")
    server.answers["GET", "/api/v1/exercises/x.y"] = (200, {"title": "X", "points": 10, "starter": "pass"})
    chinese = {**RESULT, "message": "先看：形状。"}
    accept(server, *({"status": "done", "progress": {}, "result": one} for one in (RESULT, chinese)))
    widget = exercise("x.y", lang="zh")
    assert widget.submit("def f(): ...").wait(30) == chinese
    assert widget.message == "先看：形状。"


def test_hints_come_one_at_a_time(server) -> None:
    accept(server, {"status": "done", "progress": {}, "result": RESULT})
    widget = exercise("x.y")
    assert widget.hint() == ""
    widget.submit("1").wait(30)
    assert (widget.hint_count, widget.hints) == (1, [])
    assert widget.hint() == "H1"
    assert widget.hints == ["H1"]
    assert widget.hint() == ""


def test_hints_of_the_first_check_that_failed_come_level_by_level(server) -> None:
    def graded(*tests: dict) -> dict:
        return {"status": "done", "progress": {}, "result": {"status": "failed", "tests": list(tests)}}

    first = {"id": "a", "name": "A", "status": "failed", "hint": "1", "hints": ["1", "2", "3"]}
    second = {"id": "b", "name": "B", "status": "failed", "hint": "4", "hints": ["4"]}
    accept(server, graded(first, second))
    widget = exercise("x.y")
    widget.submit("1").wait(30)
    assert widget.hint_count == 3
    assert [widget.hint() for _ in range(4)] == ["1", "2", "3", ""]
    accept(server, graded({**first, "status": "passed", "hint": "", "hints": []}, second))
    widget.submit("2").wait(30)
    assert (widget.hint_count, widget.hints) == (1, [])
    assert widget.hint() == "4"


def test_a_refusal_is_told_in_the_services_words(server) -> None:
    server.answers["POST", "/api/v1/submissions"] = (
        413,
        {"title": "Too large", "detail": "At most 256 KiB."},
    )
    widget = exercise("x.y", lang="en")
    widget.submit("1").wait(30)
    assert widget.state == "error"
    assert widget.message == "The grading service refused the submission: At most 256 KiB."


def test_a_service_that_stops_for_a_moment_is_waited_for(server) -> None:
    accept(server, {})
    gone = (503, {"detail": "restarting"})
    done = (200, {"status": "done", "progress": {}, "result": RESULT})
    server.answers["GET", "/api/v1/submissions/s1"] = gone
    widget = exercise("x.y", lang="en")
    assert widget.submit("1").wait(30) == {}
    assert widget.state == "away"
    assert "stored at the grading service" in widget.message
    assert "restarting" in widget.message
    shown = threading.Event()
    widget.observe(lambda change: change.new == "failed" and shown.set(), "state")
    server.answers["GET", "/api/v1/submissions/s1"] = [gone, done]
    assert shown.wait(30)
    assert widget.result == RESULT
    assert len(server.posted) == 1


def test_the_starting_code_counts_as_not_attempted(server) -> None:
    server.answers["GET", "/api/v1/exercises/x.y"] = (
        200,
        {"title": "T", "points": 5, "starter": "def f(): ..."},
    )
    widget = exercise("x.y", lang="en")
    widget.submit("def f(): ...  \n").wait(30)
    assert widget.state == "not_attempted"
    assert "starting code" in widget.message
    assert (widget.title, widget.points) == ("T", 5)
    assert not server.posted


def test_a_second_press_while_checking_does_nothing(server) -> None:
    accept(server, {"status": "running", "progress": {"done": 0, "total": 1, "now": "a"}})
    widget = exercise("x.y")
    widget.submit("1")
    with pytest.raises(TimeoutError, match="still being checked"):
        widget.wait(0.01)
    widget._receive(widget, {"type": "check"}, [])
    server.answers["GET", "/api/v1/submissions/s1"] = (200, {"status": "done", "result": RESULT})
    assert widget.wait(30) == RESULT
    assert len(server.posted) == 1


def test_without_a_marked_cell_the_button_says_what_is_missing() -> None:
    widget = exercise("x.y", lang="en")
    widget._receive(widget, {"type": "check"}, [])
    assert widget.state == "not_attempted"
    assert "# @exercise x.y" in widget.message


# ---- the real grader ---


@pytest.fixture
def no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(EXERCISES))
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", "http://127.0.0.1:9/")  # nothing answers there


def test_without_a_service_the_same_checks_run_here_for_practice(no_service) -> None:
    pytest.importorskip("glasstorch_web.grader")
    widget = check(ID, WRONG, lang="en")
    widget.wait(120)
    assert (widget.state, widget.practice) == ("failed", True)
    assert "(practice)" in repr(widget)
    assert "kept and will be handed in by itself" in widget.message
    failed = next(test for test in widget.result["tests"] if test["id"] == "values")
    assert failed["detail"]["max_abs_diff"] > 0
    assert widget.hint()
    assert [(one.exercise, one.state) for one in courier().outbox.entries()] == [(ID, "waiting")]


def test_without_any_grader_the_code_is_kept(no_service, monkeypatch, own_state) -> None:
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(own_state))
    widget = check(ID, SOLUTION, lang="en")
    assert widget.wait(120) == {}
    assert widget.state == "kept"
    (kept,) = courier().outbox.entries()
    assert kept.source == SOLUTION


@pytest.fixture
def checked(running_service, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Check]:
    """Checks code with a real service, found by the address that it wrote down."""
    monkeypatch.setenv("GLASSTORCH_STATE", str(running_service.state))

    def through_service(source: str) -> Check:
        widget = check(ID, source, lang="en")
        widget.wait(120)
        return widget

    return through_service


def test_a_right_answer_passes_in_the_service(checked) -> None:
    widget = checked(SOLUTION)
    assert widget.state == "passed", widget.message
    assert widget.title == "The backward formula of ReLU"
    assert widget.points == 10
    assert not widget.practice


def test_the_button_of_the_same_exercise_knows_what_another_view_handed_in(checked) -> None:
    waiting = exercise(ID, lang="en")
    checked(SOLUTION)
    deadline = time.monotonic() + 60
    while waiting.standing.get("best") != 10:
        assert time.monotonic() < deadline, waiting.standing
        time.sleep(0.02)
    assert waiting.state == "not_attempted"


def test_wrong_and_untouched_answers_in_the_service(checked) -> None:
    widget = checked(WRONG)
    assert widget.state == "failed"
    failed = next(test for test in widget.result["tests"] if test["id"] == "values")
    assert failed["output"]
    assert checked(STARTER).state == "not_attempted"
    assert checked("def relu_backward(:").state == "error"


# ---- a check that failed on a graph ---


def graded_on_a_graph() -> dict:
    """A result as the service sends it, with the graph of (2x)·y beside that of (3x)·y."""
    from glasstorch.autograd.graph import differences, record, snapshot

    with record():
        graphs = []
        for factor in (2.0, 3.0):
            x = torch.tensor([1.0, -1.0], requires_grad=True)
            graphs.append(snapshot((x * factor * torch.tensor([5.0, 6.0])).sum()))
    graph = {
        "record": graphs[0].to_dict("full"),
        "differences": [one.to_dict() for one in differences(*graphs)],
    }
    test = {
        "id": "graph",
        "name": "Gradients",
        "status": "failed",
        "score": 0,
        "max_score": 1,
        "output": "Off.",
    }
    detail = {"graph": json.loads(json.dumps(graph))}
    return {"status": "failed", "score": 0, "max_score": 1, "tests": [{**test, "detail": detail}]}


def test_the_graph_of_a_failed_check_opens_where_it_first_differs() -> None:
    widget = Check(ID, lang="en")
    with pytest.raises(LookupError, match="no graph"):
        widget.graph()
    widget._show_result(graded_on_a_graph(), "")
    assert "the value of mul is 2 at [0]; the reference has 3" in repr(widget)
    assert "record" not in json.dumps(widget.result), "it goes to the browser when it is asked for"
    assert widget.graphs == {}
    widget.receive_graph({"check": "graph"})
    view = widget.graphs["graph"]
    assert widget.graph() is widget.graph("graph") is view
    assert view.record.node(view.selected).op == "mul"
    assert view.marks["headline"]["id"] == view.selected
    assert not any(node["editable"] for node in view.structure["nodes"]), (
        "what came by wire cannot be run again"
    )
    state = widget.get_state(["graphs"])
    assert state["graphs"] == {"graph": f"IPY_MODEL_{view.model_id}"}
    assert widget.page_state()["graphs"] == {}
    with pytest.raises(LookupError):
        widget.graph("values")
    widget._show_result({"status": "passed", "score": 1, "max_score": 1, "tests": []}, "")
    assert widget.graphs == {}
    assert view.comm is None, "the old view is closed"


# ---- predictions with numbers of the learner's own ---

QUESTIONS = [
    {"id": "shape", "prompt": "What is the shape?", "kind": "shape", "choices": []},
    {"id": "mean", "prompt": "What is the mean?", "kind": "number", "choices": []},
    {"id": "grows", "prompt": "Does it grow?", "kind": "bool", "choices": []},
    {"id": "why", "prompt": "Why?", "kind": "choice", "choices": ["a 'b'", "c"]},
]


def test_a_drawn_prediction_is_asked_and_answered_in_the_view(server) -> None:
    about = {
        "title": "Drawn",
        "points": 10,
        "starter": "answers = {}",
        "entry": ["answers"],
        "questions": QUESTIONS,
    }
    server.answers["GET", "/api/v1/exercises/x.y"] = (200, about | {"statement": "Rows: 7.", "drawn": True})
    accept(server, {"status": "done", "progress": {}, "result": RESULT})
    widget = exercise("x.y", lang="en")
    widget._about.join(30)
    assert (widget.statement, widget.questions) == ("Rows: 7.", QUESTIONS)
    widget._receive(widget, {"type": "check", "answers": {"mean": "about 3"}}, [])
    assert "“about 3” cannot be read" in widget.message
    given = {"shape": "2 x 3", "mean": "−2.5", "grows": "no", "why": "a 'b'", "unknown": "1"}
    widget._receive(widget, {"type": "check", "answers": given}, [])
    widget.wait(30)
    names: dict[str, object] = {}
    exec(server.posted[0][0]["source"], names)
    assert names["answers"] == {"shape": (2, 3), "mean": -2.5, "grows": False, "why": "a 'b'"}
    for wrong in ({"why": "d"}, {"grows": "maybe"}, {"shape": "__import__('os')"}, {"mean": "inf"}):
        widget._receive(widget, {"type": "check", "answers": wrong}, [])
        assert "cannot be read" in widget.message
    assert len(server.posted) == 1


def test_other_exercises_are_answered_in_their_cell(server) -> None:
    about = {
        "title": "Not drawn",
        "points": 10,
        "starter": "answers = {}",
        "questions": QUESTIONS,
        "drawn": False,
    }
    server.answers["GET", "/api/v1/exercises/x.y"] = (200, about)
    widget = exercise("x.y", lang="en")
    widget._about.join(30)
    assert widget.questions == []
    widget._receive(widget, {"type": "check", "answers": {}}, [])
    assert "no cell" in widget.message.lower() or "@exercise" in widget.message
