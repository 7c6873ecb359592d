"""Parameters as one long vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...core.tensor import Tensor
from ...ops.join import cat


def _same_device(parameters: Iterable[Tensor]) -> list[Any]:
    """The parameters; TypeError when they are not all on one device."""
    items = list(parameters)
    if len({str(p.device) for p in items}) > 1:
        raise TypeError("Found two parameters on different devices, this is currently not supported.")
    return items


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The elements of all parameters in one vector, in order."""
    return cat([p.view(-1) for p in _same_device(parameters)])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give the parameters their values from a vector; their data are then parts of its memory."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    start = 0
    for p in _same_device(parameters):
        n = p.numel()
        p.data = vec[start : start + n].view(p._a.shape).data
        start += n
