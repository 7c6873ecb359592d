"""A check that fails on a graph shows where it parts from the solution's; what a learner forges harms nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from glasstorch.autograd.graph import Graph
from glasstorch_web.app.schemas import SubmissionOut
from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.grader.checks import CheckFailed, close
from glasstorch_web.grader.graph_checks import ReferenceFailed, same_graph, showing_graph
from glasstorch_web.grader.graph_record import checked
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.store import Submission

FOLDER = Path(__file__).parent / "exercises" / "00-fixtures" / "exercises" / "fixture.two-layer-loss"
SOLUTION = (FOLDER / "solution.py").read_text()
NO_RELU = (FOLDER / "wrong" / "no_relu.py").read_text()
SECRET = "marker-5f1c"  # in the solution


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        if grader._sandbox.no_tensors:
            pytest.fail(grader._sandbox.no_tensors)
        yield grader


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_exercise(FOLDER)


def graded(grader: Grader, exercise: Exercise, source: str) -> dict:
    result = grader.grade(exercise, source, seed=11)
    json.dumps(result, allow_nan=False)
    assert SECRET not in json.dumps(result)
    return {test["id"]: test for test in result["tests"]}


def test_a_failure_shows_the_learners_graph_and_where_to_look(grader: Grader, exercise: Exercise) -> None:
    test = graded(grader, exercise, NO_RELU)["graph"]
    assert "Before it, at `add` (line 5: `h = x @ w1 + b1`): the reference has relu" in test["output"]
    shown = test["detail"]["graph"]
    graph, first = Graph.from_dict(shown["record"]), shown["differences"][0]
    node = graph.node(first["node"])
    assert (node.op, node.source["line"], first["what"]) == ("mm", 6, "value")
    assert node.value[tuple(first["index"])] == pytest.approx(first["got"])
    assert {n.title for n in graph.nodes if n.kind == "leaf"} == {"w1", "b1", "w2", "b2"}
    # The page opens there, and holds the numbers of the record.
    page = shown["page"]
    assert page["selected"] == page["marks"]["headline"]["id"] == first["node"]
    assert page["marks"]["nodes"][first["node"]]["kind"] == "differs"
    numbers = np.frombuffer(base64.b64decode(page["values"]["data"]["$bytes"]))
    entry = next(e for e in page["values"]["arrays"] if (e["of"], e["role"]) == (first["node"], "value"))
    assert numbers[entry["offset"] :][: entry["count"]].tolist() == node.value.ravel().tolist()


def test_a_wrong_gradient_is_followed_backward(grader: Grader, exercise: Exercise) -> None:
    half = graded(grader, exercise, (FOLDER / "wrong" / "half_detached.py").read_text())["graph"]
    assert "The gradient of `w1` is off at [0, 0]" in half["output"]
    first = half["detail"]["graph"]["differences"][0]
    assert (first["what"], 2 * first["got"]) == ("gradient", pytest.approx(first["expected"], rel=1e-4))


@pytest.mark.parametrize(
    "way",
    [
        "    h = (x @ w1 + b1).clamp(min=0)\n    return torch.nn.functional.mse_loss(h @ w2 + b2, y)",
        "    h = x.mm(w1) + b1\n    d = (h * (h > 0)) @ w2 + b2 - y\n    return (d * d).sum() / d.numel()",
    ],
)
def test_another_way_to_the_same_numbers_is_right(grader: Grader, exercise: Exercise, way: str) -> None:
    source = f"import glasstorch as torch\n\ndef loss(x, y, w1, b1, w2, b2):\n{way}\n"
    assert {test["status"] for test in graded(grader, exercise, source).values()} == {"passed"}


def test_a_hidden_check_shows_neither_graph_nor_numbers(grader: Grader, exercise: Exercise) -> None:
    test = graded(grader, exercise, NO_RELU)["hidden"]
    assert (test["status"], test["detail"], test["output"]) == ("failed", None, "The values are off.")


def test_the_service_answers_without_the_page_state(grader: Grader, exercise: Exercise) -> None:
    result = dict(grader.grade(exercise, NO_RELU))
    stored = Submission(
        1, "x", "u", exercise.id, NO_RELU, 0.0, "done", 0, 2, 2, "", 0, result, 1.0, None, False, None
    )
    answer = SubmissionOut.of(stored).model_dump()["result"]["tests"][0]["detail"]["graph"]
    assert set(answer) == {"record", "differences"}
    assert result["tests"][0]["detail"]["graph"]["page"], "what is stored keeps it"


def wrong(body: str, before: str = "") -> str:
    return f"import glasstorch as torch\n{before}\n\ndef loss(x, y, w1, b1, w2, b2):\n{body}\n"


TRUE_BUT_WRONG = "    return ((x @ w1 + b1) @ w2 + b2 - y).abs().mean()"
FORGED = """
import json, glasstorch.autograd.graph as G
def forged(self, values="preview"):
    made = original(self, values)
    {change}
    return made
original, G.Graph.to_dict = G.Graph.to_dict, forged
"""


def forges(change: str) -> str:
    return wrong(TRUE_BUT_WRONG, FORGED.format(change=change))


SENDS = "import glasstorch_web.sandbox.graphs as own\nown._dumps = lambda *a, **k: {}\n"
DEEP = "    z = w1.sum()\n    for _ in range({n}):\n        z = z * 1.0001\n    return z + b1.sum() + (w2 + b2).sum()"

HOSTILE = {  # source, whether its graph may be shown
    "another version": (forges('made["version"] = 2'), False),
    "a cycle": (forges('made["edges"][0]["source"] = made["roots"][0]'), False),
    "an unknown field": (forges('made["nodes"][0]["x"] = 1'), False),
    "a lying shape": (forges('made["nodes"][0]["value"]["shape"] = [9, 9]'), False),
    "a strange dtype": (forges('made["nodes"][0]["value"]["dtype"] = "O"'), False),
    "nested without end": (wrong(TRUE_BUT_WRONG, SENDS.format("'[' * 200_000")), False),
    "endless text": (wrong(TRUE_BUT_WRONG, SENDS.format("'x' * 700_000")), False),
    "formulas without end": (forges("for n in made['nodes']: n['formula'] = '\\\\sqrt{' * 280"), True),
    "a foreign file": (
        forges('made["nodes"][-1]["source"]["file"] = "/etc/passwd"'), True,
    ),
    "to_dict fails": (forges("raise SystemError('no')"), False),
    "snapshot replaced": (
        wrong(TRUE_BUT_WRONG, "import glasstorch.autograd.graph as G\nG.snapshot = G.record = None\n"), True,
    ),
    "NaN": (wrong("    return ((x @ w1 + b1) @ w2 + b2 - y).log().mean()"), True),
    "a huge graph": (wrong(DEEP.format(n=5000)), False),
    "large numbers": (
        wrong("    return (w1.sum() * torch.ones(200, 200)).mean() + (b1.sum() * w2).sum() + b2.sum()"), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_learner_forges_is_shown_as_it_is_or_not_at_all(
    grader: Grader, exercise: Exercise, name: str
) -> None:
    source, shown = HOSTILE[name]
    test = graded(grader, exercise, source)["graph"]
    assert test["status"] == "failed"
    assert test["score"] == 0
    assert "loss" in test["output"]
    assert (test["detail"]["graph"] is not None) == shown
    assert "passwd" not in json.dumps(test["detail"])


def test_endless_recursion_and_results_without_a_graph_are_told(grader: Grader, exercise: Exercise) -> None:
    for body, said in (
        ("    return loss(x, y, w1, b1, w2, b2)", "calls itself"),
        ("    return 3.0", "returned a float"),
        ("    return (x * y.sum()).detach()", "does not depend on the inputs"),
        ("    return (w1, w2)", "returned a tuple"),
        (TRUE_BUT_WRONG, "something it cannot read"),
    ):
        before = SENDS.format("{1: 2}") if body is TRUE_BUT_WRONG else ""
        test = graded(grader, exercise, wrong(body, before))["graph"]
        assert said in test["output"], body
        assert test["status"] == "error"


SEARCH = """
import gc

def loss(x, y, w1, b1, w2, b2):
    word = "-marker-" + "5f" + "1c"
    texts = {id(o): o for holder in gc.get_objects() for o in gc.get_referents(holder) if type(o) in (str, bytes)}
    found = sum((word if type(o) is str else word.encode()) in o for o in texts.values() if o != word)
    raise ValueError(f"found {found}")
"""


def test_the_solution_is_not_in_the_learners_process(grader: Grader) -> None:
    for source, found in ((SEARCH, "found 0"), (f"KEPT = {SOLUTION!r}\n{SEARCH}", "found 2")):
        with box(grader, source) as learner:
            assert learner.reference.graph("loss", *ARGS).record, "the solution has run"
            learner.load()
            with pytest.raises(CallFailed) as failed:
                learner.graph("loss", *ARGS)
            assert failed.value.message == found, "the second: in KEPT, and in the source's lines"


ARGS = [np.ones(shape, np.float32) for shape in ((5, 3), (5, 2), (3, 4), (4,), (4, 2), (2,))]


def box(grader: Grader, source: str, solution: str = SOLUTION) -> Box:
    return Box(grader._sandbox, source, entry=["loss"], tensors=True, solution=solution)


def test_any_check_can_show_the_graph(grader: Grader) -> None:
    with box(grader, NO_RELU) as learner:
        learner.load()
        with (
            pytest.raises(CheckFailed, match="the author's own words") as failed,
            showing_graph(learner, "loss", *[-a for a in ARGS]),
        ):
            raise CheckFailed("the author's own words")
        assert str(failed.value) == "the author's own words"
        assert failed.value.detail["graph"]["differences"]
        with showing_graph(learner, "loss", *ARGS):
            close(1.0, 1.0)
        assert learner._reference is not None
    with box(grader, SOLUTION) as learner:
        learner.load()
        with showing_graph(learner, "loss", *ARGS):
            close(1.0, 1.0)
        assert learner._reference is None, "the solution runs only when it is needed"


def test_a_solution_that_fails_is_the_authors_mistake(grader: Grader) -> None:
    broken = "def loss(*arguments):\n    raise KeyError('author')\n"
    with box(grader, NO_RELU, broken) as learner:
        learner.load()
        with pytest.raises(ReferenceFailed, match="author"):
            same_graph(learner, "loss", *ARGS)
        with pytest.raises(CheckFailed, match="as it was"), showing_graph(learner, "loss", *ARGS):
            raise CheckFailed("as it was")


def test_a_record_keeps_only_the_learners_own_lines() -> None:
    import glasstorch as torch
    from glasstorch.autograd.graph import record, snapshot

    with record():
        graph = snapshot((torch.ones(2, requires_grad=True) * 2).sum())
    text = json.dumps(graph.to_dict("full"))
    assert __file__ in text
    kept = checked(text, "x = 1\n")
    assert kept is not None
    assert [node["source"] for node in kept["nodes"]] == [None] * len(kept["nodes"])
    assert Graph.from_dict(kept).forward_order == graph.forward_order
    assert checked(text.replace('"n0"', '"n1"'), "") is None
