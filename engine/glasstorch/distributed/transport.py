"""What a backend is: the collectives on arrays, between the members of one group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from .reduce_op import RedOpType
from .work import Work


class Transport:
    """The members of one group, and how they talk.

    Arrays are contiguous, results go into the arrays given, and ranks count within the group. Every method returns a
    ``Work``; the arrays must be left alone until it is done.
    """

    name = ""

    def __init__(self, rank: int, size: int, timeout: timedelta) -> None:
        self.rank, self.size, self.timeout = rank, size, timeout

    def broadcast(self, a: Any, root: int) -> Work:
        """The root's values to all."""
        raise NotImplementedError

    def all_reduce(self, a: Any, op: RedOpType) -> Work:
        """Everybody's values combined, to all."""
        raise NotImplementedError

    def reduce(self, a: Any, root: int, op: RedOpType) -> Work:
        """Everybody's values combined, to the root."""
        raise NotImplementedError

    def all_gather(self, outs: Sequence[Any], a: Any) -> Work:
        """Everybody's values, to all."""
        raise NotImplementedError

    def gather(self, outs: Sequence[Any] | None, a: Any, root: int) -> Work:
        """Everybody's values, to the root."""
        raise NotImplementedError

    def scatter(self, out: Any, arrays: Sequence[Any] | None, root: int) -> Work:
        """One of the root's arrays to each."""
        raise NotImplementedError

    def reduce_scatter(self, out: Any, arrays: Sequence[Any], op: RedOpType) -> Work:
        """Everybody's k-th arrays combined, to rank k."""
        raise NotImplementedError

    def all_to_all(self, outs: Sequence[Any], arrays: Sequence[Any]) -> Work:
        """The k-th array to rank k, from everybody."""
        raise NotImplementedError

    def barrier(self) -> Work:
        """Done when everybody has come here."""
        raise NotImplementedError

    def send(self, a: Any, peer: int, tag: int) -> Work:
        """Values to one other."""
        raise NotImplementedError

    def receive(self, a: Any, peer: int | None, tag: int) -> Work:
        """Values from one other, or from whoever sends first."""
        raise NotImplementedError

    def close(self) -> None:
        """Talk no more."""
