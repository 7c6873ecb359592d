"""What is handed in gets there once: through lost answers, killed kernels, full queues and wrong addresses."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import ssl
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from glasstorch_widgets.grading import homes, login_command, logout_command, outbox, service, submit_command
from glasstorch_widgets.grading.courier import Courier, News, _Ear, courier
from support.scripted import LOST, Scripted, scripted

pytestmark = pytest.mark.usefixtures("own_state")

POST = ("POST", "/api/v1/submissions")
TAKEN = (202, {"id": "s1", "status": "queued", "place": 1, "url": "submissions/s1"})
STATE = ("GET", "/api/v1/submissions/s1")
DONE = (200, {"status": "done", "result": {"status": "passed", "score": 2, "max_score": 2, "tests": []}})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted() as running:
        running.answers |= {POST: TAKEN, STATE: DONE}
        monkeypatch.setenv("GLASSTORCH_GRADER_URL", running.url)
        yield running


class Heard:
    """Collects the news of a submission."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self._more = threading.Condition()

    def __call__(self, news: News) -> None:
        with self._more:
            self.news.append(news)
            self._more.notify_all()

    def until(self, what: str) -> News:
        with self._more:
            assert self._more.wait_for(lambda: any(one.what == what for one in self.news), 60), self.news
            return next(one for one in self.news if one.what == what)


def hand_in(source: str = "x = 1", exercise: str = "a.b") -> Heard:
    heard = Heard()
    courier().hand_in(exercise, source, heard)
    return heard


def deliver(post: Courier) -> None:
    """As the courier's thread does, in this one, until nothing is under way."""
    while post.round() is not None:
        pass


# ---- once, and not lost ---


def test_a_lost_answer_is_asked_for_again_under_the_same_key(server: Scripted) -> None:
    server.answers[POST] = [LOST, (502, b"<html>bad gateway</html>"), TAKEN]
    heard = hand_in()
    assert heard.until("done").result["score"] == 2
    assert [what.what for what in heard.news if what.what == "kept"]
    assert len(server.posted) == 3
    assert len({body["idempotency_key"] for body, _ in server.posted}) == 1
    (entry,) = courier().outbox.entries()
    assert (entry.state, entry.outcome, entry.score) == ("done", "passed", 2)


def test_the_same_code_under_way_is_the_same_submission_and_later_a_new_one(server: Scripted) -> None:
    server.answers[POST] = (503, {"detail": "starting"})
    first, second = hand_in(), hand_in()
    first.until("kept")
    second.until("kept")
    assert len(courier().outbox.entries()) == 1
    server.answers[POST] = TAKEN
    second.until("done")
    hand_in().until("done")
    assert len({body["idempotency_key"] for body, _ in server.posted}) == 2


def test_a_kernel_killed_while_it_was_sending_loses_nothing(server: Scripted, monkeypatch) -> None:
    if (child := os.fork()) == 0:
        post = courier()
        post.outbox.claim(post.write_down("a.b", "x = 1").number)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    post = courier()
    (kept,) = post.outbox.entries()
    assert kept.state == "waiting"
    assert not post.outbox.claim(kept.number), "whoever claimed it may still be sending"
    later = outbox.time.time() + outbox.CLAIM_SECONDS + 1
    monkeypatch.setattr(outbox.time, "time", lambda: later)
    deliver(post)
    ((body, _),) = server.posted
    assert body == {"exercise": "a.b", "source": "x = 1", "idempotency_key": kept.key}


def test_two_who_send_at_once_send_each_once_and_in_order(server: Scripted) -> None:
    for number in range(12):
        courier().write_down("a.b", f"x = {number}")
    together = threading.Barrier(2)

    def kernel() -> None:
        together.wait()
        deliver(Courier(outbox.Outbox()))

    both = [threading.Thread(target=kernel) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    # One whose answer a busy machine loses is sent again, under the key by which the service takes it once.
    taken = {body["idempotency_key"]: body["source"] for body, _ in server.posted}
    assert list(taken.values()) == [f"x = {number}" for number in range(12)]
    assert {one.state for one in courier().outbox.entries()} == {"done"}


def test_what_cannot_be_kept_is_said(server: Scripted, monkeypatch) -> None:
    with pytest.raises(outbox.OutboxError, match="at most 256 KiB"):
        hand_in("x = 1  #" + "é" * 140_000)
    monkeypatch.setattr(outbox, "MOST_WAITING", 1)
    courier().write_down("a.b", "1")
    with pytest.raises(outbox.OutboxError, match="wait already"):
        courier().write_down("a.b", "2")
    assert courier().outbox.give_up(1)
    assert not courier().outbox.give_up(1)
    assert stat.S_IMODE(courier().outbox.path.stat().st_mode) == 0o600
    courier().outbox.path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(outbox.OutboxError, match="cannot be kept"):
        courier().write_down("a.b", "1")


# ---- what the service says ---


def test_a_busy_service_is_waited_for_as_it_says(server: Scripted, monkeypatch) -> None:
    own = {"type": "/problems/still-pending", "detail": "One is not graded yet.", "earlier": {"place": 4}}
    server.answers[POST] = (429, own, {"Retry-After": "7"})
    post, now = courier(), [1000.0]
    monkeypatch.setattr("glasstorch_widgets.grading.courier.time.monotonic", lambda: now[0])
    heard = Heard()
    for exercise in ("a.b", "a.b", "c.d"):
        post.write_down(exercise, f"x = {len(server.posted)}{exercise}{len(post.outbox.entries())}")
    post._ears[1] = [_Ear(heard)]
    assert post.round() == 7.0
    assert heard.news == [News("busy", "One is not graded yet.", 4, 7.0)]
    assert [body["exercise"] for body, _ in server.posted] == ["a.b", "c.d"], "in order, and others may pass"
    post.round()
    assert len(server.posted) == 2, "not before the 7 seconds are over"
    now[0] += 7.1
    server.answers[POST] = TAKEN
    deliver(post)
    assert [body["exercise"] for body, _ in server.posted[2:]] == ["a.b", "a.b", "c.d"]


def test_a_refusal_is_final_and_a_missing_log_in_is_not(server: Scripted) -> None:
    server.answers[POST] = (422, {"detail": "There is no code."})
    assert hand_in("a").until("refused").reason == "There is no code."
    server.answers[POST] = (401, {"detail": "Send your token."})
    heard = hand_in("b")
    assert heard.until("kept").reason == "Send your token."
    server.answers[POST] = TAKEN
    heard.until("done")
    assert [one.state for one in courier().outbox.entries()] == ["refused", "done"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>Sign in to the network</html>"),
        (404, b"<html>no such page</html>"),
        (200, b"[]"),
    ],
)
def test_what_is_no_grading_service_keeps_the_submission(server: Scripted, answer) -> None:
    server.answers[POST] = answer
    with pytest.raises(service.Unreachable):
        service.Service(homes.find()).submit("a.b", "x", "key")


def test_a_token_follows_no_redirect(server: Scripted, monkeypatch) -> None:
    monkeypatch.setenv("GLASSTORCH_TOKEN", "gt-secret")
    with scripted() as elsewhere:
        for code in (301, 302, 307, 308):
            server.answers[POST] = (code, b"", {"Location": f"{elsewhere.url}/api/v1/submissions"})
            with pytest.raises(service.Unreachable, match="sends us on to"):
                service.Service(homes.find()).submit("a.b", "x", "key")
        assert elsewhere.asked == []
    assert server.posted[-1][1]["Authorization"] == "Bearer gt-secret"
    with pytest.raises(service.Unreachable, match="not encrypted"):
        service.Service(homes.Home("http://course.example", "gt-secret")).me()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine that nobody vouches for, and a server's side of it."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-out", "cert.pem"]
    try:
        subprocess.run([*new, "-keyout", "key.pem", *names], cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context


def test_an_https_service_must_prove_who_it_is(certificate, monkeypatch) -> None:
    path, context = certificate
    with scripted(context) as secure:
        secure.answers["GET", "/api/v1/me"] = (200, {"id": "ann", "name": "Ann", "role": "learner"})
        home = homes.Home(secure.url, "gt-secret")
        with pytest.raises(service.Unreachable, match="cannot be trusted: self-signed certificate"):
            service.Service(home).me()
        assert secure.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert service.Service(home).me()["name"] == "Ann"


# ---- which service, and as whom ---


def remember(state: Path, url: object) -> None:
    state.mkdir(parents=True, exist_ok=True)
    (state / "service.json").write_text(json.dumps({"url": url, "pid": 1}))


def test_the_service_is_looked_for_where_it_may_be(monkeypatch, own_state: Path) -> None:
    assert homes.find() is None
    for broken in (
        5,
        "file:///etc/passwd",
        "http://",
        "http://[",
        "http://127.0.0.1:x",
        "http://elsewhere.example",
    ):
        remember(own_state, broken)
        assert homes.find() is None, broken
    remember(own_state, "http://127.0.0.1:8123/")
    assert homes.find() == homes.Home("http://127.0.0.1:8123")
    assert homes.find().name == "local"
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", "http://127.0.0.1:9000")
    assert homes.find().url == "http://127.0.0.1:9000"
    homes.log_in("https://course.example/torch/", "gt-ann")
    assert homes.find() == homes.Home("https://course.example/torch", "gt-ann"), (
        "over the launcher's own service"
    )
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", "https://hub.example")
    assert homes.find() == homes.Home("https://hub.example"), "a token goes where it belongs only"
    monkeypatch.setenv("GLASSTORCH_TOKEN", "gt-env")
    assert homes.find() == homes.Home("https://hub.example", "gt-env")
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", "http://127.0.0.1:9000")
    assert homes.find() == homes.Home("http://127.0.0.1:9000", "gt-env"), "as through a tunnel"


def test_what_waits_for_one_service_does_not_go_to_another(server: Scripted, monkeypatch) -> None:
    homes.log_in("https://course.example", "gt-ann")
    monkeypatch.delenv("GLASSTORCH_GRADER_URL")
    courier().write_down("a.b", "for the course")
    homes.log_out()
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", server.url)
    hand_in("for here").until("done")
    assert [body["source"] for body, _ in server.posted] == ["for here"]
    assert [one.service for one in courier().outbox.entries(None, "waiting")] == ["https://course.example"]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command with these arguments and standard input; its status, output and errors."""

    def run(module: ModuleType, *arguments: str, said: str = "") -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        module.register(parser)
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        status = module.run(parser.parse_args(arguments))
        return status, *capsys.readouterr()

    return run


def test_logging_in_checks_the_token_and_hides_it(server: Scripted, command, monkeypatch) -> None:
    monkeypatch.delenv("GLASSTORCH_GRADER_URL")
    server.answers["GET", "/api/v1/me"] = (401, {"detail": "This token is not valid here."})
    status, _, problem = command(login_command, server.url, said="gt-wrong\n")
    assert status == 1
    assert "This token is not valid here." in problem
    assert not homes.token_file().exists()
    server.answers["GET", "/api/v1/me"] = (200, {"id": "ann", "name": "Ann", "role": "learner"})
    status, output, problem = command(login_command, said=f"{server.url}/\ngt-right\n")
    assert (status, problem) == (0, "")
    assert "Logged in as Ann (learner)" in output
    assert "gt-" not in output
    assert stat.S_IMODE(homes.token_file().stat().st_mode) == 0o600
    assert homes.find() == homes.Home(server.url, "gt-right")
    assert "gt-right" not in repr(homes.find())
    assert "Logged out" in command(logout_command)[1]
    assert homes.find() is None


@pytest.mark.parametrize(
    ("url", "token", "problem"),
    [
        ("http://course.example", "gt", "not encrypted"),
        ("course.example", "gt", "not a web address"),
        ("https://ann:pw@course.example", "gt", "no user name"),
        ("https://course.example", "two words", "not a token"),
        ("https://course.example", "a\nHost: b", "not a token"),
        ("https://course.example", " ", "not a token"),
    ],
)
def test_an_address_or_token_that_cannot_be_right_is_not_kept(url: str, token: str, problem: str) -> None:
    with pytest.raises(homes.CannotLogIn, match=problem):
        homes.log_in(url, token)
    assert not homes.token_file().exists()


def test_the_command_hands_in_a_file_or_keeps_it(server: Scripted, command, tmp_path, monkeypatch) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text("x = 1\n", "utf-8")
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", "http://127.0.0.1:9")
    status, output, problem = command(submit_command, "a.b", str(answer))
    assert status == 3
    assert "kept here" in output
    assert "nothing answers at http://127.0.0.1:9" in problem
    monkeypatch.setenv("GLASSTORCH_GRADER_URL", server.url)
    status, output, _ = command(submit_command, "--pending", "--list")
    assert (status, output.count("Passed: 2 of 2 points")) == (0, 2)
    assert command(submit_command, "a.b")[0] == 2
    assert command(submit_command, "--drop", "1")[0] == 1
