"""NVIDIA's cuSPARSELt, which Glasstorch does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Is it in use? Never here."""
    return False


def version() -> None:
    """Its version: there is none."""
    return None


def get_max_alg_id() -> None:
    """How many algorithms it has: None."""
    return None
