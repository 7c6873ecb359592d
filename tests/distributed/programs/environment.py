"""Prints what a process finds in its environment and arguments. Run by test_launcher.py."""

from __future__ import annotations

import json
import os
import sys

NAMES = ("RANK", "LOCAL_RANK", "GROUP_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "OMP_NUM_THREADS",
         "ROLE_NAME", "TORCHELASTIC_RUN_ID")  # fmt: skip
found = {name: os.environ.get(name) for name in NAMES}
print(json.dumps({**found, "arguments": sys.argv[1:], "name": __name__}))
print("to stderr", file=sys.stderr)
