"""Trains by DistributedDataParallel on two hosts; then one of them may vanish. Run by test_two_hosts.py."""

from __future__ import annotations

import os
import sys
import time

import glasstorch
from glasstorch import distributed as dist
from glasstorch.nn.parallel import DistributedDataParallel as DDP

folder, how, backend = sys.argv[1:]
dist.init_process_group(backend)
rank, size = dist.get_rank(), dist.get_world_size()


def trained(model: glasstorch.nn.Module, x: glasstorch.Tensor, y: glasstorch.Tensor) -> glasstorch.Tensor:
    optimizer = glasstorch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        glasstorch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return glasstorch.cat([p.detach().flatten() for p in model.parameters()])


def network() -> glasstorch.nn.Module:
    glasstorch.manual_seed(1)
    return glasstorch.nn.Sequential(
        glasstorch.nn.Linear(5, 700), glasstorch.nn.ReLU(), glasstorch.nn.Linear(700, 3)
    )


x, y = (
    glasstorch.randn(4 * size, 5, generator=glasstorch.Generator().manual_seed(2)),
    glasstorch.arange(4 * size) % 3,
)
part = slice(4 * rank, 4 * rank + 4)
off = (trained(DDP(network()), x[part], y[part]) - trained(network(), x, y)).abs().max().item()
print(
    f"rank {rank} of {size} on {os.environ['GROUP_RANK']}: off by less than 1e-6: {off < 1e-6}\n",
    end="",
    flush=True,
)
if how != "alive":
    with open(f"{folder}/ready-{rank}", "w") as file:
        file.write(str(os.getpid()))
    if os.environ["GROUP_RANK"] == "1":
        time.sleep(300)
    dist.all_reduce(glasstorch.ones(10))  # the other host never comes
dist.destroy_process_group()
