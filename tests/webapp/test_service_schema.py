"""schemathesis asks the service everything that its OpenAPI document allows, and much that it does not.

No answer may be a 500, and every one must be as documented: status, content type, JSON. The inputs are the same in each
run; `GLASSTORCH_FUZZ` asks for more of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from glasstorch_web.app import create_app
from glasstorch_web.settings import Settings
from glasstorch_web.store import WorkerRegistry
from schemathesis import GenerationMode
from schemathesis.config import (
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)
from schemathesis.engine import events, from_schema
from support.api import EXERCISE, EXERCISES, WRITE, grade, hand_in

CASES = int(os.environ.get("GLASSTORCH_FUZZ", 10))
OPERATIONS = 13
UNLIMITED = {"queue_limit": 100_000, "rate_per_minute": 0, "pending_per_exercise": 0}
MODES = {"without accounts": False, "with accounts": True}


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


@pytest.fixture(scope="module", params=MODES.values(), ids=MODES)
def served(request, tmp_path_factory):
    """A running service with one graded submission: (its address, the submission's id, its owner's headers)."""
    state = tmp_path_factory.mktemp("state")
    app = create_app(
        Settings(state=state, lessons=EXERCISES, workers=0, multi_user=request.param, **UNLIMITED)
    )
    WorkerRegistry(app.state.database).sign_in("worker", "host", 1, {"level": "L3", "gaps": []})
    headers = {}
    if request.param:
        ann = app.state.people.add("Ann")
        headers = {"Authorization": f"Bearer {app.state.people.issue_token(ann.id, 'test')}"}
    with serving(app) as url, httpx.Client(base_url=url) as client:
        ident = hand_in(client, headers=WRITE | headers).json()["id"]
        grade(app)
        yield url, ident, headers


def config(headers: dict[str, str]) -> SchemathesisConfig:
    return SchemathesisConfig(
        seed=1,
        projects=ProjectsConfig(
            default=ProjectConfig(
                headers=headers,
                generation=GenerationConfig(
                    modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
                    max_examples=CASES,
                    deterministic=True,
                    no_shrink=True,
                    database="none",
                ),
                phases=PhasesConfig(stateful=StatefulPhaseConfig(enabled=False)),
            )
        ),
    )


def test_every_answer_is_as_documented(served):
    url, ident, headers = served
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config(headers))
    exist = {"submission_id": ident, "exercise_id": EXERCISE}

    @schema.hook
    def map_path_parameters(context, path_parameters):
        """Every second time things that exist."""
        known = {name: exist[name] for name in path_parameters or {} if name in exist}
        return known if known and len(str(path_parameters)) % 2 else path_parameters

    asked, failures = Counter(), []
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked[event.recorder.label] += len(event.recorder.interactions)
            for checks in event.recorder.checks.values():
                failures += [check for check in checks if check.failure_info]
        if isinstance(event, events.NonFatalError):
            failures.append(event)
    assert not failures
    assert len(asked) == OPERATIONS, "every documented operation was asked"
    assert asked.total() >= 15 * OPERATIONS
