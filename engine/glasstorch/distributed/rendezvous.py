"""How the processes of a job find each other: environment variables, an address, or a file.

Source: https://pytorch.org/docs/stable/distributed.html#initialization
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlparse

from .store import FileStore, Store
from .tcp_store import TCPStore

DEFAULT_PORT = 29500

Found = tuple[Store, int, int]  # the store, this process's rank, how many processes
_handlers: dict[str, Callable[..., Iterator[Found]]] = {}


def register_rendezvous_handler(scheme: str, handler: Callable[..., Iterator[Found]]) -> None:
    """Let ``init_method="scheme://..."`` mean ``handler(url, timeout=...)``, which yields (store, rank, n)."""
    if scheme in _handlers:
        raise RuntimeError(f"Rendezvous handler for {scheme}:// already registered")
    _handlers[scheme] = handler


def rendezvous(
    url: str, rank: int = -1, world_size: int = -1, timeout: timedelta | None = None
) -> Iterator[Found]:
    """Yields (store, rank, number of processes) for ``env://``, ``tcp://host:port`` or ``file:///path``."""
    if not isinstance(url, str):
        raise RuntimeError(f"`url` must be a string. {type(url)}: {url}")
    parsed = urlparse(url)
    if parsed.scheme not in _handlers:
        raise RuntimeError(f"No rendezvous handler for {parsed.scheme}://")
    query = {name: values[0] for name, values in parse_qs(parsed.query).items()}
    if rank != -1:
        query["rank"] = str(rank)
    if world_size != -1:
        query["world_size"] = str(world_size)
    bare = parsed._replace(query="&".join(f"{name}={value}" for name, value in query.items())).geturl()
    return _handlers[parsed.scheme](bare, **({} if timeout is None else {"timeout": timeout}))


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(url).query).items()}


def _number(kind: str, value: str | None, what: str) -> int:
    if value is None:
        raise ValueError(f"Error initializing torch.distributed using {kind}:// rendezvous: {what}")
    try:
        return int(value)
    except ValueError:
        raise ValueError(
            f"Error initializing torch.distributed using {kind}:// rendezvous: {value!r} is no whole number"
        ) from None


def _from_environment(url: str, timeout: timedelta = timedelta(minutes=5)) -> Iterator[Found]:
    query = _query(url)

    def variable(name: str) -> str:
        value = os.environ.get(name)
        if value is None:
            raise ValueError(
                "Error initializing torch.distributed using env:// rendezvous: environment variable "
                f"{name} expected, but not set"
            )
        return value

    rank = int(query["rank"]) if "rank" in query else _number("env", variable("RANK"), "")
    size = int(query["world_size"]) if "world_size" in query else _number("env", variable("WORLD_SIZE"), "")
    host, port = variable("MASTER_ADDR"), _number("env", variable("MASTER_PORT"), "")
    _check_rank(rank, size)
    yield TCPStore(host, port, size, rank == 0, timeout), rank, size


def _from_address(url: str, timeout: timedelta = timedelta(minutes=5)) -> Iterator[Found]:
    parsed, query = urlparse(url), _query(url)
    if not parsed.port:
        raise ValueError("Error initializing torch.distributed using tcp:// rendezvous: port number missing")
    rank = _number("tcp", query.get("rank"), "rank parameter missing")
    size = _number("tcp", query.get("world_size"), "world size parameter missing")
    _check_rank(rank, size)
    yield TCPStore(parsed.hostname or "localhost", parsed.port, size, rank == 0, timeout), rank, size


def _from_file(url: str, timeout: timedelta = timedelta(minutes=5)) -> Iterator[Found]:
    parsed, query = urlparse(url), _query(url)
    if not parsed.path:
        raise ValueError("Error initializing torch.distributed using file:// rendezvous: path missing")
    rank = _number("file", query.get("rank"), "rank parameter missing")
    size = _number("file", query.get("world_size"), "world size parameter missing")
    _check_rank(rank, size)
    store = FileStore(parsed.path, size)
    store.set_timeout(timeout)
    yield store, rank, size


def _check_rank(rank: int, size: int) -> None:
    if not 0 <= rank < size:
        raise ValueError(
            f"rank {rank} and world_size {size} do not fit: ranks count from 0 to world_size - 1. Each process needs "
            "its own."
        )


register_rendezvous_handler("env", _from_environment)
register_rendezvous_handler("tcp", _from_address)
register_rendezvous_handler("file", _from_file)
