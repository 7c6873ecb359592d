"""A grading service of a test's own: started, killed and started again on the same state."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from support.jupyter import await_answer, end

EXERCISES = Path(__file__).resolve().parents[1] / "webapp" / "exercises"
PATIENCE = 120.0  # seconds; a noisy machine may take long, a right service does not


class Service:
    """`glasstorch serve` in a process of its own, on a state folder that outlives it."""

    def __init__(self, state: Path, lessons: Path = EXERCISES, **environment: str) -> None:
        self.state = state
        self.lessons = lessons
        # All submissions of a test are one person's.
        self.environment = {"GLASSTORCH_PENDING_PER_EXERCISE": "0", **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = state / "service.log"

    def start(self, *options: str, port: int = 0) -> Service:
        from glasstorch_web.supervise import free_port

        self.state.mkdir(parents=True, exist_ok=True)
        port = free_port(port)
        command = [sys.executable, "-m", "glasstorch_web.serve", "--port", str(port), *options]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--state", str(self.state), "--lessons", str(self.lessons)],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        try:
            await_answer(f"{self.url}/healthz", self.process, self.log)
        except BaseException:
            self.kill()
            raise
        return self

    def kill(self) -> None:
        """End the server as the kernel does when memory runs out: no last words."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self.process is not None
        end(self.process)
        return self.process.returncode

    def workers(self) -> list[psutil.Process]:
        """The processes that grade, as long as whoever started them lives."""
        assert self.process is not None
        try:
            children = psutil.Process(self.process.pid).children()
            return [child for child in children if "glasstorch_web.worker" in child.cmdline()]
        except psutil.NoSuchProcess:
            return []

    @property
    def database(self) -> str | Path:
        return self.environment.get("GLASSTORCH_DATABASE_URL") or self.state / "grades.sqlite3"

    def submit(self, exercise: str, source: str, **more: Any) -> str:
        body = {"exercise": exercise, "source": source, **more}
        answer = httpx.post(
            f"{self.url}/api/v1/submissions", json=body, headers={"X-Glasstorch": "1"}, timeout=30
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def get(self, path: str) -> Any:
        answer = httpx.get(f"{self.url}{path}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submission(self, ident: str) -> dict[str, Any]:
        return self.get(f"/api/v1/submissions/{ident}")

    def result(self, ident: str) -> dict[str, Any]:
        """The submission once it is graded."""
        return self.wait_for(ident, "done")

    def wait_for(self, ident: str, status: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (found := self.submission(ident))["status"] != status:
            assert time.monotonic() < deadline, f"{found}\n{self.log.read_text('utf-8', 'replace')[-3000:]}"
            time.sleep(0.05)
        return found


class WorkerHost:
    """`glasstorch worker`, as on another machine."""

    def __init__(self, state: Path, lessons: Path = EXERCISES, **environment: str) -> None:
        self.state = state
        self.lessons = lessons
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.log = state / "workers.log"

    def start(self, *options: str) -> WorkerHost:
        self.state.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "glasstorch_web.worker_command", *options]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--state", str(self.state), "--lessons", str(self.lessons)],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    kill = Service.kill
    stop = Service.stop
    workers = Service.workers


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service that is not started yet; ended with the test."""
    made = Service(tmp_path / "state")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


@pytest.fixture(scope="module")
def running_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service shared by the tests of one module."""
    made = Service(tmp_path_factory.mktemp("service")).start()
    yield made
    made.stop()
