"""Modules made without the cost of first values."""

from __future__ import annotations

import inspect
from typing import Any

from ... import random
from ..modules.module import Module


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """``module_cls(*args, **kwargs)`` with parameters whose values are not to be relied on.

    No random numbers are used up, so what is drawn next is the same as without the call.
    """
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    device = kwargs.pop("device", "cpu")
    state = random.get_rng_state()
    try:
        return module_cls(*args, **kwargs).to_empty(device=device)
    finally:
        random.set_rng_state(state)
