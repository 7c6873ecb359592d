"""The helpers for each kind of exercise: what they accept, what they say, and what part of the points they give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from glasstorch_web.app import create_app
from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.grader.author_code import drawn, filled
from glasstorch_web.grader.authoring import create
from glasstorch_web.grader.checks import CheckFailed, close, credit, reaches
from glasstorch_web.settings import Settings
from support.api import RESULT, grade, hand_in, make_app, open_client


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        if grader._sandbox.no_tensors:
            pytest.fail(grader._sandbox.no_tensors)
        yield grader


def exercise(lessons: Path, kind: str, checks: str = "") -> Exercise:
    create(lessons, "01-kinds", f"kind.{kind}", kind)
    folder = lessons / "01-kinds" / "exercises" / f"kind.{kind}"
    if checks:
        (folder / "checks.py").write_text(checks)
    return load_exercise(folder)


def test_a_part_of_the_points(grader: Grader, tmp_path: Path) -> None:
    checks = """
from glasstorch_web.grader.checks import credit
def check_values(box, rng):
    raise credit(1 / 3, "A third is right.", got=1)
def check_shapes(box, rng):
    raise credit(7, "Cannot be more than all.")
"""
    one = exercise(tmp_path, "function", checks)
    result = grader.grade(one, one.read("solution.py"))
    assert [test["score"] for test in result["tests"]] == [2.67, 2]
    assert (result["score"], result["max_score"], result["status"]) == (4.67, 10, "failed")
    assert result["tests"][0]["output"] == "A third is right."
    assert len(result["tests"][0]["hints"]) == 3
    assert result["tests"][0]["hint"] == result["tests"][0]["hints"][0]
    assert result["tests"][1]["output"] == "The answer is not right.", "it is hidden"


def test_scores_reach_targets() -> None:
    reaches(0.9, 0.9)
    reaches(0.1, 0.2, lower=True)
    with pytest.raises(
        CheckFailed, match=r"The accuracy is 0\.85; it must be at least 0\.9\. That is worth 50 %"
    ) as failed:
        reaches(0.85, 0.9, partly={0.8: 0.5, 0.88: 0.75}, what="the accuracy")
    assert failed.value.credit == 0.5
    assert (failed.value.detail["expected"], failed.value.detail["got"]) == ("0.9", "0.85"), (
        "both are shown in the same way"
    )
    for score in (float("nan"), float("inf")):
        with pytest.raises(CheckFailed) as failed:
            reaches(score, 0.9, partly={0.0: 0.5})
        assert failed.value.credit == 0
    assert credit(-1, "x").credit == 0


def test_a_known_mistake_is_called_by_its_name() -> None:
    close([1.0][0], 1.0, mistakes={"never": 1.0})
    with pytest.raises(CheckFailed, match=r"^Twice too much$") as failed:
        close(2.0, 1.0, mistakes={"Half": 0.5, "Twice too much": 2.0})
    assert (failed.value.detail["got"], failed.value.detail["expected"]) == (2.0, 1.0)
    with pytest.raises(CheckFailed, match="is off"):
        close(3.0, 1.0, mistakes={"Half": 0.5})


def test_a_wrong_module_is_shown_as_a_graph(grader: Grader, tmp_path: Path) -> None:
    one = exercise(tmp_path, "module")
    source = (one.folder / "wrong" / "no_bias.py").read_text()
    test = grader.grade(one, source, seed=3)["tests"][0]
    record = test["detail"]["graph"]["record"]
    assert any(
        node["source"] and node["source"]["text"] == "return x @ self.weight.T" for node in record["nodes"]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("nn.Module", "object"), "must be a subclass of `nn.Module`"),
        (("self.bias", "self.offset"), "has no parameter `bias`; is it what you called `offset`?"),
        (("torch.zeros(outputs))", "torch.zeros(outputs), requires_grad=False)"), "`bias` does not learn"),
        (
            ("self.bias = ", "self.more = nn.Parameter(torch.zeros(1)); self.bias = "),
            "a parameter `more` too many",
        ),
    ],
)
def test_what_is_wrong_with_a_module(
    grader: Grader, tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    one = exercise(tmp_path, "module")
    source = one.read("solution.py").replace(
        "super().__init__()", "super().__init__() if nn.Module in type(self).__mro__ else None"
    )
    assert grader.grade(one, source)["status"] == "passed"
    test = grader.grade(one, source.replace(*change))["tests"][0]
    assert (test["status"], message in test["output"]) == ("failed", True), test["output"]


FORMULAS = """
import numpy as np
from glasstorch_web.grader.checks import same_gradients
def check_values(box, rng):
    up, x, w = (rng.normal(size=(3, 3)).astype("float32") for _ in range(3))
    same_gradients(box, "tanh_backward", up, x, w, of=np.matmul, names=["x", "w"])
def check_shapes(box, rng):
    up, x, w = (rng.normal(size=(3, 3)).astype("float32") for _ in range(3))
    same_gradients(box, "tanh_backward", up, x, w)  # against the solution
"""
PRODUCT = "def tanh_backward(grad_output, x, w):\n    return grad_output @ w.T, x.T @ grad_output\n"


def test_formulas_of_several_inputs(grader: Grader, tmp_path: Path) -> None:
    one = exercise(tmp_path, "backward", FORMULAS)
    (one.folder / "solution.py").write_text(PRODUCT)
    assert grader.grade(one, PRODUCT)["status"] == "passed"
    for old, new, message in (
        ("x.T @ grad_output", "x @ grad_output", "The gradient of `w` is off at [0, 0]"),
        (
            ", x.T @ grad_output",
            "",
            "must return 2 gradients as a tuple, one for each of x, w; it returned 1",
        ),
    ):
        first, second = grader.grade(one, PRODUCT.replace(old, new))["tests"]
        assert message in first["output"]
        assert second["status"] == "failed"


def test_the_size_of_a_mend_is_advice(grader: Grader, tmp_path: Path) -> None:
    one = exercise(tmp_path, "bug")
    assert grader.grade(one, one.read("solution.py"))["message"] == "All checks passed."
    rewritten = one.read("solution.py").replace("kept", "those").replace("total", "their_sum")
    rewritten = rewritten.replace("x * mask", "x * 1 * mask").replace(
        "import glasstorch as torch", "import math"
    )
    result = grader.grade(one, rewritten)
    assert (result["status"], result["score"]) == ("passed", 10)
    assert "You changed 4 lines where 1 would do" in result["message"]


def test_predictions_are_drawn_for_each_learner(grader: Grader, tmp_path: Path) -> None:
    one = exercise(tmp_path, "prediction")
    mine, yours = drawn(one, "ada"), drawn(one, "emmy")
    assert mine == drawn(one, "ada")
    assert mine != yours
    assert str(mine["row"]) in filled(one.read("statement.md"), mine)
    answers = filled(one.read("solution.py"), mine)
    assert grader.grade(one, answers, learner="ada")["status"] == "passed"
    result = grader.grade(one, answers, learner="emmy")
    assert result["status"] == "failed"
    assert str(yours["mean"]) not in str(result), "the right answer is not given away"


@pytest.mark.parametrize(
    ("answers", "check", "message"),
    [
        ('{"shape": "3"}', 0, "the answer is the sizes in brackets"),
        ('{"mean": True}', 1, "the answer is a number"),
        ('{"mean": float("nan")}', 1, "with plain values and no code"),
        ('{"mean": 1e999}', 1, "the answer is a number"),
        ('{"gradient": "two"}', 2, "the answer is one of 1, one over"),
        ("[1, 2]", 0, "Write your answers out as"),
        ("{}", 0, "There is no answer to `shape` yet"),
        ("__import__('os').getpid()", 0, "with plain values and no code"),
    ],
)
def test_answers_of_another_form(
    grader: Grader, tmp_path: Path, answers: str, check: int, message: str
) -> None:
    one = exercise(tmp_path, "prediction")
    test = grader.grade(one, f"answers = {answers}")["tests"][check]
    assert message in test["output"]
    assert test["score"] == 0


def test_a_model_cannot_score_itself(grader: Grader, tmp_path: Path) -> None:
    """What a model says of itself counts for nothing: predictions of the wrong form, or not finite, are no score."""
    one = replace(exercise(tmp_path, "training"))
    for body, message in (
        ("lambda p: 1.0", "must have shape (200,)"),
        ("lambda p: (p * 0 + 1) / 0", "predictions are NaN or infinite"),
        ("lambda p: 'all right'", "must return a tensor"),
        ("lambda p: p[:, 0] * 0", "The accuracy on points held back is"),
    ):
        test = grader.grade(one, f"def train(x, y):\n    return {body}\n")["tests"][0]
        assert message in test["output"], test
        assert test["score"] == 0


def test_a_learner_reads_the_numbers_that_are_graded(tmp_path: Path) -> None:
    one = exercise(tmp_path / "lessons", "prediction")
    app = create_app(Settings(state=tmp_path, lessons=tmp_path / "lessons", workers=0))
    with open_client(app) as client:
        shown = client.get(f"/api/v1/exercises/{one.id}").json()
    values = drawn(one, "local")
    assert f"torch.tensor({values['row']})" in shown["statement"]
    assert (shown["kind"], shown["drawn"]) == ("prediction", True)
    assert [question["kind"] for question in shown["questions"]] == ["shape", "number", "choice"]
    assert shown["questions"][2]["choices"] == list(one.questions[2].choices)
    assert str(values["mean"]) not in str(shown)


def test_each_hint_on_the_page_holds_the_next(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    with open_client(app) as client:
        ident = hand_in(client).json()["id"]
        failed = {**RESULT["tests"][0], "hint": "one", "hints": ["one", "two <b>", "three"]}
        grade(app, {**RESULT, "tests": [failed]})
        text = client.get(f"/submissions/{ident}").text
    levels = re.findall(r"<summary>(Hint \d of 3)</summary>\s*<p>([^<]*)</p>", text)
    assert levels == [("Hint 1 of 3", "one"), ("Hint 2 of 3", "two &lt;b&gt;"), ("Hint 3 of 3", "three")]
    assert re.search(r"three</p>\s*</details>\s*</details>\s*</details>", text), "one inside the other"
