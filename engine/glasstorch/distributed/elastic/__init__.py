"""What a process that the launcher started leaves for it."""

from __future__ import annotations

from . import multiprocessing

__all__ = ["multiprocessing"]
