"""Apple's GPUs (Metal), which Glasstorch does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Can they be used? Never here."""
    return False


def device_count() -> int:
    """How many can be used: none."""
    return 0
