"""``Adamax`` under its module name in PyTorch. It is defined in ``adam_variants``, beside its relatives."""

from __future__ import annotations

from .adam_variants import Adamax

__all__ = ["Adamax"]
