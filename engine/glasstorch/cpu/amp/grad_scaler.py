"""``GradScaler`` by its old place."""

from . import GradScaler

__all__ = ["GradScaler"]
