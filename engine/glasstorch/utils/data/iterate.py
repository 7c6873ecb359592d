"""One pass over a loader: the common part, and the one that works in the loader's own process."""

from __future__ import annotations

import warnings
from typing import Any

from ... import backends
from .pinned import pin
from .sampler import draw_seed


class BatchIterator:
    """What all passes share: the order, the seed for workers, counting, pinning."""

    def __init__(self, loader: Any) -> None:
        self.numbers = iter(loader.index_sampler)
        self.base_seed = draw_seed(loader.generator)
        self.pinned = loader.pin_memory and backends.cupy() is not None
        if loader.pin_memory and not self.pinned:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, "
                "then device pinned memory won't be used.",
                stacklevel=4,
            )
        self._restart(loader)

    def _restart(self, loader: Any) -> None:
        self.given, self.announced, self.dataset = 0, loader.announced_length, loader.dataset

    def reset(self, loader: Any) -> None:
        """Start another pass."""
        self.numbers = iter(loader.index_sampler)
        self._restart(loader)

    def next_indices(self) -> Any:
        """The indices of the next batch; StopIteration at the end."""
        return next(self.numbers)

    def next_batch(self) -> Any:
        raise NotImplementedError

    def __iter__(self) -> BatchIterator:
        return self

    def __next__(self) -> Any:
        batch = self.next_batch()
        self.given += 1
        if self.announced is not None and self.given > self.announced:
            warnings.warn(
                f"Length of IterableDataset {self.dataset} was reported to be {self.announced}"
                f"(when accessing len(dataloader)), but {self.given} samples have been fetched. ",
                stacklevel=2,
            )
        return pin(batch) if self.pinned else batch


class LocalIterator(BatchIterator):
    """A pass without workers."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.fetch = loader.recipe().fetcher()

    def next_batch(self) -> Any:
        return self.fetch(self.next_indices())
