"""Training curves, predictions and the Check button in a real JupyterLab."""

from __future__ import annotations

import pytest
from support.axe import violations
from support.jupyter import dark

pytestmark = pytest.mark.browser

CURVE = """import time
from glasstorch_widgets import loss_curve
curve = loss_curve("Digits", lang="en")
for step in range(400):
    curve.add(train_loss=2.0 / (1 + step), test_loss=2.5 / (1 + step), accuracy=step / 400)
    time.sleep(0.005)
print("loop", "done")"""


def test_the_curve_grows_while_the_loop_runs(page, jupyter_lab, write_notebook) -> None:
    jupyter_lab.open(page, write_notebook(CURVE))
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const text = document.querySelector('.gt-curve .gt-note')?.textContent;
            const done = document.body.textContent.includes('loop done');
            if (text && window.seen.at(-1)?.[0] !== text) window.seen.push([text, done]);
          }).observe(document.body, {subtree: true, childList: true, characterData: true});
        }"""
    )
    assert jupyter_lab.run_all(page)[0]["errors"] == []
    page.wait_for_function("() => document.querySelector('.gt-curve .gt-note')?.textContent === '400 points'")
    live = [text for text, done in page.evaluate("() => window.seen") if not done]
    print(f"\ndrawn {len(live)} times while the loop ran")
    assert len(live) >= 3  # 2 seconds allow 60; a busy machine fewer

    plots = page.locator(".gt-curve .gt-plot")
    assert plots.count() == 2
    assert "train_loss, test_loss, 400 points" in plots.first.get_attribute("aria-label")
    plots.first.focus()
    page.keyboard.press("Home")
    assert page.locator(".gt-tip-box").first.text_content() == "step 0: train_loss 2, test_loss 2.5"
    page.keyboard.press("ArrowRight")
    said = page.locator(".gt-curve [role=status]").text_content()
    assert said == "step 1: train_loss 1, test_loss 1.25"
    plain = plots.first.locator("path[stroke]").count()
    page.get_by_label("Smooth").check()
    assert plots.first.locator("path[stroke]").count() > plain
    assert violations(page, ".gt-curve") == []
    dark(page)
    assert violations(page, ".gt-curve") == []
    # what is left behind for readers without Python
    saved = jupyter_lab.cells(page)[0]["kinds"]
    assert {"image/svg+xml", "text/plain"} <= set(saved)
    jupyter_lab.close(page)


PREDICT = """from glasstorch_widgets import predict
calls = []
predict("Which shape?", ["(4, 3)", "(3, 4)"], answer="(4, 3)", explain="rows by columns", lang="en")"""
NUMBER = """predict("`d(x²)/dx` at x = 3?", answer=lambda: calls.append(1) or 6.0, unit="%", lang="en")"""
AFTER = "len(calls)"


def test_run_all_does_not_wait_and_the_guess_locks_before_the_reveal(
    page, jupyter_lab, write_notebook
) -> None:
    jupyter_lab.open(page, write_notebook(PREDICT, NUMBER, AFTER))
    cells = jupyter_lab.run_all(page)
    assert [cell["errors"] for cell in cells] == [[], [], []]
    assert [cell["count"] for cell in cells] == [1, 2, 3]
    choice, number = page.locator(".gt-predict").first, page.locator(".gt-predict").nth(1)
    number.wait_for()
    assert "rows by columns" not in choice.inner_html()
    assert choice.get_by_role("button", name="Lock in my guess").is_disabled()
    assert "Not answered yet" in choice.text_content()
    choice.get_by_label("(3, 4)").check()
    choice.get_by_role("button", name="Lock in my guess").click()
    choice.locator(".gt-wrong").wait_for()
    assert "rows by columns" in choice.text_content()
    assert choice.get_by_label("(4, 3)").is_disabled()

    field = number.get_by_role("textbox")
    field.fill("six")
    field.press("Enter")
    assert "give a number" in number.locator("[role=alert]").text_content()
    assert number.locator("legend code").text_content() == "d(x²)/dx"
    field.fill("18/3 %")
    field.press("Enter")
    number.locator(".gt-right").wait_for()
    assert number.locator(".gt-card strong").all_text_contents() == ["6 %", "6 %"]
    assert violations(page, ".gt-predict") == []
    dark(page)
    assert violations(page, ".gt-predict") == []
    jupyter_lab.close(page)


def test_what_was_guessed_is_still_there_on_another_day(page, jupyter_lab, write_notebook) -> None:
    notebook = write_notebook(PREDICT)
    jupyter_lab.open(page, notebook)
    jupyter_lab.run_all(page)
    question = page.locator(".gt-predict")
    question.get_by_label("(3, 4)").check()
    question.get_by_role("button", name="Lock in my guess").click()
    question.locator(".gt-wrong").wait_for()
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    jupyter_lab.close(page)
    jupyter_lab.open(page, notebook)
    question.locator(".gt-wrong").wait_for()
    assert "rows by columns" in question.text_content()
    jupyter_lab.close(page)


WRONG = """# @exercise fixture.relu-backward
import numpy as np
def relu_backward(grad, x):
    return grad
def scale(x, factor):
    return x * factor
# @end"""


def test_the_check_button_grades_the_cell_with_the_service(
    page, jupyter_lab, write_notebook, running_service
) -> None:
    solution = (
        running_service.lessons / "00-fixtures/exercises/fixture.relu-backward/solution.py"
    ).read_text("utf-8")
    right = f"# @exercise fixture.relu-backward\n{solution}\n# @end"
    setup = f"""import os
os.environ["GLASSTORCH_GRADER_URL"] = {running_service.url!r}
from glasstorch_widgets import exercise"""
    button = """exercise("fixture.relu-backward", lang="en")"""
    jupyter_lab.open(page, write_notebook(setup, button, WRONG, right))
    run_cell(page, 0)
    run_cell(page, 1)
    widget = page.locator(".gt-check")
    press = widget.get_by_role("button", name="Check")
    press.click()
    page.wait_for_function("() => document.querySelector('.gt-message').textContent.includes('@exercise')")
    assert widget.get_attribute("data-state") == "not_attempted"

    run_cell(page, 2)
    press.click()
    page.wait_for_selector(".gt-check[data-state=failed]")
    values = widget.locator("[data-check=values]")
    assert "largest difference" in values.text_content()
    assert widget.locator(".gt-test-head").count() == 3
    assert widget.locator(".gt-test-no").count() == 2
    assert values.locator(".gt-test-head").text_content().startswith("Not passed yet: ")  # the sign in words
    starts = "e => getComputedStyle(e).paddingInlineStart"
    said, facts = (values.locator(part).evaluate(starts) for part in (".gt-test-output", ":scope > .gt-note"))
    assert said == facts != "0px"
    widget.get_by_role("button", name="Hint 1 of").click()
    widget.locator(".gt-hints li").wait_for()
    assert "where x was positive" in widget.locator(".gt-hints").text_content()
    assert violations(page, ".gt-check") == []
    dark(page)
    assert violations(page, ".gt-check") == []

    run_cell(page, 3)
    widget.get_by_role("button", name="Check again").click()
    page.wait_for_selector(".gt-check[data-state=passed]")
    assert "10 of 10 points" in widget.text_content()

    run_cell(page, 1)  # as on another day
    page.wait_for_function(
        "() => document.querySelector('.gt-check .gt-state').textContent === 'Passed before'"
    )
    jupyter_lab.close(page)


def run_cell(page, index: int) -> None:
    page.evaluate(
        """async index => {
          window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
          await window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        index,
    )
