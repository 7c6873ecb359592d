"""``autocast`` by its old place."""

from . import autocast

__all__ = ["autocast"]
