"""What profiling costs: how much slower a training step gets under Glasstorch's profiler, and under PyTorch's.

The step is forward, backward and SGD of a small perceptron, so that nearly all of the time is bookkeeping: the worst
case. What counts is the processor's time. All variants run in turn, block by block; each is divided by its own engine's
plain step of the same block, and the median of these ratios is printed, so that a noisy machine disturbs all alike.

    python bench/profiler.py [--blocks 20] [--steps 20]
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch
import torch

SETTINGS: dict[str, dict[str, bool] | None] = {
    "off": None,
    "on": {},
    "shapes": {"record_shapes": True},
    "shapes, memory": {"record_shapes": True, "profile_memory": True},
    "shapes, memory, stacks": {"record_shapes": True, "profile_memory": True, "with_stack": True},
}


def training_step(E: Any) -> Callable[[], None]:
    """Forward, backward and step of 32-32-32-10 on 16 rows, ready to call."""
    nn = E.nn
    model = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = E.optim.SGD(model.parameters(), lr=0.01)
    x, y = E.randn(16, 32), E.randint(0, 10, (16,))

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def seconds(E: Any, step: Callable[[], None], steps: int, settings: dict[str, bool] | None) -> float:
    """Processor time of the steps alone, without what the profiler does before the first and after the last."""
    prof = (
        None
        if settings is None
        else E.profiler.profile(activities=[E.profiler.ProfilerActivity.CPU], **settings)
    )
    if prof is not None:
        prof.start()
    start = time.process_time()
    for _ in range(steps):
        step()
    taken = time.process_time() - start
    if prof is not None:
        prof.stop()
    return taken


def measure(blocks: int, steps: int) -> dict[str, dict[str, float]]:
    """For each engine and setting the median slowdown over its own plain step."""
    torch.set_num_threads(1)
    engines = {"glasstorch": glasstorch, "torch": torch}
    ready = {name: training_step(E) for name, E in engines.items()}
    ratios: dict[str, dict[str, list[float]]] = {name: {s: [] for s in SETTINGS} for name in engines}
    for block in range(blocks + 1):
        for name, E in engines.items():
            taken = {s: seconds(E, ready[name], steps, kept) for s, kept in SETTINGS.items()}
            for s in SETTINGS if block else ():  # the first block warms up
                ratios[name][s].append(taken[s] / taken["off"])
    return {
        name: {s: statistics.median(values) for s, values in kinds.items()} for name, kinds in ratios.items()
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found = measure(options.blocks, options.steps)
    print(f"{'profiler':24}  glasstorch  torch   (times a plain step)")
    for s in SETTINGS:
        print(f"{s:24}  {found['glasstorch'][s]:10.2f}  {found['torch'][s]:5.2f}")


if __name__ == "__main__":
    main()
