"""Old names of ``glasstorch.amp`` for the CPU. Each warns and says the new one."""

from __future__ import annotations

from ...amp.old_names import for_device

autocast, GradScaler, _, _ = for_device("cpu")

from . import autocast_mode, grad_scaler  # noqa: E402, F401  (which take their names from here)

__all__ = ["GradScaler", "autocast"]
