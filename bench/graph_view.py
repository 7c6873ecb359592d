"""How long a computation takes to be seen: from `graph(loss)` to a drawn picture, and from key to screen.

Three graphs: ResNet-18 on one 64x64 image, a Transformer of six layers, a loop of 10,000 operations. For each, what
Python does (the snapshot with all gradients, the view: groups, layout and numbers), what crosses to the browser, and
what the browser does (until the picture is painted; one step; opening a box is Python's part again and that paint).
The browser part needs Chromium and Playwright and is left out without them.

    python bench/graph_view.py
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import glasstorch as torch
from glasstorch import nn
from glasstorch.autograd.graph import record, snapshot
from glasstorch_widgets import bundle
from glasstorch_widgets.graph_view.view import GraphView

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.chromium import CHROMIUM_OPTIONS, chromium_path

# Draw, and say how long it took until the browser had painted.
_DRAW = """async (state) => {
  state.values.data = Uint8Array.from(atob(state.values.data), (c) => c.charCodeAt(0)).buffer;
  const element = document.createElement("div");
  document.body.replaceChildren(element);
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const time = async (act) => {
    const from = performance.now();
    act();
    await painted();
    return performance.now() - from;
  };
  const first = await time(() => window.start(element, state));
  const key = (name) => element.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  key("Home");
  const steps = [];
  for (let i = 0; i < 20; i++) steps.push(await time(() => key("n")));
  steps.sort((a, b) => a - b);
  return { first, step: steps[10], boxes: element.querySelectorAll(".gt-node").length };
}"""


def resnet() -> Any:
    """ResNet-18, one image."""
    from glasstorch.vision.models import resnet18

    logits = resnet18()(torch.randn(1, 3, 64, 64))
    return nn.functional.cross_entropy(logits, torch.tensor([3]))


def transformer() -> Any:
    """Six encoder layers, ten tokens."""
    layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
    return nn.TransformerEncoder(layer, 6)(torch.randn(2, 10, 64)).square().mean()


def loop() -> Any:
    """5,000 iterations of two operations."""
    t = torch.tensor(1.0, requires_grad=True)
    for _ in range(5000):
        t = t * 1.0001 + 0.0001
    return t


@contextmanager
def browser_page() -> Iterator[Any]:
    """A page that knows `start(element, state)`; None without a browser."""
    path = chromium_path()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        yield None
        return
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1400, "height": 950})
        script = bundle.script(GraphView.module, "page")
        style = bundle.style(*GraphView.styles)
        page.set_content(
            f"<style>{style}</style><script type='module'>{script}\nwindow.start = start;</script>"
        )
        page.wait_for_function("() => window.start")
        yield page
        browser.close()


def milliseconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """How long a call took, and its result."""
    begin = time.perf_counter()
    out = call()
    return 1000 * (time.perf_counter() - begin), out


def state(view: GraphView) -> dict[str, Any]:
    """What crosses to the browser."""
    names = ("structure", "values", "labels", "lang", "step", "selected", "edits", "error")
    out = {name: getattr(view, name) for name in names}
    out["values"] = {**view.values, "data": base64.b64encode(view.values["data"]).decode()}
    return out


def measure(make: Callable[[], Any], page: Any) -> None:
    """Print one graph's figures."""
    torch.manual_seed(0)
    with record():
        loss = make()
    snap, taken = milliseconds(lambda: snapshot(loss))
    build, view = milliseconds(lambda: GraphView(taken))
    wire = len(json.dumps(view.structure)) + len(view.values["data"])
    closed = next((node["id"] for node in view.structure["nodes"] if node["kind"] == "group"), None)
    print(
        f"{make.__name__}: {len(taken.nodes)} nodes; snapshot {snap:.0f} ms, view {build:.0f} ms, {wire / 1024:.0f} KiB"
    )
    if page is not None:
        drawn = page.evaluate(_DRAW, state(view))
        total = snap + build + drawn["first"]
        print(
            f"  {drawn['boxes']} boxes painted after {drawn['first']:.0f} ms ({total:.0f} ms after graph(loss)), "
            f"a step {drawn['step']:.0f} ms"
        )
    if closed is not None:
        opening, _ = milliseconds(lambda: view.expand(closed))
        text = f"  a box opened in {opening:.0f} ms"
        if page is not None:
            drawn = page.evaluate(_DRAW, state(view))
            text += f", {drawn['boxes']} boxes painted in {drawn['first']:.0f} ms"
        print(text)
    for depth in range(view.structure["depth"], 0, -1):
        try:
            opening, _ = milliseconds(partial(view.show_depth, depth))
        except ValueError:
            continue  # too many boxes for one picture
        text = f"  depth {depth} of {view.structure['depth']} opened in {opening:.0f} ms"
        if page is not None:
            drawn = page.evaluate(_DRAW, state(view))
            text += (
                f", {drawn['boxes']} boxes painted in {drawn['first']:.0f} ms, a step {drawn['step']:.0f} ms"
            )
        print(text)
        break


def main() -> None:
    """Print the figures."""
    with browser_page() as page:
        for make in (resnet, transformer, loop):
            measure(make, page)


if __name__ == "__main__":
    main()
