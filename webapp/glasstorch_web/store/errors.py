"""What can be wrong with the store as a whole."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do, and names no password."""


class UnavailableError(StoreError):
    """The store does not answer now, and may again soon; nothing of the transaction was kept."""
