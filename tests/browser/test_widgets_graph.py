"""The live graph in a real JupyterLab: drawn, stepped and edited, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.axe import violations
from support.jupyter import dark

pytestmark = pytest.mark.browser

SETUP = """%load_ext glasstorch_widgets
import glasstorch as torch
from glasstorch_widgets import graph"""

# Small whole numbers, so that every value and gradient can be worked out by hand: x w = [1, -2], h = [1, 0],
# loss = 1, d loss/d h = 2 h, d loss/d w = xᵀ (2 h where h > 0) = [[2, 0], [4, 0]].
NETWORK = """x = torch.tensor([[1.0, 2.0]])
w = torch.tensor([[3.0, 0.0], [-1.0, -1.0]], requires_grad=True)
h = torch.relu(x @ w)
loss = (h * h).sum()
graph(loss, lang="en")"""

GRAPH = ".gt-graph"


def node(page, title: str):
    return page.locator(f"{GRAPH} .gt-node").filter(
        has=page.locator(f".gt-title:text-is({json.dumps(title)})")
    )


def numbers(page, key: str) -> list[str]:
    """The numbers in a grid of the details panel; `key` ends the array's key, such as "gradient"."""
    cells = page.locator(f"{GRAPH} .gt-details [data-array$='{key}'] > .gt-tensor td")
    return cells.evaluate_all("cells => cells.map(c => c.firstElementChild?.value ?? c.textContent)")


@pytest.fixture
def drawn(page, jupyter_lab, write_notebook):
    """A notebook with the graph of NETWORK on screen."""
    jupyter_lab.open(page, write_notebook(SETUP, NETWORK))
    cells = jupyter_lab.run_all(page)
    assert [cell["errors"] for cell in cells] == [[], []]
    assert {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"} <= set(
        cells[1]["kinds"]
    )
    page.wait_for_selector(f"{GRAPH} .gt-node")
    yield page
    jupyter_lab.close(page)


def test_a_node_opens_with_value_gradient_formula_and_source_line(drawn) -> None:
    page = drawn
    node(page, "h = relu").click()
    details = page.locator(f"{GRAPH} .gt-details")
    assert details.locator("h3").text_content() == "h = relu"
    assert numbers(page, "/value") == ["1", "0"]
    assert numbers(page, "/gradient") == ["2", "0"]
    assert details.locator(".gt-source code").text_content() == "h = torch.relu(x @ w)"
    formulas = details.locator("math").all_text_contents()
    assert any("max" in text for text in formulas)
    assert any("⊙" in text for text in formulas)
    facts = details.locator("dl").text_content()
    for fact in ("1×2", "float32", "8 bytes", "cpu"):
        assert fact in facts
    # h is used twice in h * h: two contributions and their sum
    assert "2 contributions" in details.text_content()
    assert numbers(page, "/contribution")[:4] == ["1", "0", "1", "0"]


def test_an_edit_flows_through_every_value_and_gradient(drawn) -> None:
    page = drawn
    node(page, "w").click()
    assert numbers(page, "/value") == ["3", "0", "-1", "-1"]
    assert numbers(page, "/gradient") == ["2", "0", "4", "0"]
    cell = page.locator(f"{GRAPH} .gt-details input").nth(1)
    cell.fill("4")
    cell.press("Enter")
    # h = relu([1, 2]) = [1, 2]; loss = 5; d loss/d w = xᵀ (2 h) = [[2, 4], [4, 8]]
    page.wait_for_function(
        "() => document.querySelector('.gt-say').textContent.startsWith('w[0, 1] is now 4.')"
    )
    assert node(page, "loss = sum").locator(".gt-number").first.text_content() == "5"
    assert numbers(page, "/gradient") == ["2", "4", "4", "8"]
    assert page.locator(f"{GRAPH} .gt-details td.gt-changed").count() == 3  # one value, two gradients
    assert "gt-touched" in node(page, "h = relu").get_attribute("class")
    assert "gt-touched" not in node(page, "x").get_attribute("class")
    print("\nedit to screen:", page.locator(GRAPH).get_attribute("data-latency"), "ms")

    cell.fill("nonsense")
    cell.press("Enter")
    assert cell.get_attribute("aria-invalid") == "true"
    cell.fill("inf")
    cell.press("Enter")
    page.wait_for_selector(f"{GRAPH} .gt-node.gt-not-finite")
    page.get_by_role("button", name="Undo edits").click()
    page.wait_for_function("() => !document.querySelector('.gt-not-finite')")
    assert numbers(page, "/gradient") == ["2", "0", "4", "0"]


def test_stepping_from_the_keyboard_alone(drawn) -> None:
    page = drawn
    node(page, "loss = sum").focus()
    page.keyboard.press("Home")
    say = page.locator(f"{GRAPH} .gt-say")
    assert say.text_content().startswith("Before the first operation")
    shown = page.locator(f"{GRAPH} .gt-node:not(.gt-unseen)")
    assert shown.count() == 0
    for _ in range(4):
        page.keyboard.press("n")
    assert shown.count() == 4
    assert say.text_content() == "forward: h = relu takes mm"
    assert page.locator(f"{GRAPH} .gt-toolbar .gt-counter").text_content() == "Step 4 of 11"
    assert page.locator(f"{GRAPH} .gt-flow-forward").count() == 1
    assert "not reached at this step" in page.locator(".gt-details [data-array$='/gradient']").text_content()
    page.keyboard.press("p")
    assert shown.count() == 3
    for _ in range(6):
        page.keyboard.press("n")
    # backward through h: both contributions have arrived
    assert say.text_content() == (
        "2 contributions, added up. backward: h = relu passes its gradient on to mm"
    )
    assert page.locator(f"{GRAPH} .gt-flow-backward").count() == 1
    assert page.locator(f"{GRAPH} .gt-now .gt-title").text_content() == "h = relu"
    page.keyboard.press("End")
    assert page.locator(f"{GRAPH} .gt-toolbar .gt-counter").text_content() == "Step 11 of 11"
    # nothing reached the notebook: no cell was added, run or left
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2


def test_arrows_follow_the_edges_and_enter_opens(drawn) -> None:
    page = drawn
    node(page, "loss = sum").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    here = "() => document.activeElement.querySelector('.gt-title').textContent"
    assert page.evaluate(here) == "h = relu"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(here) == "x"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(here) == "w"
    page.keyboard.press("Enter")
    assert page.locator(f"{GRAPH} .gt-details h3").text_content() == "w"
    assert page.locator(f"{GRAPH} .gt-node[tabindex='0']").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(f"{GRAPH} .gt-details h3").count() == 0


def test_playing_goes_on_by_itself_and_stops_at_the_end(drawn) -> None:
    page = drawn
    page.get_by_role("button", name="To the start").click()
    page.get_by_role("slider").fill("9")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "() => document.querySelector('.gt-toolbar .gt-counter').textContent === 'Step 11 of 11'"
    )
    page.get_by_role("button", name="Play").wait_for()


def test_the_table_says_the_same_and_axe_finds_nothing_in_light_and_dark(drawn) -> None:
    page = drawn
    assert violations(page, GRAPH) == []
    node(page, "w").click()
    assert violations(page, GRAPH) == []
    page.get_by_role("button", name="Table").click()
    rows = page.locator(f"{GRAPH} .gt-table tbody tr")
    assert rows.count() == 6
    assert "relu(x @ w)" in rows.nth(3).text_content()
    assert violations(page, GRAPH) == []
    dark(page)
    assert violations(page, GRAPH) == []
    page.get_by_role("button", name="Picture").click()
    assert violations(page, GRAPH) == []
    # the picture follows the theme
    back = page.locator(GRAPH).evaluate("e => getComputedStyle(e).backgroundColor")
    assert max(int(n) for n in re.findall(r"\d+", back)[:3]) < 60


def test_a_replay_that_fails_is_said_in_the_view(page, jupyter_lab, write_notebook) -> None:
    code = """x = torch.tensor([1.0, 2.0], requires_grad=True)
index = torch.tensor([0, 1])
picked = torch.gather(x, 0, index)
graph((picked * picked).sum(), lang="en")"""
    jupyter_lab.open(page, write_notebook(SETUP, code))
    assert [cell["errors"] for cell in jupyter_lab.run_all(page)] == [[], []]
    page.locator(f"{GRAPH} .gt-node.gt-constant").first.click()
    cell = page.locator(f"{GRAPH} .gt-details input").first
    cell.fill("7")
    cell.press("Enter")
    page.wait_for_function("() => !document.querySelector('.gt-alarm').hidden")
    assert "index" in page.locator(f"{GRAPH} .gt-alarm").text_content().lower()
    assert cell.input_value() == "0"  # what Python still has
    jupyter_lab.close(page)


def test_without_recording_the_structure_is_drawn_and_the_remedy_told(
    page, jupyter_lab, write_notebook
) -> None:
    jupyter_lab.open(page, write_notebook(SETUP.splitlines()[1] + "\n" + SETUP.splitlines()[2], NETWORK))
    assert [cell["errors"] for cell in jupyter_lab.run_all(page)] == [[], []]
    page.wait_for_selector(f"{GRAPH} .gt-node")
    assert "%load_ext glasstorch_widgets" in page.locator(f"{GRAPH} .gt-notice").text_content()
    assert violations(page, GRAPH) == []
    jupyter_lab.close(page)


def test_the_exported_page_works_from_a_file(page, watch, tmp_path: Path) -> None:
    torch = pytest.importorskip("glasstorch")
    from glasstorch.autograd import graph as record
    from glasstorch_widgets import graph

    with record.record():
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        loss = (x * x).sum()
    path = graph(loss, lang="zh").export_html(tmp_path / "graph.html")
    # file: is not loopback, so the page is given to the browser as text
    page.set_content(path.read_text("utf-8"))
    page.wait_for_selector(f"{GRAPH} .gt-node")
    page.locator(f"{GRAPH} .gt-node").first.click()
    assert numbers(page, "/gradient")[-2:] == ["2", "4"]
    assert page.locator(f"{GRAPH} .gt-details input").count() == 0
    page.keyboard.press("Home")
    assert page.locator(".gt-say").text_content().startswith("尚未开始")
    assert violations(page, GRAPH) == []
