"""Collectives through which gradients flow."""

from __future__ import annotations

from . import functional
from .functional import all_gather, all_reduce, all_to_all_single, broadcast, reduce, reduce_scatter

__all__ = [
    "all_gather", "all_reduce", "all_to_all_single", "broadcast", "functional", "reduce", "reduce_scatter",
]  # fmt: skip
