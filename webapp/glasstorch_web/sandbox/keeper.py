"""Between zygote and box: start the box, kill it when told or when the worker is gone, report its end."""

from __future__ import annotations

import faulthandler
import fcntl
import io
import json
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO

from glasstorch_web.sandbox import boxed, wire
from glasstorch_web.sandbox.isolation import Isolation
from glasstorch_web.sandbox.kernel import identity

_ABOVE = 64  # inherited descriptors are first moved out of the way of the box's own numbers
_HIGHEST = 65536


def keep(
    order: dict[str, Any],
    fds: list[int],
    isolation: Isolation,
    baseline: int,
    session: Callable[[bytes], boxed.Session],
) -> None:
    """Run one box to its end. `fds`: request, reply, output, trace, status, lifeline."""
    identity.die_with_parent()
    status, lifeline = fds[4:]
    try:
        isolation.enter_keeper()
        box = os.fork()
    except OSError as error:
        _report(status, {"failed": f"a box could not be started: {error}"})
        os._exit(0)
    if box == 0:
        code = wire.SETUP_EXIT
        try:
            _become_box(order, fds[:4], isolation, baseline)
            os.write(boxed.REPLY_FD, b"!")
            code = wire.SESSION_EXIT
            session(bytes.fromhex(order["nonce"])).serve()
            code = 0
        except BaseException as error:
            if code == wire.SETUP_EXIT:
                os.write(boxed.TRACE_FD, f"setup: {type(error).__name__}: {error}".encode()[:1000])
        finally:
            os._exit(code)
    for fd in fds[:4]:
        os.close(fd)
    _wait(box, lifeline)
    _, ended, usage = os.wait4(box, 0)
    _report(
        status,
        {
            "exit": os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else None,
            "signal": os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else None,
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory_kb": usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1),
        },
    )
    os._exit(0)


def _report(status: int, fields: dict[str, Any]) -> None:
    os.write(status, json.dumps(fields).encode())


def _wait(box: int, lifeline: int) -> None:
    """Until the box has ended, killing it when the lifeline is cut."""
    if hasattr(os, "pidfd_open"):
        handle = os.pidfd_open(box)
        ready, _, _ = select.select([handle, lifeline], [], [])
        if handle in ready:
            return
    else:
        while not select.select([lifeline], [], [], 0.01)[0]:
            if os.waitid(os.P_PID, box, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
    os.kill(box, signal.SIGKILL)


def _become_box(order: dict[str, Any], fds: list[int], isolation: Isolation, baseline: int) -> None:
    request, reply, output, trace = (fcntl.fcntl(fd, fcntl.F_DUPFD, _ABOVE) for fd in fds)
    kept = -1
    if isolation.landlock_rules >= 0:
        kept = isolation.landlock_rules = fcntl.fcntl(isolation.landlock_rules, fcntl.F_DUPFD, _ABOVE)
    placed = {
        0: request,
        1: output,
        2: output,
        boxed.REQUEST_FD: request,
        boxed.REPLY_FD: reply,
        boxed.TRACE_FD: trace,
    }
    for number, fd in placed.items():
        os.dup2(fd, number)
    below = kept if kept >= 0 else boxed.TRACE_FD + 1
    os.closerange(boxed.TRACE_FD + 1, below)
    os.closerange(below + 1 if kept >= 0 else below, _HIGHEST)
    _empty_standard_input()
    for number in (signal.SIGXCPU, signal.SIGALRM):
        faulthandler.register(number, file=boxed.TRACE_FD, all_threads=False)
    memory = baseline + int(order["memory_mb"] * (1 << 20)) if baseline else 0
    _Printing.left = order["output_bytes"]
    sys.stdout, sys.stderr = _line_by_line(1), _line_by_line(2)
    isolation.lock_down(cpu_seconds=order["cpu_seconds"], memory_bytes=memory)


class _Printing(io.FileIO):
    """Where a box prints to. Past the limit it tells which line was printing; the checker counts too, and ends it."""

    left = 0

    def write(self, data: Any) -> int:
        before = _Printing.left
        _Printing.left -= len(data)
        if before >= 0 > _Printing.left:
            os.write(boxed.TRACE_FD, wire.PRINTED_TOO_MUCH)
            faulthandler.dump_traceback(boxed.TRACE_FD, all_threads=False)
        return super().write(data)


def _line_by_line(fd: int) -> TextIO:
    """A stream on `fd` of which nothing is lost when the box ends without a word."""
    raw = _Printing(fd, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "replace", line_buffering=True)


def _empty_standard_input() -> None:
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)
    os.close(writing)
