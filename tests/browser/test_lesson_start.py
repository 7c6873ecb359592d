"""Lesson 0 as a learner goes through it: real JupyterLab, real grading service, a real browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

LESSON = Path(__file__).resolve().parents[2] / "lessons" / "00-start-here"
NOTEBOOK = "00-start-here/00-start-here.ipynb"


def write_and_run(lab, page, name: str, source: str) -> None:
    """Replace a cell's text with the keyboard, as one pastes, and run it."""
    lab.show(page, name).locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")


def test_a_learner_goes_through_the_lesson(page, jupyter_lab_with_grader, tmp_path) -> None:
    lab = jupyter_lab_with_grader
    lab.open(page, NOTEBOOK)
    cells = {cell["id"]: cell for cell in lab.run_all(page, seconds=600)}
    assert {name: cell["errors"] for name, cell in cells.items() if cell["errors"]} == {}
    assert all(cell["count"] for cell in cells.values())

    # The graph: seven nodes, stepped by keyboard, and w edited until nothing is left to improve.
    graph = lab.show(page, "graph-of-loss").locator(".gt-graph")
    graph.locator(".gt-node").first.wait_for()
    assert graph.locator(".gt-node").count() == 7
    assert graph.locator(".gt-say").text_content().startswith("Before the first operation")
    graph.get_by_role("button", name="One step on").click()
    assert "w enters the computation" in graph.locator(".gt-say").text_content()
    graph.get_by_role("button", name="To the end").click()
    graph.locator(".gt-node").filter(has=page.locator(".gt-title:text-is('w')")).click()
    value = graph.locator(".gt-details input").first
    value.fill("1.5")
    value.press("Enter")
    loss = graph.locator(".gt-node").filter(has=page.locator(".gt-title:text-is('loss = pow')"))
    loss.locator(".gt-number", has_text="0").first.wait_for()
    assert loss.locator(".gt-number").all_text_contents()[0] == "0"
    page.screenshot(path=tmp_path / "graph.png")

    # A question: its code is folded away, since it holds the answer.
    question = lab.show(page, "broadcasting-question")
    assert question.locator(".cm-content").count() == 0
    question.get_by_label("(3, 4)").check()
    question.get_by_role("button", name="Lock in my guess").click()
    question.locator(".gt-right").wait_for()

    # Training has drawn its curve.
    curve = lab.show(page, "train").locator(".gt-curve")
    curve.locator(".gt-plot").first.wait_for()
    assert curve.locator(".gt-plot").count() == 2

    for name, code, button in (
        ("start.backward-formula", "exercise-1-code", "exercise-1-check"),
        ("start.training-step", "exercise-2-code", "exercise-2-check"),
    ):
        check = lab.show(page, button).locator(".gt-check")
        check.get_by_role("button", name="Check", exact=True).click()
        check.get_by_text("This is still the starting code").wait_for()
        solution = (LESSON / "exercises" / name / "solution.py").read_text("utf-8")
        write_and_run(lab, page, code, f"# @exercise {name}\n{solution}\n# @end\n")
        check = lab.show(page, button).locator(".gt-check")
        check.get_by_role("button", name="Check", exact=True).click()
        check.and_(page.locator("[data-state=passed]")).wait_for()
        assert "10 of 10 points" in check.text_content()
        assert check.locator(".gt-explanation").text_content()
        page.screenshot(path=tmp_path / f"{name}.png")
    lab.close(page)


def test_the_chinese_notebook_asks_in_chinese(page, jupyter_lab) -> None:
    lab, read = jupyter_lab, nbformat.read(LESSON / "00-start-here.zh.ipynb", as_version=4)
    sources = {cell.id: cell.source for cell in read.cells}
    lab.open(page, "00-start-here/00-start-here.zh.ipynb")
    page.get_by_role("heading", level=1).first.wait_for()
    for name in ("setup", "column-and-row", "broadcasting-question"):
        lab.rewrite(page, name, sources[name])
    lab.wait_in(page, "broadcasting-question", lambda cell: cell.get_by_label("报错"))
    question = lab.show(page, "broadcasting-question")
    assert "column + row 的形状是什么" in question.locator(".gt-predict legend").text_content()
    question.get_by_label("报错").check()
    question.get_by_role("button", name="锁定我的猜测").click()
    question.locator(".gt-wrong").wait_for()
    assert "被拉伸到 4" in question.locator(".gt-answer").text_content()
    lab.close(page)
