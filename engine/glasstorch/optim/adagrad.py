"""``Adagrad`` under its module name in PyTorch. It is defined in ``rmsprop``, beside its relatives."""

from __future__ import annotations

from .rmsprop import Adagrad

__all__ = ["Adagrad"]
