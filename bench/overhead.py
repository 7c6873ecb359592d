"""What one operation costs, as a ratio to PyTorch in the same process.

A chain of 200 alternating additions and multiplications on 4-element float32 tensors, forward and backward, so
that nearly all of the time is bookkeeping. Both sides run in turn, block by block; the ratio is taken block
by block and its median printed, so that a noisy machine disturbs both alike.

    python bench/overhead.py [--blocks 60]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import glasstorch
import torch

OPS = 200


def chain(engine: Any) -> Callable[[], None]:
    """One forward and backward through the chain, ready to call."""
    x = engine.tensor([1.0, 2.0, 3.0, 4.0])
    w = engine.tensor([1.001, 0.999, 1.0, 1.002], requires_grad=True)
    b = engine.tensor([0.01, -0.01, 0.0, 0.02], requires_grad=True)
    one = engine.tensor([1.0, 1.0, 1.0, 1.0])

    def step() -> None:
        h = x
        for _ in range(OPS // 2):
            h = h * w
            h = h + b
        h.backward(one)

    return step


def measure(blocks: int, repeats: int = 10) -> tuple[float, float, float]:
    """Median microseconds per op of Glasstorch and PyTorch, and the median of the blocks' ratios."""
    torch.set_num_threads(1)
    ours, theirs = chain(glasstorch), chain(torch)
    for step in (ours, theirs):
        for _ in range(5):
            step()
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(blocks):
        for name, step in (("ours", ours), ("theirs", theirs)):
            start = time.perf_counter()
            for _ in range(repeats):
                step()
            times[name].append((time.perf_counter() - start) / (repeats * OPS) * 1e6)
    ratios = [a / b for a, b in zip(times["ours"], times["theirs"], strict=True)]
    return statistics.median(times["ours"]), statistics.median(times["theirs"]), statistics.median(ratios)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--blocks", type=int, default=60)
    ours, theirs, ratio = measure(parser.parse_args().blocks)
    print(f"one op, forward and backward: glasstorch {ours:.2f} us, torch {theirs:.2f} us, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
