"""Settings from the environment, and the file by which notebooks find the service."""

from __future__ import annotations

import http.server
import json
import os
import threading
from pathlib import Path

import pytest
from glasstorch_web import discovery, serve
from glasstorch_web.places import NoLessons
from glasstorch_web.settings import Settings, SettingsError, load
from pydantic import ValidationError

EXERCISES = Path(__file__).parent / "exercises"


def test_settings_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSTORCH_STATE", str(tmp_path))
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(EXERCISES))
    monkeypatch.setenv("GLASSTORCH_WORKERS", "5")
    monkeypatch.setenv("GLASSTORCH_ALLOWED_HOSTS", "Hub.example, other.example")
    monkeypatch.setenv("GLASSTORCH_ROOT_PATH", "user/ann/grader/")
    settings = Settings()
    assert settings.database == tmp_path / "grades.sqlite3"
    assert settings.lessons == EXERCISES
    assert settings.workers == 5
    assert settings.allowed_hosts == {"hub.example", "other.example"}
    assert settings.root_path == "/user/ann/grader"


def test_only_this_machine_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    assert Settings(lessons=EXERCISES).allowed_hosts == frozenset()


def test_wrong_settings_are_refused(tmp_path, monkeypatch):
    with pytest.raises(NoLessons, match="not a folder"):
        Settings(lessons=tmp_path / "nothing")
    monkeypatch.setenv("GLASSTORCH_WORKERS", "many")
    with pytest.raises(ValidationError, match="workers"):
        Settings(lessons=EXERCISES)


def test_an_address_is_announced_and_withdrawn_by_its_owner_alone(tmp_path):
    discovery.announce(tmp_path, "http://127.0.0.1:1/")
    record = json.loads((tmp_path / discovery.NAME).read_text())
    assert record["url"] == "http://127.0.0.1:1/"
    assert record["pid"] == os.getpid()
    assert record["started_at"] > 0
    assert [path.name for path in tmp_path.iterdir()] == [discovery.NAME]
    (tmp_path / discovery.NAME).write_text(json.dumps({**record, "pid": os.getpid() + 1}))
    discovery.withdraw(tmp_path)
    assert discovery.read(tmp_path)["url"] == "http://127.0.0.1:1/"
    discovery.announce(tmp_path, "http://127.0.0.1:1/")
    discovery.withdraw(tmp_path)
    assert discovery.read(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"url": 5}', '{"url": "ftp://127.0.0.1/"}', "\x00"])
def test_a_damaged_file_is_no_service(tmp_path, text):
    (tmp_path / discovery.NAME).write_text(text)
    assert discovery.running(tmp_path) is None
    discovery.withdraw(tmp_path)


def test_only_a_service_that_answers_is_running(tmp_path):
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Healthy)
    url = f"http://127.0.0.1:{server.server_port}/"
    discovery.announce(tmp_path, url)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    assert discovery.running(tmp_path) == url
    server.shutdown()
    thread.join()
    server.server_close()
    assert discovery.running(tmp_path) is None


# The file, and what is said about mistakes


@pytest.fixture
def state(tmp_path, monkeypatch):
    """A state folder, with no setting from this machine's environment."""
    for name in [name for name in os.environ if name.startswith("GLASSTORCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(EXERCISES))
    return tmp_path


def test_options_win_over_the_environment_and_that_over_the_file(state, monkeypatch):
    (state / "glasstorch.toml").write_text(
        'workers = 3\nqueue_limit = 30\nallowed_hosts = ["Hub.example"]\nlease = 5'
    )
    monkeypatch.setenv("GLASSTORCH_WORKERS", "4")
    monkeypatch.setenv("GLASSTORCH_LEASE", "")  # as if it were not there
    found = load(state=state, lessons=EXERCISES)
    assert (found.workers, found.queue_limit, found.lease) == (4, 30, 5)
    assert found.allowed_hosts == {"hub.example"}
    assert load(state=state, workers=5).workers == 5
    other = state / "other.toml"
    other.write_text("workers = 6")
    monkeypatch.delenv("GLASSTORCH_WORKERS")
    monkeypatch.setenv("GLASSTORCH_CONFIG", str(other))
    assert (load(state=state).workers, load(state=state).queue_limit) == (6, 200)


def test_the_rate_is_limited_among_many_unless_said_otherwise(state):
    assert load(state=state).rate == 0
    assert load(state=state, multi_user=True).rate == 10
    assert load(state=state, multi_user=True, rate_per_minute=0).rate == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "queue_limt = 3",
            r"glasstorch\.toml: there is no setting 'queue_limt'\. Did you mean 'queue_limit'\?",
        ),
        ("zzz = 3", "there is no setting 'zzz'. The settings: .*minimum_level"),
        ("workers = 'many'", r"glasstorch\.toml: workers: .*integer"),
        ("workers = 65", r"glasstorch\.toml: workers: .*less than or equal to 64"),
        ("minimum_level = 'L7'", r"glasstorch\.toml: minimum_level: .*'L0'.*'L4'"),
        ("log_format = 'xml'", r"glasstorch\.toml: log_format: .*'text' or 'json'"),
        ("metrics_token = 'short'", "metrics_token: is too easy to guess"),
        ("database_url = 'mysql://u:hush@h/d'", "database_url: names mysql"),
        ("database_url = 'hush'", "database_url: is no database address"),
        ("state = '/tmp'", "state cannot be set in this file"),
        ("workers = ", "is not TOML"),
        ("workers = 65\nlease = 0", "lease: .*workers: |workers: .*lease: "),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(state, text, message):
    (state / "glasstorch.toml").write_text(text)
    with pytest.raises(SettingsError, match=message) as raised:
        load(state=state)
    assert "hush" not in str(raised.value)


def test_a_mistake_elsewhere_is_named_too(state, monkeypatch):
    with pytest.raises(SettingsError, match="--workers: "):
        load(state=state, workers=-1)
    monkeypatch.setenv("GLASSTORCH_QUEUE_LIMIT", "0")
    with pytest.raises(SettingsError, match="GLASSTORCH_QUEUE_LIMIT: "):
        load(state=state)
    monkeypatch.delenv("GLASSTORCH_QUEUE_LIMIT")
    monkeypatch.setenv("GLASSTORCH_CONFIG", str(state / "nowhere.toml"))
    with pytest.raises(SettingsError, match="there is no such file"):
        load(state=state)
    monkeypatch.delenv("GLASSTORCH_CONFIG")
    monkeypatch.setenv("GLASSTORCH_FUZZ", "500")  # another program's
    load(state=state)
    monkeypatch.setenv("GLASSTORCH_MINIMUM_LEVLE", "L3")
    with pytest.raises(SettingsError, match="Did you mean GLASSTORCH_MINIMUM_LEVEL"):
        load(state=state)


def test_every_setting_can_be_shown_with_its_origin_and_without_secrets(state, monkeypatch, capsys):
    (state / "glasstorch.toml").write_text('database_url = "postgresql://u:hush@h/d"\nmulti_user = true')
    monkeypatch.setenv("GLASSTORCH_METRICS_TOKEN", "hush-hush-hush-hush")
    monkeypatch.setattr("sys.argv", ["serve", "--check-settings", "--state", str(state), "--workers", "1"])
    assert serve.main() == 0
    shown = dict(line.split(" = ", 1) for line in capsys.readouterr().out.splitlines())
    assert shown.keys() == Settings.model_fields.keys()
    assert "hush" not in str(shown)
    assert shown["workers"] == "1  (--workers)"
    assert shown["lease"] == "15.0  (default)"
    assert shown["metrics_token"] == "(hidden)  (GLASSTORCH_METRICS_TOKEN)"
    assert shown["multi_user"].endswith("glasstorch.toml: multi_user)")
    assert shown["rate_per_minute"].startswith("10 ")
    assert not (state / "grades.sqlite3").exists()


@pytest.mark.parametrize(
    ("host", "multi_user", "allowed"),
    [
        ("127.0.0.1", False, True),
        ("localhost", False, True),
        ("127.8.8.8", False, True),
        ("0.0.0.0", False, False),
        ("192.0.2.1", False, False),
        ("grades.example", True, False),
        ("0.0.0.0", True, True),
    ],
)
def test_only_a_service_with_accounts_listens_to_others(host, multi_user, allowed):
    if allowed:
        assert serve.address(host, multi_user)
    else:
        with pytest.raises(serve.BadOption, match="--course"):
            serve.address(host, multi_user)
