"""What whoever runs the service sees: figures, readiness, the log, the documentation; and nothing private."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import Any

import pytest
from glasstorch_web import logs
from glasstorch_web.app.problem_kinds import KINDS
from glasstorch_web.store import Claim, JobQueue, UnavailableError
from prometheus_client.parser import text_string_to_metric_families
from support.api import EXERCISE, GOOD, RESULT, WRITE, assert_problem, grade, hand_in, make_app, open_client

HERE = {"client": ("127.0.0.1", 50000)}


@pytest.fixture
def app(tmp_path):
    return make_app(tmp_path)


@pytest.fixture
def client(app):
    with open_client(app, **HERE) as client:
        yield client


def figures(client, **options: Any) -> dict[tuple[str, ...], float]:
    """Every sample by its name and label values."""
    answer = client.get("/metrics", **options)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


# Figures


def test_the_figures_tell_how_the_service_does(app, client):
    app.state.registry.sign_in("worker", "host", 1, {"level": "L3", "gaps": []})
    for n in range(2):
        assert hand_in(client, f"x = {n}").status_code == 202
    JobQueue(app.state.database).claim("worker")
    client.get("/api/v1/submissions/none")
    client.request("INVENTED", "/api/v1/exercises/anything")
    found = figures(client)
    assert found["glasstorch_queue_depth", "queued"] == 1
    assert found["glasstorch_queue_depth", "running"] == 1
    assert found[("glasstorch_queue_oldest_wait_seconds",)] >= 0
    assert found["glasstorch_workers", "L3"] == 1
    assert found[("glasstorch_event_streams",)] == 0
    requests = "glasstorch_http_requests_total"
    assert found[requests, "/api/v1/submissions", "202", "POST"] == 2
    assert found[requests, "/api/v1/submissions/{submission_id}", "404", "GET"] == 1
    assert found[requests, "/api/v1/exercises/{exercise_id}", "405", "other"] == 1
    assert "none" not in str([name for name in found if name[0] == requests])


def test_each_result_counts_once_whatever_the_order_and_how_often_one_asks(tmp_path, store_place):
    place = {"database_url": store_place} if isinstance(store_place, str) else {}
    earlier = make_app(tmp_path, **place)
    queue = JobQueue(earlier.state.database)
    queue.submit("local", EXERCISE, "x = 0")
    queue.submit("local", EXERCISE, "x = 1")
    waits = queue.claim("test")
    grade(earlier)
    with open_client(make_app(tmp_path, **place), **HERE) as client:
        assert ("glasstorch_submissions_graded_total", "failed") not in figures(client), (
            "that was before its time"
        )
        count_results(client, queue, waits)


def count_results(client, queue: JobQueue, first: Claim) -> None:
    for n in range(2):
        hand_in(client, f"x = {n}", exercise="fixture.train-step")
    claims = [first, queue.claim("test"), queue.claim("test")]
    queue.finish(claims[2], {**RESULT, "status": "passed", "execution_time": 0.3})
    figures(client)
    queue.finish(claims[0], RESULT)
    for _ in range(2):
        found = figures(client)
    assert found["glasstorch_submissions_graded_total", "passed"] == 1
    assert found["glasstorch_submissions_graded_total", "failed"] == 1
    queue.finish(claims[1], RESULT)
    found = figures(client)
    assert found["glasstorch_submissions_graded_total", "failed"] == 2
    assert found[("glasstorch_grade_seconds_count",)] == 3
    assert found[("glasstorch_grade_seconds_sum",)] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("client_address", "host", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8765", True),
        ("::1", "localhost", True),
        ("192.0.2.1", "127.0.0.1:8765", False),
        ("127.0.0.1", "grades.example", False),  # a proxy on this machine, asked by the world
    ],
)
def test_the_figures_are_for_this_machine(tmp_path, client_address, host, allowed):
    app = make_app(tmp_path, allowed_hosts="grades.example")
    with open_client(app, client=(client_address, 1)) as client:
        answer = client.get("/metrics", headers={"Host": host})
        assert answer.status_code == (200 if allowed else 403)
        assert ("glasstorch_queue_depth" in answer.text) == allowed


def test_or_for_whoever_has_the_token(tmp_path):
    app = make_app(tmp_path, metrics_token="0123456789abcdef-metrics")
    with open_client(app, client=("192.0.2.1", 1)) as client:
        assert figures(client, headers={"Authorization": "Bearer 0123456789abcdef-metrics"})
        for wrong in ({}, {"Authorization": "Bearer 0123456789abcdef"}, {"Authorization": b"Bearer \xe9"}):
            assert_problem(client.get("/metrics", headers=wrong), 403)


# Readiness


def test_a_store_that_does_not_answer_is_said_and_nothing_is_pretended(app, client, monkeypatch):
    app.state.registry.sign_in("worker", "host", 1, {"level": "L3", "gaps": []})
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["queue"] == {"waiting": 0, "running": 0, "oldest_wait": 0}
    assert re.fullmatch(r"\d{4}", ready["schema_version"])

    def away(*arguments: object, **more: object) -> None:
        raise UnavailableError("The store does not answer (connection refused).")

    monkeypatch.setattr(app.state.database, "read", away)
    monkeypatch.setattr(app.state.database, "write", away)
    answer = client.get("/readyz")
    assert "does not answer" in assert_problem(answer, 503)
    assert answer.json()["reasons"]
    assert answer.json()["queue"] is None
    refused = hand_in(client)
    assert "try again" in assert_problem(refused, 503)
    assert int(refused.headers["retry-after"]) > 0
    assert "connection refused" not in refused.text
    assert client.get("/healthz").status_code == 200


# The log

CANARIES = {
    "code": "canary_in_code_51c7",
    "token": "gt_canary_in_token_09fe",
    "query": "canary_in_query_77aa",
    "path": "canary_in_path_3b1d",
    "key": "canary_in_key_e402",
    "cookie": "canary_in_cookie_88d0",
    "printed": "canary_in_output_1f3c",
    "agent": "canary_in_agent_d2b9",
}


@pytest.fixture
def written():
    """What is logged, in JSON, while the test runs."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    logs.set_up("json")
    (handler,) = root.handlers
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_the_log_says_what_happened_and_nothing_private(tmp_path, written, monkeypatch):
    app = make_app(tmp_path, multi_user=True)
    people = app.state.people
    ann = people.add("Ann")
    secret = people.issue_token(ann.id, "test")
    with open_client(app, **HERE) as client:
        headers = {
            "Authorization": f"Bearer {secret}",
            "User-Agent": CANARIES["agent"],
            "Cookie": f"session={CANARIES['cookie']}",
            "Idempotency-Key": CANARIES["key"],
        }
        source = f"{GOOD}# {CANARIES['code']}\n"
        ident = hand_in(client, source, headers=headers).json()["id"]
        grade(app, {**RESULT, "output": CANARIES["printed"]})
        client.get(f"/api/v1/submissions/{ident}?token={CANARIES['query']}", headers=headers)
        client.get(f"/api/v1/submissions/{ident}/source", headers=headers)
        client.get(f"/api/v1/{CANARIES['path']}", headers=headers)
        client.get(f"/api/v1/exercises/{CANARIES['path']}", headers=headers)
        client.get(f"/static/{CANARIES['path']}.css")
        client.get("/api/v1/me", headers={"Authorization": f"Bearer {CANARIES['token']}"})
        client.post("/api/v1/submissions", content=f'{{"source": "{CANARIES["code"]}', headers=headers)
        client.post("/api/v1/submissions", json={CANARIES["code"]: 1}, headers=headers)

        # A store that breaks in the middle of writing down somebody's code, by an error of SQLAlchemy's own.
        with app.state.database.write() as db:
            refuse = "BEFORE INSERT ON submissions BEGIN SELECT RAISE(ABORT, 'broken'); END"
            db.exec_driver_sql(f"CREATE TRIGGER broken {refuse}")
        assert_problem(
            hand_in(client, source + "x = 1", headers=WRITE | {"Authorization": f"Bearer {secret}"}), 500
        )
    text = written.getvalue()
    leaked = [name for name, canary in CANARIES.items() if canary in text]
    assert leaked == []
    assert secret not in text
    lines = [json.loads(line) for line in text.splitlines()]
    answered = [line for line in lines if line["message"] == "answered"]
    first = answered[0]
    assert (first["method"], first["route"], first["status"]) == ("POST", "/api/v1/submissions", 202)
    assert (first["user"], first["submission"]) == (ann.id, ident)
    assert first["duration_ms"] > 0
    assert len({line["request_id"] for line in answered}) == len(answered)
    (failure,) = [line for line in lines if line["level"] == "ERROR"]
    assert failure["request_id"] == answered[-1]["request_id"], "the fault and the answer are found together"
    assert "IntegrityError" in failure["error"]


def test_lines_for_people_name_the_request(capsys):
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.set_up("text")
        logging.getLogger("glasstorch.service").info("answered", extra={"route": "/readyz", "status": 200})
    finally:
        logging.getLogger().handlers[:] = before
        logging.getLogger().setLevel(level)
    assert capsys.readouterr().err == "INFO:     glasstorch.service: answered route=/readyz status=200\n"


def test_an_answer_and_its_problem_carry_the_requests_id(client):
    answer = client.get("/api/v1/submissions/none")
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


# The documentation


def test_every_route_and_kind_of_problem_is_explained_without_scripts(app, client):
    described = client.get("/api/v1/openapi.json").json()
    page = client.get("/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path, methods in described["paths"].items():
        assert path in page.text
        for operation in methods.values():
            assert operation["tags"]
            assert operation["responses"].keys() & {"200", "202"}
            for status, answer in operation["responses"].items():
                if status >= "400":
                    examples = answer["content"]["application/problem+json"]["examples"]
                    assert examples.keys() <= KINDS.keys()
    for name in described["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.text
    anchors = set(re.findall(r'href="#([^"]+)"', page.text))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page.text)) | {"main"}
    assert "X-Glasstorch: 1" in page.text


def test_each_kind_of_problem_has_its_page(client):
    overview = client.get("/problems").text
    for kind in KINDS.values():
        page = client.get(kind.type)
        assert page.status_code == 200
        assert kind.type in page.text
        assert f'href="../problems/{kind.slug}"' in overview or f"problems/{kind.slug}" in overview
    assert client.get("/problems/unheard-of").status_code == 404


def test_with_accounts_the_documentation_asks_for_tokens(tmp_path):
    with open_client(make_app(tmp_path, multi_user=True)) as client:
        described = client.get("/api/v1/openapi.json").json()
        assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
        for path, methods in described["paths"].items():
            for operation in methods.values():
                assert bool(operation.get("security")) == path.startswith("/api/")
        assert "Authorization: Bearer TOKEN" in client.get("/api/v1/docs").text
