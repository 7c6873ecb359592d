"""Processes made by ``multiprocessing.spawn``, which meet in one of several ways. Run by test_launcher.py."""

from __future__ import annotations

import os
import sys
import tempfile

import glasstorch
from glasstorch import distributed as dist
from glasstorch import multiprocessing as mp
from glasstorch.distributed.agent import free_port


def work(rank: int, size: int, ways: list[str]) -> None:
    for way in ways:  # one after the other in the same processes: a group can be left and another one made
        if way == "env":
            dist.init_process_group("gloo", rank=rank, world_size=size)
        else:
            dist.init_process_group(init_method=way, rank=rank, world_size=size)
        x = glasstorch.tensor([float(rank)])
        dist.all_reduce(x)
        sys.stdout.write(
            f"{way.partition(':')[0]} {rank} {x.item()} {dist.get_backend()}\n"
        )  # at once, as a line
        sys.stdout.flush()
        dist.destroy_process_group()
        assert not dist.is_initialized()
    if rank == size - 1:
        raise KeyError("the last one")


if __name__ == "__main__":
    os.environ.update(MASTER_ADDR="localhost", MASTER_PORT=str(free_port()))
    with tempfile.TemporaryDirectory() as folder:
        ways = ["env", f"tcp://localhost:{free_port()}", f"file://{folder}/meet"]
        try:
            mp.spawn(work, (3, ways), nprocs=3)
        except mp.ProcessRaisedException as error:
            print("raised:", error.error_index, "the last one" in str(error))
            sys.exit()
