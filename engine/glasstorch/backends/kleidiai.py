"""Arm's KleidiAI, which Glasstorch does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Is it in use? Never here."""
    return False
