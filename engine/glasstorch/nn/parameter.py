"""Parameters and buffers: tensors that a module registers when they are assigned to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.overrides import disabled_torch_function, wants_a_say
from ..core.tensor import Tensor, wrap


class _ParameterType(type(Tensor)):  # type: ignore[misc]
    """``isinstance(x, Parameter)`` also for a parameter of a tensor subclass."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return type.__instancecheck__(cls, instance) or (
            cls is Parameter and isinstance(instance, Tensor) and getattr(instance, "_is_param", False)
        )


class Parameter(Tensor, metaclass=_ParameterType):
    """A tensor that belongs to a module's parameters.

    Shares memory with ``data``. ``requires_grad``: whether it is trained.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
    """

    __slots__ = ()

    __torch_function__ = disabled_torch_function  # results are plain tensors

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        if wants_a_say(data):
            return _of_subclass(data, requires_grad)
        base = wrap(np.empty(0, np.float32)) if data is None else data.detach()
        self = object.__new__(cls)
        self._fill_slots(base._a)
        self._v = base._v
        if requires_grad and self.dtype.category < dt.FLOATING:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        self._rg = bool(requires_grad)
        return self

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo: dict) -> Parameter:
        if id(self) in memo:
            return memo[id(self)]
        out = type(self)(wrap(self._a.copy()), self._rg)
        out.__dict__.update(self.__dict__)
        memo[id(self)] = out
        return out


def _of_subclass(data: Any, requires_grad: bool) -> Any:
    """A parameter of a tensor subclass stays of that class."""
    out = data.detach().requires_grad_(requires_grad)
    if type(out) is not type(data):
        raise RuntimeError(
            f"Creating a Parameter from an instance of type {type(data).__name__} requires that detach() returns an "
            f"instance of the same type, but return type {type(out).__name__} was found instead. To use the type as a "
            "Parameter, please correct the detach() semantics defined by its __torch_dispatch__() implementation."
        )
    out._is_param = True
    return out


class Buffer(Tensor):
    """A tensor that a module registers as a buffer when it is assigned. ``persistent``: part of the state_dict?"""

    __slots__ = ()

    __torch_function__ = disabled_torch_function

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Buffer:
        base = wrap(np.empty(0, np.float32)) if data is None else data.detach()
        self = object.__new__(cls)
        self._fill_slots(base._a)
        self._v, self._rg = base._v, data is not None and data._rg
        self.persistent = persistent
        return self

    def __repr__(self) -> str:
        return "Buffer containing:\n" + super().__repr__()


def is_lazy(param: Any) -> bool:
    """Is it a parameter whose shape is not known yet?"""
    return bool(getattr(param, "uninitialized", False))
