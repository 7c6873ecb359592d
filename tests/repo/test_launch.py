"""`glasstorch start` with real processes: busy ports, both addresses, and nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from glasstorch_web import launch, places, supervise
from support.launcher import PATIENCE, Started, until

pytest.importorskip("jupyterlab")
pytest.importorskip("fastapi")
ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def get(url: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=20) as response:
        return response.status


def start_kernel(lessons: str) -> None:
    """Begin a kernel in the JupyterLab whose address (with its token) was printed."""
    parts = urlsplit(lessons)
    request = urllib.request.Request(f"{parts.scheme}://{parts.netloc}/api/kernels?{parts.query}", b"{}")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=60) as response:
        assert response.status == 201


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """A lessons folder with one notebook, which need not be run here."""
    folder = tmp_path / "lessons" / "00-first steps"
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), folder / "begin.ipynb")
    return folder.parent


@pytest.fixture
def start(tmp_path: Path, lessons: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def begin(*arguments: str) -> Started:
        started.append(Started(tmp_path, "--lessons", str(lessons), *arguments))
        return started[-1]

    yield begin
    for run in started:
        run.end()


@linux
def test_busy_ports_are_said_and_passed_over_and_ctrl_c_leaves_nothing(start) -> None:
    with socket.socket() as first, socket.socket() as second:
        for busy in (first, second):
            busy.bind(("127.0.0.1", 0))
            busy.listen()
        lab_port, grader_port = first.getsockname()[1], second.getsockname()[1]
        run = start("--port", str(lab_port), "--grader-port", str(grader_port))
        lessons, exercises = run.address("Lessons"), run.address("Exercises")
    assert f"Port {lab_port} is in use by another program; JupyterLab takes" in run.output
    assert f"Port {grader_port} is in use by another program; the grading service takes" in run.output
    assert f":{lab_port}/" not in lessons
    assert f":{grader_port}/" not in exercises
    assert "/lab/tree/00-first%20steps/begin.ipynb?token=" in lessons
    assert get(lessons) == 200
    assert get(exercises) == 200
    start_kernel(lessons)
    until(lambda: any("ipykernel" in command for command in run.family().values()), "the kernel")
    assert len(run.family()) >= 4
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(PATIENCE) == 0
    until(lambda: not run.family(), "the children of an interrupted launcher")


@linux
def test_a_killed_launcher_takes_both_with_it(start) -> None:
    run = start("--port", "0", "--grader-port", "0")
    start_kernel(run.address("Lessons"))
    until(lambda: any("ipykernel" in command for command in run.family().values()), "the kernel")
    run.process.kill()
    until(lambda: not run.family(), "the children of a killed launcher")


@linux
def test_a_dead_service_is_started_again_and_a_dead_jupyterlab_ends_all(start) -> None:
    run = start("--port", "0", "--grader-port", "0")
    exercises = run.address("Exercises")
    os.kill(run.member("glasstorch_web.serve"), signal.SIGKILL)
    run.read_until("The grading service has ended (ended by SIGKILL); starting it again.")
    until(lambda: supervise.answers(f"{exercises}healthz"), "the service after its restart")
    os.kill(run.member("jupyterlab"), signal.SIGKILL)
    run.read_until("JupyterLab has ended unexpectedly (ended by SIGKILL)")
    assert run.process.wait(PATIENCE) == 1
    until(lambda: not run.family(), "the service beside a dead JupyterLab")


def test_options_after_dashes_reach_jupyterlab_and_a_bad_one_is_shown(start) -> None:
    run = start("--port", "0", "--grader-port", "0", "--", "--ServerApp.port_retries=many")
    output = run.read_until("JupyterLab did not start")
    assert run.process.wait(PATIENCE) == 1
    assert "Traceback" not in output.partition("JupyterLab did not start")[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "seventy"), "a port is a number from 0 to 65535"),
        (("--port", "70000"), "a port is a number from 0 to 65535"),
        (("--lessons", "nowhere"), "nowhere is not a folder"),
    ],
)
def test_bad_arguments_are_answered_in_words(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    command = [sys.executable, "-m", "glasstorch.cli", "start", "--no-browser", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_ports_below_1024_ask_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise PermissionError

    monkeypatch.setattr(supervise.socket.socket, "bind", refuse)
    with pytest.raises(supervise.CannotStart, match="above 1023"):
        supervise.free_port(80)


def test_taken_ports_are_not_given_twice() -> None:
    port = supervise.free_port(0)
    assert supervise.free_port(port, {port}) > port


def test_lessons_are_found_and_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.lessons_folder() == ROOT / "lessons"
    assert places.first_notebook(ROOT / "lessons").parts[0] == "00-start-here"
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(tmp_path))
    assert places.lessons_folder() == tmp_path
    assert launch.start_page(tmp_path) == "/lab"
    with pytest.raises(places.NoLessons, match="not a folder"):
        places.lessons_folder(tmp_path / "absent")
