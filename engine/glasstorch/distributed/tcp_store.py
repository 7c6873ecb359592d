"""``TCPStore``: the table lives in one process, which serves it to the others over TCP."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
import weakref
from datetime import timedelta
from typing import Any

from .errors import DistNetworkError, DistStoreError
from .store import DEFAULT_TIMEOUT, Parts, SharedTable, Store

MAX_PART = 1 << 30  # a longer part comes from somebody who does not speak this language
RETRY_SECONDS = 0.05
SILENCE_SECONDS = 15  # a machine that has not answered for so long is gone
_LENGTH = struct.Struct("!I")


def read_exactly(connection: socket.socket, view: memoryview) -> None:
    """Fill ``view`` from a connection; ConnectionError when it ends before."""
    while len(view):
        n = connection.recv_into(view)
        if not n:
            raise ConnectionError("connection closed")
        view = view[n:]


def _read(connection: socket.socket, n: int) -> bytes:
    data = bytearray(n)
    read_exactly(connection, memoryview(data))
    return bytes(data)


def send_parts(connection: socket.socket, parts: Parts) -> None:
    """Send a list of byte strings: their number, then each with its length."""
    connection.sendall(b"".join([_LENGTH.pack(len(parts)), *(_LENGTH.pack(len(p)) + p for p in parts)]))


def read_parts(connection: socket.socket) -> Parts:
    """Receive what ``send_parts`` sent."""
    (count,) = _LENGTH.unpack(_read(connection, 4))
    parts = []
    for _ in range(count):
        (n,) = _LENGTH.unpack(_read(connection, 4))
        if n > MAX_PART or count > MAX_PART:
            raise ConnectionError("not a message of a store")
        parts.append(_read(connection, n))
    return parts


def is_loopback(host: str) -> bool:
    """Does a host name mean this machine, and no other can reach it?"""
    try:
        return socket.gethostbyname(host).startswith("127.")
    except OSError:
        return False


def watch_peer(connection: socket.socket) -> None:
    """Send small messages at once, and let a connection break when the other machine has fallen silent.

    A process that ends closes its connections. A machine without power or network says nothing: only the lack of
    answers tells. The system asks after each third of the time, also while a process here waits to receive.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    third = SILENCE_SECONDS // 3
    for option, value in (
        ("TCP_KEEPIDLE", third), ("TCP_KEEPINTVL", third), ("TCP_KEEPCNT", 2),
        ("TCP_USER_TIMEOUT", SILENCE_SECONDS * 1000),
    ):  # fmt: skip
        if hasattr(socket, option):  # macOS lacks some
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens: for this machine only where ``host`` is its own loopback address, else for all."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1" if is_loopback(host) else "", port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise DistNetworkError(
            f"The server socket has failed to listen on any local network address. port: {port}, useIpv6: false, "
            f"code: {-(error.errno or 0)}, name: {error.strerror}. Choose another MASTER_PORT, or end the job that "
            "holds this one."
        ) from None
    return listener


def connect(host: str, port: int, timeout: timedelta) -> socket.socket:
    """A connection to a server that may still have to start."""
    deadline = time.monotonic() + timeout.total_seconds()
    while True:
        left = deadline - time.monotonic()
        try:
            connection = socket.create_connection((host, port), max(min(left, 10.0), 0.1))
        except OSError as error:
            if left <= RETRY_SECONDS:
                raise DistNetworkError(
                    f"The client socket has timed out after {round(timeout.total_seconds() * 1000)}ms while trying to "
                    f"connect to ({host}, {port}): {error}. Is the process of rank 0 running there?"
                ) from None
            time.sleep(RETRY_SECONDS)
            continue
        if connection.getsockname() == connection.getpeername():  # TCP met itself: nobody listens there
            connection.close()
            continue
        connection.settimeout(None)
        watch_peer(connection)
        return connection


class _Server:
    """Answers the requests of all processes, each connection in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.table = SharedTable()
        self.listener = listen(host, port)
        self.port = self.listener.getsockname()[1]
        self.connections: set[socket.socket] = set()
        _holders.add(self)
        threading.Thread(target=self._accept, name="store", daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            watch_peer(connection)
            self.connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="store client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, UnicodeDecodeError, DistStoreError), connection:
            while True:
                request, seconds, *parts = read_parts(connection)
                answer = self.table.ask(request.decode(), parts, float(seconds))
                send_parts(connection, [b""] if answer is None else [b"1", *answer])
        self.connections.discard(connection)

    def forget(self) -> None:
        """In a forked process: the sockets are its parent's, whose end others should notice."""
        for s in (self.listener, *self.connections):
            s.close()

    def close(self) -> None:
        for s in (self.listener, *list(self.connections)):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there
            s.close()
        self.table.close()


class TCPStore(Store):
    """A store that the process with ``is_master=True`` serves at ``host_name:port`` to all others.

    ``port=0`` takes a free one (see the attribute ``port``). With ``world_size`` and ``wait_for_workers`` the master
    waits until so many processes, itself included, have come.
    """

    def __init__(
        self,
        host_name: str,
        port: int,
        world_size: int | None = None,
        is_master: bool = False,
        timeout: timedelta = DEFAULT_TIMEOUT,
        wait_for_workers: bool = True,
        multi_tenant: bool = False,
        master_listen_fd: int | None = None,
        use_libuv: bool = True,
    ) -> None:
        self.host, self.timeout = host_name, timeout
        self._lock = threading.Lock()
        self._server = _Server(host_name, port) if is_master else None
        self.port = port if self._server is None else self._server.port
        target = "127.0.0.1" if self._server is not None and is_loopback(host_name) else host_name
        self._connection = connect(target, self.port, timeout)
        _holders.add(self)
        arrived = self.add("init/", 1)
        if is_master and wait_for_workers and world_size is not None:
            deadline = time.monotonic() + timeout.total_seconds()
            while arrived < world_size:
                if time.monotonic() > deadline:
                    raise DistStoreError(
                        f"Timed out after {round(timeout.total_seconds() * 1000)}ms waiting for clients. "
                        f"{arrived}/{world_size} clients joined."
                    )
                time.sleep(RETRY_SECONDS)
                arrived = self.add("init/", 0)

    @property
    def local_address(self) -> str:
        """The address under which this process reached the store; others on that network can reach it there."""
        return self._connection.getsockname()[0]

    def _ask(self, request: str, parts: Parts, timeout: timedelta) -> Parts | None:
        seconds = str(timeout.total_seconds()).encode()
        try:
            with self._lock:
                send_parts(self._connection, [request.encode(), seconds, *parts])
                found, *answer = read_parts(self._connection)
        except OSError as error:
            raise DistNetworkError(
                f"The store at {self.host}:{self.port} does not answer any more ({error}): the process of rank 0 "
                "has ended."
            ) from None
        return answer if found else None

    def close(self, patience: float = 0.0) -> None:
        """Leave the store; the master ends it. Others wait so many seconds for the master to end it."""
        if self._server is not None:
            self._server.close()
        elif patience:
            with contextlib.suppress(OSError):
                self._connection.settimeout(patience)
                self._connection.recv(1)
        self._connection.close()

    def forget(self) -> None:
        """In a forked process: leave the connection to the parent."""
        self._connection.close()

    def clone(self) -> TCPStore:
        """Another connection to the same store."""
        return TCPStore(self.host, self.port, timeout=self.timeout, wait_for_workers=False)

    def __reduce__(self) -> Any:
        return _connected, (self.host, self.port, self.timeout)


_holders: weakref.WeakSet[Any] = weakref.WeakSet()  # of sockets: servers, stores, meshes


def _forget_all() -> None:
    for holder in list(_holders):
        holder.forget()


os.register_at_fork(after_in_child=_forget_all)


def _connected(host: str, port: int, timeout: timedelta) -> TCPStore:
    return TCPStore(host, port, timeout=timeout)
