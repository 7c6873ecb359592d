"""Pinned memory: host memory that the GPU can read directly, so that copies to it run faster and on their own."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor, wrap
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
    """A copy of the tensor in pinned memory; itself when it lies on a GPU."""
    if t.is_cuda:
        return t
    import cupyx  # type: ignore[import-not-found]

    out = wrap(cupyx.empty_pinned(t._a.shape, t._a.dtype))
    out._a[...] = t._a
    return out
