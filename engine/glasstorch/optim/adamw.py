"""``AdamW`` under its module name in PyTorch. It is defined in ``adam``, beside its relatives."""

from __future__ import annotations

from .adam import AdamW

__all__ = ["AdamW"]
