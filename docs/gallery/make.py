"""Write README.md and its pictures: every cell of gallery.py in a real JupyterLab, light and dark.

    python docs/gallery/make.py

Needs what the browser tests need: JupyterLab, Playwright and Chromium. Prints of each view how long it took from
running the cell until it stood on the page, and how many bytes came over the websocket.
"""

# ruff: noqa: T201
from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import jupytext  # noqa: E402
import nbformat  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from support.chromium import CHROMIUM_OPTIONS, chromium_path  # noqa: E402
from support.jupyter import end, jupyter_folders, start_lab  # noqa: E402

WIDTH, HEIGHT = 1300, 2000
COLOURS = 96  # of a picture's palette
SHOWN = ".jp-OutputArea .gt, .jp-OutputArea .js-plotly-plot, .jp-OutputArea img"
RUN_CELL = """async id => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
FULL_WIDTH = "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
DARK = "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"

HEAD = """# Gallery

Every view of `glasstorch_widgets`, as JupyterLab shows it; the pictures follow your light or dark theme. `make gallery`
takes them anew from [gallery.py](gallery.py), which begins with

```python
{setup}
```

Measured on the machine that took the pictures, two shared cores: the time from running a cell until its view is on the
page, the cell's own work included, and what came over the websocket for it, the view's program included.

| View | On the page after | Over the websocket |
|---|---|---|
{table}
"""
ENTRY = """
## {title}

{words}

<picture>
<source media="(prefers-color-scheme: dark)" srcset="{name}-dark.png">
<img alt="{alt}" src="{name}-light.png">
</picture>

```python
{code}
```
"""


def entries(notebook: Any) -> list[dict[str, str]]:
    """Title, words, code and cell of each view, in order."""
    found = []
    for words, code in zip(notebook.cells[2::2], notebook.cells[3::2], strict=True):
        title, text = words.source.removeprefix("## ").split("\n", 1)
        name = re.sub(r"[^a-z]+", "-", title.lower()).strip("-")
        found.append({"title": title, "words": text, "code": code.source, "cell": code.id, "name": name})
    return found


def shoot(lab: Any, page: Any, found: list[dict[str, str]], theme: str) -> None:
    """A picture of every cell's output, in a palette that keeps it small."""
    for entry in found:
        cell = lab.show(page, entry["cell"])
        output = cell.locator(".jp-Cell-outputArea").first
        output.wait_for()
        page.wait_for_timeout(400)  # what draws itself in frames has been drawn
        taken = Image.open(io.BytesIO(output.screenshot()))
        small = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(HERE / f"{entry['name']}-{theme}.png", optimize=True)


def main() -> None:
    notebook = jupytext.read(HERE / "gallery.py")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    found = entries(notebook)
    base = Path(tempfile.mkdtemp())
    folder = base / "lessons"
    shutil.copytree(ROOT / "lessons", folder)
    nbformat.write(notebook, folder / "gallery.ipynb")
    environment = jupyter_folders(base) | {"GLASSTORCH_LANG": os.environ.get("GLASSTORCH_LANG", "en")}
    process, lab = start_lab(folder, environment, base / "jupyterlab.log")
    rows: list[str] = []
    try:
        with sync_playwright() as running:
            browser = running.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_OPTIONS)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
            page.set_default_timeout(60_000)
            received: list[int] = []
            page.on("websocket", lambda ws: ws.on("framereceived", lambda data: received.append(len(data))))
            lab.open(page, "gallery.ipynb")
            page.evaluate(FULL_WIDTH)
            page.evaluate(RUN_CELL, notebook.cells[1].id)
            for entry in found:
                received.clear()
                began = time.perf_counter()
                page.evaluate(RUN_CELL, entry["cell"])
                lab.show(page, entry["cell"]).locator(SHOWN).first.wait_for()
                seconds, size = time.perf_counter() - began, sum(received) / 1000
                rows.append(f"| {entry['title']} | {seconds:.1f} s | {size:.0f} kB |")
                print(rows[-1], flush=True)
            failed = [(c["id"], c["errors"]) for c in lab.cells(page) if c["errors"]]
            print("errors:", failed)
            shoot(lab, page, found, "light")
            page.evaluate(DARK)
            page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
            shoot(lab, page, found, "dark")
            browser.close()
    finally:
        end(process)
        shutil.rmtree(base)
    setup = notebook.cells[1].source
    text = HEAD.format(setup=setup, table="\n".join(rows))
    for entry in found:
        text += ENTRY.format(alt=f"{entry['title']}: {entry['words']}".replace('"', "'"), **entry)
    (HERE / "README.md").write_text(text, encoding="utf-8")
    size = sum(path.stat().st_size for path in HERE.glob("*.png"))
    print(f"{len(found)} views, {size / 1e6:.2f} MB of pictures")


if __name__ == "__main__":
    main()
