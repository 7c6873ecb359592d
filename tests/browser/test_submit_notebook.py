"""Handing in from a notebook in a real JupyterLab, as on a hub or Binder: the service behind the proxy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from glasstorch_web.supervise import free_port
from support.jupyter import Lab, dark, end, jupyter_folders, start_lab
from support.service import EXERCISES, Service

pytestmark = pytest.mark.browser

EXERCISE = "fixture.relu-backward"
FOLDER = EXERCISES / "00-fixtures" / "exercises" / EXERCISE
WRONG = (FOLDER / "wrong" / "forgot_mask.py").read_text("utf-8")
SOLUTION = (FOLDER / "solution.py").read_text("utf-8")
PREFIX = "/user/ann"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[Lab, Path]]:
    """JupyterLab below a prefix, with no grading service yet; and the state folder."""
    pytest.importorskip("jupyterlab")
    pytest.importorskip("jupyter_server_proxy")
    folder, state = tmp_path / "notebooks", tmp_path / "state"
    folder.mkdir()
    cells = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for name, source in (
            ("setup", "import glasstorch_widgets"),
            ("answer", f"%%submit {EXERCISE}\n{WRONG}"),
            ("list", "%submissions"),
        )
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}
    (folder / "answer.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    environment = jupyter_folders(tmp_path) | {
        "GLASSTORCH_STATE": str(state),
        "GLASSTORCH_LESSONS": str(EXERCISES),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "GLASSTORCH_LANG": "en",
    }
    process, lab = start_lab(folder, environment, tmp_path / "jupyterlab.log", base_url=PREFIX)
    yield lab, state
    end(process)
    about = (
        json.loads((state / "service.json").read_text("utf-8")) if (state / "service.json").exists() else {}
    )
    deadline = time.monotonic() + 30
    while about and psutil.pid_exists(about["pid"]):
        assert time.monotonic() < deadline, "the proxy ends what it started"
        time.sleep(0.1)


def test_a_cell_is_handed_in_through_thick_and_thin(page, hub, tmp_path) -> None:
    lab, state = hub
    page.set_viewport_size({"width": 1300, "height": 1100})
    lab.open(page, "answer.ipynb")
    assert [cell["errors"] for cell in lab.run_all(page)] == [[], [], []]
    # The service was started behind the proxy by the first submission.
    check = page.locator(".gt-check")
    lab.wait_in(
        page, "answer", lambda cell: cell.locator(".gt-check[data-state=failed]:not([data-practice])")
    )
    assert "of 10 points" in check.inner_text()
    assert Axe().run(page, context=".gt-check").response["violations"] == []
    check.screenshot(path=tmp_path / "failed.png")
    link = check.get_by_role("link", name="Open on the site")
    address = link.get_attribute("href")
    assert address.startswith(f"{lab.url}/grader/submissions/")
    with page.context.expect_page() as opened:
        link.focus()
        page.keyboard.press("Enter")
    site = opened.value
    site.wait_for_load_state()
    assert site.url == address
    assert "The backward formula of ReLU" in site.inner_text("main")
    site.close()

    # The service is killed. The proxy starts it again, and what was handed in meanwhile gets there by itself.
    about = json.loads((state / "service.json").read_text("utf-8"))
    os.kill(about["pid"], signal.SIGKILL)
    lab.rewrite(page, "answer", f"%%submit {EXERCISE}\n{SOLUTION}")
    lab.wait_in(
        page, "answer", lambda cell: cell.locator(".gt-check[data-state=passed]:not([data-practice])")
    )
    lab.rewrite(page, "list", "%submissions")
    lab.wait_in(page, "list", lambda cell: cell.get_by_role("cell", name="Passed: 10 of 10 points"))
    assert len(outcomes := page.locator(".jp-OutputArea table tbody tr").all_inner_texts()) == 2, outcomes

    # The service that we are told of is not there.
    port = free_port(0)
    away = f"""import os
os.environ["GLASSTORCH_GRADER_URL"] = "http://127.0.0.1:{port}"
os.environ.pop("JPY_PARENT_PID")
"""
    lab.rewrite(page, "setup", away)
    lab.rewrite(page, "answer", f"%%submit {EXERCISE}\n{SOLUTION}\n# and once more\n")
    lab.wait_in(page, "answer", lambda cell: cell.locator(".gt-check[data-state=passed][data-practice]"))
    assert "will be handed in by itself" in check.inner_text()
    assert "(practice)" in check.locator(".gt-state").inner_text()
    assert check.get_by_role("button", name="Try again now").is_enabled()
    assert Axe().run(page, context=".gt-check").response["violations"] == []
    check.screenshot(path=tmp_path / "practice.png")
    dark(page)
    check.screenshot(path=tmp_path / "practice-dark.png")
    lab.rewrite(page, "list", "%submissions")
    lab.wait_in(page, "list", lambda cell: cell.get_by_role("cell", name="kept here"))

    # Once it is, the submission goes there by itself.
    service = Service(tmp_path / "another").start(port=port)
    try:
        lab.wait_in(
            page, "answer", lambda cell: cell.locator(".gt-check[data-state=passed]:not([data-practice])")
        )
        assert [one["outcome"] for one in service.get("/api/v1/submissions")["items"]] == ["passed"]
        assert Axe().run(page, context=".gt-check").response["violations"] == []
        check.screenshot(path=tmp_path / "passed-dark.png")
        lab.close(page)
    finally:
        service.stop()
    shots = os.environ.get("GLASSTORCH_SCREENSHOTS")
    if shots:
        for picture in tmp_path.glob("*.png"):
            shutil.copy(picture, shots)
