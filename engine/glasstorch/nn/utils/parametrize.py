"""Parameters that are computed from others: ``module.weight`` becomes a function of what is trained.

Source: https://pytorch.org/tutorials/intermediate/parametrizations.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, TypeVar

from ...core.mode import no_grad
from ...core.tensor import Tensor
from ..modules.container import ModuleDict, ModuleList
from ..modules.module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)


class _Cache:
    """Computed tensors by (module id, name), while ``cached`` is active."""

    active = 0
    values: ClassVar[dict[tuple[int, str], Any]] = {}


@contextmanager
def cached() -> Iterator[None]:
    """Inside, every parametrized tensor is computed once and then remembered, as for a recurrent layer's weights."""
    _Cache.active += 1
    try:
        yield
    finally:
        _Cache.active -= 1
        if not _Cache.active:
            _Cache.values = {}


def _register(module: Module, name: str, value: Any) -> None:
    if isinstance(value, Parameter):
        module.register_parameter(name, value)
    else:
        module.register_buffer(name, value)


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, and what they are applied to: ``original``, or ``original0``, ``original1``,
    …

    Calling it computes the tensor. ``unsafe``: the shape or type may change.
    """

    original: Any

    def __init__(self, modules: Sequence[Module], original: Any, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        new = original
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    with suppress(NotImplementedError):
                        new = module.right_inverse(new)
        if not isinstance(new, (Tensor, Sequence)):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if isinstance(new, Tensor) else len(new)
        if isinstance(new, Tensor):
            self._take_one(original, new)
        else:
            self._take_several(original, new)
        if not unsafe:
            _check_same(
                self(), dtype, shape, "A parametrization must return a tensor.",
                "Registering a parametrization may not change the {} of the tensor, unless `unsafe` flag is enabled.",
                "unparametrized {}", "parametrized {}",
            )  # fmt: skip

    def _take_one(self, original: Any, new: Any) -> None:
        for what in ("dtype", "device"):
            if getattr(original, what) != getattr(new, what):
                raise ValueError(
                    f"When `right_inverse` outputs one tensor, it may not change the {what}.\n"
                    f"original.{what}: {getattr(original, what)}\n"
                    f"right_inverse(original).{what}: {getattr(new, what)}"
                )
        if new is not original:
            original.data = new
        _register(self, "original", original)

    def _take_several(self, original: Any, new: Sequence[Any]) -> None:
        for k, value in enumerate(new):
            if not isinstance(value, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                    f"Got element {k} of the sequence with type {type(value).__name__}."
                )
            if isinstance(original, Parameter):
                value = Parameter(value, original._rg)
            value.requires_grad_(original._rg)
            _register(self, f"original{k}", value)

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the parametrizations give ``value``, by their own ``right_inverse`` in turn."""
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement right_inverse."
                    )
                value = module.right_inverse(value)
            if self.is_tensor:
                if not isinstance(value, Tensor):
                    raise ValueError(f"`right_inverse` should return a tensor. Got {type(value).__name__}")
                if value.dtype is not self.original.dtype:
                    raise ValueError(
                        f"The tensor returned by `right_inverse` has dtype {value.dtype} while `original` has dtype "
                        f"{self.original.dtype}"
                    )
                self.original.data = value
                return
            if not isinstance(value, Sequence):
                raise ValueError(
                    f"'right_inverse' must return a sequence of tensors. Got {type(value).__name__}."
                )
            if len(value) != self.ntensors:
                raise ValueError(
                    f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. Got a sequence of "
                    f"length {len(value)}."
                )
            for k, tensor in enumerate(value):
                own = getattr(self, f"original{k}")
                if not isinstance(tensor, Tensor):
                    raise ValueError(
                        f"'right_inverse' must return a sequence of tensors. Got element {k} of type "
                        f"{type(tensor).__name__}."
                    )
                if tensor.dtype is not own.dtype:
                    raise ValueError(
                        f"Tensor {k} returned by `right_inverse` has dtype {tensor.dtype} while `original{k}` has "
                        f"dtype {own.dtype}"
                    )
                own.data = tensor

    def forward(self) -> Any:
        first, *rest = self
        x = first(self.original) if self.is_tensor else first(*self._originals())
        for module in rest:
            x = module(x)
        return x

    def _originals(self) -> list[Any]:
        return [getattr(self, f"original{k}") for k in range(self.ntensors)]


def _check_same(
    value: Any, dtype: Any, shape: Any, no_tensor: str, sentence: str, before: str, after: str
) -> None:
    """ValueError unless ``value`` is a tensor of this type and shape."""
    if not isinstance(value, Tensor):
        raise ValueError(f"{no_tensor} Got {type(value).__name__}.")
    for what, old in (("dtype", dtype), ("shape", shape)):
        new = getattr(value, what)
        if new != old:
            raise ValueError(
                f"{sentence.format(what)}\n{before.format(what)}: {old}\n{after.format(what)}: {new}"
            )


# ---------------------------------------------------------------------- the module's new class
def _copy_parametrized(self: Any, memo: dict) -> Any:
    """``deepcopy`` without ``__getstate__``, which parametrized modules refuse."""
    if id(self) not in memo:
        replica = memo[id(self)] = object.__new__(type(self))
        replica.__dict__.update(copy.deepcopy(self.__dict__, memo))
    return memo[id(self)]


def _refuse_pickle(self: Any) -> Any:
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). See:\n"
        "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
        "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
    )


def _give_own_class(module: Any) -> None:
    """A class for this module alone, on which properties can stand in for its tensors."""
    cls = type(module)
    body: dict[str, Any] = {"__getstate__": _refuse_pickle}
    if not hasattr(cls, "__deepcopy__"):
        body["__deepcopy__"] = _copy_parametrized
    module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), body)


def _give_property(module: Any, name: str) -> None:
    """``module.<name>``: computed when read, inverted when set."""

    def get(self: Any) -> Any:
        if not _Cache.active:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in _Cache.values:
            _Cache.values[key] = self.parametrizations[name]()
        return _Cache.values[key]

    def set(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(get, set))


def register_parametrization(
    module: M, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> M:
    """Make ``module.<tensor_name>`` the result of ``parametrization`` of what is there. Gives the module.

    What is trained is then ``module.parametrizations.<name>.original``. Parametrizations add up, the last one last.
    With a method ``right_inverse`` the first value is kept, and assigning to the tensor works; it may return several
    tensors, which then are all trained. ``unsafe``: the shape or type may change.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        own: Any = module.parametrizations[tensor_name]
        if not unsafe:
            _check_another(module, tensor_name, parametrization)
        own.append(parametrization)
        own.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        listed = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _give_own_class(module)
            module.parametrizations = ModuleDict()
        _give_property(module, tensor_name)
        module.parametrizations[tensor_name] = listed
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def _check_another(module: Any, name: str, parametrization: Any) -> None:
    """ValueError when one more parametrization would change the type or shape."""
    before = getattr(module, name)
    after = parametrization(before)
    _check_same(
        after, before.dtype, before.shape, "A parametrization must return a tensor.",
        "Registering a parametrization may not change the {} of the tensor, unless the `unsafe` flag is enabled.",
        f"module.{name}.{{}}", f"parametrization(module.{name}).{{}}",
    )  # fmt: skip
    if hasattr(parametrization, "right_inverse"):
        with suppress(NotImplementedError):
            back = parametrization.right_inverse(after)
            if not isinstance(back, Tensor):
                raise ValueError(
                    f"parametrization.right_inverse must return a tensor. Got: {type(back).__name__}"
                )
            _check_same(
                back, before.dtype, before.shape, "",
                f"The tensor returned by parametrization.right_inverse must have the same {{}} as module.{name}, "
                "unless the `unsafe` flag is enabled.", f"module.{name}.{{}}", "returned {}",
            )  # fmt: skip


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Has the module any parametrized tensor, or one of this name?"""
    listed = getattr(module, "parametrizations", None)
    if not isinstance(listed, ModuleDict):
        return False
    return len(listed) > 0 if tensor_name is None else tensor_name in listed


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Make ``module.<tensor_name>`` an ordinary tensor again. Gives the module.

    ``leave_parametrized``: with the value that it has now; else with the original's.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    listed: Any = module.parametrizations[tensor_name]
    if listed.is_tensor:
        original = listed.original
        if leave_parametrized:
            with no_grad():
                original.data = getattr(module, tensor_name)
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value) if value._rg else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register(module, tensor_name, original)
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class that the module had before it was parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(
    from_module: Any, to_module: Any, tensor_name: str | None = None
) -> Any:
    """Parametrize ``to_module`` as ``from_module`` is, with the same originals. Gives ``to_module``.

    ``tensor_name``: only this tensor.
    """
    if not is_parametrized(from_module):
        return to_module
    for name in list(from_module.parametrizations) if tensor_name is None else [tensor_name]:
        source = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        for parametrization in source:
            register_parametrization(to_module, name, parametrization)
        target = to_module.parametrizations[name]
        for original in (
            ["original"] if source.is_tensor else [f"original{k}" for k in range(source.ntensors)]
        ):
            setattr(target, original, getattr(source, original))
    return to_module


__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]
