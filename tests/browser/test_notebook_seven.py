"""Jupyter Notebook 7: several views on one page, without a console error, driven by keyboard."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.browser
pytest.importorskip("notebook")

from support.jupyter import end, jupyter_folders, start_lab  # noqa: E402

CELLS = (
    """import glasstorch as torch
from glasstorch_widgets import graph, loss_curve, tensor_view
x = torch.tensor([1.0, 2.0], requires_grad=True)
numbers = torch.arange(6).reshape(2, 3)
tensor_view(numbers, lang="en")""",
    'graph((x * x).sum(), lang="en")',
    """curve = loss_curve(lang="en")
for k in range(5):
    curve.add(loss=1 / (k + 1))""",
)


def test_views_live_in_notebook_seven(page: Any, watch: Any, tmp_path: Any) -> None:
    import nbformat

    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder = tmp_path / "notebooks"
    folder.mkdir()
    text = json.dumps(nbformat.v4.new_notebook(cells=cells, metadata=kernel))
    (folder / "views.ipynb").write_text(text, "utf-8")
    # Notebook's own, with or without a view on the page: it looks for settings of an extension that it does not load.
    watch.ignore("Cannot read properties of undefined (reading 'schema')")
    process, lab = start_lab(folder, jupyter_folders(tmp_path), tmp_path / "jupyter.log", app="notebook")
    try:
        page.goto(f"{lab.url}/notebooks/views.ipynb?token={lab.token}", wait_until="domcontentloaded")
        lab.run_all(page)
        for selector in (".gt-tensor-view", ".gt-graph", ".gt-curve"):
            page.locator(selector).first.wait_for()
        view = page.locator(".gt-tensor-view")
        view.get_by_role("application").first.focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_function("() => document.querySelector('.gt-place').textContent === '[1, 0] = 3'")
        view.get_by_label("New value").fill("55")
        page.keyboard.press("Enter")  # to Python and back
        page.wait_for_function("() => document.querySelector('.gt-place').textContent.includes('= 55')")
        lab.close(page)
        page.goto("about:blank")  # nobody calls a server that has ended
    finally:
        end(process)
