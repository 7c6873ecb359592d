"""What every request passes through: who may ask, how much may be sent, what the browser may do with answers.

The service listens on loopback, but the learner's browser also runs other sites' pages, which can send
requests to loopback too. Three checks keep them out: the Host header must be a name of this machine (or a
configured one), which defeats DNS rebinding; a write must not come from another origin; and a write must
carry a header or form token that other origins cannot send (checked in the routes).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problem_kinds import KINDS, Kind
from .problems import API_PREFIX, ProblemError, problem_for

log = logging.getLogger("glasstorch.service")

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
NONCE = "glasstorch.nonce"  # scope key
# Here a learning platform's page sends its people's browsers; what they bring is signed.
FROM_OTHER_SITES = ("/lti/login", "/lti/launch")
# Where people bring a file of all that they have done.
LARGE = ("/me/data", f"{API_PREFIX}/me/progress")
LARGE_BODY = 32 * 2**20
BODY_SECONDS = 30.0  # in which a request's body must be complete; who dribbles holds nobody up


class Guard:
    """ASGI middleware: proxy prefix, Host and Origin checks, body limit, security headers, last resort."""

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str], body_limit: int, root_path: str) -> None:
        self._app = app
        self._allowed = frozenset(allowed_hosts)
        self._body_limit = body_limit
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._root_path:
            self._put_below_root(scope)
        nonce = scope[NONCE] = secrets.token_urlsafe(16)

        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _protect(MutableHeaders(scope=message), nonce)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            response = problem_for(scope, *refusal)
            await response(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, self._limited(scope, receive, headers), send_with_headers)
        except Exception:
            if started:
                raise  # too late for another answer; the server ends the connection
            log.exception("a request failed")
            detail = "The service's log says what. What was handed in before is safe; please try again."
            response = problem_for(scope, KINDS["internal"], detail)
            await response(scope, receive, send_with_headers)

    def _put_below_root(self, scope: Scope) -> None:
        # Some proxies strip the prefix and some do not; routing wants it in both `root_path` and `path`.
        path: str = scope["path"]
        inside = path == self._root_path or path.startswith(f"{self._root_path}/")
        scope.update(root_path=self._root_path, path=path if inside else self._root_path + path)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[Kind, str] | None:
        host = headers.get("host", "")
        if not self._known_host(host):
            return KINDS["wrong-host"], (
                f"This service does not answer to the name {host[:100]!r}. Open it as http://127.0.0.1 with "
                "its port, or name the host in GLASSTORCH_ALLOWED_HOSTS if a proxy stands in front."
            )
        if (
            scope["method"] not in SAFE_METHODS
            and get_route_path(scope) not in FROM_OTHER_SITES
            and not _same_origin(host, headers)
        ):
            return KINDS["other-site"], "This request comes from another site's page, so nothing was changed."
        return None

    def _known_host(self, host: str) -> bool:
        name = hostname(host)
        return name is not None and ("*" in self._allowed or name in self._allowed or is_loopback(name))

    def _limited(self, scope: Scope, receive: Receive, headers: Headers) -> Receive:
        limit = LARGE_BODY if get_route_path(scope) in LARGE else self._body_limit
        length = headers.get("content-length", "")
        announced = int(length) if length.isdecimal() else 0
        too_large = ProblemError(
            "too-large", f"The request is too large; at most {limit // 1024} KiB are taken."
        )
        received = 0
        complete = False
        deadline = asyncio.get_running_loop().time() + BODY_SECONDS

        async def receive_within_limit() -> Message:
            nonlocal received, complete
            if complete:  # what may come now is that the client leaves
                return await receive()
            if announced > limit:
                raise too_large
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                detail = f"The request's body was not complete after {BODY_SECONDS:.0f} seconds."
                raise ProblemError("slow-request", detail, {"Connection": "close"}) from None
            received += len(message.get("body", b""))
            if received > limit:
                raise too_large
            complete = not message.get("more_body", False)
            return message

        return receive_within_limit


def _protect(headers: MutableHeaders, nonce: str) -> None:
    headers["Content-Security-Policy"] = "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            # Browsers write style attributes themselves while somebody edits; those cannot run anything.
            "style-src-attr 'unsafe-inline'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers.setdefault("Cache-Control", "no-store")


def hostname(host: str) -> str | None:
    """The name in a Host header or a URL's authority, lower case; None when it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018  raises when the port is no number
    except ValueError:
        return None
    return parts.hostname if "@" not in host and "/" not in host else None


def is_loopback(name: str) -> bool:
    """Whether a host name can only mean this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _same_origin(host: str, headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:  # not a browser, or one that says where from in another way
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    try:
        parts = urlsplit(origin)
        default = {"http": 80, "https": 443}.get(parts.scheme)
        if default is None:
            return False
        # Behind a proxy that ends TLS the scheme seen here differs from the browser's; host and port do not.
        own = urlsplit(f"//{host}")
        return parts.hostname == own.hostname and (parts.port or default) == (own.port or default)
    except ValueError:
        return False
