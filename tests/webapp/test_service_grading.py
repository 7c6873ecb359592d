"""The whole service in real processes: hostile submissions, kill -9, restarts, a second server."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from glasstorch_web import discovery
from support.service import EXERCISES, Service

EXERCISE = "service.weighted-square"
GOOD = (EXERCISES / "01-service/exercises" / EXERCISE / "solution.py").read_text()
SLOW = "import time\ntime.sleep(1.5)\n" + GOOD


def body(*lines: str) -> str:
    return "def backward(x, w, dy):\n" + "".join(f"    {line}\n" for line in lines)


HOSTILE = {
    "syntax error": ("def backward(x, w, dy)\n    return x\n", "SyntaxError on line 1"),
    "infinite loop": (body("while True: pass"), "Stopped after"),
    "allocation": (body("return bytearray(1 << 30)"), "memory"),
    "fork bomb": (body("import os", "while True: os.fork()"), "other processes"),
    "output flood": (body("while True: print('x' * 1000)"), "printed more than"),
    "os._exit": (body("import os", "os._exit(0)"), "ended the whole process"),
    "reading the checks": (
        body(f"return open({str(EXERCISES / '01-service/exercises' / EXERCISE / 'checks.py')!r}).read()"),
        "No such file",
    ),
    "network": (
        body("import socket", "return socket.create_connection(('127.0.0.1', 80), 1)"),
        "without network",
    ),
}


def test_hostile_submissions_get_clear_messages_and_good_ones_pass(running_service):
    service = running_service
    sent = {name: service.submit(EXERCISE, source) for name, (source, _) in HOSTILE.items()}
    good = service.submit(EXERCISE, GOOD)
    for name, (_, expected) in HOSTILE.items():
        result = service.result(sent[name])["result"]
        said = result["message"] + "\n".join(test["output"] for test in result["tests"])
        assert result["score"] == 0, name
        assert result["status"] in ("failed", "error", "timeout"), name
        assert expected in said, name
        assert "checks-marker-93ab" not in str(result), name
        assert "Traceback" not in said, name
    result = service.result(good)["result"]
    assert (result["status"], result["score"]) == ("passed", 10)
    after = service.result(service.submit(EXERCISE, GOOD))["result"]
    assert after["status"] == "passed", "the service is as good as before"
    assert service.get("/readyz")["status"] == "ready"


def test_a_wrong_gradient_is_told_how_far_off_it_is(running_service):
    ident = running_service.submit(EXERCISE, body("print('hello')", "return w * x * dy"))
    result = running_service.result(ident)["result"]
    tests = {test["id"]: test for test in result["tests"]}
    assert (result["status"], result["score"], result["max_score"]) == ("failed", 2, 10)
    assert result["output"].count("hello") >= 1
    detail = tests["values"]["detail"]
    assert detail["max_abs_diff"] > 0
    assert detail["expected"] == pytest.approx(2 * detail["got"], rel=1e-3)
    assert "divided by 2" in tests["values"]["output"]
    assert tests["large"]["detail"] is None, "a hidden check tells no values"
    page = httpx.get(f"{running_service.url}/submissions/{ident}").text
    assert "around the first difference" in page
    assert "twice its base" in page, "the hint"


def test_isolation_is_reported_with_the_result(running_service):
    reported = running_service.get("/api/v1/isolation")
    result = running_service.result(running_service.submit(EXERCISE, GOOD))["result"]
    assert result["isolation"]["level"] == reported["level"]
    assert reported["attacks_tried"] > 0


def test_kill_9_while_grading_loses_nothing_and_grades_once(service):
    service.start()
    earlier = service.submit(EXERCISE, GOOD)
    earlier_result = service.result(earlier)["result"]
    sent = [service.submit(EXERCISE, SLOW + f"# {n}\n") for n in range(5)]
    service.wait_for(sent[0], "running")
    workers = service.workers()
    assert workers
    service.kill()
    service.start()
    for ident in sent:
        assert service.result(ident)["result"]["status"] == "passed"
    assert service.submission(earlier)["result"] == earlier_result
    psutil.wait_procs(workers, timeout=60)
    assert [w for w in workers if w.is_running()] == [], "workers of a killed server end by themselves"
    assert result_counts(service.state) == {1}
    assert failures(service.state) == 0, "its workers finished what they had in hand"


def test_a_stop_in_good_order_hands_the_job_back(service):
    service.start("--workers", "1")
    ident = service.submit(EXERCISE, "import time\ntime.sleep(3)\n" + GOOD)
    service.wait_for(ident, "running")
    workers = service.workers()
    assert discovery.read(service.state)["url"] == f"{service.url}/"
    assert service.stop() == 0
    assert discovery.read(service.state) == {}
    assert not any(worker.is_running() for worker in workers)
    service.start()
    assert service.result(ident)["result"]["status"] == "passed"
    assert failures(service.state) == 0, "stopping costs no retry"


def test_two_servers_on_one_state_grade_each_submission_once(service):
    service.start()
    second = Service(service.state).start()
    try:
        assert "already runs" in second.log.read_text()
        assert discovery.read(service.state)["url"] == f"{service.url}/"
        sent = [(service, second)[n % 2].submit(EXERCISE, GOOD + f"# {n}\n") for n in range(12)]
        for ident in sent:
            assert service.result(ident) == second.result(ident)
        assert result_counts(service.state) == {1}
    finally:
        second.stop()
    assert discovery.read(service.state)["url"] == f"{service.url}/", "the first is still announced"


def test_a_busy_port_is_said_and_the_next_one_taken(service, tmp_path):
    service.start()
    port = int(service.url.rsplit(":", 1)[1])
    state = tmp_path / "other"
    process = serve("--port", str(port), "--state", str(state), "--lessons", str(EXERCISES), "--workers", "1")
    try:
        line = process.stdout.readline()
        assert f"Port {port} is in use" in line
        url = process.stdout.readline().removeprefix("Exercises: ").strip()
        assert url != f"{service.url}/"
        assert httpx.get(f"{url}healthz").status_code == 200
        assert discovery.running(state) == url
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, "Ctrl-C is a good end"
        process.stdout.close()


@pytest.mark.parametrize(
    ("options", "status", "word"),
    [
        (["--host", "0.0.0.0"], 2, "without accounts"),
        (["--host", "192.168.1.7"], 2, "without accounts"),
        (["--host", "example.com"], 2, "without accounts"),
        (["--port", "99999"], 2, "65535"),
        (["--workers", "-1"], 2, "workers"),
        (["--lessons", "nowhere-at-all"], 1, "not a folder"),
    ],
)
def test_what_cannot_be_served_is_said(options, status, word, tmp_path):
    process = serve(*options, "--state", str(tmp_path), cwd=tmp_path)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == status
    assert word in output
    assert "Traceback" not in output


def test_a_state_that_is_no_database_is_said_and_kept(tmp_path):
    (tmp_path / "grades.sqlite3").write_text("something of mine\n" * 500)
    process = serve("--state", str(tmp_path), "--lessons", str(EXERCISES))
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Move it away" in output
    assert "Traceback" not in output
    assert (tmp_path / "grades.sqlite3").read_text().startswith("something of mine")


def test_the_service_never_imports_the_engine():
    code = (
        "import sys, glasstorch_web.serve, glasstorch_web.worker\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('glasstorch', 'torch')])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def serve(*options: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "glasstorch_web.serve", *options]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, **pipe, stdin=subprocess.DEVNULL, text=True, cwd=cwd, env=os.environ)


def result_counts(state: Path) -> set[int]:
    """How many results each submission has; waits out a write under way."""
    with sqlite3.connect(state / "grades.sqlite3", timeout=30) as db:
        rows = db.execute(
            "SELECT count(r.number) FROM submissions AS s LEFT JOIN results AS r USING (number)"
            " GROUP BY s.number"
        ).fetchall()
    db.close()
    return {count for (count,) in rows}


def failures(state: Path) -> int:
    """How often a job was begun and not ended."""
    with sqlite3.connect(state / "grades.sqlite3", timeout=30) as db:
        (count,) = db.execute("SELECT sum(failures + losses) FROM jobs").fetchone()
    db.close()
    return count
