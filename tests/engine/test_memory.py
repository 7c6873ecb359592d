"""Memory: no cycles on the hot path, nothing that grows over a thousand steps, a peak near PyTorch's."""

from __future__ import annotations

import gc
import importlib.util
import tracemalloc
from pathlib import Path

import glasstorch
import pytest
from glasstorch import nn
from support.differential import torch

STEPS = 1000
BENCH = Path(__file__).resolve().parents[2] / "bench" / "memory.py"


def _conv_step():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3), nn.Flatten(),
        nn.Linear(36, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 3),
    )  # fmt: skip
    optimizer = glasstorch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = glasstorch.randn(4, 1, 8, 8), glasstorch.tensor([0, 1, 2, 1])

    def step():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        nn.functional.softmax(model(x), 1).max(1)
        optimizer.step()
        return loss.item()

    return step


def _tensor_step():
    w = glasstorch.randn(6, 6, requires_grad=True)
    index = glasstorch.tensor([0, 2, 2])

    def step():
        h = (w * 2 + 1).view(4, 9)
        h = h.t().contiguous()[index].clone()
        h[0] += 1
        a, b = h.split(2, dim=1)
        s, _ = (a * b).sort(dim=0)
        loss = (s.cumsum(0) @ glasstorch.cat([a, b]).t()).logsumexp(1).mean() + w[w > 0].std()
        (g,) = glasstorch.autograd.grad(loss, w, create_graph=True)
        (g * g).sum().backward()
        w.grad = None

    return step


@pytest.mark.parametrize("make", [_conv_step, _tensor_step])
def test_a_thousand_steps_with_the_cyclic_collector_off(make) -> None:
    step = make()
    for _ in range(20):  # caches fill
        step()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        step()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(STEPS):
            step()
        left = gc.collect()  # also empties Python's free lists of tuples, which are not ours to count
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert left == 0, f"{left} objects of the loop were only reachable through cycles"
    assert after - before < 40_000, f"{after - before} bytes more after {STEPS} steps"


def test_peak_of_a_training_step_is_near_pytorchs() -> None:
    assert torch is not None
    spec = importlib.util.spec_from_file_location("bench_memory", BENCH)
    memory = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(memory)
    if not memory.supported():
        pytest.skip("peak memory is read from Linux's /proc")
    peak = memory.measure(batch=128)
    assert peak["glasstorch"] < 1.5 * peak["torch"], peak
