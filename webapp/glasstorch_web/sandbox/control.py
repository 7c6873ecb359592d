"""How worker, zygote and waiting boxes talk to each other: JSON lines, and file descriptors riding on them.

All three are trusted. Nothing here is in use any more once learner code runs.
"""

from __future__ import annotations

import json
import socket
from typing import Any

MESSAGE_CAP = 1 << 20


def send(control: socket.socket, message: dict[str, Any], fds: list[int] | None = None) -> None:
    """One message; the descriptors ride on its first byte."""
    data = json.dumps(message).encode() + b"\n"
    if fds:
        sent = socket.send_fds(control, [data], fds)
        data = data[sent:]
    if data:  # sending nothing fails when the other side has read all and hung up
        control.sendall(data)


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and its descriptors; EOFError when the other side is gone."""
    data, fds = b"", []
    while not data.endswith(b"\n"):
        piece, more, _, _ = socket.recv_fds(control, 65536, 16)
        fds += more
        if not piece or len(data) > MESSAGE_CAP:
            raise EOFError("the other side is gone")
        data += piece
    return json.loads(data), fds
