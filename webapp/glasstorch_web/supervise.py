"""Child processes for the launcher: a free port, a start, a wait until ready, an end that leaves nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PORTS_TRIED = 50
STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Something keeps a process from starting; the message says what, and what to do."""


def free_port(wanted: int, taken: Collection[int] = (), host: str = "127.0.0.1") -> int:
    """`wanted`, or the next port after it that nothing listens on (0: any free one).

    Raises:
        CannotStart: the port needs privileges, or none of the next ports is free.
    """
    last = min(wanted + PORTS_TRIED, 65536)
    for port in range(wanted, max(last, wanted + 1)):
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers themselves do
            try:
                probe.bind((host, port))
            except PermissionError:
                raise CannotStart(f"Port {port} may only be used by root; choose one above 1023.") from None
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotStart(f"None of the ports {wanted} to {last - 1} is free; choose another one.")


def answers(url: str) -> bool:
    """Whether a GET of a loopback address gives a success, asked directly whatever proxies are configured."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as response:
            return bool(200 <= response.status < 300)
    except (OSError, ValueError):
        return False


@dataclass
class Child:
    """One process in a session of its own, so that Ctrl-C reaches the launcher alone, writing to a log."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(os.getpid()),
            )

    @property
    def status(self) -> int | None:
        """None while it runs; then its exit status, or minus the signal that ended it."""
        return self.process.poll() if self.process else 0

    def ended_how(self) -> str:
        status = self.status or 0
        return f"ended by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

    def last_words(self, lines: int = 12) -> str:
        """The end of the log, indented, to be shown after a failure."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return once `ready()`.

        Raises:
            CannotStart: the process ended first, or `seconds` have passed.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self.status is not None:
                raise CannotStart(f"{self.name} did not start ({self.ended_how()}):\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{self.name} does not answer after {seconds:.0f} s; its log is {self.log}")
            time.sleep(0.1)

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def stop(children: Sequence[Child], seconds: float = STOP_SECONDS) -> None:
    """Ask all of them to end; end by force what has not after `seconds`, or at a second Ctrl-C."""
    for child in children:
        if child.status is None:
            child.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    try:
        while any(child.status is None for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        for child in children:
            child.signal_group(signal.SIGKILL)  # the whole group: helpers of an ended process too
            if child.process is not None:
                child.process.wait()


def end_with_parent(parent: int) -> Callable[[], None] | None:
    """For Popen's `preexec_fn`: the kernel ends the child when the launcher dies, even by kill -9."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel
