"""Old names of ``glasstorch.amp`` for CUDA. Each warns and says the new one."""

from __future__ import annotations

from ...amp.old_names import for_device
from .. import is_available as _is_available

autocast, GradScaler, custom_fwd, custom_bwd = for_device("cuda")


def amp_definitely_not_available() -> bool:
    """Is there no GPU?"""
    return not _is_available()


from . import autocast_mode, common, grad_scaler  # noqa: E402, F401  (which take their names from here)

__all__ = ["GradScaler", "amp_definitely_not_available", "autocast", "custom_bwd", "custom_fwd"]
