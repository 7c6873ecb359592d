"""Apple's Metal, which Glasstorch does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Can Metal be used? Never here."""
    return False


def is_built() -> bool:
    """Is support for Metal there? Never here."""
    return False
