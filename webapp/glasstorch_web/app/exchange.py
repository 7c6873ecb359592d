"""Parts of HTTP that are the same for every route: HEAD, and answers that a client has already."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import API_PREFIX

HEAD = "glasstorch.head"  # scope key: only the head of the answer is wanted
_JSON = ("application/json", "text/html")


class Exchange:
    """ASGI middleware: HEAD is GET without the body; a GET of the API gets an ETag, and 304 when it has not changed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        if head:
            scope.update({"method": "GET", HEAD: True})
        held: Message | None = None  # the start of an answer whose ETag is not known yet
        asked = Headers(scope=scope).get("if-none-match", "")
        tagged = scope["path"].startswith(f"{scope.get('root_path', '')}{API_PREFIX}")

        async def exchange(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and tagged and _is_whole(message):
                held = message
            elif held is not None and not message.get("more_body"):
                start, held = held, None
                tag = f'"{hashlib.sha256(message.get("body", b"")).hexdigest()[:24]}"'
                headers = MutableHeaders(scope=start)
                headers["ETag"] = tag
                headers["Cache-Control"] = "private, no-cache"
                if tag in (known.strip().removeprefix("W/") for known in asked.split(",")) or asked == "*":
                    start, message = {**start, "status": 304}, {**message, "body": b""}
                    del headers["content-length"]
                await send(start)
                await send(_without_body(message) if head else message)
            else:
                if held is not None:  # it comes in parts after all
                    start, held = held, None
                    await send(start)
                await send(_without_body(message) if head else message)

        await self._app(scope, receive, exchange)


def _is_whole(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "").partition(";")[0]
    return start["status"] == 200 and kind in _JSON and "content-length" in headers


def _without_body(message: Message) -> Message:
    return {**message, "body": b""} if message["type"] == "http.response.body" else message
