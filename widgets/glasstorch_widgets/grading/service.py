"""The grading service over HTTP: one request, one answer or one of four kinds of no."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ..language import default_language
from .homes import Home, NoRedirect

PATIENCE = 20.0  # seconds for one request
LARGEST_ANSWER = 32 * 2**20  # bytes
PAUSE_LIMIT = 300.0  # seconds; nobody is kept waiting longer, whatever Retry-After says


class Unreachable(Exception):
    """No grading service answers there now."""


class LogInFirst(Exception):
    """The service wants a token, or another one; the message is its own."""


class Busy(Exception):
    """Not now: too many wait, or this learner hands in too fast.

    Attributes:
        seconds: when to come again. place: of the learner's own earlier submission in line; 0: none.
        others_may: whether a submission to another exercise may be taken meanwhile.
    """

    def __init__(self, message: str, seconds: float, place: int, others_may: bool) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.place = place
        self.others_may = others_may


class Refused(Exception):
    """The service will not do this, now or later; the message is its own."""


class Service:
    """The grading service at one address. Every method raises the four exceptions above.

    Args:
        language: of the exercises' texts; default that of the notebook.
    """

    def __init__(self, home: Home, language: str | None = None) -> None:
        self._home = home
        self._language = language or default_language()
        # A proxy set for the internet must not be asked for an address on this machine.
        local = [urllib.request.ProxyHandler({})] if home.is_local else []
        self._opener = urllib.request.build_opener(*local, NoRedirect())

    def me(self) -> dict[str, Any]:
        """Who the token says we are: id, name, role."""
        return self._ask("GET", "me")

    def exercise(self, exercise: str) -> dict[str, Any]:
        """Title, points, starter, deadline and attempts of one exercise."""
        return self._ask("GET", f"exercises/{quote(exercise, safe='')}")

    def submit(self, exercise: str, source: str, key: str) -> dict[str, Any]:
        """Hand in; once this returns the service has it on disk. The same key and code again: the same submission."""
        return self._ask(
            "POST", "submissions", {"exercise": exercise, "source": source, "idempotency_key": key}
        )

    def submission(self, ident: str) -> dict[str, Any]:
        """A submission as it stands now."""
        return self._ask("GET", f"submissions/{quote(ident, safe='')}")

    def passed(self, exercise: str) -> tuple[float, str] | None:
        """When this person handed in what passed an exercise last, and its code; of the latest hundred attempts."""
        page = self._ask("GET", f"submissions?limit=100&exercise={quote(exercise, safe='')}")
        for one in page.get("items", []):
            if one.get("outcome") == "passed":
                at = datetime.fromisoformat(one["submitted_at"]).timestamp()
                return at, self._text(f"submissions/{quote(one['id'], safe='')}/source")
        return None

    def progress(self) -> dict[str, Any]:
        """All that this person has done, as a file of progress has it."""
        return self._ask("GET", "me/progress")

    def bring(self, document: dict[str, Any]) -> dict[str, Any]:
        """Add a file of progress to it; how many of each kind were new."""
        return self._ask("POST", "me/progress", document)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        text = self._bytes(method, path, body)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or len(text) > LARGEST_ANSWER:
            raise Unreachable(f"What answers at {self._home.url} is not a grading service.")
        return answer

    def _text(self, path: str) -> str:
        return self._bytes("GET", path, None).decode("utf-8", "replace")

    def _bytes(self, method: str, path: str, body: dict[str, Any] | None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "X-Glasstorch": "1", "Content-Type": "application/json"}
        headers["Accept-Language"] = self._language
        if self._home.token:
            if not self._home.url.startswith("https:") and not self._home.is_local:
                raise Unreachable(
                    f"{self._home.url} is not encrypted, so your token was not sent there; use https."
                )
            headers["Authorization"] = f"Bearer {self._home.token}"
        url = f"{self._home.url}/api/v1/{path}"
        try:
            request = urllib.request.Request(url, data, headers, method=method)
            with self._opener.open(request, timeout=PATIENCE) as response:
                answer: bytes = response.read(LARGEST_ANSWER + 1)
                return answer
        except urllib.error.HTTPError as error:
            with error:
                raise self._no(error) from None
        except OSError as error:
            raise Unreachable(self._why(error)) from None
        except ValueError as error:  # an answer that is not HTTP, or a header that cannot be sent
            raise Unreachable(f"{self._home.url}: {error}") from None

    def _why(self, error: OSError) -> str:
        """Why no answer came, in words."""
        url, cause = self._home.url, getattr(error, "reason", None) or error
        if isinstance(cause, ConnectionRefusedError):
            return f"nothing answers at {url}"
        if isinstance(cause, TimeoutError):
            return f"no answer from {url} within {PATIENCE:.0f} seconds"
        if isinstance(cause, socket.gaierror):
            return f"the address {url} cannot be found; is there a network?"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {url} cannot be trusted: {cause.verify_message}"
        return f"{url}: {cause}"

    def _no(self, error: urllib.error.HTTPError) -> Exception:
        if error.code in (301, 302, 303, 307, 308):
            return Unreachable(
                f"{self._home.url} sends us on to {error.headers.get('Location', 'another address')[:200]}, and "
                "nothing was sent there. If that is the course, give its address to `glasstorch login`."
            )
        problem = _problem(error)
        if problem is None:  # not the service's own words: a proxy, a login page, another program
            return Unreachable(f"{self._home.url} answered {error.code} {error.reason}.")
        reason = str(problem.get("detail") or problem.get("title") or error)
        if error.code == 401:
            return LogInFirst(reason)
        if error.code == 429:
            earlier = problem.get("earlier")
            place = earlier.get("place", 0) if isinstance(earlier, dict) else 0
            own = str(problem.get("type", "")).endswith("/still-pending")
            return Busy(reason, _seconds(error), place if isinstance(place, int) else 0, own)
        if error.code >= 500 or error.code in (408, 421):
            return Unreachable(reason)
        return Refused(reason)


def _problem(error: urllib.error.HTTPError) -> dict[str, Any] | None:
    """The answer's problem document (RFC 9457), if it is one."""
    try:
        found = json.loads(error.read(2**20))
    except (ValueError, OSError):
        return None
    return found if isinstance(found, dict) and ("detail" in found or "title" in found) else None


def _seconds(error: urllib.error.HTTPError) -> float:
    text = error.headers.get("Retry-After", "")
    return min(max(float(text), 1.0), PAUSE_LIMIT) if text.isdecimal() else 5.0
