"""Errors of the processes that the launcher started."""

from __future__ import annotations

from . import errors

__all__ = ["errors"]
