"""What image pipelines cost, as ratios to PyTorch with torchvision, in one process over the same files.

Two pipelines, each with a ``DataLoader`` of 0 and of 2 workers: the digits that come with the lessons (``ToTensor``,
``Normalize``, batches of 64), and a folder of JPEG files made here (``RandomResizedCrop(64)``,
``RandomHorizontalFlip``, ``ToTensor``, ``Normalize``, batches of 32). Both sides run in turn, epoch by epoch; printed
are medians and the median of the epochs' ratios, so that a noisy machine disturbs both alike.

    python bench/image_loading.py [--epochs 5] [--images 300]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import glasstorch
import glasstorch.vision
import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(
    0, str(ROOT / "tests")
)  # torchvision's Python parts, which is all that is needed, load through it

from support.torchvision_reference import torchvision  # noqa: E402

ENGINES = {"ours": (glasstorch, glasstorch.vision), "theirs": (torch, torchvision)}


def unpacked_digits(folder: Path) -> Path:
    """The lessons' digits, unpacked: torchvision reads no gzipped files."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in (ROOT / "lessons/data/MNIST/raw").glob("*.gz"):
        glasstorch.vision.datasets.utils.extract_archive(packed, raw)
    return folder


def photographs(folder: Path, count: int) -> Path:
    """JPEG files of 320 by 240 pixels in ten class folders: smooth colours with some noise, as photographs have."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC), np.int16)
        pixels = np.clip(smooth + rng.integers(-12, 13, smooth.shape), 0, 255).astype(np.uint8)
        file = folder / f"class{i % 10}" / f"{i}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(file, quality=90)
    return folder


def digits(vision: Any, folder: Path) -> Any:
    """The MNIST pipeline."""
    t = vision.transforms
    change = t.Compose([t.ToTensor(), t.Normalize((0.1307,), (0.3081,))])
    return vision.datasets.MNIST(folder, train=True, transform=change)


def pictures(vision: Any, folder: Path) -> Any:
    """The ImageFolder pipeline."""
    t = vision.transforms
    normal = t.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    change = t.Compose([t.RandomResizedCrop(64), t.RandomHorizontalFlip(), t.ToTensor(), normal])
    return vision.datasets.ImageFolder(folder, transform=change)


def epoch(loader: Any) -> float:
    """Seconds for one pass over the data."""
    start = time.perf_counter()
    for _ in loader:
        pass
    return time.perf_counter() - start


def compare(make: Callable[[Any, Path], Any], folder: Path, batch: int, workers: int, epochs: int) -> None:
    """Run both sides in turn and print a line."""
    loaders = {}
    for name, (engine, vision) in ENGINES.items():
        data = make(vision, folder)
        loaders[name] = engine.utils.data.DataLoader(
            data, batch, num_workers=workers, persistent_workers=workers > 0
        )
        epoch(loaders[name])  # files into the system's cache, workers up
    times = {name: [] for name in loaders}
    for _ in range(epochs):
        for name, loader in loaders.items():
            times[name].append(epoch(loader) / len(data) * 1e6)
    ratio = statistics.median(a / b for a, b in zip(*times.values(), strict=True))
    ours, theirs = (statistics.median(seconds) for seconds in times.values())
    print(
        f"{make.__name__:9} {workers} workers: {ours:7.1f} µs an image, PyTorch {theirs:7.1f}, ratio {ratio:.2f}"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="image pipelines, beside PyTorch with torchvision")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--images", type=int, default=300, help="how many JPEG files to make")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        folders = {digits: (unpacked_digits(Path(folder, "digits")), 64)}
        folders[pictures] = (photographs(Path(folder, "pictures"), options.images), 32)
        for make, (place, batch) in folders.items():
            for workers in (0, 2):
                compare(make, place, batch, workers, options.epochs)


if __name__ == "__main__":
    main()
