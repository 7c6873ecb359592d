"""Shared by all tests: the repository's root, a state folder of its own for every run, and skip reasons."""

from __future__ import annotations

import multiprocessing
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ("support.chromium", "support.jupyter", "support.postgres", "support.service")

ROOT = Path(__file__).resolve().parents[1]

# Tests that wait for browsers, servers, kernels, sandboxes, workers or threads, on a machine that may be busy besides.
# One that fails is tried twice more, and named in the summary: what is wrong fails each time.
AMONG_PROCESSES = tuple(
    ROOT / "tests" / name for name in ("browser", "distributed", "lessons", "repo", "webapp", "widgets")
)
STARTERS = {id(each) for each in (multiprocessing, subprocess, threading)}


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's root folder."""
    return ROOT


@pytest.fixture(autouse=True, scope="session")
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory):
    """Tests never touch the grades, logs or service address of whoever runs them."""
    patch = pytest.MonkeyPatch()
    patch.setenv("GLASSTORCH_STATE", str(tmp_path_factory.mktemp("state")))
    for name in ("GLASSTORCH_GRADER_URL", "GLASSTORCH_LESSONS", "GLASSTORCH_PORT", "GLASSTORCH_GRADER_PORT"):
        patch.delenv(name, raising=False)
    yield
    patch.undo()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--arrays``: where the differential suite puts Glasstorch's tensors."""
    parser.addoption(
        "--arrays",
        choices=["numpy", "stand-in", "cupy"],
        default="numpy",
        help="numpy (the CPU), cupy (a GPU), or the stand-in that holds code to CuPy's rules without a GPU",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tests that compare through ``support.differential`` follow ``--arrays``."""
    arrays = config.getoption("--arrays")
    if arrays == "numpy":
        return
    if arrays == "stand-in":
        from support import standin

        standin.install()
    elif reason := why_no_gpu():
        raise pytest.UsageError(f"--arrays cupy {reason}")
    from support import differential

    differential.DEVICE = "cuda"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last; GPU tests are skipped, with the reason, where CuPy finds no device."""
    # Quick failures come first; and Playwright keeps an event loop running, beside which asyncio.run() fails.
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
    for item in items:
        if _among_processes(item):
            item.add_marker(pytest.mark.flaky(reruns=2))
    for item in items:  # the modules that compare through the harness run on any device: -m differential
        if getattr(getattr(item, "module", None), "compare", None) is not None:
            item.add_marker("differential")
        if item.config.getoption("--arrays") != "numpy" and item.get_closest_marker("cpu"):
            item.add_marker(pytest.mark.skip(reason="about the CPU alone"))
    gpu_tests = [item for item in items if item.get_closest_marker("gpu")]
    if gpu_tests and (reason := why_no_gpu()):
        for item in gpu_tests:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Why a test had to be tried again, which its success would hide."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"tried again: {report.nodeid} ({report.when})", "-")
        terminalreporter.line(report.longreprtext[-4000:])


def _among_processes(item: pytest.Item) -> bool:
    if any(folder in item.path.parents for folder in AMONG_PROCESSES) or item.path.name.startswith(
        "test_data_"
    ):
        return True
    return any(id(value) in STARTERS for value in vars(getattr(item, "module", None) or object).values())


def why_no_gpu() -> str | None:
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # no CuPy, no driver: each raises its own kind
        return f"needs a CUDA GPU and CuPy ({type(error).__name__}: {error})"
    return None if count else "needs a CUDA GPU: CuPy finds none"
