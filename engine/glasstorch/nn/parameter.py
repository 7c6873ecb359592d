"""Parameters and buffers: tensors that a module registers when they are assigned to it."""

from __future__ import annotations

import sys
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
        out = type(self)(wrap(self._a.copy(order="K")), self._rg)
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


class _BufferType(type(Tensor)):  # type: ignore[misc]
    """``isinstance(x, Buffer)``: is the tensor marked as a buffer?"""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)


class Buffer(Tensor, metaclass=_BufferType):
    """A tensor that a module registers as a buffer when it is assigned. ``persistent``: part of the state_dict?

    ``Buffer(data)`` is a tensor over the same memory with a mark, not of a class of its own.
    """

    __slots__ = ()

    __torch_function__ = disabled_torch_function

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Any:
        out = wrap(np.empty(0, np.float32)) if data is None else data.detach()
        out._rg = data is not None and data._rg
        out.persistent, out._is_buffer = persistent, True  # type: ignore[attr-defined]
        return out


_ARRAY = Tensor.__dict__["_a"]  # the slot itself, which uninitialized tensors hide


class UninitializedTensorMixin:
    """What parameters and buffers of unknown shape share: nothing can be computed with them yet.

    ``materialize(shape)`` gives them memory and makes them ordinary ones.
    """

    __slots__ = ()
    __torch_function__ = disabled_torch_function
    cls_to_become: type[Tensor] = Tensor

    @property
    def _a(self) -> Any:  # every operation asks for the array first
        name = sys._getframe(1).f_code.co_name
        raise ValueError(
            f"Attempted to use an uninitialized parameter in {name}. This error happens when you are using a "
            f"`LazyModule` or explicitly manipulating `torch.nn.parameter.{type(self).__name__}` objects. When using "
            "LazyModules Call `forward` with a dummy batch to initialize the parameters before calling torch functions"
        )

    @_a.setter
    def _a(self, array: Any) -> None:
        _ARRAY.__set__(self, array)

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Give the tensor memory of this shape, not yet filled, and its ordinary class."""
        self.data = self.data.new_empty(shape, dtype=dtype, device=device)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]

    @property
    def data(self) -> Any:
        """An empty tensor of the type and on the device that the parameter will have."""
        return wrap(_ARRAY.__get__(self))

    @data.setter
    def data(self, value: Tensor) -> None:
        self._a = value._a

    @property
    def shape(self) -> Any:
        """RuntimeError: not known yet."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` "
            "to initialize the parameters before accessing their attributes."
        )

    dtype = property(lambda self: self.data.dtype, doc="The element type.")
    device = property(lambda self: self.data.device, doc="Where the memory will be.")

    def is_floating_point(self) -> bool:
        """Is the element type a floating type?"""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Is the element type complex?"""
        return self.dtype.is_complex

    def share_memory_(self) -> Any:
        """RuntimeError: there is no memory yet."""
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters "
            "before calling `module.share_memory()`."
        )

    def __deepcopy__(self, memo: dict) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self._rg, self.device, self.dtype)  # type: ignore[attr-defined, call-arg]
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple:
        return type(self), (self._rg, str(self.device), self.dtype)  # type: ignore[attr-defined]

    def __repr__(self, **kwargs: Any) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter whose shape is found when its module first runs."""

    __slots__ = ()
    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return _uninitialized(cls, requires_grad, device, dtype)


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer whose shape is found when its module first runs."""

    __slots__ = ()
    cls_to_become = Tensor

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> Any:
        self = _uninitialized(cls, requires_grad, device, dtype)
        self.persistent, self._is_buffer = persistent, True
        return self


def _uninitialized(cls: type, requires_grad: bool, device: Any, dtype: Any) -> Any:
    from ..ops.create import empty

    self: Any = object.__new__(cls)
    self._fill_slots(empty(0, device=device, dtype=dtype)._a)
    self._rg = bool(requires_grad)
    return self


def is_lazy(param: Any) -> bool:
    """Is it a parameter or buffer whose shape is not known yet?"""
    return isinstance(param, UninitializedTensorMixin)


__all__ = [
    "Buffer",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "UninitializedTensorMixin",
    "is_lazy",
]
