"""Settings from the environment, and the file by which notebooks find the service."""

from __future__ import annotations

import http.server
import json
import os
import threading
from pathlib import Path

import pytest
from glasstorch_web import discovery
from glasstorch_web.places import NoLessons
from glasstorch_web.settings import Settings
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
