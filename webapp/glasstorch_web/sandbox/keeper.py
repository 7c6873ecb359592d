"""The zygote's care for its boxes: fork them ahead, start them, kill them when told, report their ends.

One box is always forked ahead and waits, in its own namespace and control group, for the order that makes it
somebody's; so most of what it costs to start one is spent while nobody waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glasstorch_web.sandbox import control, entry
from glasstorch_web.sandbox.boxed import Session
from glasstorch_web.sandbox.edition import Editions
from glasstorch_web.sandbox.edition_zygotes import EditionZygotes
from glasstorch_web.sandbox.isolation import Isolation
from glasstorch_web.sandbox.kernel.cgroups import Group

_TO_BOX = (
    5  # of the descriptors that come with an order: request, reply, output, trace, alarm; status, lifeline
)
_LOOK_EVERY = 10  # milliseconds between looks at boxes where the kernel does not tell of their end


@dataclass
class _Child:
    """A box. line: holds this side's end open; the box ends itself when it is cut."""

    pid: int
    handle: int
    line: socket.socket
    group: Group | None
    tasks: int = 1
    status: int = -1
    lifeline: int = -1
    killed: bool = False


class Keeper:
    """All boxes of one zygote."""

    def __init__(
        self, isolation: Isolation, session: Callable[[bytes], Session], editions: Editions | None
    ) -> None:
        """editions: None in the zygote of an edition."""
        self._isolation = isolation
        self._session = session
        self._editions: EditionZygotes | None = None
        if editions is not None:
            self._editions = EditionZygotes(
                editions, isolation, lambda line: Keeper(isolation, session, None).serve(line)
            )
        self._boxes: list[_Child] = []
        self._spare: _Child | None = None

    def serve(self, worker: socket.socket) -> None:
        """Take the worker's orders until it is gone; then leave no box behind."""
        try:
            self._fork_ahead()
            while True:
                ready = self._wait(worker)
                for child in list(self._boxes):
                    self._look_after(child, ready)
                if worker.fileno() in ready:
                    order, fds = control.receive(worker)
                    if "edition" in order:
                        control.send(worker, self._edition(tuple(order["edition"])))
                    elif "tasks" in order:
                        control.send(worker, {"tasks": self._tasks()})
                    else:
                        self._start(order, fds)
                        control.send(worker, {"started": True})
                    self._fork_ahead()
        except (EOFError, ConnectionError):
            return
        finally:
            for child in [*self._boxes, *filter(None, [self._spare])]:
                self._kill(child)
                self._bury(child)
            if self._editions is not None:
                self._editions.close()
                if self._isolation.groups is not None:
                    self._isolation.groups.remove()

    def _edition(self, without: tuple[str, ...]) -> dict[str, Any]:
        try:
            return self._editions.describe(without) if self._editions is not None else {}
        except OSError as error:
            return {"failed": str(error)}

    def _tasks(self) -> int:
        return sum(child.tasks for child in self._boxes)

    def _wait(self, worker: socket.socket) -> set[int]:
        """The descriptors on which something happened."""
        poll = select.poll()
        poll.register(worker, select.POLLIN)
        for child in self._boxes:
            if child.handle >= 0:
                poll.register(child.handle, select.POLLIN)
            if not child.killed:
                poll.register(child.lifeline, select.POLLIN)
        blind = any(child.handle < 0 for child in self._boxes)
        return {fd for fd, _ in poll.poll(_LOOK_EVERY if blind else None)}

    def _look_after(self, child: _Child, ready: set[int]) -> None:
        if child.handle in ready or (child.handle < 0 and _has_ended(child.pid)):
            self._boxes.remove(child)
            self._bury(child)
        elif child.lifeline in ready and not child.killed:
            self._kill(child)

    def _fork_ahead(self) -> None:
        """Make the box for the next order. What goes wrong is said when that order comes."""
        if self._spare is None:
            with contextlib.suppress(OSError):
                self._spare = self._fork()

    def _fork(self) -> _Child:
        groups = self._isolation.groups
        group = groups.new() if groups is not None else None
        ours, theirs = socket.socketpair()
        pid = self._isolation.fork()
        if pid == 0:
            try:
                entry.run(theirs, self._isolation, self._session)
            finally:
                os._exit(70)
        theirs.close()
        handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
        child = _Child(pid, handle, ours, group)
        try:
            if group is not None:
                group.enter(pid)
        except OSError:
            self._kill(child)
            self._bury(child)
            raise
        return child

    def _start(self, order: dict[str, Any], fds: list[int]) -> None:
        """Start a box; what cannot be put in force is reported, never softened."""
        try:
            if order["without"] and self._editions is not None:
                # Counted for boxes with threads alone.
                others = self._editions.tasks(tuple(order["without"])) if order["threads"] else 0
                self._editions.start({**order, "elsewhere": 2 + self._tasks() + others}, fds)
            else:
                self._start_here(order, fds)
        except OSError as error:
            _report(fds[_TO_BOX], {"failed": f"a box could not be started: {error}"})
        finally:
            for fd in fds:
                os.close(fd)

    def _start_here(self, order: dict[str, Any], fds: list[int]) -> None:
        """Give the waiting box its order."""
        child, self._spare = self._spare or self._fork(), None
        try:
            child.tasks = 1 + order["threads"]
            elsewhere = order.get("elsewhere", 0)
            if order["threads"] and self._editions is not None:
                elsewhere += self._editions.tasks()
            order["tasks"] = self._isolation.tasks(order["threads"], 1 + self._tasks() + elsewhere)
            if child.group is not None:
                self._isolation.limit_group(child.group, order)
            control.send(child.line, order, fds[:_TO_BOX])
        except OSError:
            self._kill(child)
            self._bury(child)
            raise
        child.status, child.lifeline = map(os.dup, fds[_TO_BOX:])
        self._boxes.append(child)

    @staticmethod
    def _kill(child: _Child) -> None:
        child.killed = True
        os.kill(child.pid, signal.SIGKILL)  # not reaped yet: the number is still its own

    def _bury(self, child: _Child) -> None:
        """Reap a box that has ended, report how, and give back what it held."""
        _, ended, usage = os.wait4(child.pid, 0)
        report = {
            "exit": os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else None,
            "signal": os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else None,
            "stopped": child.killed,
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory_kb": usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1),
            "counted": child.group is not None,
            "out_of_memory": False,
        }
        if child.group is not None:
            with contextlib.suppress(OSError):  # taken away under our feet: the next box will not start
                counted = child.group.usage()
                report["out_of_memory"] = counted.killed
                if counted.peak:
                    report["memory_kb"] = counted.peak >> 10
                child.group.remove()
        if child.status >= 0:
            _report(child.status, report)
        child.line.close()
        for fd in (child.handle, child.status, child.lifeline):
            if fd >= 0:
                os.close(fd)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _report(status: int, fields: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the worker did not wait for it
        os.write(status, json.dumps(fields).encode() + b"\n")
