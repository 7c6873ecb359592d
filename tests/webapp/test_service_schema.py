"""schemathesis asks the service everything that its OpenAPI document allows, and much that it does not.

No answer may be a 500, and every one must be as documented: status, content type, JSON. The inputs are the same in each
run; `GLASSTORCH_FUZZ` asks for more of them.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import httpx
import pytest
import schemathesis
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
from support.api import EXERCISE, EXERCISES, WRITE, grade, hand_in, serving

CASES = int(os.environ.get("GLASSTORCH_FUZZ", 5))
MANY = 150
OPERATIONS = 13
UNLIMITED = {"queue_limit": 100_000, "rate_per_minute": 0, "pending_per_exercise": 0}
MODES = {"without accounts": False, "with accounts": True}


@pytest.fixture(scope="module", params=MODES.values(), ids=MODES)
def served(request, tmp_path_factory):
    """A running service with one graded submission: (its address, the submission's id, its owner's headers)."""
    state = tmp_path_factory.mktemp("state")
    app = create_app(
        Settings(state=state, lessons=EXERCISES, workers=0, multi_user=request.param, **UNLIMITED)
    )
    # Signs of life for longer than any search lasts.
    later = WorkerRegistry(app.state.database, clock=lambda: time.time() + 3600)
    later.sign_in("worker", "host", 1, {"level": "L3", "gaps": []})
    headers = {}
    if request.param:
        ann = app.state.people.add("Ann")
        headers = {"Authorization": f"Bearer {app.state.people.issue_token(ann.id, 'test')}"}
    with serving(app) as url, httpx.Client(base_url=url) as client:
        ident = hand_in(client, headers=WRITE | headers).json()["id"]
        grade(app)
        yield url, ident, headers


def config(headers: dict[str, str], cases: int) -> SchemathesisConfig:
    return SchemathesisConfig(
        seed=1,
        projects=ProjectsConfig(
            default=ProjectConfig(
                headers=headers,
                generation=GenerationConfig(
                    modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
                    max_examples=cases,
                    deterministic=True,
                    no_shrink=True,
                    database="none",
                ),
                phases=PhasesConfig(stateful=StatefulPhaseConfig(enabled=False)),
            )
        ),
    )


@pytest.mark.parametrize("cases", [CASES, pytest.param(MANY, marks=pytest.mark.slow)])
def test_every_answer_is_as_documented(served, cases):
    url, ident, headers = served
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config(headers, cases))
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
            for case, checks in event.recorder.checks.items():
                answer = event.recorder.interactions[case].response
                # No schema can say that a key was used before.
                if answer is None or b"/problems/key-reused" not in answer.content:
                    failures += [check for check in checks if check.failure_info]
        if isinstance(event, events.NonFatalError):
            failures.append(event)
    assert not failures
    assert len(asked) == OPERATIONS, "every documented operation was asked"
    assert asked.total() >= 10 * OPERATIONS
