"""Apple's Metal, which Glasstorch does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Can Metal be used? Never here."""
    return False


def is_built() -> bool:
    """Is support for Metal there? Never here."""
    return False


def is_macos_or_newer(major: int, minor: int) -> bool:
    """Is this at least that version of macOS? RuntimeError without Metal."""
    raise RuntimeError("Cannot execute isOnMacOSorNewer() without MPS backend.")


def is_macos13_or_newer(minor: int = 0) -> bool:
    """Is this at least macOS 13? RuntimeError without Metal."""
    return is_macos_or_newer(13, minor)


def get_name() -> str:
    """The GPU's name: AttributeError without Metal."""
    raise AttributeError("module 'torch._C' has no attribute '_mps_get_name'")


def get_core_count() -> int:
    """How many cores the GPU has: AttributeError without Metal."""
    raise AttributeError("module 'torch._C' has no attribute '_mps_get_core_count'")
