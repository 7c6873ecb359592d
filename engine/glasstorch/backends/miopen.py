"""AMD's MIOpen, which Glasstorch does not use. Its switch changes nothing."""

from __future__ import annotations

from .switches import Inside, attach, changed, switch

attach(__name__, immediate=switch(False, "set_immediate_miopen"))


def set_flags(_immediate: bool | None = None) -> tuple:
    """Set the switch; returns what it was."""
    return changed(__name__, immediate=_immediate)


def flags(immediate: bool = False) -> Inside:
    """Another switch inside a ``with`` block."""
    return Inside(set_flags, {"immediate": immediate})
