"""Traced programs beside eager code and PyTorch: the same step, timed in turn.

Ratios of the fastest of several runs, each side in turn: below 1, the first is faster. A training step is forward,
loss, backward and the optimizer's step; loss and optimizer are eager code on every side, as users write them.
``memory`` is the most that a step takes on top of what was there before it, traced against eager (Python's tracemalloc,
which sees NumPy's arrays): buffers that a program has already are not counted again. ``python bench/compiled.py``
"""

from __future__ import annotations

import time
import tracemalloc
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


def fastest(sides: dict[str, Callable[[], None]], rounds: int = 7) -> dict[str, float]:
    """Seconds of one run of each side. They take turns, so that a busy moment of the machine meets all of them."""
    times = {}
    for side, run in sides.items():
        run()
        start = time.perf_counter()
        run()
        times[side] = max(1, int(0.03 / (time.perf_counter() - start)))
    found = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for side, run in sides.items():
            start = time.perf_counter()
            for _ in range(times[side]):
                run()
            found[side] = min(found[side], (time.perf_counter() - start) / times[side])
    return found


def peak(run: Callable[[], None]) -> int:
    """Bytes that a run takes at most on top of what was there."""
    tracemalloc.start()
    try:
        run()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        run()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def main() -> None:
    engines: dict[str, Any] = {"glasstorch": glasstorch}
    try:
        import torch

        torch.set_num_threads(1)
        engines["PyTorch"] = torch
    except ImportError:
        print("PyTorch is not installed: its column is left out.")
    heads = ["traced/eager", "compiled/eager", "traced/PyTorch", "eager/PyTorch", "memory"]
    print(f"{'':20}{'':15}" + "".join(f"{h:>16}" for h in heads))
    for name, (model, shape) in models(glasstorch).items():
        x = glasstorch.randn(*shape)
        calls = {
            "eager": model,
            "traced": glasstorch.jit.trace(model, x),
            "compiled": glasstorch.compile(model),
        }
        sides = {side: ways(glasstorch, call, model, x) for side, call in calls.items()}
        if "PyTorch" in engines:
            theirs = models(engines["PyTorch"])[name][0]
            sides["PyTorch"] = ways(engines["PyTorch"], theirs, theirs, engines["PyTorch"].randn(*shape))
        for what in ("forward", "training step"):
            seconds = fastest({side: made[what] for side, made in sides.items()})
            pairs = [("traced", "eager"), ("compiled", "eager"), ("traced", "PyTorch"), ("eager", "PyTorch")]
            row = [seconds[a] / seconds[b] if b in seconds else float("nan") for a, b in pairs]
            row.append(peak(sides["traced"][what]) / max(1, peak(sides["eager"][what])))
            print(f"{name:20}{what:15}" + "".join(f"{r:16.2f}" for r in row))


if __name__ == "__main__":
    main()
