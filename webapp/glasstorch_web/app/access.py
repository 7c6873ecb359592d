"""What every request gets first and last: an id, a line in the log, a count in the metrics.

The line names the route's template, never the address as it was asked for: addresses and their queries may hold
what is nobody's business, and log lines are kept for long.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..logs import REQUEST
from .metrics import Metrics

log = logging.getLogger("glasstorch.service")

CALL = "glasstorch.call"  # scope key
_FILES = ("/static", "/views")
_QUIET = {"/healthz", "/readyz", "/metrics", *_FILES}  # asked every few seconds, or by every page


@dataclass
class Call:
    """What becomes known about a request while it is answered."""

    user: str = ""
    submission: str = ""


class Access:
    """ASGI middleware; the outermost, so that it sees every answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = scope[CALL] = Call()
        method = scope["method"]
        request_id = str(uuid.uuid4())
        reset = REQUEST.set(request_id)
        started = time.perf_counter()
        status = 0  # of an answer that never began

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            route = _route(scope)
            seconds = time.perf_counter() - started
            self._metrics.answered(method, route, status, seconds)
            log.log(
                logging.DEBUG if route in _QUIET and status < 500 else logging.INFO,
                "answered",
                extra={
                    "request_id": request_id,
                    "user": call.user,
                    "method": method,
                    "route": route,
                    "status": status,
                    "duration_ms": round(seconds * 1000, 1),
                    "submission": call.submission,
                },
            )
            REQUEST.reset(reset)


def _route(scope: Scope) -> str:
    """The template of the route that answered; never an address as it was asked for."""
    template = getattr(scope.get("route"), "path", "")
    if template:
        return str(template)
    # Below a mounted folder the scope's root path ends with the folder's name.
    below = scope.get("root_path", "")
    return next((folder for folder in _FILES if below.endswith(folder)), "(none)")
