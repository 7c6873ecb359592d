"""From numbers to a batch: look the samples up (or take them from the stream) and collate them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .collate import default_collate
from .dataset import IterableDataset, Subset, TensorDataset


def rows_at_once(dataset: Any, indices: list) -> list | None:
    """The batch of a ``TensorDataset`` (or a ``Subset`` of one) by one look-up in each tensor.

    The same numbers as looking up every sample and stacking them, many times faster; None where it would
    not be the same.
    """
    while type(dataset) is Subset:
        indices, dataset = [dataset.indices[i] for i in indices], dataset.dataset
    if type(dataset) is not TensorDataset or not all(type(i) is int for i in indices):
        return None
    if any(t.requires_grad for t in dataset.tensors):
        return None
    return [t[indices] for t in dataset.tensors]  # type: ignore[index]


@dataclass(frozen=True)
class Recipe:
    """How a loader makes a batch. ``batched``: indices come in lists and samples are put together."""

    dataset: Any
    batched: bool
    collate_fn: Callable[[Any], Any]
    drop_last: bool

    def fetcher(self) -> Callable[[Any], Any]:
        """A function from indices to a batch; for a stream it raises StopIteration at the end."""
        return self._from_stream() if isinstance(self.dataset, IterableDataset) else self._by_number

    def _by_number(self, indices: Any) -> Any:
        if self.batched and self.collate_fn is default_collate:
            batch = rows_at_once(self.dataset, indices)
            if batch is not None:
                return batch
        if not self.batched:
            samples = self.dataset[indices]
        elif getattr(self.dataset, "__getitems__", None):
            samples = self.dataset.__getitems__(indices)
        else:
            samples = [self.dataset[i] for i in indices]
        return self.collate_fn(samples)

    def _from_stream(self) -> Callable[[Any], Any]:
        stream, ended = iter(self.dataset), False

        def fetch(indices: Any) -> Any:
            nonlocal ended
            if ended:
                raise StopIteration
            if not self.batched:
                return self.collate_fn(next(stream))
            samples = []
            for _ in indices:
                try:
                    samples.append(next(stream))
                except StopIteration:
                    ended = True
                    break
            if not samples or (self.drop_last and len(samples) < len(indices)):
                raise StopIteration
            return self.collate_fn(samples)

        return fetch
