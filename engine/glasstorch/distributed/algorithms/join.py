"""``Join``: processes that run out of data before others.

Collectives need all processes. One that has no data left goes on to take part, with zeros, until nobody has any.
Before each iteration a process that still has data adds one to a count; those without add nothing, and stop when the
sum is 0.

Source: https://pytorch.org/docs/stable/distributed.algorithms.join.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, NamedTuple

from ...ops import create
from .. import collectives
from ..reduce_op import ReduceOp


class JoinHook:
    """What a process without data does for one participant."""

    def main_hook(self) -> None:
        """Called once for each iteration of the others: take part in its collectives."""

    def post_hook(self, is_last_joiner: bool) -> None:
        """Called in all processes when nobody has data left; ``is_last_joiner``: was this one among the last?"""


class _JoinConfig(NamedTuple):
    enable: bool
    throw_on_early_termination: bool
    is_first_joinable: bool


class Joinable(ABC):
    """A participant: something with collectives in every iteration."""

    @abstractmethod
    def __init__(self) -> None:
        super().__init__()
        self._join_config = _JoinConfig(False, False, False)

    @abstractmethod
    def join_hook(self, **kwargs: Any) -> JoinHook:
        """What to do for the others; ``kwargs`` are those of ``Join``."""

    @property
    @abstractmethod
    def join_device(self) -> Any:
        """Where the counts are."""

    @property
    @abstractmethod
    def join_process_group(self) -> Any:
        """Who takes part."""


class Join:
    """Use as ``with Join([ddp]): for batch in data: ...``. Each participant calls ``notify_join_context`` first.

    ``throw_on_early_termination``: instead of going on, raise RuntimeError in all processes when one has no data left.
    """

    def __init__(
        self,
        joinables: list[Joinable],
        enable: bool = True,
        throw_on_early_termination: bool = False,
        **kwargs: Any,
    ) -> None:
        if not joinables:
            raise ValueError("The join context manager requires at least one joinable")
        groups = {id(j.join_process_group) for j in joinables}
        if len(groups) > 1:
            raise ValueError("Using join context manager with multiple process groups")
        self._joinables, self._enable = joinables, enable
        self._throw = throw_on_early_termination
        self._hooks = [j.join_hook(**kwargs) for j in joinables]
        self._group, self._device = joinables[0].join_process_group, joinables[0].join_device

    def __enter__(self) -> None:
        for k, joinable in enumerate(self._joinables):
            joinable._join_config = _JoinConfig(self._enable, self._throw, k == 0)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for joinable in self._joinables:
            joinable._join_config = _JoinConfig(False, False, False)
        if not self._enable or kind is not None:
            return
        last = True
        while _total(0, self._device, self._group):
            last = False
            if self._throw:
                _total(1, self._device, self._group)
                raise RuntimeError(f"Rank {self._group.rank()} exhausted all inputs.")
            for hook in self._hooks:
                hook.main_hook()
        for hook in self._hooks:
            hook.post_hook(last)

    @staticmethod
    def notify_join_context(joinable: Joinable) -> int:
        """This process has data for one more iteration. Called by a participant before its collectives.

        Returns how many processes have (all, for participants after the first, who are not asked).
        """
        config = joinable._join_config
        if not (config.enable and config.is_first_joinable):
            return int(joinable.join_process_group.size())
        device, group = joinable.join_device, joinable.join_process_group
        active = _total(1, device, group)
        if config.throw_on_early_termination and active < group.size() and _total(0, device, group):
            raise RuntimeError(
                f"Detected at least one rank that exhausted inputs. Throwing across all ranks. (rank {group.rank()})"
            )
        return active

    @staticmethod
    def lowest_active_rank(joinable: Joinable, active: bool) -> int:
        """The lowest rank in the group of a process with ``active`` true; all processes call this together."""
        group = joinable.join_process_group
        rank = create.full((1,), group.rank() if active else group.size(), device=joinable.join_device)
        collectives.all_reduce(rank, ReduceOp.MIN, group)
        return int(rank.item())


def _total(mine: int, device: Any, group: Any) -> int:
    """The sum of what all processes say."""
    count = create.full((1,), mine, device=device)
    collectives.all_reduce(count, group=group)
    return int(count.item())


__all__ = ["Join", "JoinHook", "Joinable"]
