"""From a child of the zygote to a box: wait for an order, close everything else, lock down, serve."""

from __future__ import annotations

import faulthandler
import fcntl
import io
import itertools
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from glasstorch_web.sandbox import boxed, control, wire
from glasstorch_web.sandbox.isolation import Isolation
from glasstorch_web.sandbox.kernel import identity

_ABOVE = 64  # descriptors are first moved out of the way of the box's own numbers
_HIGHEST = 1 << 20


def run(
    line: socket.socket,
    isolation: Isolation,
    session: Callable[[bytes], boxed.Session],
) -> None:
    """Live as a box; never returns. `line`: where the order comes from, held open by the zygote."""
    identity.die_with_parent()
    _keep_only(line, isolation)
    try:
        order, fds = control.receive(line)
    except (EOFError, OSError):
        os._exit(0)
    code = wire.SETUP_EXIT
    try:
        _become_box(order, fds, line, isolation)
        os.write(boxed.REPLY_FD, b"!")
        code = wire.SESSION_EXIT
        session(bytes.fromhex(order["nonce"])).serve()
        code = 0
    except BaseException as error:
        if code == wire.SETUP_EXIT:
            os.write(boxed.TRACE_FD, f"setup: {type(error).__name__}: {error}".encode()[:1000])
    finally:
        os._exit(code)


def _keep_only(line: socket.socket, isolation: Isolation) -> None:
    """Close what belongs to other boxes and to the zygote, whose ends must not be held open here."""
    kept = [fcntl.fcntl(line.detach(), fcntl.F_DUPFD, _ABOVE)]
    line.__init__(fileno=kept[0])  # type: ignore[misc]
    if isolation.landlock_rules >= 0:
        kept.append(fcntl.fcntl(isolation.landlock_rules, fcntl.F_DUPFD, _ABOVE))
        isolation.landlock_rules = kept[1]
    close_all_but(kept)


def close_all_but(kept: Iterable[int]) -> None:
    """Close every descriptor but these and the standard ones."""
    for below, above in itertools.pairwise([2, *sorted(kept), _HIGHEST]):
        os.closerange(below + 1, above)


def _become_box(order: dict[str, Any], fds: list[int], line: socket.socket, isolation: Isolation) -> None:
    request, reply, output, trace, alarm = fds
    moved = {fd: fcntl.fcntl(fd, fcntl.F_DUPFD, _ABOVE) for fd in fds}
    placed = {
        0: request,
        1: output,
        2: output,
        boxed.REQUEST_FD: request,
        boxed.REPLY_FD: reply,
        boxed.TRACE_FD: trace,
        boxed.ALARM_FD: alarm,
    }
    for number, fd in placed.items():
        os.dup2(moved[fd], number)
    os.closerange(boxed.ALARM_FD + 1, _ABOVE)
    for fd in moved.values():
        os.close(fd)
    _empty_standard_input()
    # Which of the two limits was reached is known by where the trace is written.
    faulthandler.register(signal.SIGXCPU, file=boxed.TRACE_FD, all_threads=False)
    faulthandler.register(signal.SIGALRM, file=boxed.ALARM_FD, all_threads=False)
    _Printing.left = order["output_bytes"]
    sys.stdout, sys.stderr = _line_by_line(1), _line_by_line(2)
    isolation.lock_down(order)
    # A zygote that died before the kernel was told to end this process with it has hung up.
    watch = select.poll()
    watch.register(line, 0)
    if watch.poll(0):
        os._exit(0)
    line.close()


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
