"""Runs the checks of this folder in a job of several processes: one start for all of them and for all backends.

Processes that ``mpiexec`` has started meet again over TCP, at a file.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # tests/support

import collectives
import data_parallel
from glasstorch import distributed as dist
from support import ranks

folder, *backends = sys.argv[1:]
settings: dict = {}
for backend in backends:
    dist.init_process_group(backend, timeout=timedelta(seconds=60), **settings)
    for module in (collectives, data_parallel):
        module.N, module.R = dist.get_world_size(), dist.get_rank()
        if module is collectives or module.N > 1:
            ranks.run_all(vars(module), Path(folder) / f"{backend}-{module.__name__}-{module.R}.json")
    settings = {
        "init_method": f"file://{folder}/meet",
        "rank": dist.get_rank(),
        "world_size": dist.get_world_size(),
    }
    dist.destroy_process_group()
