"""A small network and one step of its training, as the tests of `watch` need them."""

from __future__ import annotations

from typing import Any

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F


def network() -> nn.Sequential:
    """6-8-8-3, a ReLU and a tanh between, always the same weights."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))


def step(model: nn.Module, optimizer: Any, seed: int = 0) -> tuple[Any, Any]:
    """One step on a batch of 16; the loss and the inputs."""
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(16, 6, generator=generator), torch.randint(0, 3, (16,), generator=generator)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss, x


def sgd(model: nn.Module, lr: float = 0.1) -> Any:
    """An optimizer that does what it says."""
    return torch.optim.SGD(model.parameters(), lr=lr)
