"""``Adadelta`` under its module name in PyTorch. It is defined in ``rmsprop``, beside its relatives."""

from __future__ import annotations

from .rmsprop import Adadelta

__all__ = ["Adadelta"]
