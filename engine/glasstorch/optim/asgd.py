"""``ASGD`` under its module name in PyTorch. It is defined in ``rprop``, beside its relatives."""

from __future__ import annotations

from .rprop import ASGD

__all__ = ["ASGD"]
