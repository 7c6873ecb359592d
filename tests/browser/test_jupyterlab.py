"""JupyterLab itself, as we set it up: cells run, nothing leaves the machine."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_run_all_runs_every_cell_and_reports_errors(page, jupyter_lab, write_notebook) -> None:
    jupyter_lab.open(page, write_notebook("x = 20", "x + 22", "raise ValueError('seen')"))
    cells = jupyter_lab.run_all(page)
    assert [cell["count"] for cell in cells] == [1, 2, 3]
    assert cells[1]["kinds"] == ["text/plain"]
    assert [cell["errors"] for cell in cells] == [[], [], ["ValueError: seen"]]
    jupyter_lab.close(page)
