"""Running one function in several processes, and hearing of the first failure."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from multiprocessing import connection
from pathlib import Path
from typing import Any

from ..core.frames import warn

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
STOP_SECONDS = 30.0  # how long the others may take to end after one has failed


class ProcessException(Exception):
    """A process failed: ``error_index`` is its number, ``error_pid`` its process id."""

    def __init__(self, msg: str, error_index: int, error_pid: int) -> None:
        super().__init__(msg)
        self.msg, self.error_index, self.error_pid = msg, error_index, error_pid

    def __reduce__(self) -> tuple:
        return type(self), (self.msg, self.error_index, self.error_pid)


class ProcessRaisedException(ProcessException):
    """The function raised; the message holds the traceback."""


class ProcessExitedException(ProcessException):
    """The process ended with another exit code than 0 (``exit_code``), or by a signal (``signal_name``)."""

    def __init__(
        self, msg: str, error_index: int, error_pid: int, exit_code: int, signal_name: str | None = None
    ) -> None:
        super().__init__(msg, error_index, error_pid)
        self.exit_code, self.signal_name = exit_code, signal_name

    def __reduce__(self) -> tuple:
        return type(self), (self.msg, self.error_index, self.error_pid, self.exit_code, self.signal_name)


def _call(fn: Callable, i: int, args: tuple, report: str) -> None:
    if sys.platform == "linux":  # let the system interrupt this process when the one that started it is gone
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    try:
        fn(i, *args)
    except KeyboardInterrupt:
        pass  # the process that started this one was interrupted too
    except Exception:
        Path(report).write_bytes(pickle.dumps(traceback.format_exc()))
        sys.exit(1)


class ProcessContext:
    """The processes that ``start_processes`` started."""

    def __init__(self, processes: list[Any], error_files: list[str]) -> None:
        self.processes, self.error_files = processes, error_files
        self.sentinels = {process.sentinel: i for i, process in enumerate(processes)}

    def pids(self) -> list[int]:
        """Their process ids."""
        return [int(process.pid) for process in self.processes]

    def join(self, timeout: float | None = None, grace_period: float | None = None) -> bool:
        """Wait for at least one process to end; True when all have.

        When one has failed, the others are ended (after ``grace_period`` seconds, if given) and its failure is
        raised: ProcessRaisedException or ProcessExitedException.
        """
        if not self.sentinels:
            return True
        failed = None
        for sentinel in connection.wait(list(self.sentinels), timeout):
            i = self.sentinels.pop(sentinel)  # type: ignore[arg-type]
            self.processes[i].join()
            if self.processes[i].exitcode:
                failed = i
                break
        if failed is None:
            return not self.sentinels
        if grace_period is not None:
            self._wait(grace_period)
        for process in self.processes:
            process.terminate()
        self._wait(STOP_SECONDS if grace_period is None else grace_period)
        for process in self.processes:
            if process.is_alive():
                process.kill()
            process.join()
        raise self._failure(failed)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for process in self.processes:
            process.join(max(0, deadline - time.monotonic()))

    def _failure(self, i: int) -> ProcessException:
        code, pid = self.processes[i].exitcode, self.processes[i].pid
        report = Path(self.error_files[i])
        if report.exists():
            text = pickle.loads(report.read_bytes())
            report.unlink()
            return ProcessRaisedException(
                f"\n\n-- Process {i} terminated with the following error:\n{text}", i, pid
            )
        if code >= 0:
            return ProcessExitedException(f"process {i} terminated with exit code {code}", i, pid, code)
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"<Unknown signal {-code}>"
        return ProcessExitedException(f"process {i} terminated with signal {name}", i, pid, code, name)


class SpawnContext(ProcessContext):
    """The old name of ``ProcessContext``."""

    def __init__(self, processes: list[Any], error_files: list[str]) -> None:
        warn("SpawnContext is renamed to ProcessContext since 1.4 release.")
        super().__init__(processes, error_files)


def start_processes(
    fn: Callable,
    args: tuple = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """Run ``fn(i, *args)`` for i = 0 … ``nprocs`` - 1, each in a process of its own.

    ``join``: wait for all of them; else the ``ProcessContext`` is returned. ``daemon``: they end with this process.
    """
    context: Any = multiprocessing.get_context(start_method)
    processes, reports = [], []
    for i in range(nprocs):
        handle, report = tempfile.mkstemp(prefix="glasstorch-error-", suffix=".pickle")
        os.close(handle)
        os.unlink(report)  # it exists only where there is something to report
        process = context.Process(target=_call, args=(fn, i, args, report), daemon=daemon)
        process.start()
        processes.append(process)
        reports.append(report)
    started = ProcessContext(processes, reports)
    if not join:
        return started
    while not started.join():
        pass
    return None


def spawn(
    fn: Callable,
    args: tuple = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """``start_processes`` with fresh interpreters: ``fn`` has to be found by name, at the top of a module.

    Source: https://pytorch.org/docs/stable/multiprocessing.html#spawning-subprocesses
    """
    if start_method != "spawn":
        warn(
            f"This method only supports start_method=spawn (got: {start_method}).\n"
            "To use a different start_method use:\n\t\t torch.multiprocessing.start_processes(...)",
            FutureWarning,
        )
    return start_processes(fn, args, nprocs, join, daemon, "spawn")
