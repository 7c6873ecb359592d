"""Prints what a process finds in its environment and arguments. Run by test_launcher.py."""

from __future__ import annotations

import json
import os
import sys

NAMES = ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "TORCH_NCCL_ASYNC_ERROR_HANDLING")
PREFIXES = ("GROUP_", "LOCAL_", "MASTER_", "RANK", "ROLE_", "TORCHELASTIC_", "WORLD_SIZE")
found = {name: value for name, value in os.environ.items() if name in NAMES or name.startswith(PREFIXES)}
print(json.dumps({**found, "arguments": sys.argv[1:], "name": __name__}) + "\n", end="")  # at once, as a line
print("to stderr", file=sys.stderr)
