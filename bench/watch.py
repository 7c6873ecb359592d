"""What watching a training costs: a step with ``watch(model, optimizer)`` as a ratio to the same step without.

Networks that lessons train, the same steps in blocks that take turns: watched, not watched. The ratio is taken block by
block and its median printed, so that a noisy machine disturbs both alike. Asked for: at most 1.10 on the lesson's
convolutional network. Times are the process's own (CPU time), which others on the machine disturb least. There is no
display here; in a notebook it may take another 2 % (SENDING in training/watch.py).

    python bench/watch.py [--threads 1] [--blocks 15] [--only cnn]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import watch


def mlp() -> tuple[nn.Module, tuple[int, ...]]:
    """784-128-64-10 on 32 images: a step of well under a millisecond."""
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    return model, (32, 784)


def cnn() -> tuple[nn.Module, tuple[int, ...]]:
    """The digits' network of lessons/examples/digits_classifier.py on 64 images of 28 by 28."""
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10)),
    )
    return model, (64, 1, 28, 28)


def deep() -> tuple[nn.Module, tuple[int, ...]]:
    """Forty narrow layers: many figures for little work."""
    layers = [m for _ in range(40) for m in (nn.Linear(64, 64), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(64, 10)), (32, 64)


def transformer() -> tuple[nn.Module, tuple[int, ...]]:
    """Four encoder layers of width 64 on 16 sequences of 32 steps."""
    layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
    model = nn.Sequential(nn.TransformerEncoder(layer, 4), nn.Flatten(), nn.Linear(64 * 32, 10))
    return model, (16, 32, 64)


CASES: dict[str, Callable[[], tuple[nn.Module, tuple[int, ...]]]] = {
    "cnn, the digits' lesson": cnn,
    "mlp": mlp,
    "deep": deep,
    "transformer": transformer,
}


def measure(
    make: Callable[[], tuple[nn.Module, tuple[int, ...]]], blocks: int, seconds: float
) -> tuple[Any, ...]:
    """Milliseconds of a step without and with, the median of the blocks' ratios, and the share of steps measured."""
    torch.manual_seed(0)
    model, shape = make()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    x, y = torch.randn(*shape), torch.randint(0, 10, (shape[0],))

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    for _ in range(5):
        step()
    start = time.process_time()
    step()
    repeats = max(60, int(seconds / (time.process_time() - start)))
    times: list[list[float]] = [[], []]
    shares = []
    for _ in range(blocks):
        for watched in (False, True):
            view = watch(model, optimizer) if watched else None
            start = time.process_time()
            for _ in range(repeats):
                step()
            times[watched].append((time.process_time() - start) / repeats * 1e3)
            if view is not None:
                view.stop()
                shares.append(view.recorder.history.measured / repeats)
                view.close()
    ratios = [b / a for a, b in zip(*times)]
    return *map(statistics.median, times), statistics.median(ratios), statistics.median(shares)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one block")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name, make in CASES.items():
        if options.only in name:
            without, with_, ratio, share = measure(make, options.blocks, options.seconds)
            print(
                f"{name}: {without:.3f} ms without, {with_:.3f} ms watched, ratio {ratio:.3f}, "
                f"{share:.1%} of the steps measured"
            )


if __name__ == "__main__":
    main()
