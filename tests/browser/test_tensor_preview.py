"""The preview of a tensor in a real JupyterLab: shown as HTML, the text kept, readable in light and dark."""

from __future__ import annotations

import re

import pytest
from support.jupyter import dark

pytestmark = pytest.mark.browser

SETUP = "import glasstorch as torch; torch.manual_seed(0)\nx = torch.randn(3, 4, requires_grad=True)"
PREVIEW = ".jp-OutputArea-output [role=group][aria-label^=tensor]"


def violations(page) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, context=".jp-RenderedHTMLCommon[data-mime-type='text/html']").response
    return [f"{one['id']}: {[n['html'][:200] for n in one['nodes']]}" for one in found["violations"]]


def test_a_tensor_is_shown_as_a_coloured_table_and_a_large_one_as_a_map(
    page, jupyter_lab, write_notebook
) -> None:
    jupyter_lab.open(page, write_notebook(SETUP, "x * 2", "torch.randn(200, 300)"))
    cells = jupyter_lab.run_all(page)
    assert [cell["errors"] for cell in cells] == [[], [], []]
    assert [set(cell["kinds"]) for cell in cells[1:]] == [{"text/plain", "text/html"}] * 2
    small, large = page.locator(PREVIEW).nth(0), page.locator(PREVIEW).nth(1)
    assert "grad_fn=<MulBackward0>" in small.inner_text()
    assert small.locator("tbody td[style*='background:#']").count() == 12
    assert large.get_by_role("img", name=re.compile("a sample, every 5th row")).count() == 1
    assert large.locator("svg").bounding_box()["width"] > 200
    small.get_by_text("as text").click()
    assert small.locator("pre").inner_text().startswith("tensor([[")
    assert violations(page) == []
    dark(page)
    assert violations(page) == []
    back = page.locator(PREVIEW).first.locator("td[style*='background:#']").first
    shades = back.evaluate("e => [getComputedStyle(e).backgroundColor, e.getAttribute('style')]")
    red, green, blue = (int(n) for n in re.findall(r"\d+", shades[0])[:3])
    assert f"#{red:02x}{green:02x}{blue:02x}" in shades[1]  # the theme leaves our colours alone
    jupyter_lab.close(page)
