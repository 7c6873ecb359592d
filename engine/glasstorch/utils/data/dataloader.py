"""``DataLoader``: batches of a dataset, in order or shuffled, made here or by worker processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from ...core.frames import warn
from ...random import Generator
from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset
from .fetch import Recipe
from .iterate import BatchIterator, LocalIterator
from .sampler import BatchSampler, InfiniteSampler, RandomSampler, Sampler, SequentialSampler

T_co = TypeVar("T_co", covariant=True)
FIXED = {"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"}


class DataLoader(Generic[T_co]):
    """Iterate over a dataset in batches. The order for a seed is PyTorch's.

    Args:
        dataset: with ``__getitem__`` and ``__len__``, or an ``IterableDataset``.
        batch_size: samples in a batch; None gives single samples.
        shuffle: a new random order in every pass.
        sampler: the order as numbers of samples; excludes ``shuffle``.
        batch_sampler: the batches as lists of numbers; excludes the four above.
        num_workers: processes that make batches ahead; 0 makes them here.
        collate_fn: makes a batch of a list of samples (``default_collate``).
        pin_memory: put tensors into memory that a GPU copies from faster.
        drop_last: leave out a last batch that is not full.
        timeout: seconds to wait for a worker's batch before giving up; 0 waits for ever.
        worker_init_fn: called in each worker with its number.
        multiprocessing_context: how to start workers (``"fork"``, ``"spawn"``, …).
        generator: source of the order and of the workers' seeds.
        prefetch_factor: batches ahead for each worker (2).
        persistent_workers: keep the workers from one pass to the next.
        in_order: hand batches out in order (True), or as they are finished.

    Source: https://pytorch.org/docs/stable/data.html
    """

    _ready = False

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler | Iterable | None = None,
        batch_sampler: Sampler[list] | Iterable[list] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError(
                "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
            )
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing."
                "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
            )
        if prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self.dataset, self.num_workers = dataset, num_workers
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.timeout, self.worker_init_fn = timeout, worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order, self.persistent_workers = in_order, persistent_workers
        self.generator = generator
        self._choose_order(batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.collate_fn = collate_fn or (default_convert if self.batch_sampler is None else default_collate)
        self.announced_length: int | None = None  # what len() said of a stream
        self._iterator: BatchIterator | None = None
        self._ready = True
        self.check_worker_number_rationality()

    def _choose_order(
        self, batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: Any
    ) -> None:
        """Settle ``sampler`` and ``batch_sampler``; ValueError for options that contradict each other."""
        stream = isinstance(self.dataset, IterableDataset)
        if stream:
            given = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
            for name, value in given.items():
                if value is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
                    )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"
            )
        if sampler is None:
            if stream:
                sampler = InfiniteSampler()
            elif shuffle:
                sampler = RandomSampler(self.dataset, generator=self.generator)  # type: ignore[arg-type]
            else:
                sampler = SequentialSampler(self.dataset)  # type: ignore[arg-type]
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler = sampler, batch_sampler

    def __setattr__(self, name: str, value: Any) -> None:
        if self._ready and name in FIXED:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    @property
    def multiprocessing_context(self) -> Any:
        """How workers are started; a context, None for the usual way."""
        return self._context

    @multiprocessing_context.setter
    def multiprocessing_context(self, wanted: Any) -> None:
        self._context = _context(wanted, self.num_workers)

    @property
    def _auto_collation(self) -> bool:
        return self.batch_sampler is not None

    @property
    def _index_sampler(self) -> Any:
        """What a pass walks through: lists of numbers, or single ones without automatic batching."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def recipe(self) -> Recipe:
        """How a batch is made."""
        return Recipe(self.dataset, self.batch_sampler is not None, self.collate_fn, self.drop_last)

    def check_worker_number_rationality(self) -> None:
        """Warn when there are more workers than processors."""
        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if self.num_workers > cpus:
            warn(
                f"This DataLoader will create {self.num_workers} worker processes in total. Our suggested max "
                f"number of worker in current system is {cpus}, which is smaller than what this DataLoader is going "
                "to create. Please be aware that excessive worker creation might get DataLoader running slow or even "
                "freeze, lower the worker number to avoid potential slowness/freeze if necessary.",
            )

    def _get_iterator(self) -> BatchIterator:
        if self.num_workers == 0:
            return LocalIterator(self)
        from .parallel import ParallelIterator

        self.check_worker_number_rationality()
        return ParallelIterator(self)

    def __iter__(self) -> BatchIterator:
        if not self.persistent_workers:
            return self._get_iterator()
        if self._iterator is not None and not self._iterator.closed:
            self._iterator.reset(self)
        else:
            self._iterator = self._get_iterator()
        return self._iterator

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self._index_sampler)
        self.announced_length = n = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def _context(wanted: Any, num_workers: int) -> Any:
    """The multiprocessing context asked for, checked."""
    if wanted is None:
        return None
    import multiprocessing

    if num_workers == 0:
        raise ValueError(
            "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
            f"num_workers={num_workers}"
        )
    if isinstance(wanted, str):
        methods = multiprocessing.get_all_start_methods()
        if wanted not in methods:
            raise ValueError(
                f"multiprocessing_context option should specify a valid start method in {methods!r}, but got "
                f"multiprocessing_context={wanted!r}"
            )
        return multiprocessing.get_context(wanted)
    if not isinstance(wanted, multiprocessing.context.BaseContext):
        raise TypeError(
            "multiprocessing_context option should be a valid context object or a string specifying the start method, "
            f"but got multiprocessing_context={wanted}"
        )
    return wanted
