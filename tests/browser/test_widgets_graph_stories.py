"""What a graph tells beyond its numbers, in a real JupyterLab: the line a node came from, the sum behind a gradient,
where NaN began, where a forward failed, where two computations part, and how a training went."""

from __future__ import annotations

import pytest
from support.axe import violations
from support.jupyter import dark

pytestmark = pytest.mark.browser

SETUP = """%load_ext glasstorch_widgets
import glasstorch as torch
from glasstorch_widgets import compare, graph"""

LINES = """x = torch.tensor([[1.0, 2.0]])
w = torch.tensor([[3.0, 0.0], [-1.0, -1.0]], requires_grad=True)
h = torch.relu(x @ w)
loss = (h * h).sum()
graph(loss, lang="en")"""

NAN = """a = torch.tensor([1.0, -1.0], requires_grad=True)
graph((torch.log(a) * 2).sum(), lang="en")"""

FAILS = """hidden = torch.relu(torch.ones(2, 3, requires_grad=True) * 2)
hidden @ torch.ones(4, 2)"""

TRAINING = """v = torch.tensor([1.0, -2.0], requires_grad=True)
view = None
for step in range(8):
    result = (v * v).sum()
    view = view or graph(result, lang="en")
    view.keep(result)
    result.backward()
    with torch.no_grad():
        v -= 0.1 * v.grad
    v.grad = None
view"""

PAIR = """compare((a * 2).exp().sum(), (a * 3).exp().sum(), lang="en")"""


def box(page, cell: int, words: str):
    return page.locator(".jp-Cell").nth(cell).locator(".gt-graph .gt-node").filter(has_text=words).first


def test_a_graph_tells_what_happened(page, jupyter_lab, write_notebook, tmp_path) -> None:
    page.set_viewport_size({"width": 1400, "height": 1100})
    jupyter_lab.open(page, write_notebook(SETUP, LINES, NAN, TRAINING, PAIR, FAILS))
    cells = jupyter_lab.run_all(page)
    assert [bool(cell["errors"]) for cell in cells] == [False, False, False, False, False, True]

    # The line of the notebook that a node came from.
    node = box(page, 1, "h = relu")
    node.scroll_into_view_if_needed()
    node.hover()
    page.wait_for_function("() => CSS.highlights.get('gt-source-line')?.size === 1")
    line = page.evaluate("() => [...CSS.highlights.get('gt-source-line')][0].toString()")
    assert line == "h = torch.relu(x @ w)"
    page.screenshot(path=tmp_path / "line.png")
    page.mouse.move(1, 1)
    page.wait_for_function("() => !CSS.highlights.has('gt-source-line')")

    # The gradient of one element, worked out; another one by the arrow keys.
    box(page, 1, "h * h").or_(box(page, 1, "mm")).first.click()
    details = page.locator(".jp-Cell").nth(1).locator(".gt-details")
    worked = details.locator(".gt-contribution .gt-worked:visible").first
    worked.locator("math").wait_for()
    before = worked.inner_text()
    grid = details.locator(".gt-contribution:has(.gt-worked:visible) .gt-grid").first
    grid.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("([e, before]) => e.innerText !== before", arg=[worked.element_handle(), before])
    page.screenshot(path=tmp_path / "worked.png")

    # Where NaN began and which way it took.
    cell = page.locator(".jp-Cell").nth(2)
    cell.scroll_into_view_if_needed()
    assert "1 NaN first appears, in the forward: log" in cell.locator(".gt-headline").inner_text()
    assert cell.locator(".gt-node.gt-mark-origin").count() == 1
    assert cell.locator(".gt-node.gt-mark-path").count() == 2
    assert cell.locator(".gt-bad-way").count() == 2
    cell.locator(".gt-headline button").click()
    assert "[1] = nan" in cell.locator(".gt-mark-note pre").inner_text()
    page.screenshot(path=tmp_path / "nan.png")

    # A slider through the training, and by the keys [ and ].
    cell = page.locator(".jp-Cell").nth(3)
    cell.scroll_into_view_if_needed()
    slider = cell.locator(".gt-moments input")
    assert slider.input_value() == "7"
    slider.focus()
    page.keyboard.press("[")
    page.wait_for_function("e => e.value === '6'", arg=slider.element_handle())
    slider.fill("0")
    said = cell.locator(".gt-moments .gt-counter").element_handle()
    page.wait_for_function("e => e.textContent.includes('Training step 0: 5')", arg=said)
    page.screenshot(path=tmp_path / "training.png")

    # Two computations side by side.
    cell = page.locator(".jp-Cell").nth(4)
    cell.scroll_into_view_if_needed()
    assert cell.locator(".gt-graph").count() == 2
    assert cell.locator(".gt-mark-differs").count() > 0
    left, right = cell.locator(".gt-graph").nth(0), cell.locator(".gt-graph").nth(1)
    left.locator(".gt-node").first.focus()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    counter = right.locator(".gt-toolbar .gt-counter")
    page.wait_for_function("e => e.textContent.startsWith('Step 1 ')", arg=counter.element_handle())
    page.screenshot(path=tmp_path / "pair.png")

    # A forward that failed: the graph up to it, below the error.
    cell = page.locator(".jp-Cell").nth(5)
    cell.locator(".gt-graph .gt-node").first.wait_for()
    cell.scroll_into_view_if_needed()
    assert cell.locator(".gt-node.gt-mark-failed").count() == 1
    assert "2x3 and 4x2" in cell.locator(".gt-headline").inner_text()
    error = cell.locator(".jp-OutputArea-output").first.inner_text()
    assert "hidden @ torch.ones(4, 2)" in error
    assert "matmul.py" not in error  # the engine's own lines are left out
    page.screenshot(path=tmp_path / "failed.png")

    assert violations(page, ".gt-graph") == []
    dark(page)
    assert violations(page, ".gt-graph") == []
    page.locator(".jp-Cell").nth(2).scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "dark.png")
    jupyter_lab.close(page)
