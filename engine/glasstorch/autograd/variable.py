"""``Variable``: what tensors with gradients were called before PyTorch 0.4. Kept for old programs.

Source: https://pytorch.org/docs/stable/autograd.html#variable-deprecated
"""

from __future__ import annotations

from typing import Any

from ..core.frames import warn
from ..core.refusals import type_name
from ..core.tensor import Tensor


class VariableMeta(type):
    """Every tensor counts as a ``Variable``."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=VariableMeta):
    """``Variable(data, requires_grad=False)`` gives a tensor over the same memory, a leaf of its own.

    Write ``tensor.detach().requires_grad_()`` instead.
    """

    def __new__(
        cls, data: Any = None, requires_grad: bool = False, volatile: bool = False, **unknown: Any
    ) -> Any:
        if unknown:
            raise TypeError(f"'{next(iter(unknown))}' is an invalid keyword argument for this function")
        if data is not None and not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type_name(data)}")
        if volatile and requires_grad:
            raise ValueError("Variable can't be volatile and require_grad at the same time!")
        if volatile:
            warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.")
        return (Tensor() if data is None else data.detach()).requires_grad_(requires_grad)


__all__ = ["Variable", "VariableMeta"]
