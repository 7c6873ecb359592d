"""Hooks that combine the gradients of ``DistributedDataParallel`` in other ways."""

from __future__ import annotations

from . import default_hooks

__all__ = ["default_hooks"]
