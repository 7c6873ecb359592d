"""Stores: small tables of bytes that all processes of a job read and write, to find each other.

``TCPStore`` keeps the table in one process and serves it to the others, ``FileStore`` in a file, ``HashStore`` in
this process. All do the same: reading waits until the key is there.

Source: https://pytorch.org/docs/stable/distributed.html#distributed-key-value-store
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from .errors import DistStoreError

DEFAULT_TIMEOUT = timedelta(seconds=300)
POLL_SECONDS = 0.01  # how often a FileStore looks whether somebody wrote

Parts = list[bytes]


class Table:
    """The table itself and what can be asked of it: each request and each answer is a list of bytes."""

    def __init__(self, values: dict[str, bytes] | None = None) -> None:
        self.values: dict[str, bytes] = {} if values is None else values

    def apply(self, request: str, parts: Parts) -> Parts | None:
        """The answer to a request; None while a key that it needs is missing."""
        values = self.values
        if request == "set":
            for name, value in zip(parts[::2], parts[1::2], strict=True):
                values[name.decode()] = value
            return []
        if request in ("get", "wait", "check"):
            names = [part.decode() for part in parts]
            there = all(name in values for name in names)
            if request == "check":
                return [b"1" if there else b""]
            if not there:
                return None
            return [values[name] for name in names] if request == "get" else []
        key = parts[0].decode() if parts else ""
        if request == "add":
            values[key] = str(int(values.get(key, b"0")) + int(parts[1])).encode()
            return [values[key]]
        if request == "append":
            values[key] = values.get(key, b"") + parts[1]
            return []
        if request == "compare_set":
            now = values.get(key, b"")
            if now == parts[1] and (key in values or not parts[1]):
                now = values[key] = parts[2]
            return [now if key in values else parts[1]]
        if request == "delete":
            return [b"" if values.pop(key, None) is None else b"1"]
        if request == "keys":
            return [name.encode() for name in values]
        raise DistStoreError(f"a store knows no request {request!r}")


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


class Store:
    """What all stores can do. Keys are strings, values bytes (strings are encoded).

    Waiting for a key takes ``timeout`` at most (five minutes unless set), then DistStoreError is raised.
    """

    timeout: timedelta = DEFAULT_TIMEOUT

    def _ask(self, request: str, parts: Parts, timeout: timedelta) -> Parts | None:
        """The answer; None when a key was missing all the time."""
        raise NotImplementedError

    def _request(self, request: str, parts: Sequence[Any], timeout: timedelta | None = None) -> Parts:
        limit = self.timeout if timeout is None else timeout
        answer = self._ask(request, [_bytes(part) for part in parts], limit)
        if answer is None:
            keys = ", ".join(f"/{part if isinstance(part, str) else part.decode()}" for part in parts)
            raise DistStoreError(f"wait timeout after {round(limit.total_seconds() * 1000)}ms, keys: {keys}")
        return answer

    def set(self, key: str, value: str | bytes) -> None:
        """Write a value, over an old one."""
        self._request("set", [key, value])

    def get(self, key: str) -> bytes:
        """The value, once there is one."""
        return self._request("get", [key])[0]

    def add(self, key: str, amount: int) -> int:
        """Add to a whole number (0 before the first time) and return the sum, in one step."""
        return int(self._request("add", [key, str(amount)])[0])

    def append(self, key: str, value: str | bytes) -> None:
        """Write behind what is there."""
        self._request("append", [key, value])

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        """Write ``desired_value`` if the value is ``expected_value`` ("" also: not there). Returns what then holds."""
        return self._request("compare_set", [key, expected_value, desired_value])[0]

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        """Wait until all keys are there."""
        self._request("wait", list(keys), timeout)

    def check(self, keys: Sequence[str]) -> bool:
        """Are all keys there?"""
        return bool(self._request("check", list(keys))[0])

    def delete_key(self, key: str) -> bool:
        """Take a key away; was it there?"""
        return bool(self._request("delete", [key])[0])

    def num_keys(self) -> int:
        """How many keys there are."""
        return len(self._request("keys", []))

    def list_keys(self) -> list[str]:
        """The keys."""
        return [key.decode() for key in self._request("keys", [])]

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        """Several values, once all are there."""
        return self._request("get", list(keys))

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        """Write several values."""
        self._request("set", [part for pair in zip(keys, values, strict=True) for part in pair])

    def has_extended_api(self) -> bool:
        """Are there ``append``, ``multi_get`` and ``multi_set``?"""
        return True

    def set_timeout(self, timeout: timedelta) -> None:
        """How long reading may wait from now on."""
        self.timeout = timeout


class SharedTable:
    """A table for several threads: requests wait for what others write."""

    def __init__(self) -> None:
        self.table = Table()
        self.changed = threading.Condition()
        self.closed = False

    def ask(self, request: str, parts: Parts, seconds: float) -> Parts | None:
        """The answer, or None when a key was missing for so many seconds (or the table is closed)."""
        with self.changed:
            answer = self.table.apply(request, parts)
            deadline = time.monotonic() + seconds
            while answer is None and not self.closed:
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(min(left, threading.TIMEOUT_MAX)):
                    break
                answer = self.table.apply(request, parts)
            if request in ("set", "add", "append", "compare_set"):
                self.changed.notify_all()
            return answer

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()


class HashStore(Store):
    """A store for the threads of this process."""

    def __init__(self) -> None:
        self._table = SharedTable()

    def _ask(self, request: str, parts: Parts, timeout: timedelta) -> Parts | None:
        return self._table.ask(request, parts, timeout.total_seconds())


class FileStore(Store):
    """A store in the file ``file_name``, for processes that see the same folder (and agree on its locks)."""

    def __init__(self, file_name: str | os.PathLike, world_size: int = -1) -> None:
        self.path = os.fspath(file_name)
        self.world_size = world_size
        Path(self.path).touch()

    def _ask(self, request: str, parts: Parts, timeout: timedelta) -> Parts | None:
        deadline = time.monotonic() + timeout.total_seconds()
        while (answer := self._locked(request, parts)) is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return answer

    def _locked(self, request: str, parts: Parts) -> Parts | None:
        """One request, with nobody else in the file meanwhile."""
        try:
            file = open(self.path, "r+b")  # noqa: SIM115  (closed below)
        except FileNotFoundError:
            raise DistStoreError(
                f"the store's file {self.path} has gone; another job may have removed it"
            ) from None
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            text = file.read()
            try:
                values = {k: base64.b64decode(v) for k, v in json.loads(text or b"{}").items()}
            except ValueError:
                raise DistStoreError(
                    f"{self.path} is no store: give the name of a file that is not there yet"
                ) from None
            table = Table(values)
            before = dict(values)
            answer = table.apply(request, parts)
            if table.values != before:
                file.seek(0)
                file.write(json.dumps({k: base64.b64encode(v).decode() for k, v in values.items()}).encode())
                file.truncate()
        return answer


class PrefixStore(Store):
    """Another store with ``prefix/`` before every key."""

    def __init__(self, prefix: str, store: Store) -> None:
        self.prefix, self.underlying_store = prefix, store
        self.timeout = store.timeout

    def _ask(self, request: str, parts: Parts, timeout: timedelta) -> Parts | None:
        start = f"{self.prefix}/".encode()
        if request == "set":
            parts = [start + part if k % 2 == 0 else part for k, part in enumerate(parts)]
        elif request in ("get", "wait", "check"):
            parts = [start + part for part in parts]
        elif parts:
            parts = [start + parts[0], *parts[1:]]
        answer = self.underlying_store._ask(request, parts, timeout)
        if request == "keys" and answer is not None:
            return [key.removeprefix(start) for key in answer if key.startswith(start)]
        return answer


def barrier(store: Store, name: str, world_size: int, timeout: timedelta) -> None:
    """Wait until ``world_size`` processes have come here."""
    if store.add(f"{name}/count", 1) == world_size:
        store.set(f"{name}/all", b"1")
    store.wait([f"{name}/all"], timeout)
