"""The Jupyter Server extension that sends small kernel messages at once."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("jupyter_server")
from glasstorch_widgets.server_extension import without_delay
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

# Sets a server up as `jupyter lab` does, with whatever configuration is installed, and tells what it got.
SET_UP = """
import json, os
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.initialize(["--no-browser", "--port=0", *(["--allow-root"] if os.geteuid() == 0 else [])])
chosen = app.web_app.settings["kernel_websocket_connection_class"]
print(json.dumps([f"{c.__module__}.{c.__name__}" for c in chosen.__mro__]))
"""


class Connection:
    """Stands where Jupyter's kernel connection stands: made for one websocket, then connected."""

    def __init__(self, websocket_handler: WebSocketHandler) -> None:
        self.websocket_handler = websocket_handler

    def connect(self) -> asyncio.Future[str]:
        done: asyncio.Future[str] = asyncio.Future()
        done.set_result("connected")
        return done


async def nodelay_with(connection_class: Any) -> tuple[bool, str]:
    """Whether the server's socket has TCP_NODELAY after `connect()` over a real websocket."""
    seen: list[tuple[bool, str]] = []

    class Handler(WebSocketHandler):
        async def open(self) -> None:
            answer = await connection_class(websocket_handler=self).connect()
            stream = self.ws_connection.stream
            seen.append((bool(stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)), answer))
            await self.write_message("ready")

    listener, port = bind_unused_port()
    server = HTTPServer(Application([("/", Handler)]))
    server.add_socket(listener)
    client = await websocket_connect(f"ws://127.0.0.1:{port}/")
    assert await client.read_message() == "ready"
    client.close()
    server.stop()
    return seen[0]


def test_the_socket_sends_at_once_and_connect_still_answers() -> None:
    assert asyncio.run(nodelay_with(without_delay(Connection))) == (True, "connected")


def test_without_the_extension_it_does_not() -> None:
    assert asyncio.run(nodelay_with(Connection)) == (False, "connected")


def test_installing_the_package_turns_it_on() -> None:
    done = subprocess.run([sys.executable, "-c", SET_UP], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    classes = json.loads(done.stdout.splitlines()[-1])
    assert classes[0] == "glasstorch_widgets.server_extension.NoDelayConnection"
    assert classes[1].startswith("jupyter_server.")
