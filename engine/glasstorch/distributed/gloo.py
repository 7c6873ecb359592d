"""The backend ``gloo``: collectives by messages over TCP, for any processes that can reach each other.

Each group has a thread that runs its collectives one after the other, so that the program computes on meanwhile. The
algorithms are the classic ones; see Thakur, Rabenseifner, Gropp, "Optimization of Collective Communication Operations
in MPICH" (2005), https://doi.org/10.1177/1094342005051521
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from .. import backends
from .mesh import Mesh, Receive
from .reduce_op import RedOpType, combine, finish
from .transport import Transport
from .work import Finished, Work, Worker

SMALL_BYTES = 16 * 1024  # up to here the number of messages costs more than their length
COLLECTIVE = -1  # the tag of collectives; messages between two have the user's, from 0


def _bytes(a: Any) -> memoryview:
    """The memory of a contiguous array."""
    return memoryview(a.reshape(-1).view("u1"))


class GlooBackend(Transport):
    """The members of a group, connected by a ``Mesh``."""

    name = "gloo"

    def __init__(
        self, mesh: Mesh, key: str, members: Sequence[int], rank: int, size: int, timeout: timedelta
    ) -> None:
        super().__init__(rank, size, timeout)
        self.mesh, self.members = mesh, list(members)
        self.key = hashlib.blake2b(key.encode(), digest_size=8).digest()
        self.worker = Worker(f"collectives of {key}")

    # ------------------------------------------------------------------ messages
    def _send(self, peer: int, a: Any, tag: int = COLLECTIVE) -> None:
        if tag == COLLECTIVE:
            self.worker.doing.sent += a.nbytes  # type: ignore[operator]
        self.mesh.send(self.members[peer], (self.key, tag), _bytes(a))

    def _post(self, peer: int, a: Any, tag: int = COLLECTIVE) -> Receive:
        if tag == COLLECTIVE:
            self.worker.doing.received += a.nbytes  # type: ignore[operator]
        return self.mesh.post(self.members[peer], (self.key, tag), _bytes(a))

    def _wait(self, receive: Receive) -> None:
        self.mesh.wait(receive, self.timeout)

    def _receive(self, peer: int, a: Any) -> None:
        self._wait(self._post(peer, a))

    def _exchange(self, to: int, a: Any, source: int, out: Any) -> None:
        """Send one array and receive another, at the same time."""
        receive = self._post(source, out)
        self._send(to, a)
        self._wait(receive)

    def _others(self) -> list[int]:
        """All other members, beginning after this one: so not all begin with the same."""
        return [(self.rank + k) % self.size for k in range(1, self.size)]

    # ------------------------------------------------------------------ collectives
    def broadcast(self, a: Any, root: int) -> Work:
        return self.worker.submit(lambda: self._broadcast(a, root))

    def _broadcast(self, a: Any, root: int) -> str:
        """A binomial tree: in round k, the first 2^k members (counted from the root) send to the next 2^k."""
        place, step = (self.rank - root) % self.size, 1
        while step < self.size:
            if place < step and place + step < self.size:
                self._send((self.rank + step) % self.size, a)
            elif step <= place < 2 * step:
                self._receive((self.rank - step) % self.size, a)
            step *= 2
        return "binomial tree"

    def all_reduce(self, a: Any, op: RedOpType) -> Work:
        def run() -> str:
            flat = a.reshape(-1)
            if self.size == 1:
                return "alone"
            how = self._reduce_small(flat, op) if flat.nbytes <= SMALL_BYTES else self._reduce_ring(flat, op)
            finish(op, flat, self.size)
            return how

        return self.worker.submit(run)

    def _reduce_small(self, flat: Any, op: RedOpType) -> str:
        """Everybody sends everything to everybody: one round. Combined in the order of ranks, to be equal for all."""
        parts = self._gather_all(flat)
        flat[...] = parts[0]
        for part in parts[1:]:
            combine(op, flat, part)
        return "direct exchange"

    def _gather_all(self, flat: Any) -> list[Any]:
        xp = backends.namespace(flat)
        parts = [flat.copy() if k == self.rank else xp.empty_like(flat) for k in range(self.size)]
        receives = [self._post(peer, parts[peer]) for peer in self._others()]
        for peer in self._others():
            self._send(peer, parts[self.rank])
        for receive in receives:
            self._wait(receive)
        return parts

    def _reduce_ring(self, flat: Any, op: RedOpType) -> str:
        """The ring: n - 1 steps combine a chunk each, n - 1 more hand the finished chunks round.

        Everybody sends 2 (n - 1) / n times the array, however many take part.
        Source: Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms" (2009), doi:10.1016/j.jpdc.2008.09.002
        """
        n, chunks = self.size, _chunks(flat, self.size)
        right, left = (self.rank + 1) % n, (self.rank - 1) % n
        scratch = backends.namespace(flat).empty_like(chunks[0])
        for step in range(n - 1):
            target = chunks[(self.rank - step - 1) % n]
            incoming = scratch[: target.size]
            self._exchange(right, chunks[(self.rank - step) % n], left, incoming)
            combine(op, target, incoming)
        for step in range(n - 1):
            self._exchange(right, chunks[(self.rank + 1 - step) % n], left, chunks[(self.rank - step) % n])
        return "ring"

    def reduce(self, a: Any, root: int, op: RedOpType) -> Work:
        def run() -> str:
            if self.rank != root:
                self._send(root, a)
                return "star"
            flat = a.reshape(-1)
            own, incoming = flat.copy(), backends.namespace(flat).empty_like(flat)
            for peer in range(self.size):  # in the order of ranks, so that the sum is always the same
                if peer != root:
                    self._receive(peer, incoming)
                part = own if peer == root else incoming
                if peer == 0:
                    flat[...] = part
                else:
                    combine(op, flat, part)
            finish(op, flat, self.size)
            return "star"

        return self.worker.submit(run)

    def all_gather(self, outs: Sequence[Any], a: Any) -> Work:
        def run() -> str:
            """Around the ring: in each step, hand on what came in the last."""
            outs[self.rank][...] = a
            n = self.size
            for step in range(n - 1):
                here, coming = (self.rank - step) % n, (self.rank - step - 1) % n
                self._exchange((self.rank + 1) % n, outs[here], (self.rank - 1) % n, outs[coming])
            return "ring"

        return self.worker.submit(run)

    def gather(self, outs: Sequence[Any] | None, a: Any, root: int) -> Work:
        def run() -> str:
            if outs is None:
                self._send(root, a)
                return "star"
            receives = [self._post(peer, outs[peer]) for peer in self._others()]
            outs[self.rank][...] = a
            for receive in receives:
                self._wait(receive)
            return "star"

        return self.worker.submit(run)

    def scatter(self, out: Any, arrays: Sequence[Any] | None, root: int) -> Work:
        def run() -> str:
            if arrays is None:
                self._receive(root, out)
                return "star"
            for peer in self._others():
                self._send(peer, arrays[peer])
            out[...] = arrays[self.rank]
            return "star"

        return self.worker.submit(run)

    def reduce_scatter(self, out: Any, arrays: Sequence[Any], op: RedOpType) -> Work:
        def run() -> str:
            """Everybody sends its k-th array to rank k, which combines them in the order of ranks."""
            xp = backends.namespace(out)
            parts = [arrays[self.rank] if k == self.rank else xp.empty_like(out) for k in range(self.size)]
            self._pairs(parts, arrays)
            out[...] = parts[0]
            for part in parts[1:]:
                combine(op, out, part)
            finish(op, out, self.size)
            return "direct exchange"

        return self.worker.submit(run)

    def all_to_all(self, outs: Sequence[Any], arrays: Sequence[Any]) -> Work:
        def run() -> str:
            self._pairs(outs, arrays)
            outs[self.rank][...] = arrays[self.rank]
            return "direct exchange"

        return self.worker.submit(run)

    def _pairs(self, outs: Sequence[Any], arrays: Sequence[Any]) -> None:
        """One array to and from each other member."""
        receives = [self._post(peer, outs[peer]) for peer in self._others()]
        for peer in self._others():
            self._send(peer, arrays[peer])
        for receive in receives:
            self._wait(receive)

    def barrier(self) -> Work:
        return self.worker.submit(self._barrier)

    def _barrier(self) -> str:
        """Dissemination: in round k, hear from the member 2^k before. After log2 n rounds everybody has heard of all.

        Source: Hensgen, Finkel, Manber, "Two algorithms for barrier synchronization" (1988).
        """
        import numpy as np

        token, step = np.zeros(1, "u1"), 1
        while step < self.size:
            self._exchange(
                (self.rank + step) % self.size, token, (self.rank - step) % self.size, np.empty_like(token)
            )
            step *= 2
        return "dissemination"

    # ------------------------------------------------------------------ between two
    def send(self, a: Any, peer: int, tag: int) -> Work:
        start = time.perf_counter()
        self._send(peer, a, tag)  # the other side reads at once, so this does not wait for it
        work = Finished()
        work.started, work.sent, work.received = start, a.nbytes, 0
        work.waits.append((start, work.finished))
        return work

    def receive(self, a: Any, peer: int | None, tag: int) -> Work:
        if peer is None:
            return _AnyReceive(self, a, tag)
        return _Receiving(self, self._post(peer, a, tag), peer, a.nbytes)

    def close(self) -> None:
        self.worker.close()


class _Receiving(Work):
    """A message on its way to this process."""

    def __init__(self, backend: GlooBackend, receive: Receive | None, source: int, nbytes: int) -> None:
        super().__init__()
        self.backend, self.receive, self.source = backend, receive, source
        self.sent, self.received = 0, nbytes

    def _await(self, seconds: float | None) -> bool:
        if not self._done.is_set():
            limit = self.backend.timeout if seconds is None else timedelta(seconds=seconds)
            self._settle(lambda: self.backend.mesh.wait(self._posted(limit), limit))
        return True

    def _posted(self, limit: timedelta) -> Receive:
        assert self.receive is not None
        return self.receive

    def _settle(self, wait: Callable[[], None]) -> None:
        try:
            wait()
        except RuntimeError as error:
            self._finish(error)
        else:
            self._finish()

    def is_completed(self) -> bool:
        if not self._done.is_set() and self.receive is not None and (self.receive.done or self.receive.error):
            self._settle(lambda: self.backend.mesh.wait(self._posted(timedelta(0)), timedelta(0)))
        return self._done.is_set()


class _AnyReceive(_Receiving):
    """A message from whoever sends first."""

    def __init__(self, backend: GlooBackend, a: Any, tag: int) -> None:
        super().__init__(backend, None, -1, a.nbytes)
        self.array, self.tag = a, tag

    def _posted(self, limit: timedelta) -> Receive:
        backend = self.backend
        peers = [m for k, m in enumerate(backend.members) if k != backend.rank]
        source = backend.mesh.any_source(peers, (backend.key, self.tag), limit)
        self.source = backend.members.index(source)
        return backend._post(self.source, self.array, self.tag)


def _chunks(flat: Any, n: int) -> list[Any]:
    """A flat array in ``n`` parts, the first ones longer by one where it does not divide."""
    short, more = divmod(flat.size, n)
    ends = [0]
    for k in range(n):
        ends.append(ends[-1] + short + (k < more))
    return [flat[a:b] for a, b in itertools.pairwise(ends)]
