"""Intel's MKL: NumPy's matrix library may use it, Glasstorch itself does not."""

from __future__ import annotations

from typing import Any

VERBOSE_OFF, VERBOSE_ON = 0, 1


def is_available() -> bool:
    """Does Glasstorch call it? No."""
    return False


class verbose:
    """A ``with`` block in which MKL would tell what it does; nothing here, where it is not called."""

    def __init__(self, enable: int) -> None:
        self.enable = enable

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: Any) -> None: ...
