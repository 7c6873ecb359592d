"""Zygotes of editions: the zygote's children that have taken parts of the engine out, and fork the boxes without them.

So an edition is made once and not for every box. A few are kept; the one not used for longest goes first.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glasstorch_web.sandbox import control, entry
from glasstorch_web.sandbox.edition import Editions
from glasstorch_web.sandbox.isolation import Isolation
from glasstorch_web.sandbox.kernel import identity

MOST = 4


@dataclass
class _Zygote:
    """line: this side's end; the zygote ends itself and its boxes when it is cut. said: see `Editions.enter`."""

    pid: int
    line: socket.socket
    said: dict[str, Any]


class EditionZygotes:
    """The editions in use. Orders for their boxes are passed on with the descriptors that come with them."""

    def __init__(
        self, editions: Editions, isolation: Isolation, serve: Callable[[socket.socket], None]
    ) -> None:
        """serve: take orders from a line until it is cut."""
        self._editions = editions
        self._isolation = isolation
        self._serve = serve
        self._running: dict[tuple[str, ...], _Zygote] = {}  # the one not used for longest comes first

    def describe(self, without: tuple[str, ...]) -> dict[str, Any]:
        """What there is to say about an edition; OSError when no zygote could be made."""
        if without not in self._running:
            self._make_room()
            zygote = self._fork(without)
            if zygote.said["refused"]:
                self._end(zygote)
                return zygote.said
            self._running[without] = zygote
        self._running[without] = self._running.pop(without)
        return self._running[without].said

    def start(self, order: dict[str, Any], fds: list[int]) -> None:
        """Have a box started; OSError when that cannot be. A zygote that has died is made again, once."""
        without = tuple(order["without"])
        for _ in range(2):
            refused = self.describe(without)["refused"]
            if refused:
                raise OSError(refused)
            if self._ask(without, order, fds) is not None:
                return
        raise OSError("the zygote of an edition died")

    def tasks(self, but: tuple[str, ...] = ()) -> int:
        """Processes and threads of all editions, `but` one: zygotes, boxes, and boxes that wait."""
        return sum(2 + self._tasks(one) for one in list(self._running) if one != but)

    def close(self) -> None:
        """End all of them with their boxes."""
        for without in list(self._running):
            self._end(self._running.pop(without))

    def _make_room(self) -> None:
        for without in list(self._running):
            if len(self._running) < MOST:
                return
            if not self._tasks(without) and without in self._running:
                self._end(self._running.pop(without))

    def _tasks(self, without: tuple[str, ...]) -> int:
        answer = self._ask(without, {"tasks": True})
        return answer["tasks"] if answer else 0

    def _ask(
        self, without: tuple[str, ...], message: dict[str, Any], fds: list[int] | None = None
    ) -> dict[str, Any] | None:
        """A zygote's answer; None, and it is gone, when there is none."""
        zygote = self._running[without]
        try:
            control.send(zygote.line, message, fds)
            return control.receive(zygote.line)[0]
        except (OSError, EOFError):
            self._end(self._running.pop(without))
            return None

    def _fork(self, without: tuple[str, ...]) -> _Zygote:
        self._editions.get_ready()
        self._isolation.weigh()
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                self._live(theirs, without)
            finally:
                os._exit(0)
        theirs.close()
        zygote = _Zygote(pid, ours, {})
        try:
            zygote.said = control.receive(ours)[0]
        except (OSError, EOFError):
            self._end(zygote)
            raise OSError("the zygote of an edition ended before it was ready") from None
        return zygote

    def _live(self, line: socket.socket, without: tuple[str, ...]) -> None:
        """As the zygote of an edition."""
        identity.die_with_parent()
        entry.close_all_but([line.fileno(), *self._isolation.descriptors()])
        gap = self._isolation.close_engine()
        said = self._editions.enter(without)
        self._isolation.weigh()
        control.send(line, {**said, "gap": gap})
        if not said["refused"]:
            self._serve(line)

    @staticmethod
    def _end(zygote: _Zygote) -> None:
        zygote.line.close()
        os.waitpid(zygote.pid, 0)
