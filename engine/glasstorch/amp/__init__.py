"""Automatic mixed precision: ``autocast`` picks the type of each operation, ``GradScaler`` guards small gradients.

Source: https://pytorch.org/docs/stable/amp.html
"""

from __future__ import annotations

from . import autocast_mode, grad_scaler
from .autocast_mode import autocast, custom_bwd, custom_fwd
from .grad_scaler import GradScaler
from .state import is_autocast_available

__all__ = [
    "GradScaler", "autocast", "autocast_mode", "custom_bwd", "custom_fwd", "grad_scaler", "is_autocast_available",
]  # fmt: skip
