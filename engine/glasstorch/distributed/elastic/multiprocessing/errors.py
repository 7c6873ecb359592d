"""How a process tells the launcher what went wrong: by a file, which the launcher names in an environment variable.

Source: https://pytorch.org/docs/stable/elastic/errors.html
"""

from __future__ import annotations

import functools
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

ERROR_FILE = "TORCHELASTIC_ERROR_FILE"
PEER_GONE = (
    "Connection closed by peer"  # begins the message of whoever noticed that another process had ended
)


def write_error(error: BaseException) -> None:
    """Tell the launcher, if there is one, of an error that ends this process. The first one counts."""
    path = os.environ.get(ERROR_FILE)
    if not path or Path(path).exists():
        return
    text = "".join(traceback.format_exception(type(error), error, _of_program(error.__traceback__)))
    told = {"rank": int(os.environ.get("RANK", -1)), "message": {"message": f"{type(error).__name__}: {error}",
                        "extraInfo": {"py_callstack": text, "timestamp": str(int(time.time()))}},
            "time": time.time()}  # fmt: skip
    try:
        Path(path).write_text(json.dumps(told))
    except OSError as e:
        print(f"The error could not be written to {path}: {e}", file=sys.stderr)  # noqa: T201


def _of_program(trace: TracebackType | None) -> TracebackType | None:
    """The frames of the program, without those that started it."""
    first = trace
    starting = ("runpy>", "mpi_start.py", "run.py")
    while trace is not None and trace.tb_frame.f_code.co_filename.endswith(starting):
        trace = trace.tb_next
    return trace or first


def record(fn: Callable, error_handler: Any = None) -> Callable:
    """Decorator of a program's main function: an error in it is told to the launcher, whose report then shows it."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception as error:
            write_error(error)
            raise

    return wrapper


def tell_launcher() -> None:
    """Tell the launcher of any error that ends this process. Does nothing where there is no launcher."""
    if os.environ.get(ERROR_FILE) and sys.excepthook is not _write_and_show:
        _shown.append(sys.excepthook)
        sys.excepthook = _write_and_show


_shown: list[Callable] = []


def _write_and_show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, Exception):
        write_error(error)
    if PEER_GONE in str(
        error
    ):  # the launcher's report shows the error behind it; many others would bury that
        print(f"[rank {os.environ.get('RANK', '?')}] {kind.__name__}: {error}", file=sys.stderr)  # noqa: T201
    else:
        _shown[-1](kind, error, trace)


@dataclass
class ProcessFailure:
    """How one process failed."""

    local_rank: int
    rank: int
    pid: int
    exitcode: int
    error_file: str
    kept: bool = True  # will the file still be there when the report is read?

    def __post_init__(self) -> None:
        self.message, self.trace, self.timestamp = "", "", time.time()
        try:
            told = json.loads(Path(self.error_file).read_text())
            self.message = told["message"]["message"]
            self.trace = told["message"]["extraInfo"]["py_callstack"]
            self.timestamp = told["time"]
            if told["rank"] >= 0:
                self.rank = self.local_rank = told["rank"]
        except (OSError, ValueError, KeyError, TypeError):  # it told nothing: killed, or left by sys.exit
            pass

    @property
    def noticed_another(self) -> bool:
        """Did it fail only because another process had?"""
        return PEER_GONE in self.message

    def describe(self) -> str:
        """The lines of the report."""
        when = datetime.fromtimestamp(self.timestamp).strftime("%Y-%m-%d_%H:%M:%S")
        where = (
            f"{self.rank} (local_rank: {self.local_rank})"
            if self.rank >= 0
            else "unknown; mpiexec does not say"
        )
        trace = self.trace.rstrip() or "none was written; see what the process printed"
        return (
            f"  time      : {when}\n"
            f"  host      : {socket.gethostname()}\n"
            f"  rank      : {where}\n"
            f"  exitcode  : {self.exitcode} (pid: {self.pid}){_signal(self.exitcode)}\n"
            f"  error_file: {self.error_file if self.trace and self.kept else '<N/A>'}\n"
            f"  traceback : {trace.replace(chr(10), chr(10) + '  ')}"
        )


def _signal(exitcode: int) -> str:
    import signal

    try:
        return f" ended by {signal.Signals(-exitcode).name}" if exitcode < 0 else ""
    except ValueError:
        return f" ended by signal {-exitcode}"


class ChildFailedError(Exception):
    """At least one process of a job failed. ``failures`` by global rank."""

    def __init__(self, name: str, failures: dict[int, ProcessFailure]) -> None:
        self.name, self.failures = name, failures
        super().__init__(self.format_msg())

    def get_first_failure(self) -> tuple[int, ProcessFailure]:
        """The failure behind the others: not one that only noticed another, and the earliest."""
        return min(self.failures.items(), key=lambda item: (item[1].noticed_another, item[1].timestamp))

    def format_msg(self) -> str:
        """The report."""
        rank, root = self.get_first_failure()
        others = [f"[{k}]:\n{f.describe()}" for k, (r, f) in enumerate(self.failures.items(), 1) if r != rank]
        width = 60
        return "\n".join([
            "=" * width, f"{self.name} FAILED", "-" * width,
            "Failures:", *(others or ["  <NO_OTHER_FAILURES>"]), "-" * width,
            "Root Cause (first observed failure):", f"[0]:\n{root.describe()}", "=" * width,
        ])  # fmt: skip


__all__ = ["ChildFailedError", "ProcessFailure", "record"]
