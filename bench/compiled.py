"""Traced programs beside eager code and PyTorch: the same step, timed in turn.

Ratios of the fastest of several runs: below 1, the program is faster. A step is forward, loss and backward; the
training step also has the optimizer's. ``python bench/compiled.py``
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import glasstorch


def models(torch: Any) -> dict[str, tuple[Any, tuple[int, ...]]]:
    nn = torch.nn
    deep = [layer for _ in range(8) for layer in (nn.Linear(16, 16), nn.Tanh())]
    return {
        "small deep MLP": (nn.Sequential(*deep), (4, 16)),
        "MLP on digits": (nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), (64, 784)),
        "LSTM, 30 steps": (nn.LSTM(16, 32, batch_first=True), (8, 30, 16)),
        "Transformer block": (nn.TransformerEncoderLayer(32, 4, 64, 0.0, batch_first=True), (8, 16, 32)),
        "CNN": (
            nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1352, 10)),
            (16, 1, 28, 28),
        ),
    }  # fmt: skip


def loss_of(result: Any) -> Any:
    return (result[0] if isinstance(result, tuple) else result).square().mean()


def ways(torch: Any, call: Callable, model: Any, x: Any) -> dict[str, Callable[[], None]]:
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)

    def forward() -> None:
        with torch.no_grad():
            call(x)

    def train() -> None:
        optimizer.zero_grad()
        loss_of(call(x)).backward()
        optimizer.step()

    return {"forward": forward, "training step": train}


def fastest(run: Callable[[], None], rounds: int = 7) -> float:
    run()
    start = time.perf_counter()
    run()
    times = max(1, int(0.05 / (time.perf_counter() - start)))
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            run()
        found.append((time.perf_counter() - start) / times)
    return min(found)


def main() -> None:
    engines: dict[str, Any] = {"glasstorch": glasstorch}
    try:
        import torch

        torch.set_num_threads(1)
        engines["PyTorch"] = torch
    except ImportError:
        print("PyTorch is not installed: its column is left out.")
    print(f"{'':20}{'':15}{'traced/eager':>14}{'traced/PyTorch':>16}{'eager/PyTorch':>15}")
    for name, (model, shape) in models(glasstorch).items():
        x = glasstorch.randn(*shape)
        traced = glasstorch.jit.trace(model, x)
        sides = {"eager": ways(glasstorch, model, model, x), "traced": ways(glasstorch, traced, model, x)}
        if "PyTorch" in engines:
            theirs = models(engines["PyTorch"])[name][0]
            sides["PyTorch"] = ways(engines["PyTorch"], theirs, theirs, engines["PyTorch"].randn(*shape))
        for what in ("forward", "training step"):
            seconds = {side: fastest(made[what]) for side, made in sides.items()}
            row = [seconds["traced"] / seconds["eager"]]
            if "PyTorch" in seconds:
                row += [seconds["traced"] / seconds["PyTorch"], seconds["eager"] / seconds["PyTorch"]]
            print(
                f"{name:20}{what:15}"
                + "".join(f"{r:>{w}.2f}" for r, w in zip(row, (14, 16, 15), strict=False))
            )


if __name__ == "__main__":
    main()
