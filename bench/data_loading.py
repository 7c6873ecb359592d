"""What loading data costs, as ratios: to PyTorch's DataLoader over the same samples, and to sending through the pipe.

Each line is one shape of batch, made of samples that are ready in memory, so that only the loader's own work is
measured: order, collating, and with workers the way into this process. The samples come from a plain dataset, one by
one, or from a ``TensorDataset``. Every batch is read once, as a training loop would. The sides take turns, pass by
pass; the ratio of each turn is taken and the median printed (below 1: Glasstorch is faster).

    python bench/data_loading.py [--turns 7] [--megabytes 40]
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import time
from typing import Any

import glasstorch
import torch
from glasstorch.utils.data import wire

SAMPLES = {"28x28 bytes": (28, 28), "3x224x224 bytes": (3, 224, 224)}
BATCHES = (16, 64)


class Ready:
    """Samples that are ready in memory, with their labels; a plain dataset, looked up one by one."""

    def __init__(self, engine: Any, shape: tuple[int, ...], n: int) -> None:
        self.x, self.y = engine.zeros((64, *shape), dtype=engine.uint8), engine.arange(64)
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> tuple[Any, Any]:
        return self.x[i % 64], self.y[i % 64]


def one_pass(loader: Any) -> float:
    """Seconds per batch of a pass, from the first batch on: starting the workers is left out."""
    batches = iter(loader)
    next(batches)
    start, n = time.perf_counter(), 0
    for x, _ in batches:
        x.max()
        n += 1
    return (time.perf_counter() - start) / n


def passes(engine: Any, kind: str, shape: tuple[int, ...], batch: int, n: int, workers: int) -> Any:
    """A loader over ``n`` samples."""
    if kind == "plain":
        dataset: Any = Ready(engine, shape, n)
    else:
        x = engine.zeros((n, *shape), dtype=engine.uint8)
        dataset = engine.utils.data.TensorDataset(x, engine.arange(n))
    return engine.utils.data.DataLoader(dataset, batch, num_workers=workers)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    shared_from = wire.SHARED_FROM
    print(
        f"{'ratio of the time for a batch':46}to PyTorch, 0 workers   to PyTorch, 2 workers   to the pipe, 2 workers"
    )
    for kind, name, batch in itertools.product(("plain", "TensorDataset"), SAMPLES, BATCHES):
        shape = SAMPLES[name]
        size = math.prod(shape) * batch
        n = batch * min(300, max(24, options.megabytes * 2**20 // size))
        ratios: dict[str, list[float]] = {"0": [], "2": [], "pipe": []}
        for _ in range(options.turns):
            for workers in (0, 2):
                theirs = one_pass(passes(torch, kind, shape, batch, n, workers))
                ours = one_pass(passes(glasstorch, kind, shape, batch, n, workers))
                ratios[str(workers)].append(ours / theirs)
            wire.SHARED_FROM = 1 << 60
            piped = one_pass(passes(glasstorch, kind, shape, batch, n, 2))
            wire.SHARED_FROM = shared_from
            ratios["pipe"].append(ours / piped)
        columns = "".join(f"{statistics.median(r):>24.2f}" for r in ratios.values())
        print(f"{kind:>13} {name:>14} x {batch:<4}{size / 2**10:>6.0f} KB{columns}", flush=True)


if __name__ == "__main__":
    main()
