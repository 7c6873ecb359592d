"""Rank 1 ends in one of several ways while the others sit in a collective. Run by test_launcher.py."""

from __future__ import annotations

import os
import signal
import sys
import time

import glasstorch
from glasstorch import distributed as dist

backend, how = sys.argv[1:]
dist.init_process_group(backend)
x = glasstorch.ones(1000)
dist.all_reduce(x)
if dist.get_rank() == 1:
    if how == "raise":
        raise ValueError("rank 1 has had enough")
    if how == "exit":
        sys.exit(3)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "first time" and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        raise ValueError("rank 1 is not warm yet")
    if how == "hang":
        print("hanging", flush=True)
        time.sleep(300)
dist.all_reduce(x)
print("finished", dist.get_rank(), x[0].item())
dist.destroy_process_group()
