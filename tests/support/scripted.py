"""A small grading service that answers to order: refusals, lost answers, redirects."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOST = "lost"  # as an answer: the request arrives, and the connection breaks off


class Scripted(ThreadingHTTPServer):
    """Answers from `answers`: (method, path) -> (status, body[, headers]), LOST, or a list of these, used one by one.

    `posted` holds the body and headers of every POST; `asked` every path.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.asked: list[str] = []
        self.answers: dict[tuple[str, str], Any] = {}
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server_port}"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *args: object) -> None:
        pass  # a client that gives up is what some tests are about


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((json.loads(body), dict(self.headers)))
        self._answer("POST")

    def _answer(self, method: str) -> None:
        self.server.asked.append(self.path)
        unknown = (404, {"title": "Not found", "detail": "no such"})
        planned = self.server.answers.get((method, self.path), unknown)
        if isinstance(planned, list):
            planned = planned.pop(0) if len(planned) > 1 else planned[0]
        if planned == LOST:
            self.close_connection = True
            return
        status, body, *more = planned
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def scripted(context: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """One on a free port of this machine, for as long as the block runs."""
    server = Scripted(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
