"""What a function may look at besides its arguments, as a value that changes when that does.

``torch.compile`` keeps a program only as long as this is the same: globals and variables of enclosing functions that
the code names, attributes of the modules among them, and the plain values in containers and objects.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Callable
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..nn import Module

PLAIN = (bool, int, float, complex, str, bytes, type(None))
LARGEST = 20_000  # values in one state; beyond, looking costs more than programs save
ARRAY = 500  # elements of a NumPy array whose numbers are compared
_HOOKS = operator.itemgetter("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_TABLES = ("_parameters", "_buffers", "_modules")
_OURS = ("glasstorch", "torch", "numpy")


class Unclear(Exception):
    """The state cannot be told; the message says why."""


class Guards:
    """Looks at what a function or module may read.

    Args:
        looked_at: the function, method or module.
    """

    def __init__(self, looked_at: Any) -> None:
        self._begin = looked_at
        self.modules: dict[int, Module] = {}  # those met when the state was last asked for
        self._getters: dict[int, tuple] = {}

    def state(self, args: tuple = ()) -> tuple:
        """A hashable value, equal as long as nothing has changed. Modules among ``args`` are looked at, too.

        Raises:
            Unclear: a module has hooks, or there is too much to look at.
        """
        look = _Look(self._getters)
        look.see(self._begin, 0)
        for a in args:
            if isinstance(a, Module):
                look.see(a, 0)
        self.modules = look.modules
        return tuple(look.parts)


class _Look:
    """One look at everything; each thread has its own.

    Args:
        getters: for each module by identity: itself, how many attributes it has, their names, and a getter of them.
    """

    def __init__(self, getters: dict[int, tuple]) -> None:
        self._getters = getters
        self.modules: dict[int, Module] = {}
        self.parts: list[Any] = []
        self._seen: set[int] = set()
        self._count = 0

    # ------------------------------------------------------------------ one value
    def see(self, value: Any, depth: int) -> None:
        """Add a value to ``parts``, with what is in it."""
        cls = value.__class__
        if cls in PLAIN:
            self.parts.append(cls)
            self.parts.append(value if cls is not float else value.hex())
            return
        self._count += not isinstance(value, Module)
        if self._count > LARGEST:
            raise Unclear(
                f"The code may look at more than {LARGEST} objects besides its arguments: nothing tells soon enough "
                "whether one has changed. Give it what it needs as arguments."
            )
        self.parts.append(id(value))
        if id(value) in self._seen or cls in (type, ModuleType, BuiltinFunctionType):
            return
        self._seen.add(id(value))
        if isinstance(value, Module):
            self._module(value)
        elif isinstance(value, Tensor):
            self.parts.append(value._rg)
        elif cls in (list, tuple, set, frozenset):
            self.parts.append(len(value))
            for v in value:
                self.see(v, depth)
        elif isinstance(value, dict):
            self.parts.append(len(value))
            for k, v in value.items():
                self.see(k, depth)
                self.see(v, depth)
        elif isinstance(value, np.ndarray):
            if value.size > ARRAY:
                raise Unclear("The code may look at a large NumPy array: make it a tensor or an argument.")
            self.parts.append(value.tobytes())
        elif isinstance(value, (FunctionType, MethodType)):
            self._function(value, depth)
        elif hasattr(value, "__dict__") and depth < 3 and not _is_ours(cls.__module__):
            for name, v in vars(value).items():
                self.parts.append(name)
                self.see(v, depth + 1)

    # ------------------------------------------------------------------ functions
    def _function(self, value: Any, depth: int) -> None:
        if isinstance(value, MethodType):
            self.see(value.__self__, depth)
            value = value.__func__
            if not isinstance(value, FunctionType):
                return
        if _is_ours(value.__module__):
            return
        for v in (value.__defaults__, value.__kwdefaults__):
            if v is not None:
                self.see(v, depth)
        for cell in value.__closure__ or ():
            try:
                self.see(cell.cell_contents, depth)
            except ValueError:  # not filled yet
                self.parts.append(None)
        known = value.__globals__
        for name in _names(value.__code__):
            if name in known:
                v = known[name]
                if v.__class__ is ModuleType:
                    self._of_module(v, value.__code__, depth)
                else:
                    self.see(v, depth)

    def _of_module(self, module: ModuleType, code: CodeType, depth: int) -> None:
        """The values of a Python module of the user's that the code names."""
        top = module.__name__.partition(".")[0]
        if top in _OURS or top in sys.stdlib_module_names:
            return
        for name in _names(code):
            if name in module.__dict__:
                self.see(module.__dict__[name], depth)

    # ------------------------------------------------------------------ modules
    def _module(self, module: Module) -> None:
        own = module.__dict__
        if any(_HOOKS(own)):
            raise Unclear(f"{type(module).__name__} has hooks.")
        self.modules[id(module)] = module
        cls: Any = type(module)
        known = self._getters.get(id(module))
        try:
            if known is None or known[0] is not module or known[1] != len(own):
                raise KeyError
            names, values = known[2], known[3](own)
        except KeyError:  # attributes came or went
            names, getter = _attributes(cls, tuple(own))
            self._getters[id(module)] = module, len(own), names, getter
            values = getter(own)
        if all(map(PLAIN.__contains__, map(type, values))):
            self.parts.append(values)
            self.parts.append(tuple(map(type, values)))
        else:
            for name, value in zip(names, values, strict=True):
                self.parts.append(name)
                self.see(value, 0)
        for p in own["_parameters"].values():
            self.parts.append(id(p))
            self.parts.append(p is not None and p._rg)
        self.parts.extend(map(id, own["_buffers"].values()))
        for name, child in own["_modules"].items():
            self.parts.append(name)
            if child is not None:
                self.see(child, 0)
        for function in _methods(cls):
            if id(function) not in self._seen:
                self._seen.add(id(function))
                self._function(function, 0)


def _is_ours(name: str | None) -> bool:
    return (name or "").partition(".")[0] in _OURS


@functools.lru_cache(maxsize=4096)
def _names(code: CodeType) -> tuple[str, ...]:
    """The names that code and the functions in it use, of globals and attributes."""
    names = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names.update(dict.fromkeys(_names(constant)))
    return tuple(names)


@functools.lru_cache(maxsize=4096)
def _attributes(cls: Any, names: tuple[str, ...]) -> tuple[tuple[str, ...], Callable]:
    """The attributes of a module that its code may look at, and a getter of them."""
    hidden = {"_non_persistent_buffers_set", "_compiled", *_TABLES}
    kept = [n for n in names if n not in hidden and "_hooks" not in n]
    if _is_ours(cls.__module__):
        kept = [n for n in kept if not n.startswith("_")]
    kept = [*kept, "training", "training"][: max(2, len(kept))]  # itemgetter gives a tuple from two names on
    return tuple(kept), operator.itemgetter(*kept)


@functools.lru_cache(maxsize=4096)
def _methods(cls: Any) -> tuple[FunctionType, ...]:
    """The functions of a class and its bases that are not the library's."""
    return tuple(
        f for c in cls.__mro__ if c is not object and not _is_ours(c.__module__)
        for f in vars(c).values() if isinstance(f, FunctionType)
    )  # fmt: skip
