"""Runs the checks of this folder in a job of several processes: one start for all of them."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # tests/support

import collectives
import data_parallel
from glasstorch import distributed as dist
from support import ranks

backend, folder = sys.argv[1:]
dist.init_process_group(backend, timeout=timedelta(seconds=60))
for module in (collectives, data_parallel):
    module.N, module.R = dist.get_world_size(), dist.get_rank()
    if module is collectives or module.N == 2:
        ranks.run_all(vars(module), Path(folder) / f"{module.__name__}-{module.R}.json")
dist.destroy_process_group()
