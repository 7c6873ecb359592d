"""Real servers for tests: JupyterLab on a copy of the lessons, and the grading service."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

ROOT = Path(__file__).resolve().parents[2]

# JupyterLab's "idle" alone is too early: cells run before the websocket is open are lost.
LIGHT_THEME = """() => document.body.dataset.jpThemeLight === 'false'
    && window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"""
KERNEL_IS_READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  return Boolean(kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle');
}"""

START_ALL_CELLS = """() => {
  window.allCellsRan = false;
  window.jupyterapp.commands.execute('notebook:run-all-cells').finally(() => { window.allCellsRan = true; });
}"""

REWRITE_CELL = """async ([id, source]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = notebook.widgets.findIndex(cell => cell.model.id === id);
  notebook.widgets[index].model.sharedModel.setSource(source);
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""

SHOW_CELL = """async id => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = notebook.widgets.findIndex(cell => cell.model.id === id);
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'start');
  return index;
}"""

# Reads the notebook's model, not the page: cells outside the window are not in the document.
CELL_STATES = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  const found = [];
  for (let i = 0; i < cells.length; i++) {
    const cell = cells.get(i);
    if (cell.type !== 'code') continue;
    const outputs = cell.outputs.toJSON();
    found.push({
      id: cell.id,
      source: cell.sharedModel.getSource(),
      count: cell.executionCount,
      errors: outputs.filter(o => o.output_type === 'error').map(o => `${o.ename}: ${o.evalue}`),
      kinds: outputs.flatMap(o => Object.keys(o.data ?? {})),
    });
  }
  return found;
}"""


def dark(page: Any) -> None:
    """Turn JupyterLab to its dark theme. The next notebook that is opened is light again."""
    page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")


@dataclass
class Lab:
    """A running JupyterLab and what tests do with it."""

    url: str
    token: str
    folder: Path

    def open(self, page: Any, notebook: str) -> None:
        """Open a notebook (path below the lessons folder) in a workspace of its own; wait for its kernel."""
        workspace = secrets.token_hex(4)
        address = f"{self.url}/lab/workspaces/{workspace}/tree/{quote(notebook)}?token={self.token}"
        page.goto(address, wait_until="domcontentloaded")
        page.wait_for_function(
            "path => window.jupyterapp?.shell?.currentWidget?.context?.path === path", arg=notebook
        )
        page.wait_for_function(KERNEL_IS_READY)
        page.evaluate(LIGHT_THEME)  # the server remembers what an earlier test chose
        page.wait_for_function("() => document.body.dataset.jpThemeLight !== 'false'")

    def run_all(self, page: Any, seconds: float = 120) -> list[dict[str, Any]]:
        """Run every cell; return each code cell's id, source, execution count, errors and output kinds."""
        page.wait_for_function(KERNEL_IS_READY)
        page.evaluate(START_ALL_CELLS)
        page.wait_for_function("() => window.allCellsRan", timeout=seconds * 1000)
        page.wait_for_function(KERNEL_IS_READY)
        return self.cells(page)

    def cells(self, page: Any) -> list[dict[str, Any]]:
        return page.evaluate(CELL_STATES)

    def rewrite(self, page: Any, cell: str, source: str) -> None:
        """Replace a code cell's source (found by its id) and run it."""
        page.evaluate(REWRITE_CELL, [cell, source])

    def show(self, page: Any, cell: str) -> Any:
        """Scroll to a cell (found by its id); returns its element."""
        index = page.evaluate(SHOW_CELL, cell)
        return page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def wait_in(self, page: Any, cell: str, find: Callable[[Any], Any], seconds: float = 120) -> None:
        """Wait until something is seen in a cell: what `find` makes of the cell's element.

        The cell is scrolled to again and again: JupyterLab takes cells outside the window out of the page, and a view
        above that grows pushes them there.
        """
        deadline = time.monotonic() + seconds
        while not find(self.show(page, cell)).first.is_visible():
            assert time.monotonic() < deadline, f"not seen in {seconds:g} s; {self.cells(page)}"
            page.wait_for_timeout(200)

    def close(self, page: Any) -> None:
        """End the kernel of the page's notebook, so that the next test finds the machine quiet."""
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def start_lab(
    folder: Path,
    environment: dict[str, str],
    log: Path,
    options: tuple[str, ...] = (),
    app: str = "jupyterlab",
    base_url: str = "",
) -> Any:
    """Start JupyterLab as `glasstorch start` does, plus what lets a test drive it; returns (process, Lab).

    ``app="notebook"`` starts Jupyter Notebook 7 instead. ``base_url``: below which it lives, such as "/user/ann".
    """
    from glasstorch_web.launch import JUPYTER_SETTINGS
    from glasstorch_web.supervise import free_port

    port, token = free_port(0), secrets.token_hex(16)
    application = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}[app]
    command = [
        *(sys.executable, "-m", app, "--no-browser"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.base_url={base_url}/", f"--ServerApp.root_dir={folder}"),
        *(f"--{application}.expose_app_in_browser=True",),
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *options,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={
                **os.environ,
                "JUPYTER_CONFIG_PATH": str(JUPYTER_SETTINGS),
                **environment,
                "JUPYTER_TOKEN": token,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    lab = Lab(f"http://127.0.0.1:{port}{base_url}", token, folder)
    await_answer(f"{lab.url}/api/status?token={token}", process, log)
    return process, lab


def await_answer(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError), direct.open(url, timeout=5) as response:
            if response.status < 400:
                return
        assert process.poll() is None, f"it ended at start:\n{log.read_text('utf-8', 'replace')[-3000:]}"
        assert time.monotonic() < deadline, (
            f"no answer from {url}:\n{log.read_text('utf-8', 'replace')[-3000:]}"
        )
        time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def grading_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running grading service with a state folder of its own."""
    pytest.importorskip("fastapi")
    from glasstorch_web.supervise import free_port

    folder, port = tmp_path_factory.mktemp("grader"), free_port(0)
    log = folder / "grader.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "glasstorch_web.serve", "--port", str(port)],
            env={**os.environ, "GLASSTORCH_STATE": str(folder), "GLASSTORCH_LESSONS": str(ROOT / "lessons")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    await_answer(f"{url}/healthz", process, log)
    yield url
    end(process)


@pytest.fixture(scope="session")
def jupyter_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A real JupyterLab on a copy of the lessons, without a grading service beside it."""
    pytest.importorskip("jupyterlab")
    base = tmp_path_factory.mktemp("lab")
    folder = base / "lessons"
    shutil.copytree(ROOT / "lessons", folder)
    process, lab = start_lab(folder, jupyter_folders(base), base / "jupyterlab.log")
    yield lab
    end(process)


@pytest.fixture(scope="session")
def jupyter_lab_with_grader(tmp_path_factory: pytest.TempPathFactory, grading_service: str) -> Iterator[Lab]:
    """The same, with the grading service's address given to the kernels as `glasstorch start` gives it."""
    pytest.importorskip("jupyterlab")
    base = tmp_path_factory.mktemp("lab-with-grader")
    folder = base / "lessons"
    shutil.copytree(ROOT / "lessons", folder)
    environment = jupyter_folders(base) | {"GLASSTORCH_GRADER_URL": grading_service}
    process, lab = start_lab(folder, environment, base / "jupyterlab.log")
    yield lab
    end(process)


def jupyter_folders(base: Path) -> dict[str, str]:
    """Jupyter's own settings and run files in a folder of the test, whoever runs it."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return {name: str(base / name.lower()) for name in names}


@pytest.fixture
def write_notebook(jupyter_lab: Lab) -> Callable[..., str]:
    """Make a notebook of the given code cells in JupyterLab's folder; returns its path there."""
    import nbformat

    def write(*sources: str, name: str = "") -> str:
        name = name or f"test-{secrets.token_hex(4)}.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        text = json.dumps(nbformat.v4.new_notebook(cells=cells, metadata=kernel))
        (jupyter_lab.folder / name).write_text(text, encoding="utf-8")
        return name

    return write
