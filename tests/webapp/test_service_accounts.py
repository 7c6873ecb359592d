"""A service with accounts: whose token it is decides what is seen, and weak isolation keeps it from starting."""

from __future__ import annotations

import subprocess
import sys

import pytest
from glasstorch_web import serve, token_command
from glasstorch_web.settings import Settings
from glasstorch_web.store import Database
from glasstorch_web.store.audit import Audit
from glasstorch_web.store.people import People
from glasstorch_web.supervise import CannotStart
from support.api import EXERCISE, EXERCISES, GOOD, assert_problem, grade, hand_in, make_app, open_client


@pytest.fixture
def app(tmp_path):
    return make_app(tmp_path, multi_user=True, rate_per_minute=0)


@pytest.fixture
def client(app):
    with open_client(app) as client:
        yield client


def add(app, name: str, role: str = "learner", lifetime: float | None = None):
    """A new person: (user, headers with their token)."""
    people: People = app.state.people
    user = people.add(name, role)
    return user, {"Authorization": f"Bearer {people.issue_token(user.id, 'test', lifetime)}"}


def test_each_learner_sees_their_own_and_staff_sees_all(app, client):
    (ann, anns), (_, bens), (_, ians) = add(app, "Ann"), add(app, "Ben"), add(app, "Ian", "instructor")
    ident = hand_in(client, headers=anns).json()["id"]
    grade(app)
    paths = ["", "/source", "/results.json", "/events"]
    for path in paths:
        url = f"/api/v1/submissions/{ident}{path}"
        assert client.get(url, headers=anns).status_code == 200
        assert client.get(url, headers=ians).status_code == 200
        there, nowhere = (
            client.get(url, headers=bens),
            client.get(f"/api/v1/submissions/none{path}", headers=bens),
        )
        assert assert_problem(there, 404) == assert_problem(nowhere, 404), (
            "another's is as if it did not exist"
        )

    def listed(headers, query=""):
        return [
            one["id"] for one in client.get(f"/api/v1/submissions{query}", headers=headers).json()["items"]
        ]

    assert listed(anns) == listed(ians, f"?user={ann.id}") == listed(anns, f"?user={ann.id}") == [ident]
    assert listed(bens) == listed(ians) == []
    refused = client.get(f"/api/v1/submissions?user={ann.id}", headers=bens)
    assert_problem(refused, 403)
    assert refused.json()["type"] == "/problems/not-allowed"
    best = {
        who: client.get(f"/api/v1/exercises/{EXERCISE}", headers=h).json()["best"]
        for who, h in [("a", anns), ("b", bens)]
    }
    assert best == {"a": 2, "b": None}
    assert client.get("/api/v1/me", headers=anns).json() == {"id": ann.id, "name": "Ann", "role": "learner"}


def test_the_same_key_of_two_learners_is_two_submissions(app, client):
    (_, anns), (_, bens) = add(app, "Ann"), add(app, "Ben")
    ids = {
        hand_in(client, headers=headers, idempotency_key="k").json()["id"] for headers in (anns, bens, anns)
    }
    assert len(ids) == 2


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer gt_wrong",
        "Basic YTpi",
        "gt_wrong",
        "Bearer " + "x" * 5000,
        "Bearer \xe9",
    ],
)
def test_who_has_no_valid_token_gets_nothing(app, client, authorization):
    add(app, "Ann")
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    for method, path in [
        ("GET", "/api/v1/exercises"),
        ("GET", "/api/v1/submissions"),
        ("GET", "/api/v1/submissions/none/events"),
        ("GET", "/api/v1/isolation"),
        ("POST", "/api/v1/submissions"),
    ]:
        answer = client.request(method, path, headers=headers)
        assert_problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert "gt_wrong" not in answer.text
    for path in ("/healthz", "/api/v1/openapi.json", "/problems/token-refused"):
        assert client.get(path, headers=headers).status_code == 200


def test_tokens_end(app, client):
    people: People = app.state.people
    ann, headers = add(app, "Ann")
    _, for_a_moment = add(app, "Ben", lifetime=-1)
    assert_problem(client.get("/api/v1/me", headers=for_a_moment), 401)
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    assert people.revoke(people.tokens(ann.id)[0].id)
    answer = client.get("/api/v1/me", headers=headers)
    assert "revoked" in assert_problem(answer, 401)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_is_as_good_a_sign_of_meaning_it_as_the_header(app, client):
    _, headers = add(app, "Ann")
    assert hand_in(client, headers=headers).status_code == 202
    assert_problem(hand_in(client, headers=headers | {"Origin": "http://evil.example"}), 403)


def test_a_learner_who_hands_in_too_often_hears_when_to_come_again(tmp_path):
    app = make_app(tmp_path, multi_user=True, rate_per_minute=2, pending_per_exercise=0)
    with open_client(app) as client:
        (_, anns), (_, bens) = add(app, "Ann"), add(app, "Ben")
        ids = [hand_in(client, f"x = {n}", headers=anns).json()["id"] for n in range(2)]
        refused = hand_in(client, headers=anns)
        detail = assert_problem(refused, 429)
        problem = refused.json()
        assert problem["type"] == "/problems/too-fast"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert f"{problem['retry_after']} seconds" in detail
        assert "place 2 in line" in detail
        assert problem["earlier"] == {"id": ids[1], "url": f"submissions/{ids[1]}", "place": 2}
        assert hand_in(client, headers=bens).status_code == 202, "others are not held up"
        repeated = hand_in(client, "x = 0", headers=anns | {"Idempotency-Key": "once"})
        assert repeated.status_code == 429, "a key makes no new submission free"


def test_earlier_submissions_to_the_same_exercise_come_first(tmp_path):
    app = make_app(tmp_path, multi_user=True, rate_per_minute=0)
    with open_client(app) as client:
        _, headers = add(app, "Ann")
        first = hand_in(client, headers=headers, idempotency_key="first").json()["id"]
        hand_in(client, headers=headers)
        refused = hand_in(client, headers=headers)
        assert "2 submissions to this exercise" in assert_problem(refused, 429)
        assert refused.json()["type"] == "/problems/still-pending"
        assert refused.json()["earlier"]["id"] == first
        again = hand_in(client, headers=headers, idempotency_key="first")
        assert (again.status_code, again.json()["id"]) == (202, first), "a repeat costs nothing"
        grade(app)
        assert hand_in(client, headers=headers).status_code == 202


def test_a_full_queue_tells_a_learner_their_place(tmp_path):
    app = make_app(tmp_path, multi_user=True, rate_per_minute=0, queue_limit=2)
    with open_client(app) as client:
        (_, anns), (_, bens) = add(app, "Ann"), add(app, "Ben")
        hand_in(client, headers=bens)
        own = hand_in(client, headers=anns).json()["id"]
        refused = hand_in(client, headers=anns)
        assert "place 2 in line" in assert_problem(refused, 429)
        assert refused.json()["earlier"]["id"] == own
        assert (refused.json()["waiting"], refused.json()["limit"]) == (2, 2)


# Isolation


class Measured:
    """Stands in for a grader on a machine that isolates so well."""

    def __init__(self, level: str) -> None:
        self.isolation = {"level": level, "gaps": ["a box could read a file that is none of its business"]}

    def __enter__(self):
        return self

    def __exit__(self, *error: object) -> None:
        pass


@pytest.mark.parametrize(
    ("level", "more", "starts"),
    [
        ("L1", {}, False),
        ("L2", {}, True),
        ("L3", {"minimum_level": "L4"}, False),
        ("L1", {"multi_user": False}, True),
        ("L1", {"workers": 0}, True),
    ],
)
def test_nobody_is_let_in_below_the_minimum_level(tmp_path, monkeypatch, level, more, starts):
    monkeypatch.setattr(serve, "Grader", lambda: Measured(level))
    settings = Settings(**{"state": tmp_path, "lessons": EXERCISES, "multi_user": True, **more})
    if starts:
        serve.require_isolation(settings)
    else:
        with pytest.raises(CannotStart, match=f"{level}, and a service with accounts needs at least"):
            serve.require_isolation(settings)


def test_weak_isolation_that_is_accepted_is_said_loudly(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(serve, "Grader", lambda: Measured("L1"))
    settings = Settings(state=tmp_path, lessons=EXERCISES, multi_user=True, accept_weak_isolation=True)
    serve.require_isolation(settings)
    assert "WEAK ISOLATION ACCEPTED" in caplog.text
    assert "could read a file" in caplog.text
    database = Database(settings.database)
    (entry,) = Audit(database).entries()
    database.close()
    assert (entry.who, entry.what, entry.detail["level"]) == ("service", "weak isolation accepted", "L1")
    with open_client(make_app(tmp_path, multi_user=True, accept_weak_isolation=True)) as client:
        client.app.state.registry.sign_in("worker", "host", 1, {"level": "L1", "gaps": ["no seccomp"]})
        ready = client.get("/readyz").json()
        assert ready["weak_isolation_accepted"] is True
        assert ready["isolation"]["gaps"] == ["no seccomp"]


def test_measured_by_attacks_a_level_that_nobody_reaches_ends_the_start_with_words(tmp_path):
    command = [
        sys.executable,
        "-m",
        "glasstorch_web.serve",
        "--state",
        str(tmp_path),
        "--lessons",
        str(EXERCISES),
        "--course",
        "--insecure-http",
    ]
    environment = {"GLASSTORCH_MINIMUM_LEVEL": "L4", "PATH": "/usr/bin:/bin"}
    # Switched off, so that the machine cannot reach the level whatever it is.
    program = "import sys; from glasstorch_web import serve; from glasstorch_web.grader import Grader; "
    program += "serve.Grader = lambda: Grader(isolation={'namespaces': False}); sys.exit(serve.main())"
    command[1:3] = ["-c", program]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert "reach isolation level" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "service.json").exists(), "it never listened"


# The command


def token(capsys, *arguments: str) -> tuple[int, str, str]:
    import argparse

    parser = argparse.ArgumentParser()
    token_command.register(parser)
    status = token_command.run(parser.parse_args(list(arguments)))
    output = capsys.readouterr()
    return status, output.out, output.err


def test_tokens_from_the_command_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GLASSTORCH_STATE", str(tmp_path))
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(EXERCISES))
    status, secret, said = token(capsys, "new", "Ann Lee", "--label", "laptop")
    assert (status, secret.count("\n")) == (0, 1), "the secret alone, so that it can be piped"
    assert "shown only now" in said
    app = make_app(tmp_path, multi_user=True)
    with open_client(app) as client:
        headers = {"Authorization": f"Bearer {secret.strip()}"}
        me = client.get("/api/v1/me", headers=headers).json()
        assert (me["name"], me["role"]) == ("Ann Lee", "learner")
        assert token(capsys, "new", me["id"], "--role", "admin")[0] == 1, "a role is not changed in passing"
        assert token(capsys, "new", me["id"])[0] == 0
        status, listed, _ = token(capsys, "list")
        assert "laptop" in listed
        assert secret.strip() not in listed
        assert hand_in(client, GOOD, EXERCISE, headers=headers).status_code == 202
        status, ended, _ = token(capsys, "revoke", me["id"])
        assert (status, ended.count(",")) == (0, 1), "both tokens"
        assert_problem(client.get("/api/v1/me", headers=headers), 401)
        status, _, said = token(capsys, "revoke", "unknown")
        assert status == 1
        assert "token list" in said
        deeds = [entry.what for entry in Audit(app.state.database).entries()]
    assert deeds[::-1] == ["person added", "token issued", "token issued", "token revoked", "token revoked"]
