"""One pass over a loader: the common part, and the one that works in the loader's own process."""

from __future__ import annotations

from typing import Any

from ... import backends
from ...core.frames import warn
from .dataset import IterableDataset
from .pinned import pin
from .sampler import draw_seed


class BatchIterator:
    """What all passes share: the order, the seed for workers, counting, pinning."""

    closed = False  # is it over for good, so that the next pass needs another iterator?

    def __init__(self, loader: Any) -> None:
        if loader.pin_memory and loader.pin_memory_device:
            warn(
                "pin_memory_device is deprecated, the current accelerator will be used as the device,"
                f"ignore pin_memory_device='{loader.pin_memory_device}'.",
            )
        self.pinned = loader.pin_memory and backends.cupy() is not None
        if loader.pin_memory and not self.pinned:
            warn(
                "'pin_memory' argument is set as true but no accelerator is found, "
                "then device pinned memory won't be used.",
            )
        self.index_sampler, self.workers_number = loader._index_sampler, loader.num_workers
        self.numbers = iter(self.index_sampler)
        self.base_seed = draw_seed(loader.generator)
        self._restart(loader)

    def _restart(self, loader: Any) -> None:
        self.given, self.announced, self.dataset = 0, loader.announced_length, loader.dataset

    def reset(self, loader: Any) -> None:
        """Start another pass."""
        self.numbers = iter(self.index_sampler)
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
            self._warn_of_length()
        return pin(batch) if self.pinned else batch

    def _warn_of_length(self) -> None:
        if not isinstance(self.dataset, IterableDataset):
            return
        message = (
            f"Length of IterableDataset {self.dataset} was reported to be {self.announced}"
            f"(when accessing len(dataloader)), but {self.given} samples have been fetched. "
        )
        if self.workers_number:
            message += (
                "For multiprocessing data-loading, this could be caused by not properly configuring the "
                "IterableDataset replica at each worker. Please see "
                "https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
            )
        warn(message)

    def __len__(self) -> int:
        return len(self.index_sampler)

    def __getstate__(self) -> None:
        raise NotImplementedError(f"{type(self).__name__} cannot be pickled: it is in the middle of a pass")


class LocalIterator(BatchIterator):
    """A pass without workers."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        if loader.timeout:
            raise AssertionError(
                "DataLoader: timeout needs num_workers > 0; without workers requires timeout == 0"
            )
        self.fetch = loader.recipe().fetcher()

    def next_batch(self) -> Any:
        return self.fetch(self.next_indices())
