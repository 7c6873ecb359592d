"""A TCP connection between every two processes, and messages that find their receiver.

Every connection has a thread that reads, so that a sender never waits for a receiver to be ready. A message carries
the channel it belongs to (a group and a tag). It goes straight into the memory of the receiver that waits for it, or
is kept until one does.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
import threading
from collections import defaultdict, deque
from datetime import timedelta

from .errors import DistNetworkError
from .store import Store
from .tcp_store import TCPStore, _holders, connect, is_loopback, listen, read_exactly, watch_peer

Channel = tuple[bytes, int]  # a group's key and a tag

_HEADER = struct.Struct("!8sqQ")  # the group's key, the tag, how many bytes follow
_HELLO = struct.Struct("!16sI")  # the job's secret, the rank of who connects


class Receive:
    """Memory that waits for a message."""

    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.done = False
        self.error: str | None = None


class Mesh:
    """All connections of this process. ``rank`` and ``size`` are those of the whole job."""

    def __init__(self, store: Store, rank: int, size: int, timeout: timedelta) -> None:
        self.rank, self.size = rank, size
        self.changed = threading.Condition()
        self.connections: dict[int, socket.socket] = {}
        self.sending: dict[int, threading.Lock] = {}
        self.gone: dict[int, str] = {}  # why a peer cannot be reached any more
        self.posted: dict[tuple[int, Channel], deque[Receive]] = defaultdict(deque)
        self.arrived: dict[tuple[int, Channel], deque[bytearray]] = defaultdict(deque)
        if size > 1:
            self._connect(store, timeout)
        for peer in self.connections:
            self.sending[peer] = threading.Lock()
            threading.Thread(target=self._read, args=(peer,), name=f"from rank {peer}", daemon=True).start()
        _holders.add(self)

    def _connect(self, store: Store, timeout: timedelta) -> None:
        """Every process connects to those of lower rank and is connected to by those of higher rank."""
        host = store_address(store)
        listener = listen(host, 0)
        listener.settimeout(timeout.total_seconds())
        if self.rank == 0:
            store.set("mesh/secret", secrets.token_bytes(16))
        secret = store.get("mesh/secret")
        store.set(f"mesh/{self.rank}", f"{host}:{listener.getsockname()[1]}")
        for peer in range(self.rank):
            address, _, port = store.get(f"mesh/{peer}").decode().rpartition(":")
            self.connections[peer] = connection = connect(address, int(port), timeout)
            connection.sendall(_HELLO.pack(secret, self.rank))
        with listener:
            while len(self.connections) < self.size - 1:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    missing = sorted({*range(self.size)} - {self.rank, *self.connections})
                    raise DistNetworkError(
                        f"Timed out after {timeout.total_seconds():.0f} s waiting for rank(s) {missing} to connect"
                    ) from None
                connection.settimeout(10.0)
                hello = bytearray(_HELLO.size)
                with contextlib.suppress(OSError):
                    read_exactly(connection, memoryview(hello))
                    greeting, peer = _HELLO.unpack(hello)
                    if secrets.compare_digest(greeting, secret) and self.rank < peer < self.size:
                        connection.settimeout(None)
                        watch_peer(connection)
                        self.connections[peer] = connection
                        continue
                connection.close()  # not one of this job

    # ------------------------------------------------------------------ messages
    def send(self, peer: int, channel: Channel, data: memoryview) -> None:
        """Send a message; RuntimeError when the peer has gone."""
        group, tag = channel
        try:
            connection = self.connections[peer]
            with self.sending[peer]:
                connection.sendall(_HEADER.pack(group, tag, len(data)))
                connection.sendall(data)
        except (OSError, KeyError) as error:
            raise RuntimeError(self._closed(peer, error)) from None

    def post(self, peer: int, channel: Channel, view: memoryview) -> Receive:
        """Have memory ready for a peer's next message on a channel. Wait for it with ``wait``."""
        receive = Receive(view)
        key = peer, channel
        with self.changed:
            if self.arrived[key]:
                self._deliver(receive, self.arrived[key].popleft())
            elif peer in self.gone:
                receive.error = self.gone[peer]
            else:
                self.posted[key].append(receive)
        return receive

    def wait(self, receive: Receive, timeout: timedelta) -> None:
        """Wait until the memory is filled; RuntimeError when the peer has gone, or after ``timeout``."""
        with self.changed:
            if not self.changed.wait_for(lambda: receive.done or receive.error, _seconds(timeout)):
                receive.error = _timed_out(timeout)
                for waiting in self.posted.values():  # what comes later is for somebody else
                    if receive in waiting:
                        waiting.remove(receive)
        if receive.error:
            raise RuntimeError(receive.error)

    def any_source(self, peers: list[int], channel: Channel, timeout: timedelta) -> int:
        """Wait until one of several peers has sent something on a channel; who?"""

        def found() -> int | None:
            return next((p for p in peers if self.arrived[p, channel]), None)

        with self.changed:
            stop = self.changed.wait_for(
                lambda: found() is not None or all(p in self.gone for p in peers), _seconds(timeout)
            )
            source = found()
        if source is None:
            raise RuntimeError(next(iter(self.gone.values())) if stop else _timed_out(timeout))
        return source

    # ------------------------------------------------------------------ the threads that read
    def _read(self, peer: int) -> None:
        connection = self.connections[peer]
        header = bytearray(_HEADER.size)
        try:
            while True:
                read_exactly(connection, memoryview(header))
                group, tag, n = _HEADER.unpack(header)
                self._read_message(connection, peer, (group, tag), n)
        except OSError as error:
            with self.changed:
                self.gone[peer] = self._closed(peer, error)
                for (source, _), waiting in self.posted.items():
                    while source == peer and waiting:
                        waiting.popleft().error = self.gone[peer]
                self.changed.notify_all()

    def _read_message(self, connection: socket.socket, peer: int, channel: Channel, n: int) -> None:
        key = peer, channel
        with self.changed:
            waiting = self.posted[key]
            receive = waiting[0] if waiting and len(waiting[0].view) == n else None
            if receive is not None:
                waiting.popleft()
        if receive is not None:
            try:
                read_exactly(connection, receive.view)
            except OSError as error:
                receive.error = self._closed(peer, error)
                raise
            receive.done = True
        else:
            data = bytearray(n)
            read_exactly(connection, memoryview(data))
        with self.changed:
            if receive is None:
                if waiting:
                    self._deliver(waiting.popleft(), data)
                else:
                    self.arrived[key].append(data)
            self.changed.notify_all()

    def _deliver(self, receive: Receive, data: bytearray) -> None:
        if len(data) == len(receive.view):
            receive.view[:] = data
            receive.done = True
        else:
            receive.error = (
                f"A message of {len(data)} bytes came for a tensor of {len(receive.view)} bytes. All processes must "
                "call the same collectives in the same order, with tensors of the same size and dtype."
            )

    def _closed(self, peer: int, error: Exception) -> str:
        return (
            f"Connection closed by peer: rank {peer} has ended or cannot be reached ({error}). Look for what went "
            "wrong in its output."
        )

    # ------------------------------------------------------------------ the end
    def close(self) -> None:
        """Close all connections; what waits for a peer hears of it."""
        for connection in self.connections.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads
            connection.close()

    def forget(self) -> None:
        """In a forked process: the connections are its parent's, whose end the peers should notice."""
        for connection in self.connections.values():
            connection.close()
        self.connections = {}


def _timed_out(timeout: timedelta) -> str:
    return f"Timed out waiting {round(timeout.total_seconds() * 1000)}ms for recv operation to complete"


def _seconds(timeout: timedelta) -> float:
    return min(timeout.total_seconds(), threading.TIMEOUT_MAX)


def store_address(store: Store) -> str:
    """The address under which other processes of the job reach this one."""
    while hasattr(store, "underlying_store"):
        store = store.underlying_store
    if isinstance(store, TCPStore):
        return "127.0.0.1" if is_loopback(store.host) else store.local_address
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
