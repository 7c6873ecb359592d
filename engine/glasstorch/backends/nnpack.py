"""NNPACK, a library for convolutions, which Glasstorch does not use. Its switch changes nothing."""

from __future__ import annotations

from .switches import Inside, wants_bool

_enabled_now = [True]


def is_available() -> bool:
    """Is it in use? Never here."""
    return False


def set_flags(_enabled: bool) -> tuple[bool]:
    """Set the switch; returns what it was."""
    before, _enabled_now[0] = _enabled_now[0], wants_bool("set_enabled_NNPACK", _enabled)
    return (before,)


def flags(enabled: bool = False) -> Inside:
    """Another switch inside a ``with`` block."""
    return Inside(set_flags, {"enabled": enabled})
