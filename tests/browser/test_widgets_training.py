"""A training watched in a real JupyterLab, and the confusion matrix: live, by keyboard, without axe findings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.axe import violations
from support.jupyter import dark

pytestmark = pytest.mark.browser

SETUP = """import time
import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import confusion, watch
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.Sigmoid(), nn.Linear(16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 500)
x = torch.randn(256, 6)
y = (x[:, :3].argmax(1) + (x[:, 3] > 1.2).long()) % 3
with torch.no_grad():
    model[0].bias.fill_(-9.0)  # no unit of the first layer ever wakes"""
TRAIN = """view = watch(model, optimizer, scheduler, every=5, title="Sleepers", lang="en")
for step in range(300):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % 10 == 0:
        view.log(accuracy=(model(x).argmax(1) == y).float().mean())
    time.sleep(0.005)
print("loop", "done")"""
MATRIX = """confusion(y, x[:, :3], classes=["low", "middle", "high"], images=x[:, None].expand(-1, 6, 6), lang="en")"""

TRAINING = ".gt-training"
PICTURES = Path(os.environ.get("GLASSTORCH_SCREENSHOTS", "test-results"))


def picture(page, part: str, name: str) -> None:
    """For people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.locator(part).first.screenshot(path=PICTURES / f"training-{name}.png")


def test_a_training_is_watched_live_and_read_by_keyboard(page, jupyter_lab, write_notebook) -> None:
    jupyter_lab.open(page, write_notebook(SETUP, TRAIN, MATRIX))
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const text = document.querySelector('.gt-training > .gt-head .gt-note')?.textContent;
            const done = document.body.textContent.includes('loop done');
            if (text && window.seen.at(-1)?.[0] !== text) window.seen.push([text, done]);
          }).observe(document.body, {subtree: true, childList: true, characterData: true});
        }"""
    )
    assert [cell["errors"] for cell in jupyter_lab.run_all(page)] == [[], [], []]
    head = page.locator(f"{TRAINING} > .gt-head .gt-note")
    page.wait_for_function(
        "() => document.querySelector('.gt-training > .gt-head .gt-note').textContent.startsWith('300 steps')"
    )
    assert head.text_content() == "300 steps, 60 measured"
    live = [text for text, done in page.evaluate("() => window.seen") if not done]
    print(f"\ndrawn {len(live)} times while the loop ran")
    assert len(live) >= 2

    rows = page.locator(f"{TRAINING} .gt-health tbody tr")
    assert rows.count() == 3
    assert rows.first.locator("th").inner_text().split() == ["0", "Linear"]
    assert "all units dead" in rows.first.inner_text()
    assert page.locator(f"{TRAINING} .gt-curve .gt-plot").count() == 2
    # The worst layer's row opens from the keyboard and says what to do.
    rows.first.get_by_role("button").focus()
    page.keyboard.press("Enter")
    details = page.locator(f"{TRAINING} .gt-row-details")
    assert "All 16 ReLU units after it gave 0" in details.inner_text()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.textContent").startswith("2")
    # Back in time.
    slider = page.get_by_role("slider", name="Shown: step")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator(f"{TRAINING} .gt-moment output").text_content() == "1"
    assert page.locator(f"{TRAINING} > [role=status]").text_content() == "step 1"
    picture(page, TRAINING, "overview-light")
    assert violations(page, TRAINING) == []

    tabs = {name: page.get_by_role("tab", name=name) for name in ("Overview", "Histograms", "Gradient flow")}
    tabs["Overview"].focus()
    page.keyboard.press("ArrowRight")
    assert tabs["Histograms"].get_attribute("aria-selected") == "true"
    maps = page.locator(f"{TRAINING} .gt-map")
    assert maps.count() == 3
    assert maps.first.get_attribute("aria-label").startswith("weights of 0 at step 1: from -0.4")
    maps.nth(1).focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(f"{TRAINING} .gt-moment output").text_content() == "6"
    picture(page, TRAINING, "histograms-light")
    page.locator(f"{TRAINING} [id$='-histograms'] select").select_option("2 (Linear)")
    assert maps.nth(2).get_attribute("aria-label").startswith("outputs of 2 at step 6")
    assert violations(page, TRAINING) == []
    tabs["Gradient flow"].click()
    flow = page.locator(f"{TRAINING} .gt-flow li")
    assert "largest 0" in flow.nth(1).text_content()
    assert flow.count() == 4
    assert violations(page, TRAINING) == []
    page.get_by_role("tab", name="Learning rate").click()
    rate = page.get_by_role("img", name="Learning rate, now")
    assert rate.get_attribute("aria-label").endswith("0.002447")  # a little after it turns round
    assert violations(page, TRAINING) == []
    page.get_by_role("tab", name="Memory").click()
    assert "kept for the backward" in page.locator(f"{TRAINING} .gt-memory").inner_text()
    assert violations(page, TRAINING) == []

    matrix = page.locator(".gt-matrix")
    cells = matrix.locator("[role=gridcell]")
    assert cells.count() == 9
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    said = page.locator(".gt-confusion [role=status]").text_content()
    assert said.startswith("middle taken for low")
    assert page.locator(".gt-thumbs canvas").count() > 0
    assert violations(page, ".gt-confusion") == []
    dark(page)
    assert violations(page, ".gt-confusion") == []
    picture(page, ".gt-confusion", "confusion-dark")
    for name in ("Memory", "Learning rate", "Gradient flow", "Histograms", "Overview"):
        page.get_by_role("tab", name=name).click()
        assert violations(page, TRAINING) == []
        picture(page, TRAINING, f"{name.split()[0].lower()}-dark")
    page.set_viewport_size({"width": 620, "height": 950})
    picture(page, TRAINING, "narrow-dark")
    assert violations(page, TRAINING) == []
    saved = jupyter_lab.cells(page)[1]["kinds"]
    assert {"image/svg+xml", "text/plain"} <= set(saved)
    jupyter_lab.close(page)
