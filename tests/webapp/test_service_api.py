"""The HTTP API and the pages, without workers: what is taken, what is refused, and what never leaves."""

from __future__ import annotations

import json
import re
import socket
import threading

import httpx
import pytest
from glasstorch_web.app import create_app, guard
from glasstorch_web.settings import Settings
from glasstorch_web.store import JobQueue, Submissions, WorkerRegistry
from support.api import (
    EXERCISE,
    EXERCISES,
    GOOD,
    RESULT,
    WRITE,
    assert_problem,
    grade,
    hand_in,
    make_app,
    open_client,
    serving,
)


@pytest.fixture
def app(tmp_path):
    return make_app(tmp_path)


@pytest.fixture
def client(app):
    with open_client(app) as client:
        yield client


# Handing in and looking up


def test_accepted_then_graded(app, client):
    accepted = hand_in(client)
    assert accepted.status_code == 202
    body = accepted.json()
    assert (body["status"], body["place"]) == ("queued", 1)
    url = f"/api/v1/{body['url']}"
    waiting = client.get(url).json()
    assert (waiting["status"], waiting["result"], waiting["exercise"]) == ("queued", None, EXERCISE)
    grade(app)
    done = client.get(url).json()
    assert done["status"] == "done"
    assert done["result"] == RESULT
    assert done["finished_at"] >= done["submitted_at"]


def test_events_tell_progress_and_then_the_result(app, client):
    ident = hand_in(client).json()["id"]
    queue = JobQueue(app.state.database)

    def worker():
        claim = queue.claim("test")
        queue.progress(claim, 1, 3, "the first check")
        heard_progress.wait(30)
        queue.finish(claim, RESULT)

    heard_progress = threading.Event()
    thread = threading.Thread(target=worker)
    events = []
    with client.stream("GET", f"/api/v1/submissions/{ident}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        kind = ""
        thread.start()
        heard_progress.set()
        for line in stream.iter_lines():
            if line.startswith("event:"):
                kind = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                events.append((kind, json.loads(line.removeprefix("data:"))))
    thread.join()
    assert events[-1][0] == "result"
    assert events[-1][1]["result"] == RESULT
    assert all(kind == "progress" and state["result"] is None for kind, state in events[:-1])


def test_the_same_key_is_the_same_submission(client):
    first = hand_in(client, idempotency_key="k-1").json()["id"]
    assert hand_in(client, idempotency_key="k-1").json()["id"] == first
    detail = assert_problem(hand_in(client, GOOD + "# more", idempotency_key="k-1"), 422)
    assert "new key" in detail


def test_the_best_score_is_kept(app, client):
    for score in (2, 7, 4):
        hand_in(client)
        grade(app, {**RESULT, "score": score})
    assert {e["id"]: e["best"] for e in client.get("/api/v1/exercises").json()}[EXERCISE] == 7
    assert client.get(f"/api/v1/exercises/{EXERCISE}").json()["best"] == 7


def test_an_exercise_is_shown_without_its_secrets(app, client):
    shown = client.get(f"/api/v1/exercises/{EXERCISE}").json()
    assert shown["entry"] == ["backward"]
    assert shown["starter"].startswith("import numpy")
    assert [c["hidden"] for c in shown["checks"]] == [False, False, True]
    hand_in(client)
    grade(app)
    for path in (
        "/",
        f"/exercises/{EXERCISE}",
        f"/api/v1/exercises/{EXERCISE}",
        f"/exercises/{EXERCISE}/compare",
    ):
        text = client.get(path).text
        assert "checks-marker-93ab" not in text
        assert "twice its base" not in text, "a hint is for after a failure"
    for path in ("checks.py", "solution.py", "..%2fchecks.py"):
        assert client.get(f"/exercises/{EXERCISE}/{path}").status_code == 404
        assert client.get(f"/static/{path}").status_code == 404


# What is refused


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"exercise": "no.such", "source": "x = 1"}, 404, "no exercise 'no.such'. The list"),
        ({"exercise": EXERCISE[:-1], "source": "x = 1"}, 404, f"Did you mean {EXERCISE}?"),
        ({"exercise": EXERCISE, "source": "   \n"}, 422, "no code"),
        ({"exercise": EXERCISE}, 422, "source"),
        ({"exercise": EXERCISE, "source": 5}, 422, "source"),
        ({"exercise": EXERCISE, "source": "x", "idempotency_key": "a b"}, 422, "idempotency"),
        ({"exercise": EXERCISE, "source": "x", "idempotency_key": ""}, 422, "idempotency"),
        ({"exercise": EXERCISE, "source": "x" * (256 * 1024 + 1)}, 413, "256 KiB"),
        ({"exercise": EXERCISE, "source": "\u00e9" * (128 * 1024 + 1)}, 413, "256 KiB"),
        ([], 422, "body"),
    ],
)
def test_what_cannot_be_graded_is_refused_with_a_reason(client, body, status, word):
    detail = assert_problem(client.post("/api/v1/submissions", json=body, headers=WRITE), status)
    assert word.lower() in detail.lower()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"exercise": "service.weighted-square", "source": "\\ud800"}',
        b'{"exercise": "' + b"x" * 5000 + b'", "source": "1"}',
    ],
    ids=["empty", "cut", "not text", "deep", "half a character", "long name"],
)
def test_what_is_no_json_is_refused(client, raw):
    headers = WRITE | {"content-type": "application/json"}
    response = client.post("/api/v1/submissions", content=raw, headers=headers)
    assert response.status_code in (400, 413, 422)
    assert_problem(response, response.status_code)


def test_a_body_without_end_is_cut_off(client):
    sent = 0

    def endless():
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            sent += 64 * 1024
            yield b" " * (64 * 1024)

    response = client.post("/api/v1/submissions", content=endless(), headers=WRITE)
    assert "KiB" in assert_problem(response, 413)
    assert client.get("/healthz").status_code == 200


def test_a_source_at_the_limit_is_taken_even_when_json_makes_it_long(client):
    assert hand_in(client, "#" + "\x01" * (256 * 1024 - 1)).status_code == 202


def test_a_full_queue_says_when_to_come_again(tmp_path):
    app = make_app(tmp_path, queue_limit=2)
    with open_client(app) as client:
        ids = [hand_in(client).json()["id"] for _ in range(2)]
        refused = hand_in(client)
        assert "not taken" in assert_problem(refused, 429)
        assert int(refused.headers["retry-after"]) > 0
        assert all(client.get(f"/api/v1/submissions/{i}").json()["status"] == "queued" for i in ids)
        grade(app)
        assert hand_in(client).status_code == 202


def test_unknown_things(client):
    for path in ("/api/v1/submissions/none", "/api/v1/submissions/none/events", "/api/v1/nothing"):
        assert_problem(client.get(path), 404)
    assert_problem(client.delete("/api/v1/exercises"), 405)
    for path in ("/exercises/none", "/submissions/none", "/nothing", "/exercises/%00"):
        page = client.get(path)
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert "To the course map" in page.text


def test_a_fault_of_the_service_shows_no_trace(app, client, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(app.state.service.catalogue, "all", broken)
    for path in ("/", "/api/v1/exercises"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "secret detail" not in answer.text
        assert "Traceback" not in answer.text
        assert "log" in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"


# Who may ask


def test_a_write_needs_the_header(client):
    body = {"exercise": EXERCISE, "source": GOOD}
    assert "X-Glasstorch" in assert_problem(client.post("/api/v1/submissions", json=body), 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8765.evil.example"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_cannot_write(client, headers):
    body = {"exercise": EXERCISE, "source": GOOD}
    answer = client.post("/api/v1/submissions", json=body, headers=WRITE | headers)
    assert "another site" in assert_problem(answer, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8765"},
        {"Origin": "http://127.0.0.1:8765", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://hub.example", "Host": "hub.example"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_its_own_pages_can(tmp_path, headers):
    with open_client(make_app(tmp_path, allowed_hosts="hub.example")) as client:
        body = {"exercise": EXERCISE, "source": GOOD}
        assert client.post("/api/v1/submissions", json=body, headers=WRITE | headers).status_code == 202


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8765", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:8765", True),
        ("lab.localhost:8888", True),
        ("hub.example:443", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("user@127.0.0.1", False),
        ("127.0.0.1:port", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_only_names_of_this_machine_or_configured_ones(tmp_path, host, known):
    with open_client(make_app(tmp_path, allowed_hosts="hub.example, other.example")) as client:
        assert client.get("/", headers={"Host": host}).status_code == (200 if known else 421)
        assert client.get("/api/v1/exercises", headers={"Host": host}).status_code == (200 if known else 421)


def test_under_jupyterhub_the_hubs_name_is_not_known_in_advance(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ann/")
    with open_client(make_app(tmp_path)) as client:
        assert client.get("/", headers={"Host": "hub.example"}).status_code == 200


def test_browsers_are_told_to_trust_nothing_else(client):
    for path in ("/", "/api/v1/exercises", "/static/style.css", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert headers["x-content-type-options"] == "nosniff"
    first, second = (client.get("/").headers["content-security-policy"] for _ in range(2))
    assert first != second, "the style nonce is new for each page"


# Pages


def test_no_page_loads_anything_from_elsewhere(app, client):
    hand_in(client)
    grade(app)
    for path in ("/", f"/exercises/{EXERCISE}", "/nothing"):
        text = client.get(path).text
        addresses = re.findall(r'(?:src|href|action)="([^"]*)"', text)
        assert addresses
        assert [a for a in addresses if a.startswith(("http", "//", "/"))] == [], "relative addresses only"


def test_statement_is_rendered_and_cannot_carry_markup(client):
    text = client.get(f"/exercises/{EXERCISE}").text
    assert "<strong>weighted sum of squares</strong>" in text
    assert "<math" in text
    assert "<h2>Shapes</h2>" in text
    assert "<script>document" not in text
    assert "&lt;script&gt;document" in text


def test_the_form_works_without_scripts(app, client):
    page = client.get(f"/exercises/{EXERCISE}").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    form = {"source": GOOD.replace("\n", "\r\n"), "csrf": token}
    sent = client.post(f"/exercises/{EXERCISE}", data=form, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("../submissions/")
    waiting = client.get(f"/exercises/{sent.headers['location']}").text
    assert 'http-equiv="refresh"' in waiting
    grade(app)
    done = client.get(f"/exercises/{sent.headers['location']}").text
    assert 'http-equiv="refresh"' not in done
    assert "2 of 10 points" in done
    assert "<code>f</code> is off by &lt;i&gt;much&lt;/i&gt;" in done
    assert "&lt;b&gt;printed&lt;/b&gt;" in done
    assert "1.25" in done
    assert "solution-marker-41f0" in done, "one's own code is shown again"
    ident = sent.headers["location"].rsplit("/", 1)[1]
    assert client.get(f"/api/v1/submissions/{ident}").json()["status"] == "done"


def test_a_form_from_elsewhere_is_refused(client):
    for form in ({"source": GOOD}, {"source": GOOD, "csrf": "guess"}):
        assert client.post(f"/exercises/{EXERCISE}", data=form).status_code == 403


def test_a_form_that_cannot_be_taken_keeps_the_code(tmp_path):
    app = make_app(tmp_path, queue_limit=1, source_limit=5000)
    with open_client(app) as client:
        hand_in(client)

        def send(source):
            form = {"source": source, "csrf": app.state.form_token}
            return client.post(f"/exercises/{EXERCISE}", data=form)

        long = "# long\n" + "x = 1\n" * 1000
        for source, status, word in [
            (GOOD, 429, "try again in a moment"),
            (long, 413, "KiB"),
            (" ", 422, "no code"),
        ]:
            answer = send(source)
            assert answer.status_code == status
            assert word in answer.text
            assert source.strip()[:20] in answer.text
            assert 'role="alert"' in answer.text


def test_continue_from_an_earlier_attempt(app, client):
    first = hand_in(client, "# the first attempt").json()["id"]
    hand_in(client, "# the second attempt")
    assert "# the second attempt" in client.get(f"/exercises/{EXERCISE}").text
    assert "# the first attempt" in client.get(f"/exercises/{EXERCISE}?attempt={first}").text
    assert "# the second attempt" in client.get(f"/exercises/{EXERCISE}?attempt=unknown").text


def test_what_staff_wrote_is_pointed_out_and_shown(app, client):
    ident = hand_in(client, "x = 1\ny = 2\n").json()["id"]
    number = Submissions(app.state.database).get(ident, None).number
    assert "for you" not in client.get(f"/exercises/{EXERCISE}").text
    app.state.annotations.add("staff", number, 2, "Why *two*?")
    gone = app.state.annotations.add("staff", number, 1, "A slip.")
    app.state.annotations.add("staff", number, 0, "On the whole: **good**.")
    app.state.annotations.remove("staff", gone.id)
    assert "2 notes for you" in client.get(f"/exercises/{EXERCISE}").text
    shown = client.get(f"/submissions/{ident}").text
    assert "Why <em>two</em>?" in shown
    assert "On the whole: <strong>good</strong>." in shown
    assert "A slip." not in shown


@pytest.mark.parametrize("strips", [True, False])
def test_behind_a_proxy_prefix(tmp_path, strips):
    app = make_app(tmp_path, root_path="/user/ann/grader/")
    prefix = "" if strips else "/user/ann/grader"
    with open_client(app) as client:
        for path in ("/", f"/exercises/{EXERCISE}"):
            text = client.get(prefix + path).text
            depth = path.count("/") - 1
            assert f'href="{"../" * depth or "./"}static/style.css' in text
        assert client.get(f"{prefix}/static/style.css").status_code == 200
        assert client.get(f"{prefix}/api/v1/exercises").status_code == 200
        answer = client.post(
            f"{prefix}/api/v1/submissions", json={"exercise": EXERCISE, "source": GOOD}, headers=WRITE
        )
        assert answer.status_code == 202
        assert client.get(f"{prefix}/nothing").text.count("To the course map") == 1


def test_a_lesson_without_exercises_says_so(tmp_path):
    (tmp_path / "lessons").mkdir()
    app = create_app(Settings(state=tmp_path, lessons=tmp_path / "lessons", workers=0))
    with open_client(app) as client:
        assert "No lessons here yet" in client.get("/").text
        assert client.get("/api/v1/exercises").json() == []


# The service about itself


def test_openapi_describes_the_api_and_no_page_needs_a_cdn(client):
    described = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/submissions", "/api/v1/exercises", "/healthz", "/readyz"} <= set(described["paths"])
    assert not any("html" in json.dumps(path) for path in described["paths"].values())
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


def test_health_and_readiness(app, client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert "wait" in assert_problem(client.get("/readyz"), 503)
    assert_problem(client.get("/api/v1/isolation"), 503)
    registry, server = WorkerRegistry(app.state.database), app.state.pool.server
    registry.sign_in("strong", server, 1, {"level": "L3", "gaps": []})
    registry.sign_in("weak", server, 2, {"level": "L1", "gaps": ["no seccomp"]})
    registry.sign_in("of another server", "other", 3, {"level": "L2", "gaps": []})
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["workers"] == {"L1": 1, "L2": 1, "L3": 1}
    assert ready["isolation"]["level"] == "L1"
    isolation = client.get("/api/v1/isolation").json()
    assert (isolation["level"], isolation["gaps"]) == ("L1", ["no seccomp"]), "the weakest's"
    assert "no seccomp" in client.get(f"/exercises/{EXERCISE}").text
    registry.sign_out("strong")
    registry.sign_out("weak")
    registry.sign_out("of another server")
    assert client.get("/readyz").status_code == 503


def test_exercises_are_read_again_when_their_author_changes_them(tmp_path):
    import shutil

    lessons = tmp_path / "lessons"
    shutil.copytree(EXERCISES, lessons)
    app = create_app(Settings(state=tmp_path / "state", lessons=lessons, workers=0))
    folder = lessons / "01-service/exercises" / EXERCISE
    with open_client(app) as client:
        assert client.get(f"/api/v1/exercises/{EXERCISE}").status_code == 200
        (folder / "exercise.toml").write_text("points = 'broken")
        assert client.get(f"/api/v1/exercises/{EXERCISE}").status_code == 404
        assert client.get("/api/v1/exercises").status_code == 200, "the others are still there"


# The same for every route


def test_the_key_may_stand_in_the_header(client):
    first = hand_in(client, headers=WRITE | {"Idempotency-Key": "h-1"})
    assert first.headers["location"] == first.json()["url"] == f"submissions/{first.json()['id']}"
    assert hand_in(client, idempotency_key="h-1").json()["id"] == first.json()["id"]
    both = hand_in(client, idempotency_key="other", headers=WRITE | {"Idempotency-Key": "h-1"})
    assert both.json()["id"] == first.json()["id"], "the header wins"
    assert_problem(hand_in(client, headers=WRITE | {"Idempotency-Key": "a b"}), 422)


def test_a_misspelt_field_is_no_wish_that_nobody_hears(client):
    assert "idempotency_kye" in assert_problem(hand_in(client, idempotency_kye="k"), 422)


def test_history_page_by_page(app, client):
    ids = [hand_in(client, f"x = {n}", exercise="fixture.train-step").json()["id"] for n in range(2)]
    ids += [hand_in(client, f"x = {n}").json()["id"] for n in range(2)]
    grade(app)
    seen, url = [], "submissions?limit=3"
    while url:
        page = client.get(f"/api/v1/{url}").json()
        seen.append([one["id"] for one in page["items"]])
        url = page["next"]
    assert seen == [[ids[3], ids[2], ids[1]], [ids[0]]]
    graded = client.get("/api/v1/submissions?exercise=fixture.train-step").json()["items"][-1]
    assert (graded["outcome"], graded["score"], graded["max_score"]) == ("failed", 2, 10)
    for query in ("limit=0", "limit=101", "before=x", f"before={2**70}"):
        assert_problem(client.get(f"/api/v1/submissions?{query}"), 422)


def test_a_result_leaves_as_gradescopes_file(app, client):
    url = f"/api/v1/submissions/{hand_in(client).json()['id']}/results.json"
    waiting = client.get(url)
    assert "no score yet" in assert_problem(waiting, 409)
    assert int(waiting.headers["retry-after"]) > 0
    grade(app)
    exported = client.get(url).json()
    # The fields, types and values that Gradescope documents for /autograder/results/results.json.
    top = {"score", "execution_time", "output", "output_format", "visibility", "stdout_visibility", "tests"}
    assert exported.keys() == top | {"extra_data"}
    assert (exported["score"], exported["execution_time"]) == (2, 0.1)
    assert "<b>printed</b>" in exported["output"]
    (test,) = exported["tests"]
    each = {"score", "max_score", "status", "name", "number", "output", "output_format", "visibility"}
    assert test.keys() == each | {"extra_data"}
    assert (test["status"], test["max_score"], test["visibility"]) == ("failed", 5, "visible")


def test_what_the_grader_could_not_grade_has_no_score_to_export(app, client):
    ident = hand_in(client).json()["id"]
    grade(app, {**RESULT, "status": "grader_error", "tests": []})
    answer = client.get(f"/api/v1/submissions/{ident}/results.json")
    assert "Hand it in again" in assert_problem(answer, 409)


def test_head_options_and_answers_that_are_known_already(app, client):
    ident = hand_in(client).json()["id"]
    url = f"/api/v1/submissions/{ident}"
    got, head = client.get(url), client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]
    for known in (got.headers["etag"], f'"other", W/{got.headers["etag"]}'):
        again = client.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    grade(app)
    assert client.get(url, headers={"If-None-Match": got.headers["etag"]}).json()["status"] == "done"
    options = client.options("/api/v1/submissions", headers={"Origin": "http://evil.example"})
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert not [name for name in options.headers if name.startswith("access-control")], (
        "no other origin is let in"
    )
    refused = client.put("/api/v1/submissions", headers=WRITE)
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert client.head("/").content == b""


def test_versions_that_do_not_exist_say_which_do(client):
    for path in ("/api/v2/exercises", "/api/", "/api/v10"):
        answer = client.get(path)
        assert "/api/v1" in assert_problem(answer, 404)
        assert answer.json()["versions"] == ["v1"]


def test_who_dribbles_is_not_waited_for(app, monkeypatch):
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.2)
    with (
        serving(app) as url,
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as connection,
    ):
        head = "POST /api/v1/submissions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Glasstorch: 1\r\n"
        connection.sendall(
            f'{head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"sou'.encode()
        )
        connection.settimeout(60)
        answer = connection.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 408 ")
        assert "connection: close" in answer.lower()
        assert httpx.get(f"{url}/healthz").status_code == 200
