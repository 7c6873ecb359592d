"""Large graphs in a real JupyterLab and on a page without Python: boxes open and close, by mouse and by keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.axe import violations

pytestmark = pytest.mark.browser

GRAPH = ".gt-graph"
SETUP = """%load_ext glasstorch_widgets
import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import graph"""
# Twelve blocks of four operations and two weights: 74 nodes, so that the view opens with the blocks closed.
MODEL = """class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)
        self.act = nn.Tanh()
    def forward(self, x):
        return x + self.act(self.inner(x)) * 0.5

torch.manual_seed(0)
model = nn.Sequential(*(Block() for _ in range(12)))
x = torch.ones(2, 3)
loss = model(x).sum()
view = graph(loss, lang="en")
view"""
LOOP = """t = torch.tensor(1.0, requires_grad=True)
for i in range(5000):
    t = t * 1.0001 + 0.0001
graph(t * 2.0, lang="en")"""


def titles(page) -> list[str]:
    return page.locator(f"{GRAPH} .gt-node .gt-title").all_text_contents()


def box(page, title: str):
    return page.locator(f"{GRAPH} .gt-node").filter(
        has=page.locator(f".gt-title:text-is({json.dumps(title)})")
    )


def say(page) -> str:
    return page.locator(f"{GRAPH} .gt-say").text_content()


def here(page) -> str:
    return page.evaluate("() => document.activeElement.querySelector?.('.gt-title')?.textContent ?? ''")


@pytest.fixture
def drawn(page, jupyter_lab, write_notebook):
    """A notebook with the graph of MODEL on screen."""
    jupyter_lab.open(page, write_notebook(SETUP, MODEL))
    assert [cell["errors"] for cell in jupyter_lab.run_all(page)] == [[], []]
    page.wait_for_selector(f"{GRAPH} .gt-node")
    yield page
    jupyter_lab.close(page)


def test_a_model_is_opened_stepped_and_closed_from_the_keyboard_alone(drawn) -> None:
    page = drawn
    blocks = [f"{i}: Block" for i in range(12)]
    assert titles(page) == ["x", *blocks, "loss = sum"]
    assert page.locator(f"{GRAPH} .gt-toolbar .gt-counter").text_content() == "Step 27 of 27"
    box(page, "2: Block").focus()
    page.keyboard.press("Enter")
    box(page, "inner: Linear").wait_for()
    assert here(page) == "inner: Linear"  # the keyboard goes on inside
    assert say(page) == "2: Block: opened, 17 boxes drawn. Minus closes it."
    assert page.locator(f"{GRAPH} .gt-group-frame text").all_text_contents() == [
        "model: Sequential",
        "2: Block",
    ]
    page.keyboard.press("ArrowDown")
    assert here(page) == "tanh"
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("n")
    assert say(page) == "forward: 2.inner: Linear takes 1: Block"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("+")
    page.wait_for_function("() => document.querySelectorAll('.gt-group-frame').length === 3")
    # the computation has come as far as before: x, two blocks, the weights and the linear operation
    assert page.locator(f"{GRAPH} .gt-toolbar .gt-counter").text_content().startswith("Step 6 of ")
    page.keyboard.press("-")
    page.wait_for_function("() => document.querySelectorAll('.gt-group-frame').length === 2")
    assert here(page) == "inner: Linear"
    page.keyboard.press("-")
    page.wait_for_function("() => document.querySelectorAll('.gt-group-frame').length === 1")
    assert here(page) == "2: Block"
    assert page.locator(f"{GRAPH} .gt-node[tabindex='0']").count() == 1
    assert violations(page, GRAPH) == []
    # nothing reached the notebook: no cell was added, run or left
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2


def test_a_closed_box_tells_what_it_holds_and_the_mouse_opens_it(drawn) -> None:
    page = drawn
    box(page, "5: Block").click()
    details = page.locator(f"{GRAPH} .gt-details")
    assert details.locator("h3").text_content() == "5: Block"
    facts = details.locator("dl").text_content()
    for fact in ("Operations4", "Parameters12", "Inputs2×3", "Outputs2×3"):
        assert fact in facts
    assert details.locator("[data-array$='/value'] td").count() == 6
    assert violations(page, GRAPH) == []
    box(page, "5: Block").locator(".gt-corner").click()
    box(page, "inner: Linear").wait_for()
    page.locator(f"{GRAPH} [data-frame] .gt-corner").nth(1).click()
    box(page, "5: Block").wait_for()
    page.get_by_label("Depth").select_option("3")
    page.wait_for_function("() => document.querySelectorAll('.gt-node').length === 74")
    minimap = page.locator(f"{GRAPH} .gt-minimap")
    assert minimap.is_visible()
    before = page.locator(f"{GRAPH} .gt-canvas").evaluate("e => e.scrollTop")
    bounds = minimap.bounding_box()
    page.mouse.click(bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] * 0.9)
    page.wait_for_function("top => document.querySelector('.gt-canvas').scrollTop > top + 1000", arg=before)
    page.get_by_label("Depth").select_option("0")
    page.wait_for_function("() => document.querySelectorAll('.gt-node').length === 3")
    assert not minimap.is_visible()


def test_search_finds_what_is_not_drawn_and_an_edit_goes_through_closed_boxes(drawn) -> None:
    page = drawn
    page.get_by_role("searchbox").fill("7.inner.bias")
    page.locator(f"{GRAPH} .gt-results button").first.click()
    page.wait_for_function("() => document.querySelector('.gt-details h3')?.textContent === '7.inner.bias'")
    assert here(page) == "bias"
    assert "8: Block" in titles(page)
    before = box(page, "loss = sum").locator(".gt-number").first.text_content()
    cell = page.locator(f"{GRAPH} .gt-details input").first
    cell.fill("nan")
    cell.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.gt-say').textContent.startsWith('7.inner.bias[0] is now nan')"
    )
    assert box(page, "loss = sum").locator(".gt-number").first.text_content() == "nan" != before
    assert "gt-not-finite" in box(page, "8: Block").get_attribute("class")
    box(page, "8: Block").click()
    page.get_by_role("button", name="Show the first").click()
    page.wait_for_function("() => document.querySelectorAll('.gt-group-frame').length > 3")
    assert violations(page, GRAPH) == []


def test_ten_thousand_operations_open_small(page, jupyter_lab, write_notebook) -> None:
    jupyter_lab.open(page, write_notebook(SETUP, LOOP))
    assert [cell["errors"] for cell in jupyter_lab.run_all(page)] == [[], []]
    page.wait_for_selector(f"{GRAPH} .gt-node")
    assert page.locator(f"{GRAPH} .gt-node").count() < 40
    assert page.locator(f"{GRAPH} .gt-group-frame text").all_text_contents() == ["line 3 × 5000"]
    page.get_by_role("searchbox").fill("n5000")
    page.locator(f"{GRAPH} .gt-results button").first.click()
    page.wait_for_selector(f"{GRAPH} [data-node='n5000']")
    page.get_by_label("Depth").select_option("4")
    page.wait_for_function("() => !document.querySelector('.gt-alarm').hidden")
    assert "too many for one picture" in page.locator(f"{GRAPH} .gt-alarm").text_content()
    jupyter_lab.close(page)


def test_boxes_open_on_an_exported_page_without_python(page, tmp_path: Path) -> None:
    torch = pytest.importorskip("glasstorch")
    from glasstorch.autograd import graph as record
    from glasstorch_widgets import graph

    nn = torch.nn
    torch.manual_seed(0)
    layers = [nn.Sequential(nn.Linear(2, 2), nn.ReLU()) for _ in range(16)]
    x = torch.ones(1, 2)
    with record.record():
        loss = nn.Sequential(*layers)(x).sum()
    path = graph(loss, lang="en").export_html(tmp_path / "graph.html")
    page.set_content(path.read_text("utf-8"))
    page.wait_for_selector(f"{GRAPH} .gt-node")
    assert len(titles(page)) == 18
    box(page, "3: Sequential").focus()
    page.keyboard.press("Home")
    for _ in range(5):  # the input and four boxes
        page.keyboard.press("n")
    page.keyboard.press("Enter")  # the next depth, where it is open
    assert len(titles(page)) == 34
    assert page.locator(f"{GRAPH} .gt-node:not(.gt-unseen)").count() == 1 + 4 * 2
    assert here(page) == "0: Linear"
    page.keyboard.press("-")
    assert len(titles(page)) == 18
    assert here(page) == "3: Sequential"
    page.get_by_role("searchbox").fill("9.0.weight")
    page.locator(f"{GRAPH} .gt-results button").first.click()
    assert page.locator(f"{GRAPH} .gt-details h3").text_content() == "9.0.weight"
    assert here(page) == "weight"
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert page.locator(f"{GRAPH} .gt-node:not(.gt-unseen)").count() == 1
    assert violations(page, GRAPH) == []
