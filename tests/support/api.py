"""The grading service's application without workers: made, asked, and graded for by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from glasstorch_web.app import create_app
from glasstorch_web.settings import Settings
from glasstorch_web.store import JobQueue

EXERCISES = Path(__file__).resolve().parents[1] / "webapp" / "exercises"
EXERCISE = "service.weighted-square"
GOOD = (EXERCISES / "01-service/exercises" / EXERCISE / "solution.py").read_text()
WRITE = {"X-Glasstorch": "1"}
RESULT = {
    "exercise": EXERCISE,
    "status": "failed",
    "score": 2,
    "max_score": 10,
    "execution_time": 0.1,
    "output": "<b>printed</b>",
    "message": "1 of 3 checks passed.",
    "isolation": {"level": "L2"},
    "tests": [
        {
            "id": "values",
            "name": "Values",
            "status": "failed",
            "score": 0,
            "max_score": 5,
            "output": "`f` is off by <i>much</i>",
            "hint": "",
            "hints": [],
            "visibility": "visible",
            "detail": {
                "max_abs_diff": 1.25,
                "max_rel_diff": "nan",
                "where": [2],
                "expected": 3.5,
                "got": 2.25,
            },
        }
    ],
}


def make_app(tmp_path: Path, **settings: Any) -> FastAPI:
    return create_app(Settings(state=tmp_path, lessons=EXERCISES, workers=0, **settings))


def open_client(app: FastAPI, **options: Any) -> TestClient:
    """A client of the application while it runs, as if on this machine."""
    return TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False, **options)


def hand_in(client: TestClient, source=GOOD, exercise=EXERCISE, headers=WRITE, **more: Any):
    body = {"exercise": exercise, "source": source, **more}
    return client.post("/api/v1/submissions", json=body, headers=headers)


def grade(app, result=RESULT):
    """What a worker does, without its grader."""
    queue = JobQueue(app.state.database)
    claim = queue.claim("test")
    assert claim is not None
    assert queue.finish(claim, result)


def assert_problem(response, status: int) -> str:
    """That an answer is a problem of this status; its detail."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("/problems/")
    assert problem["title"]
    assert "Traceback" not in response.text
    return problem["detail"]


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A real server of this application; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server has ended at once"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
