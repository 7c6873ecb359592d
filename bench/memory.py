"""Peak memory of one training step, as a ratio to PyTorch.

The convolutional network of PyTorch's MNIST example (two convolutions, pooling, two linear layers; 1.2 million
parameters) takes SGD steps on 256 images. Each engine runs in a process of its own; what is reported is how far
the process's peak resident memory in a step stands above its resident memory before the first large step, so
that the libraries' own size (PyTorch's is some 260 MiB more) does not count.

    python bench/memory.py [--batch 256]

Source of the network: https://github.com/pytorch/examples/tree/main/mnist
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def supported() -> bool:
    """Peak memory is read, and reset, through Linux's /proc."""
    return CLEAR.exists() and os.access(CLEAR, os.W_OK)


def growth(engine: str, batch: int, steps: int = 3) -> float:
    """Peak MiB of a training step above what the process held before; measured in this process."""
    E: Any = importlib.import_module(engine)
    E.manual_seed(0)
    nn, F = E.nn, E.nn.functional
    body = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2))
    head = nn.Sequential(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10))
    model = nn.Sequential(body, head)
    optimizer = E.optim.SGD(model.parameters(), lr=0.01)

    def step(images: int) -> None:
        x, y = E.randn(images, 1, 28, 28), E.randint(0, 10, (images,))
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    step(2)  # libraries load parts of themselves and make their pools at first use
    before = _status("VmRSS")
    CLEAR.write_text("5")  # the peak starts again from here
    for _ in range(steps):
        step(batch)
    return _status("VmHWM") - before


def _status(field: str) -> float:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def measure(batch: int) -> dict[str, float]:
    """Peak growth in MiB of both engines, each in a fresh process with one thread."""
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    out = {}
    for engine in ("glasstorch", "torch"):
        command = [sys.executable, __file__, "--engine", engine, "--batch", str(batch)]
        done = subprocess.run(command, env=os.environ | threads, capture_output=True, text=True, check=True)
        out[engine] = json.loads(done.stdout.splitlines()[-1])
    return out


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--engine", help="measure this one alone, in this process")
    given = parser.parse_args()
    if given.engine:
        print(json.dumps(growth(given.engine, given.batch)))
        return
    peak = measure(given.batch)
    ours, theirs = peak["glasstorch"], peak["torch"]
    print(
        f"peak of a CNN's step: glasstorch {ours:.0f} MiB, torch {theirs:.0f} MiB, ratio {ours / theirs:.2f}"
    )


if __name__ == "__main__":
    main()
