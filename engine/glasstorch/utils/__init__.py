"""Tools around training. Source: https://pytorch.org/docs/stable/data.html"""

from __future__ import annotations

import importlib
from typing import Any

from . import checkpoint, data, deterministic, dlpack, hooks, serialization

__all__ = ["checkpoint", "collect_env", "data", "deterministic", "dlpack", "hooks", "serialization"]


def __getattr__(name: str) -> Any:
    """``collect_env`` is read when somebody asks: ``python -m`` runs a module that is not there yet."""
    if name != "collect_env":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(".collect_env", __name__)
