"""How long a training step takes, as a ratio to PyTorch in the same process.

Forward, backward and optimizer step of the networks that lessons train, on the same numbers, with two threads on
either side. Both sides run in turn, block by block; the ratio is taken block by block and its median printed, so
that a noisy machine disturbs both alike. On processors that others use as well, threads that wait for each other
distort the figures: ``--threads 1`` compares the work alone.

    python bench/training_step.py [--threads 2] [--blocks 30] [--only mlp]
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import glasstorch
import torch

Step = Callable[[], Any]


def classifier(E: Any, model: Any, optimizer: str, x: Any) -> Step:
    """One step of a classifier with ten classes."""
    chosen = getattr(E.optim, optimizer)(model.parameters(), lr=0.001)
    y = E.randint(0, 10, (len(x),))

    def step() -> None:
        chosen.zero_grad()
        E.nn.functional.cross_entropy(model(x), y).backward()
        chosen.step()

    return step


def mlp(E: Any, optimizer: str) -> Step:
    """784-512-512-10 on 64 images."""
    nn = E.nn
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    return classifier(E, model, optimizer, E.randn(64, 784))


def cnn(E: Any, optimizer: str) -> Step:
    """Two convolutions (1 to 32 to 64 channels) with pooling, and two linear layers, on 32 images of 28 by 28."""
    nn = E.nn
    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )
    return classifier(E, model, optimizer, E.randn(32, 1, 28, 28))


def adam(E: Any) -> Step:
    """Adam alone, on ten small linear layers: 20 parameters, 42,000 numbers."""
    params = [p for _ in range(10) for p in E.nn.Linear(64, 64).parameters()]
    for p in params:
        p.grad = E.randn(p.shape)
    return E.optim.Adam(params).step


CASES: dict[str, tuple[Callable[[Any], Step], float]] = {  # and the ratio that is asked for
    "mlp, SGD": (lambda E: mlp(E, "SGD"), 1.2),
    "mlp, Adam": (lambda E: mlp(E, "Adam"), 1.2),
    "cnn, SGD": (lambda E: cnn(E, "SGD"), 1.6),
    "cnn, Adam": (lambda E: cnn(E, "Adam"), 1.6),
    "adam, 20 small parameters": (adam, 0.4),
}


def measure(make: Callable[[Any], Step], blocks: int, seconds: float = 0.03) -> tuple[float, float, float]:
    """Median milliseconds of a step of Glasstorch and PyTorch, and the median of the blocks' ratios."""
    steps = []
    for E in (glasstorch, torch):
        E.manual_seed(0)
        steps.append(make(E))
    for step in steps * 5:
        step()
    start = time.perf_counter()
    steps[1]()
    repeats = max(1, int(seconds / (time.perf_counter() - start)))
    times: list[list[float]] = [[], []]
    for _ in range(blocks):
        for step, seen in zip(steps, times):
            start = time.perf_counter()
            for _ in range(repeats):
                step()
            seen.append((time.perf_counter() - start) / repeats * 1e3)
    ratios = [a / b for a, b in zip(*times)]
    return statistics.median(times[0]), statistics.median(times[1]), statistics.median(ratios)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--blocks", type=int, default=30)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    options = parser.parse_args()
    for E in (glasstorch, torch):
        E.set_num_threads(options.threads)
    if importlib.util.find_spec("threadpoolctl") is None:
        print(
            "threadpoolctl is not installed: matrix products here use as many threads as their library likes"
        )
    for name, (make, asked) in CASES.items():
        if options.only in name:
            ours, theirs, ratio = measure(make, options.blocks)
            print(
                f"{name}, {options.threads} threads: glasstorch {ours:.2f} ms, torch {theirs:.2f} ms, "
                f"ratio {ratio:.2f} (asked: at most {asked})"
            )


if __name__ == "__main__":
    main()
