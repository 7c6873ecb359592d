"""What tests of several processes look at."""

from __future__ import annotations

import os


def shared_names() -> set[str]:
    """The names in Linux's shared memory, but for those that other tests make meanwhile (semaphores, PyTorch's)."""
    return {name for name in os.listdir("/dev/shm") if not name.startswith(("sem.", "torch_"))}
