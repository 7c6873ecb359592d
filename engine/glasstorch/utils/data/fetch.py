"""From numbers to a batch: look the samples up (or take them from the stream) and collate them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .dataset import IterableDataset


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
