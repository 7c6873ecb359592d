"""``Module``: the base of all layers and models."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ...core.mode import STATE
from ...core.tensor import Tensor
from ..parameter import Buffer, Parameter
from ._conversion import ConversionMixin
from ._hooks import (
    GLOBAL,
    HookMixin,
    _GlobalFlag,
    _WrappedHook,
    register_module_backward_hook,
    register_module_buffer_registration_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from ._state_dict import StateDictMixin, _IncompatibleKeys
from ._traversal import TraversalMixin

#: The dictionaries every module has.
_TABLES = (
    "_parameters", "_buffers", "_backward_pre_hooks", "_backward_hooks", "_forward_hooks",
    "_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs", "_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks", "_modules",
)  # fmt: skip


def _describe(value: Any) -> str:
    """How PyTorch names a value's type in errors."""
    if isinstance(value, Tensor):
        return f"torch.{value.dtype.legacy}Tensor" if type(value) is Tensor else type(value).__qualname__
    t = value if hasattr(value, "__qualname__") else type(value)  # classes and functions by their own name
    if t.__module__ == "builtins":
        return t.__qualname__
    module = (
        t.__module__.replace("glasstorch", "torch", 1)
        if t.__module__.startswith("glasstorch")
        else t.__module__
    )
    return f"{module}.{t.__qualname__}"


def _addindent(text: str, spaces: int) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line for line in rest)])


class Module(HookMixin, StateDictMixin, TraversalMixin, ConversionMixin):
    """Base class of layers and models. Define ``__init__`` (calling ``super().__init__()`` first) and ``forward``.

    Parameters, buffers and modules assigned as attributes are registered under the attribute's name.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Module.html
    """

    training: bool
    dump_patches = False
    call_super_init = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init and (kwargs or args):
            if kwargs:
                name = type(self).__name__
                raise TypeError(
                    f"{name}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'"
                )
            raise TypeError(
                f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given"
            )
        set_attribute = super().__setattr__
        set_attribute("training", True)
        for table in _TABLES:
            set_attribute(table, OrderedDict() if "hooks" in table else {})
        set_attribute("_non_persistent_buffers_set", set())
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *input: Any) -> Any:
        """What the module computes. Every subclass defines it; call the module itself, which also runs hooks."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks
                or STATE.recorder is not None or _GlobalFlag.active):  # fmt: skip
            return self._call_impl(args, kwargs)
        return self.forward(*args, **kwargs)

    # ------------------------------------------------------------------ registration
    def _check_name(self, kind: str, name: Any, table: str) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_describe(name)}")
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(
                f'module name can\'t contain ".", got: {name}'
                if kind == "module"
                else f'{kind} name can\'t contain "."'
            )
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter (or None to reserve the name)."""
        self._check_name("parameter", name, "_parameters")
        if param is None:
            self._parameters[name] = None
            return
        if not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_describe(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        if param._node is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
                f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        for hook in GLOBAL["parameter_registration"].values():
            new = hook(self, name, param)
            param = param if new is None else new
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is part of the module's state but not trained. ``persistent``: saved in the state_dict?"""
        self._check_name("buffer", name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_describe(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        for hook in GLOBAL["buffer_registration"].values():
            new = hook(self, name, tensor)
            tensor = tensor if new is None else new
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child module under a name."""
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{_describe(module)} is not a Module subclass")
        self._check_name("module", name, "_modules")
        for hook in GLOBAL["module_registration"].values():
            new = hook(self, name, module)
            module = module if new is None else new
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as ``add_module``."""
        self.add_module(name, module)

    # ------------------------------------------------------------------ attributes
    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if table in own and name in own[table]:
                return own[table][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            if "_parameters" not in own:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if "_modules" not in own:
                raise AttributeError("cannot assign module before Module.__init__() call")
            if name in own["_parameters"]:
                self._refuse(name, value, "parameter", "torch.nn.Parameter or None expected")
            self._forget(name, "_modules")
            for hook in GLOBAL["module_registration"].values():
                new = hook(self, name, value)
                value = value if new is None else new
            own["_modules"][name] = value
        elif name in own.get("_parameters", ()):
            if value is not None:
                self._refuse(name, value, "parameter", "torch.nn.Parameter or None expected")
            self.register_parameter(name, None)
        elif name in own.get("_modules", ()):
            if value is not None:
                self._refuse(name, value, "child module", "torch.nn.Module or None expected")
            own["_modules"][name] = None
        elif isinstance(value, Buffer) or name in own.get("_buffers", ()):
            self._set_buffer(name, value)
        else:
            super().__setattr__(name, value)

    def _set_buffer(self, name: str, value: Any) -> None:
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        if value is not None and not isinstance(value, Tensor):
            self._refuse(name, value, "buffer", "torch.nn.Buffer, torch.Tensor or None expected")
        if isinstance(value, Buffer):
            self._forget(name, "_buffers")
            self.register_buffer(name, value, value.persistent)
        else:
            self.register_buffer(name, value, name not in self._non_persistent_buffers_set)

    @staticmethod
    def _refuse(name: str, value: Any, kind: str, expected: str) -> None:
        raise TypeError(f"cannot assign '{_describe(value)}' as {kind} '{name}' ({expected})")

    def _forget(self, name: str, but: str) -> None:
        """Remove an attribute from everywhere but one table."""
        own = self.__dict__
        own.pop(name, None)
        for table in ("_parameters", "_buffers", "_modules"):
            if table != but:
                own[table].pop(name, None)
        if but != "_buffers":
            own["_non_persistent_buffers_set"].discard(name)

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers}
        return sorted(n for n in names if not n[:1].isdigit())

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for table in _TABLES:  # files from older versions lack some
            self.__dict__.setdefault(table, OrderedDict() if "hooks" in table else {})
        self.__dict__.setdefault("_non_persistent_buffers_set", set())

    # ------------------------------------------------------------------ description
    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets. Override for layers with settings."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {_addindent(repr(m), 2)}" for name, m in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({lines[0]})"
        if not lines and not children:
            return f"{self._get_name()}()"
        return f"{self._get_name()}(\n  " + "\n  ".join([*lines, *children]) + "\n)"

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """For PyTorch's sake: everything runs eagerly here, so there is nothing to compile."""


__all__ = [
    "Module",
    "_IncompatibleKeys",
    "_WrappedHook",
    "register_module_backward_hook",
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]
