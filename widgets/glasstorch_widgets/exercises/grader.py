"""Talks to the grading service over HTTP, or runs the same grader on this machine in a process of its own."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

PATIENCE = 20.0  # seconds for one request
LOCAL_LIMIT = 600.0  # seconds for the local grader, which limits the code itself


class Unreachable(Exception):
    """No service answers at the address."""


class Refused(Exception):
    """The service answered that it will not do this; the message is its own."""


class LocalGraderMissing(Exception):
    """The local grader could not run."""


def state_folder() -> Path:
    """Where the service says that it runs, and where submissions are kept (GLASSTORCH_STATE, else XDG's)."""
    chosen = os.environ.get("GLASSTORCH_STATE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "glasstorch"


def service_address() -> str | None:
    """The service's address: GLASSTORCH_GRADER_URL, else what a running service wrote down, else None."""
    chosen = os.environ.get("GLASSTORCH_GRADER_URL")
    if chosen:
        return chosen
    try:
        url = json.loads((state_folder() / "service.json").read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None


class Service:
    """The grading service at one address."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # A proxy set for the internet must not be asked for an address on this machine.
        handlers = [urllib.request.ProxyHandler({})] if _is_local(self.url) else []
        self._opener = urllib.request.build_opener(*handlers)

    def exercise(self, exercise: str) -> dict[str, Any]:
        """Title, points, starter and check titles of one exercise."""
        return self._ask("GET", f"exercises/{quote(exercise)}")

    def submit(self, exercise: str, source: str) -> dict[str, Any]:
        """Hand in code; after this returns the service has it on disk."""
        body = {"exercise": exercise, "source": source, "idempotency_key": uuid.uuid4().hex}
        return self._ask("POST", "submissions", body)

    def follow(self, submission: str, on_progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Ask until the result is there; `on_progress` gets every state on the way. Returns the result."""
        pause, failures = 0.1, 0
        while True:
            try:
                state = self._ask("GET", f"submissions/{quote(submission)}")
                failures = 0
            except Unreachable:
                failures += 1
                if failures > 10:
                    raise
                time.sleep(1.0)  # a restart of the service loses nothing; it takes a moment
                continue
            if state["status"] == "done":
                result: dict[str, Any] = state["result"]
                return result
            on_progress(state)
            time.sleep(pause)
            pause = min(pause * 1.3, 1.0)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "X-Glasstorch": "1", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=PATIENCE) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            reason = _reason(error)
            if error.code >= 500:
                raise Unreachable(reason) from None
            raise Refused(reason) from None
        except (OSError, ValueError) as error:
            raise Unreachable(f"{self.url}: {error}") from None


def grade_here(exercise: str, path: Path) -> dict[str, Any]:
    """Run `glasstorch grade` on a file, in its own process, and return the result.

    Raises:
        LocalGraderMissing: it is not installed, took too long, or gave no result; the message says which.
    """
    command = [sys.executable, "-m", "glasstorch.cli", "grade", exercise, str(path), "--json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LOCAL_LIMIT, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalGraderMissing(str(error)) from None
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = None
    if not isinstance(result, dict) or "status" not in result:
        words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise LocalGraderMissing(words[-1][:500])
    return result


def keep(exercise: str, source: str) -> Path:
    """Write the code to a file that stays, so that it is never lost; returns where."""
    folder = state_folder() / "submissions"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{quote(exercise, safe='')}.py"
    path.write_text(source, encoding="utf-8")
    return path


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: urllib.error.HTTPError) -> str:
    """What the service said: the detail of its problem document (RFC 9457), else the status."""
    try:
        problem = json.load(error)
        return str(problem.get("detail") or problem.get("title") or error)
    except (ValueError, AttributeError, OSError):
        return str(error)
