"""Parameters and buffers: tensors that a module registers when they are assigned to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.tensor import Tensor, wrap


class Parameter(Tensor):
    """A tensor that belongs to a module's parameters.

    Shares memory with ``data``. ``requires_grad``: whether it is trained.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        base = wrap(np.empty(0, np.float32)) if data is None else data.detach()
        self._fill_slots(base._a)
        self._v = base._v
        if requires_grad and self.dtype.category < dt.FLOATING:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        self._rg = bool(requires_grad)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo: dict) -> Parameter:
        if id(self) in memo:
            return memo[id(self)]
        out = type(self)(wrap(self._a.copy()), self._rg)
        out.__dict__.update(self.__dict__)
        memo[id(self)] = out
        return out


class Buffer(Tensor):
    """A tensor that a module registers as a buffer when it is assigned. ``persistent``: part of the state_dict?"""

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, *, persistent: bool = True) -> None:
        base = wrap(np.empty(0, np.float32)) if data is None else data.detach()
        self._fill_slots(base._a)
        self._v, self._rg = base._v, data is not None and data._rg
        self.persistent = persistent

    def __repr__(self) -> str:
        return "Buffer containing:\n" + super().__repr__()


def is_lazy(param: Any) -> bool:
    """Is it a parameter whose shape is not known yet?"""
    return bool(getattr(param, "uninitialized", False))
