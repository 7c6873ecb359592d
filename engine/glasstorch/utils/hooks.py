"""Hooks: the handle that takes one away again, and hooks that need not be in files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.frames import warn
from ..core.node import RemovableHandle


def unserializable_hook(f: Callable) -> Callable:
    """Decorator of a tensor's hook: ``save`` leaves it out without a warning."""
    f.__torch_unserializable__ = True  # type: ignore[attr-defined]
    return f


def warn_if_has_hooks(tensor: Any) -> None:
    """Warn of the hooks of a tensor that is saved: files hold none."""
    few = tensor._x
    for hook in few.hooks.values() if few is not None and few.hooks else ():
        if not hasattr(hook, "__torch_unserializable__"):
            warn(
                f"backward hook {hook!r} on tensor will not be serialized.  If this is expected, you can decorate the "
                "function with @torch.utils.hooks.unserializable_hook to suppress this warning",
            )


__all__ = ["RemovableHandle", "unserializable_hook", "warn_if_has_hooks"]
