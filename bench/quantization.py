"""Dynamically quantized layers beside float ones, here and in PyTorch: size of the file and time of a call.

Ratios, one thread, the fastest of several runs, the sides in turn. Below 1, what is quantized is smaller or faster.
``python bench/quantization.py``
"""

# ruff: noqa: E402  (the number of threads is set before NumPy looks)
from __future__ import annotations

import io
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import time
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch

#: Name: how to make the layer, and the shapes of what it gets.
LAYERS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "Linear 512-512, batch 1": (lambda nn: nn.Linear(512, 512), (1, 512)),
    "Linear 512-512, batch 64": (lambda nn: nn.Linear(512, 512), (64, 512)),
    "Linear 2048-2048, batch 1": (lambda nn: nn.Linear(2048, 2048), (1, 2048)),
    "Linear 2048-2048, batch 64": (lambda nn: nn.Linear(2048, 2048), (64, 2048)),
    "LSTM 128-256, 40 steps of 1": (lambda nn: nn.LSTM(128, 256), (40, 1, 128)),
    "LSTM 128-256, 40 steps of 16": (lambda nn: nn.LSTM(128, 256), (40, 16, 128)),
}


def file_size(torch: Any, model: Any) -> int:
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return len(file.getvalue())


def fastest(runs: dict[str, Callable[[], Any]], rounds: int = 9) -> dict[str, float]:
    """Seconds of one call of each, tried in turn."""
    best = dict.fromkeys(runs, float("inf"))
    for run in runs.values():
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            start, calls = time.perf_counter(), 0
            while time.perf_counter() - start < 0.03:
                run()
                calls += 1
            best[name] = min(best[name], (time.perf_counter() - start) / calls)
    return best


def main() -> None:
    warnings.simplefilter("ignore")  # PyTorch calls its quantized tensors deprecated
    engines: dict[str, Any] = {"glasstorch": glasstorch}
    try:
        import torch

        torch.set_num_threads(1)
        engines["PyTorch"] = torch
    except ImportError:
        print("PyTorch is not installed: its columns are left out.")
    print(
        f"{'':30}{'size, ours':>12}{'PyTorch':>9}{'time, ours':>12}{'PyTorch':>9}{'ours/PyTorch, int8':>20}"
    )
    for name, (make, shape) in LAYERS.items():
        sizes, runs = {}, {}
        for engine, torch in engines.items():
            model = torch.nn.Sequential(make(torch.nn)).eval()
            small = torch.ao.quantization.quantize_dynamic(model)
            sizes[engine] = file_size(torch, small) / file_size(torch, model)
            x = torch.randn(*shape)
            for kind, layer in (("float", model), ("int8", small)):
                runs[f"{engine} {kind}"] = _call(torch, layer, x)
        found = fastest(runs)
        cells = [[f"{sizes[e]:.2f}", f"{found[e + ' int8'] / found[e + ' float']:.2f}"] for e in engines]
        (ours_size, ours_time), (size, taken) = cells[0], cells[1] if len(cells) > 1 else ("-", "-")
        beside = found["glasstorch int8"] / found["PyTorch int8"] if len(cells) > 1 else float("nan")
        print(f"{name:30}{ours_size:>12}{size:>9}{ours_time:>12}{taken:>9}{beside:>20.2f}")


def _call(torch: Any, layer: Any, x: Any) -> Callable[[], Any]:
    def run() -> Any:
        with torch.no_grad():
            return layer(x)

    return run


if __name__ == "__main__":
    main()
