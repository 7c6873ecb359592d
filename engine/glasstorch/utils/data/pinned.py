"""Pinned memory: host memory that the GPU can read directly, so that copies to it run faster and on their own."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from .collate import through_containers


def pin(data: Any) -> Any:
    """The same batch with its tensors in pinned memory. What has a ``pin_memory`` method of its own is asked itself."""
    if type(data) is Tensor:
        return pin_tensor(data)
    if hasattr(data, "pin_memory"):
        return data.pin_memory()
    if isinstance(data, tuple) and not hasattr(data, "_fields"):
        return type(data)(pin(item) for item in data)
    return through_containers(data, pin)


def pin_tensor(t: Tensor) -> Tensor:
    """The tensor in pinned memory; itself when it lies on a GPU."""
    return t if t.is_cuda else t.pin_memory()  # type: ignore[attr-defined]
