"""A real web server in a thread that misbehaves to order: drops, ignores ranges, redirects, fails, dawdles."""

from __future__ import annotations

import http.server
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Page:
    """What one path answers with.

    drops: after how many bytes the connection breaks off, for each request in turn; None: not at all.
    """

    body: bytes = b""
    status: int = 200
    drops: list[int | None] = field(default_factory=list)
    ranges: bool = True
    shift: int = 0  # how far beside the asked bytes a partial answer lies
    etag: str | None = None
    location: str | None = None
    chunked: bool = False
    length: bool = True  # announce the length
    announced: int | None = None  # the length that is claimed, true or not
    pause: float = 0.0  # before each piece
    piece: int = 1 << 16


class Server:
    """``pages`` by path; ``asked``: (path, its Range header) of each request, in order."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str | None]] = []

    def url(self, path: str) -> str:
        return self.address + path


def _answer(server: Server, handler: http.server.BaseHTTPRequestHandler) -> None:
    path, wanted = handler.path.lstrip("/"), handler.headers.get("Range")
    server.asked.append((path, wanted))
    page = server.pages.get(path, Page(b"nothing here", 404))
    body, status, start = page.body, page.status, 0
    head: dict[str, str] = {}
    if page.etag:
        head["ETag"] = page.etag
    if page.location:
        head["Location"] = page.location
    unchanged = handler.headers.get("If-Range") in (None, page.etag)
    if wanted and page.ranges and unchanged and status == 200:
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) + page.shift
        if start >= len(body):
            status, head["Content-Range"], body = 416, f"bytes */{len(body)}", b""
        else:
            head["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            status, body = 206, body[start:]
    handler.send_response(status)
    if page.chunked:
        head["Transfer-Encoding"] = "chunked"
    elif page.length:
        head["Content-Length"] = str(len(body) if page.announced is None else page.announced)
    for name, value in head.items():
        handler.send_header(name, value)
    handler.end_headers()
    drop = page.drops.pop(0) if page.drops else None
    whole = len(body) if drop is None else drop
    for i in range(0, whole, page.piece):
        time.sleep(page.pause)
        piece = body[i : min(i + page.piece, whole)]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if page.chunked else piece)
        handler.wfile.flush()
    if page.chunked and drop is None:
        handler.wfile.write(b"0\r\n\r\n")
    handler.close_connection = True


@contextmanager
def web_server() -> Iterator[Server]:
    """A server on a free port of this machine, for as long as the block runs."""
    server = Server("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(server, self)

        def log_message(self, *args: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            pass  # a client that was killed is what some tests are about

    http_server = Quiet(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http_server.server_port}/"
    thread = threading.Thread(target=http_server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http_server.shutdown()
        http_server.server_close()
        thread.join()
