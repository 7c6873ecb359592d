"""The same training on Glasstorch and on PyTorch: does it reach the same accuracy?

Two networks learn the digits in `lessons/data` by one recipe: the same code, the same seed, and so the same first
weights, the same order of batches and the same dropped units, since the random numbers are the same. What is left
between the engines is rounding, which grows as training goes on. The two curves part after some steps, as two runs of
PyTorch on different processors do; what must stay is where they arrive.

    python bench/accuracy.py [--seeds 5] [--epochs N] [--model mlp|cnn|both]

Prints the test accuracy for each seed, and the means. The mark: the means within half a percentage point. Exits with
1 where it is missed. About five minutes on one core of a small machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import glasstorch
import torch
from glasstorch.vision.datasets import MNIST

DATA = Path(__file__).resolve().parents[1] / "lessons" / "data"
ENGINES: dict[str, Any] = {"Glasstorch": glasstorch, "PyTorch": torch}
EPOCHS = {"mlp": 6, "cnn": 2}
MARK = 0.5  # percentage points


def mlp(nn: Any) -> Any:
    """784 → 256 → 128 → 10 with ReLU and dropout."""
    return nn.Sequential(
        nn.Flatten(),
        *(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2)),
        *(nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.2)),
        nn.Linear(128, 10),
    )


def cnn(nn: Any) -> Any:
    """Two convolutions (1 → 32 → 64 channels), each pooled, then 3136 → 128 → 10 with dropout."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(32, 64, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2)),
        nn.Flatten(),
        *(nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.5)),
        nn.Linear(128, 10),
    )


MODELS = {"mlp": mlp, "cnn": cnn}


def digits(engine: Any, train: bool, count: int | None = None) -> tuple[Any, Any]:
    """The first `count` digits as one engine's tensors: float32 (N, 1, 28, 28), normalised, and int64 (N,)."""
    part = MNIST(DATA, train=train)
    images = engine.from_numpy(part.data.numpy())[:count, None].float() / 255
    return (images - 0.1307) / 0.3081, engine.from_numpy(part.targets.numpy())[:count]


def trained(engine: Any, model: str, seed: int, epochs: int, count: int | None = None) -> tuple[Any, list]:
    """One network trained from `seed`, and the loss of every batch on the way."""
    engine.manual_seed(seed)
    net = MODELS[model](engine.nn)
    dataset = engine.utils.data.TensorDataset(*digits(engine, True, count))
    loader = engine.utils.data.DataLoader(dataset, batch_size=64, shuffle=True)
    optimizer = engine.optim.Adam(net.parameters(), lr=1e-3)
    schedule = engine.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    loss_of = engine.nn.CrossEntropyLoss()
    losses = []
    net.train()
    for _ in range(epochs):
        for x, y in loader:
            loss = loss_of(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    return net, losses


def accuracy(engine: Any, net: Any) -> float:
    """The share of the test digits that `net` reads right, in per cent."""
    images, labels = digits(engine, train=False)
    net.eval()
    with engine.no_grad():
        right = sum(
            (net(x).argmax(1) == y).sum().item() for x, y in zip(images.split(500), labels.split(500))
        )
    return 100 * right / len(labels)


def compare(model: str, seeds: int, epochs: int) -> bool:
    """Train with every seed on both engines and print what they reach; True where the mark is kept."""
    print(f"{model}, {epochs} epochs: test accuracy in %")
    print("  seed  " + "".join(f"{name:>12}" for name in ENGINES) + "  difference")
    reached: dict[str, list[float]] = {name: [] for name in ENGINES}
    seconds = dict.fromkeys(ENGINES, 0.0)
    for seed in range(seeds):
        for name, engine in ENGINES.items():
            start = time.perf_counter()
            net, _ = trained(engine, model, seed, epochs)
            seconds[name] += time.perf_counter() - start
            reached[name].append(accuracy(engine, net))
        ours, theirs = (reached[name][-1] for name in ENGINES)
        print(f"  {seed:>4}  {ours:12.2f}{theirs:12.2f}{ours - theirs:+12.2f}", flush=True)
    ours, theirs = (statistics.mean(values) for values in reached.values())
    print(f"  mean  {ours:12.2f}{theirs:12.2f}{ours - theirs:+12.2f}")
    print("  time  " + "".join(f"{seconds[name] / seeds:10.1f} s" for name in ENGINES) + "  a training")
    kept = abs(ours - theirs) <= MARK
    print(f"  within half a point: {'yes' if kept else 'NO'}\n")
    return kept


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5, help="how many trainings of each network")
    parser.add_argument("--epochs", type=int, help=f"default: {EPOCHS}")
    parser.add_argument("--model", choices=[*MODELS, "both"], default="both")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    models = MODELS if options.model == "both" else [options.model]
    kept = [compare(model, options.seeds, options.epochs or EPOCHS[model]) for model in models]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
