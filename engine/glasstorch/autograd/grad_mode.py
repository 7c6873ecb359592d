"""The gradient modes under PyTorch's module name."""

from __future__ import annotations

from typing import Any

from ..core.mode import THREAD, enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled", "set_multithreading_enabled"]


class set_multithreading_enabled:
    """Whether a backward may use several threads, at once or for a ``with`` block.

    This engine's backward uses one thread for each device in any case; the setting is kept, and changes nothing.
    """

    def __init__(self, mode: bool) -> None:
        self.mode, self.previous = mode, THREAD.multithreading
        THREAD.multithreading = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        THREAD.multithreading = self.previous

    def clone(self) -> set_multithreading_enabled:
        """Another of the same."""
        return self.__class__(self.mode)


def is_multithreading_enabled() -> bool:
    """What ``set_multithreading_enabled`` was told."""
    return THREAD.multithreading
