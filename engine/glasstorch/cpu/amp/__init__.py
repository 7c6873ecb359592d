"""Old names of ``glasstorch.amp`` for the CPU. Each warns and says the new one."""

from __future__ import annotations

from ...amp.old_names import for_device

autocast, GradScaler, _, _ = for_device("cpu")

__all__ = ["GradScaler", "autocast"]
