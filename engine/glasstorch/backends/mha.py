"""PyTorch's fast path of attention at inference. There is one path here: the switch changes nothing."""

from __future__ import annotations

_fast = [True]


def get_fastpath_enabled() -> bool:
    """What ``set_fastpath_enabled`` was told."""
    return _fast[0]


def set_fastpath_enabled(value: bool) -> None:
    """Allow the fast path."""
    _fast[0] = value
