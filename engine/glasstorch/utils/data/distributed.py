"""``DistributedSampler``: each of several processes that train together gets its own share of a dataset."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sized
from typing import Any

from ...ops.random import randperm
from ...random import Generator
from .sampler import Sampler


class DistributedSampler(Sampler[int]):
    """Every ``num_replicas``-th number of the dataset, from ``rank`` on, in an order that all processes share.

    All shares have the same length: numbers from the front are given out again at the end, or with ``drop_last`` the
    last few are left out. Call ``set_epoch`` before each pass, or every pass has the same order.

    Args:
        dataset: what to draw from; needs a length.
        num_replicas: how many processes; those of the process group by default.
        rank: which one this is, from 0; its rank in the process group by default.
        shuffle: a random order from ``seed`` and the epoch.
        seed: the same in all processes.
        drop_last: leave out numbers instead of repeating some.

    Source: https://pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None:
            num_replicas = int(_process_group().get_world_size())
        if rank is None:
            rank = int(_process_group().get_rank())
        if rank >= num_replicas or rank < 0:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset, self.num_replicas, self.rank = dataset, num_replicas, rank
        self.shuffle, self.seed, self.drop_last = shuffle, seed, drop_last
        self.epoch = 0
        n = len(dataset)
        self.num_samples = n // num_replicas if drop_last else -(-n // num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        if self.shuffle:
            generator = Generator().manual_seed(self.seed + self.epoch)
            order = randperm(n, generator=generator).tolist()
        else:
            order = list(range(n))
        if n:
            order *= -(-self.total_size // n)  # more than once where there are fewer numbers than processes
        return iter(order[self.rank : self.total_size : self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass."""
        self.epoch = epoch


def _process_group() -> Any:
    """The package that knows the processes which train together; RuntimeError without it."""
    name = f"{__name__.partition('.')[0]}.distributed"
    try:
        group = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        group = None
    if group is None or not group.is_available():
        raise RuntimeError(
            "Requires distributed package to be available. Give num_replicas and rank yourself, or take "
            "another sampler in a program of one process."
        )
    return group
