"""Serve the exercises and grade submissions.

Submissions and results are kept in the state folder; several servers may share one. Without accounts whoever can
reach the service is one and the same person, so it refuses addresses that others can reach. With --course people
have accounts; it then refuses to start where boxes are not shut off well enough from each other, or where passwords,
grades or secrets would lie open.
"""

from __future__ import annotations

import argparse
import gc
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

from . import course_safety, discovery, logs
from .app import create_app
from .grader import Grader, SandboxError
from .places import NoLessons
from .services.isolation import refusal
from .settings import Settings, SettingsError, effective, load
from .store import Database, StoreError
from .store.audit import Audit
from .supervise import CannotStart, free_port

log = logging.getLogger("glasstorch.service")

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
        self._site.state.news.close()
        super().handle_exit(sig, frame)


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="default: %(default)s; without accounts a loopback address"
    )
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s, or the next free one")
    parser.add_argument("--lessons", metavar="DIR", type=Path, help="default: GLASSTORCH_LESSONS, ...")
    parser.add_argument("--state", metavar="DIR", type=Path, help="default: GLASSTORCH_STATE, ...")
    parser.add_argument("--workers", metavar="N", type=int, help="processes that grade (default: 2)")
    parser.add_argument("--root-path", metavar="PATH", help="the prefix under which a proxy shows the site")
    parser.add_argument("--course", action="store_true", help="with accounts, for a course of many people")
    parser.add_argument("--public-url", metavar="URL", help="where people reach a course: https://...")
    parser.add_argument(
        "--insecure-http", action="store_true", help="a course without https, on a private network alone"
    )
    parser.add_argument(
        "--check-settings", action="store_true", help="show every setting and where it comes from, and end"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop; 0 then, 1 when the service could not start, 2 for a bad option."""
    given = _given(options)
    try:
        settings = load(**given)
        host = address(options.host, settings.multi_user)
        if not 0 <= options.port <= 65535:
            raise BadOption(f"a port is a number from 0 to 65535, not {options.port}")
    except (BadOption, SettingsError) as error:
        print(f"glasstorch serve: {error}", file=sys.stderr)
        return 2
    except NoLessons as error:
        print(f"glasstorch serve: {error}", file=sys.stderr)
        return 1
    if options.check_settings:
        say("\n".join(effective(settings, given)))
        return 0
    logs.set_up(settings.log_format)
    try:
        require_safety(settings, host)
        require_isolation(settings)
        app = create_app(settings)
        gc.freeze()  # what is there now stays: looking through it for garbage would stop a page for 200 ms
        port = free_port(options.port, host=host)
    except (StoreError, CannotStart, OSError) as error:
        print(f"glasstorch serve: {error}", file=sys.stderr)
        return 1
    if port != options.port and options.port != 0:
        say(f"Port {options.port} is in use by another program; taking {port} instead.")
    url = f"http://{host}:{port}/"
    if settings.multi_user and not app.state.accounts.has_admin():
        say("Nobody can administer this course yet. Make an admin with: glasstorch account new --role admin")
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        # With accounts, failed log-ins are counted by address.
        proxy_headers=settings.multi_user,
        forwarded_allow_ips=sorted(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE,
        log_config=None,  # uvicorn's lines go where ours go
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


def address(host: str, multi_user: bool) -> str:
    """The address to listen on.

    Raises:
        BadOption: it is none, or others could reach it and be taken for the one person of the service.
    """
    if host == "localhost":
        return "127.0.0.1"
    try:
        found = ipaddress.IPv4Address(host)
    except ValueError:
        found = None
    if found is not None and (found.is_loopback or multi_user):
        return host
    raise BadOption(
        f"{host} is not an IPv4 {'address' if multi_user else 'loopback address'}. "
        "A service without accounts takes everybody who reaches it for the same person, who could run code here, "
        "so it only listens on 127.0.0.1. From another machine use `ssh -L 8765:127.0.0.1:8765`, or JupyterHub; "
        "for several people start it with accounts, --course."
    )


def require_safety(settings: Settings, host: str) -> None:
    """See that a service with accounts keeps its people's secrets.

    Raises:
        CannotStart: it would not; each reason is said with what to do.
    """
    if not settings.multi_user:
        return
    if found := course_safety.faults(settings, host):
        raise CannotStart("\n".join(["A course cannot be served like this:", *(f"- {one}" for one in found)]))
    if not settings.is_https:
        log.warning(
            "WITHOUT HTTPS: whoever listens on this network reads passwords and sessions. "
            "This is for a private network that you trust, and for trying things out."
        )


def require_isolation(settings: Settings) -> None:
    """Measure, before anybody is let in, that boxes are shut off as well as a service with accounts needs.

    Raises:
        CannotStart: they are not, and nobody has accepted that.
        StoreError: that it was accepted cannot be written down.
    """
    if not settings.multi_user or settings.workers == 0:  # workers elsewhere measure their own machine
        return
    try:
        with Grader() as grader:
            level, gaps = str(grader.isolation["level"]), list(grader.isolation["gaps"])
    except SandboxError as error:
        raise CannotStart(f"Nothing can be graded on this machine: {error}") from None
    if refused := refusal(settings, level):
        raise CannotStart(refused)
    if level < settings.minimum_level:
        log.warning(
            "WEAK ISOLATION ACCEPTED: boxes reach %s, and %s is the least for a service with accounts. One learner's "
            "code may reach another's, this service's files and its secrets. What is missing: %s",
            level,
            settings.minimum_level,
            "; ".join(gaps) or "(nothing known)",
        )
        database = Database(settings.database)
        try:
            Audit(database).record(
                "service", "weak isolation accepted", level=level, minimum=settings.minimum_level, gaps=gaps
            )
        finally:
            database.close()


def _given(options: argparse.Namespace) -> dict[str, Any]:
    values = {name: getattr(options, name) for name in ("lessons", "state", "workers", "root_path")}
    values |= {
        "multi_user": options.course or None,
        "public_url": options.public_url,
        "insecure_http": options.insecure_http or None,
    }
    return {
        name: value.resolve() if isinstance(value, Path) else value
        for name, value in values.items()
        if value is not None
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="glasstorch serve", description=__doc__)
    register(parser)
    options = parser.parse_args()
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
