"""What goes wrong between processes, by the names PyTorch gives it."""

from __future__ import annotations


class DistError(RuntimeError):
    """Something failed between processes."""


class DistBackendError(DistError):
    """A backend could not do what was asked."""


class DistNetworkError(DistError):
    """A connection could not be made, or broke."""


class DistStoreError(DistError):
    """A store did not answer, or a key did not appear in time."""
