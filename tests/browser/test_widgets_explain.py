"""The tensor view and the explaining views in a real JupyterLab: walked by keyboard, changed, light and dark.

All of them share one notebook; the screenshots lie in test-results/.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.axe import violations
from support.jupyter import dark

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).resolve().parents[2] / "test-results"

CELLS = {
    ".gt-tensor-view": """import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import *
torch.manual_seed(0)
base = torch.arange(24.0).reshape(4, 6).clone()
part = base[1:, 1:4].T
tensor_view(part, lang="en")""",
    ".gt-broadcast": """a, b = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([10.0, 20.0, 30.0, 40.0])
broadcast(a, b, lang="en")""",
    ".gt-conv": """kernel = torch.tensor([[1.0, 0.0], [0.0, -1.0]])
conv_scan(kernel, torch.arange(16.0).reshape(4, 4), padding=1, lang="en")""",
    ".gt-race": """optimizer_race("ravine", {"SGD": lambda p: torch.optim.SGD(p, lr=0.05), "Adam": torch.optim.Adam},
               steps=40, lang="en")""",
    ".gt-attention": """def weigh(tokens):
    lengths = torch.tensor([float(len(t)) for t in tokens])
    scores = lengths * torch.ones(len(tokens), 1)
    return torch.softmax(scores.masked_fill(torch.triu(torch.ones(3, 3, dtype=torch.bool), 1), float("-inf")), -1)
attention_view(weigh, ["a", "bb", "ccc"], lang="en")""",
    ".gt-feature-maps": """model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
feature_maps(model, torch.randn(12, 12), lang="en")""",
    ".gt-ring": """comm_ring([torch.tensor([1.0, 2.0, 3.0]) * k for k in (1, 10, 100)], lang="en")""",
    ".gt-timeline": """import tempfile
from glasstorch import distributed as dist, multiprocessing as mp
def train(rank, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    model = nn.parallel.DistributedDataParallel(nn.Sequential(nn.Linear(4, 900), nn.Linear(900, 7)), bucket_cap_mb=0.01)
    with dist.traffic.record() as recording:
        model(torch.ones(5, 4)).sum().backward()
    dist.traffic.save(f"{folder}/traffic.json", recording)
    dist.destroy_process_group()
folder = tempfile.mkdtemp()
mp.start_processes(train, (folder,), nprocs=2, start_method="fork")
comm_timeline(f"{folder}/traffic.json", lang="en")""",
}
LARGE = """large = torch.arange(1_000_000).reshape(1000, 1000)
tensor_view(large, lang="en")"""


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def shoot(view, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    view.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def notebook(page, jupyter_lab, write_notebook):
    """A notebook with one view in each cell; gives a function that scrolls to one of them."""
    jupyter_lab.open(page, write_notebook(*CELLS.values()))
    cells = jupyter_lab.run_all(page)
    assert [cell["errors"] for cell in cells] == [[]] * len(CELLS)
    for cell in cells:
        assert {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"} <= set(
            cell["kinds"]
        )
    ids = dict(zip(CELLS, [cell["id"] for cell in cells], strict=True))

    def show(selector: str):
        jupyter_lab.show(page, ids[selector])
        view = page.locator(selector)
        view.wait_for()
        return view

    yield show
    jupyter_lab.close(page)


def test_every_view_is_walked_by_keyboard_and_says_the_right_numbers(page, notebook) -> None:
    said = "[role=status]"

    view = notebook(".gt-tensor-view")
    assert view.locator("h3").text_content() == "part"
    view.get_by_role("application").first.focus()
    press(page, "ArrowDown", "ArrowRight")
    # part[1, 1] is base[2, 2]: 7 + 1·1 + 1·6
    assert view.locator(said).text_content() == "[1, 1] = 14. Place 14."
    assert "place 7 + 1·1 + 1·6 = 14 in memory, byte 56" in view.text_content()
    press(page, "Enter")
    field = view.get_by_label("New value")
    assert field.evaluate("e => e === document.activeElement")
    field.fill("-50")
    press(page, "Enter")
    view.get_by_text("[1, 1] written. Version 0 → 1").first.wait_for()
    page.wait_for_function("() => document.querySelector('.gt-value').textContent === '= -50'")
    assert "version 1" in view.text_content()
    assert view.locator(".gt-base .gt-cells text:text-is('-50')").count() == 1
    field.fill("many")
    press(page, "Enter")
    view.get_by_role("alert").filter(has_text="type a number such as 0.5").wait_for()
    view.get_by_role("application").nth(1).focus()  # the storage: a place that is not of this tensor
    press(page, "Home")
    assert "not an element of this tensor = 0" in view.locator(said).text_content()
    shoot(view, "tensor-light")

    view = notebook(".gt-broadcast")
    view.get_by_role("application").focus()
    press(page, "ArrowDown", "End")
    assert view.locator(said).text_content() == "result[1, 3] = a[1, 0] + b[3] = 2 + 40 = 42"
    shoot(view, "broadcast-light")

    view = notebook(".gt-conv")
    view.get_by_role("application").focus()
    press(page, "ArrowLeft", "ArrowUp")
    total = view.locator(".gt-sum b")
    # the window over rows and columns 0, 1 of the image: 0 − 5
    assert view.locator(".gt-sum").text_content() == "0·1 + 1·0 + 4·0 + 5·(-1) = -5"
    assert float(total.get_attribute("data-sum")) == -5
    view.get_by_label("Stride").fill("2")
    press(page, "Tab")
    view.get_by_text("⌊(4 + 2·1 − 1·(2 − 1) − 1) / 2⌋ + 1 = 3").wait_for()
    view.get_by_label("Dilation").fill("9")
    press(page, "Tab")
    view.get_by_role("alert").filter(has_text="Kernel size").wait_for()
    assert view.get_by_label("Dilation").input_value() == "1"
    shoot(view, "conv-light")

    view = notebook(".gt-race")
    view.get_by_role("application").focus()
    press(page, "Home", "ArrowRight")
    # one step of 0.05 along the gradient (x, 20 y) from (−3.5, 1.5): (−3.325, 0)
    assert "Step 1. SGD: loss 5.53 at (-3.33, 0)" in view.locator(said).text_content()
    view.get_by_label("start at x").fill("2")
    press(page, "Tab")
    page.wait_for_function(
        "() => document.querySelector('.gt-race .gt-standing td:last-child').textContent.includes('(1.9, 0)')"
    )
    press(page, "End")
    shoot(view, "race-light")

    view = notebook(".gt-attention")
    view.get_by_role("application").focus()
    press(page, "ArrowDown", "ArrowRight")
    assert view.locator(said).text_content().startswith("Head 0: “bb” gives “bb” the weight 0.7311.")
    press(page, "ArrowRight")
    assert "may not look at “ccc” (masked)" in view.locator(said).text_content()
    view.get_by_label("Token 0").fill("dddd")
    press(page, "Enter")
    page.wait_for_function(
        "() => document.querySelector('.gt-attention .gt-lines').textContent.includes('dddd')"
    )
    view.get_by_role("application").focus()
    press(page, "Home")
    assert "“bb” gives “dddd” the weight 0.8808." in view.locator(said).text_content()
    shoot(view, "attention-light")

    view = notebook(".gt-feature-maps")
    view.locator(".gt-map-button").first.focus()
    press(page, "ArrowDown", "ArrowDown", "ArrowRight", "Enter")
    press(page, "Home", "ArrowUp", "ArrowUp", "ArrowUp")
    text = view.locator(said).text_content()
    assert text.startswith("Unit [1, 0, 0] is ")
    assert "rows 0–2 and columns 0–2 of the input" in text
    shoot(view, "maps-light")
    press(page, "Escape")
    assert view.locator(".gt-large").is_hidden()
    assert view.locator(".gt-map-button:focus").count() == 1

    view = notebook(".gt-ring")
    view.get_by_role("application").focus()
    press(page, "End")
    assert view.locator(".gt-cells text:text-is('333')").count() == 3
    press(page, "ArrowLeft")
    assert view.locator(said).text_content().startswith("All-gather: 0 sends chunk 1 to 1")
    shoot(view, "ring-light")

    view = notebook(".gt-timeline")
    view.get_by_role("application").focus()
    press(page, "Home", "ArrowDown")  # two real processes of this machine: the first bucket of the second one
    text = view.locator(said).text_content()
    assert text.startswith(
        "Rank 1: all_reduce, bucket 0. 24.6 KiB put in, 24.6 KiB sent, 24.6 KiB received (ring)."
    )
    assert "Gradients of 1.bias, 1.weight." in text
    press(page, "ArrowRight")
    assert "Rank 1: all_reduce, bucket 1. 17.6 KiB put in" in view.locator(said).text_content()
    lanes = view.get_by_role("application")
    press(page, "+", "+")
    assert lanes.evaluate("e => e.scrollWidth > 3 * e.clientWidth && e.scrollLeft > 0")
    press(page, "0")
    assert lanes.evaluate("e => e.scrollWidth === e.clientWidth")
    assert view.locator("tbody tr").count() == 2
    shoot(view, "timeline-light")

    # axe finds nothing in any of them as they now are, in light and in dark
    for theme in ("light", "dark"):
        if theme == "dark":
            dark(page)
        for selector in CELLS:
            view = notebook(selector)
            assert violations(page, selector) == [], (theme, selector)
            back = view.evaluate("e => getComputedStyle(e).backgroundColor")
            assert (max(int(n) for n in re.findall(r"\d+", back)[:3]) < 60) == (theme == "dark")
            if theme == "dark":
                shoot(view, f"{selector[4:]}-dark")


def test_of_a_large_tensor_only_what_is_on_screen_is_sent(page, jupyter_lab, write_notebook) -> None:
    jupyter_lab.open(
        page, write_notebook(CELLS[".gt-tensor-view"] + "\n" + LARGE, "large[999, 998] = -7\nlarge.sum()")
    )
    cells = jupyter_lab.run_all(page)
    assert [cell["errors"] for cell in cells] == [[], []]
    view = page.locator(".gt-tensor-view")
    view.get_by_role("application").first.focus()
    press(page, "Control+End", "ArrowLeft")
    page.wait_for_function("() => document.querySelector('.gt-value').textContent === '= -7'")
    assert "[999, 998]" in view.locator(".gt-place").text_content()
    assert "version 1" in view.text_content()
    shown = view.locator(".gt-heat .gt-note").first.text_content()
    assert re.fullmatch(r"Shown: rows \d+–999, columns \d+–999 of 1000×1000", shown)
    assert view.locator(".gt-heat .gt-cell-away").count() == 0
    assert view.locator(".gt-overview canvas").is_visible()
    view.get_by_label("Show").select_option("numbers")
    page.wait_for_function(
        "() => document.querySelector('.gt-heat .gt-cells').textContent.includes('999999')"
    )
    page.set_viewport_size({"width": 620, "height": 900})
    shoot(view, "tensor-large-narrow")
    jupyter_lab.close(page)


def test_an_exported_page_needs_no_python(page, tmp_path: Path) -> None:
    torch = pytest.importorskip("glasstorch")
    from glasstorch_widgets import tensor_view

    path = tensor_view(torch.arange(6).reshape(2, 3), lang="zh").export_html(tmp_path / "tensor.html")
    page.set_content(path.read_text("utf-8"))
    page.get_by_role("application").first.focus()
    press(page, "ArrowDown")
    assert page.locator(".gt-place").text_content() == "[1, 0] = 3"
    assert page.locator("input[type=text]:visible").count() == 0
    assert violations(page, "main") == []
