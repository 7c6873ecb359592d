"""Serve the exercises and grade submissions, on this machine only.

Submissions and results are kept in the state folder; several servers may share one. There are no accounts:
whoever can reach the service is one and the same person, so it refuses addresses that others can reach.
"""

from __future__ import annotations

import argparse
import ipaddress
import logging
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from . import discovery
from .app import create_app
from .places import NoLessons
from .settings import Settings
from .store import StoreError
from .supervise import CannotStart, free_port

PORT = 8765
GRACE = 3  # seconds for answers under way when the service stops


class Server(uvicorn.Server):
    """A server that can be found while it answers, and ends its event streams when told to stop."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, url: str) -> None:
        super().__init__(config)
        self._site = app
        self._state: Path = app.state.settings.state
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        other = discovery.running(self._state)
        await super().startup(sockets)
        if not self.started:
            return
        if other is None:
            discovery.announce(self._state, self._url)
        else:
            say(
                f"A service already runs on this state folder, at {other} - both share its submissions, "
                "nothing is graded twice, and notebooks keep using the first."
            )
        say(f"Exercises: {self._url}\nState: {self._state}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        discovery.withdraw(self._state)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._site.state.closing.set()
        super().handle_exit(sig, frame)


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s, or the next free one")
    parser.add_argument("--lessons", metavar="DIR", type=Path, help="default: GLASSTORCH_LESSONS, ...")
    parser.add_argument("--state", metavar="DIR", type=Path, help="default: GLASSTORCH_STATE, ...")
    parser.add_argument("--workers", metavar="N", type=int, help="processes that grade (default: 2)")
    parser.add_argument("--root-path", metavar="PATH", help="the prefix under which a proxy shows the site")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop; 0 then, 1 when the service could not start, 2 for a bad option."""
    try:
        host = loopback(options.host)
        if not 0 <= options.port <= 65535:
            raise BadOption(f"a port is a number from 0 to 65535, not {options.port}")
        settings = settings_from(options)
    except BadOption as error:
        print(f"glasstorch serve: {error}", file=sys.stderr)
        return 2
    except NoLessons as error:
        print(f"glasstorch serve: {error}", file=sys.stderr)
        return 1
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(name)s: %(message)s")
    try:
        app = create_app(settings)
        port = free_port(options.port, host=host)
    except (StoreError, CannotStart, OSError) as error:
        print(f"glasstorch serve: {error}", file=sys.stderr)
        return 1
    if port != options.port and options.port != 0:
        say(f"Port {options.port} is in use by another program; taking {port} instead.")
    url = f"http://{host}:{port}/"
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here depends on the client's address
        timeout_graceful_shutdown=GRACE,
        log_level="warning",
    )
    server = Server(config, app, url)
    # uvicorn stops in good order at the first signal, then raises it again: that ends this command well.
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    server.run()
    return 0 if server.started else 1


def leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def say(text: str) -> None:
    print(text, flush=True)


class BadOption(ValueError):
    """An option that cannot be; the message says why."""


def loopback(host: str) -> str:
    """The address to listen on.

    Raises:
        BadOption: others could reach it.
    """
    if host == "localhost":
        return "127.0.0.1"
    try:
        if ipaddress.IPv4Address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise BadOption(
        f"{host} is not an IPv4 loopback address. The service has no accounts yet: everybody who reached it "
        "would be the same person and could run code here, so it only listens on 127.0.0.1. "
        "From another machine use `ssh -L 8765:127.0.0.1:8765`, or JupyterHub."
    )


def settings_from(options: argparse.Namespace) -> Settings:
    """Options first, then the environment, then the defaults."""
    given: dict[str, Any] = {}
    for name in ("lessons", "state", "workers", "root_path"):
        value = getattr(options, name)
        if value is not None:
            given[name] = value.resolve() if isinstance(value, Path) else value
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadOption(problems) from None


def main() -> int:
    parser = argparse.ArgumentParser(prog="glasstorch serve", description=__doc__)
    register(parser)
    options = parser.parse_args()
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
