"""A running `glasstorch start` and its family of processes."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120.0  # seconds; a noisy machine may take long, a right launcher does not


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


class Started:
    """A running `glasstorch start`, marked by a state folder of its own so that its family can be found."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.mark = f"GLASSTORCH_STATE={folder / 'state'}"
        environment = {**os.environ, "GLASSTORCH_STATE": str(folder / "state"), "HOME": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "glasstorch.cli", "start", "--no-browser", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            cwd=folder,
        )
        self.output = ""

    def read_until(self, text: str) -> str:
        assert self.process.stdout is not None
        stream = self.process.stdout
        os.set_blocking(stream.fileno(), False)
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while text not in self.output:
                left = deadline - time.monotonic()
                assert left > 0, f"{text!r} did not come; so far:\n{self.output}"
                if selector.select(left):
                    chunk = stream.read()
                    assert chunk, f"ended without {text!r}:\n{self.output}"
                    self.output += chunk
        return self.output

    def address(self, name: str) -> str:
        return re.search(rf"{name}\s+(http\S+)", self.read_until("Ctrl-C stops both"))[1]

    def family(self) -> dict[int, str]:
        """Every process that carries this run's mark: pid -> command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if command:  # a zombie has none
                        found[int(entry.name)] = command
            except OSError:
                continue
        return found

    def member(self, part: str) -> int:
        return next(
            pid for pid, command in self.family().items() if part in command and "cli start" not in command
        )

    def end(self) -> None:
        for pid in self.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(PATIENCE)
