"""OpenMP: NumPy's matrix library may use it, Glasstorch itself does not."""

from __future__ import annotations


def is_available() -> bool:
    """Does Glasstorch call it? No."""
    return False
