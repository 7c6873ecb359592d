"""In the zygote: what of the engine implements a part of it, by PyTorch's names.

A part is named as learners know it ("relu", "nn.Linear", "Tensor.backward", "optim"). To it belong all its forms, the
op behind them with its derivatives and the code made from it, and helpers that nothing else uses.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import gc
import importlib
import inspect
import os
import pkgutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

Unit = FunctionType | type  # a class with its methods, or a function that belongs to no class

# Where one operation may have several forms, and the modules of the same name.
_FUNCTIONS = ("", "Tensor", "nn.functional", "special", "linalg", "masked")
_PUBLIC = (*_FUNCTIONS, "nn", "nn.init", "nn.utils", "nn.utils.rnn", "nn.parallel", "optim", "optim.lr_scheduler",
           "optim.swa_utils", "fft", "func", "autograd", "autograd.functional", "autograd.forward_ad", "amp",
           "utils.data", "distributed", "distributions", "signal.windows", "vision.ops", "vision.models")  # fmt: skip
# The walk over the graph has many doors; modules that implement it go with each of them.
_WALK = ("Tensor.backward", "autograd.backward", "autograd.grad")
_WALK_MODULES = ("core.backward", "core.walk")
_AUTOGRAD_MODULES = (*_WALK_MODULES, "core.derive", "func.reverse", "func.forward", "func.levels")
# Not part of what an exercise may use, and slow to import or made to be run.
_PROGRAMS = ("cli", "stubs", "info", "aliases", "distributed.agent", "distributed.launch", "distributed.mpi_start",
             "utils.bottleneck", "utils.collect_env")  # fmt: skip


class UnknownPart(Exception):
    """A name that the engine does not have; the message names similar ones."""


class EngineMap:
    """Functions and classes of the engine, who uses whom, and under which names they are public."""

    def __init__(self, engine: ModuleType) -> None:
        self.engine = engine
        self.folder = os.path.dirname(engine.__file__ or "") + os.sep
        self._import_the_rest()
        gc.unfreeze()
        self.functions = [f for f in gc.get_objects() if type(f) is FunctionType and self._is_ours(f)]
        self.caches = [o for o in gc.get_objects() if isinstance(o, functools._lru_cache_wrapper)]
        self.modules = {
            name: module
            for name, module in sys.modules.items()
            if name == engine.__name__ or name.startswith(f"{engine.__name__}.")
        }
        self._op_type = importlib.import_module(f"{engine.__name__}.core.op").Op
        self.ops = importlib.import_module(f"{engine.__name__}.core.op").REGISTRY
        self._classes = self._all_classes()
        # The tensor's methods are functions of their own, most of them also public as such.
        self._owner = {
            id(f): kind
            for kind in self._classes.values()
            if kind is not vars(engine)["Tensor"]
            for f in functions_of(kind)
        }
        self.with_code: dict[int, list[FunctionType]] = defaultdict(list)
        self.makers: dict[int, list[FunctionType]] = defaultdict(list)  # by code that they hold as a constant
        self._of_op: dict[int, list[FunctionType]] = defaultdict(list)
        for function in self.functions:
            self.with_code[id(function.__code__)].append(function)
            for code in nested(function.__code__):
                self.makers[id(code)].append(function)
            op = function.__globals__.get("op")
            if type(op) is self._op_type and function.__code__.co_filename.startswith("<"):
                self._of_op[id(op)].append(function)
        self.uses, self.users = self._references()
        self._pinned = set(self._in_containers())
        self.public = {id(value): name for name, value in reversed(list(self._public_names()))}

    def _is_ours(self, function: FunctionType) -> bool:
        path = function.__code__.co_filename
        return path.startswith((self.folder, "<glasstorch")) or str(
            function.__globals__.get("__name__")
        ).startswith(f"{self.engine.__name__}.")

    def _import_the_rest(self) -> None:
        """Modules imported on first use: a box without the engine's files could not import them any more."""
        prefix = f"{self.engine.__name__}."
        for found in pkgutil.walk_packages(self.engine.__path__, prefix, onerror=lambda name: None):
            short = found.name.removeprefix(prefix)
            if not short.startswith(_PROGRAMS) and not short.endswith("__main__"):
                with contextlib.suppress(Exception):  # what needs a GPU or a package that is not there
                    importlib.import_module(found.name)

    def _all_classes(self) -> dict[int, type]:
        found: dict[int, type] = {}
        for module in self.modules.values():
            for value in list(vars(module).values()):
                if isinstance(value, type) and any(self._is_ours(f) for f in functions_of(value)):
                    found[id(value)] = value
        for op in self.ops.values():
            for kind in (op.node_class, *op.node_classes.values()):
                found[id(kind)] = kind
        return found

    def classes(self) -> list[type]:
        return list(self._classes.values())

    def unit(self, function: FunctionType) -> Unit:
        """The class that a function is a method of, or the function itself."""
        return self._owner.get(id(function), function)

    def _references(self) -> tuple[dict[int, list[Unit]], dict[int, list[Unit]]]:
        """Who uses whom, as far as names in code, closures and base classes tell."""
        uses: dict[int, list[Unit]] = defaultdict(list)
        users: dict[int, list[Unit]] = defaultdict(list)
        for function in self.functions:
            user = self.unit(function)
            values = [*self._named_in(function), *_held_by(function)]
            used = {id(unit): unit for value in values for unit in map(self.unit, plain_functions(value))}
            for unit in used.values():
                if unit is not user:
                    uses[id(user)].append(unit)
                    users[id(unit)].append(user)
        for kind in self._classes.values():
            for base in kind.__bases__:
                if id(base) in self._classes:
                    uses[id(kind)].append(base)
                    users[id(base)].append(kind)
        return uses, users

    def _named_in(self, function: FunctionType) -> Iterator[Any]:
        """Values of the global names in a function's code, and of attributes of modules and classes among them."""
        space = function.__globals__
        names = {name for code in (function.__code__, *nested(function.__code__)) for name in code.co_names}
        for name in names:
            value = space.get(name)
            if isinstance(value, type):
                if id(value) in self._classes:
                    yield from self._members_of(value, names)
            elif isinstance(value, ModuleType) and value.__name__ in self.modules:
                attributes = vars(value)
                yield from (attributes[other] for other in names if other in attributes)
            elif value is not None:
                yield value

    def _members_of(self, kind: type, names: set[str]) -> Iterator[Any]:
        """Of a class any function, since it is one unit with its methods; of the tensor those that are named."""
        if kind is vars(self.engine)["Tensor"]:
            yield from (value for name, value in vars(kind).items() if name in names)
        else:
            yield from functions_of(kind)[:1]

    def _in_containers(self) -> Iterator[int]:
        """What tables of modules hold: used in ways that names do not tell."""
        tables = {
            id(value): value
            for module in self.modules.values()
            for value in list(vars(module).values())
            if isinstance(value, (dict, list, tuple, set, frozenset))
        }
        for table in tables.values():
            for function in _deep(table, 3):
                yield id(self.unit(function))

    # ------------------------------------------------------------------ names
    def space(self, name: str) -> Any:
        """A namespace by its public name; LookupError when there is none."""
        value: Any = self.engine
        for part in filter(None, name.split(".")):
            value = self._member(value, part)
        return value

    def _member(self, holder: Any, name: str) -> Any:
        if isinstance(holder, ModuleType):
            if name not in vars(holder):
                raise LookupError(name)
            return vars(holder)[name]
        try:
            return inspect.getattr_static(holder, name)
        except AttributeError:
            raise LookupError(name) from None

    def _public_names(self) -> Iterator[tuple[str, Any]]:
        for place in _PUBLIC:
            with contextlib.suppress(LookupError):
                for name, value in list(vars(self.space(place)).items()):
                    if not name.startswith("_") and not isinstance(value, ModuleType):
                        yield f"{place}.{name}".lstrip("."), value

    def members(self, name: str) -> list[tuple[Any, str, Any]]:
        """What a name stands for, as (holder, attribute, value): all forms of an operation, or one thing.

        Raises UnknownPart.
        """
        names = _WALK if name in _WALK else (name,)
        found = [self._one(one) for one in names]
        place, _, last = name.rpartition(".")
        if place not in (*_FUNCTIONS, "nn") or isinstance(found[0][2], ModuleType):
            return found
        key = _fold(last)
        for space in _FUNCTIONS:
            holder = self.space(space)
            found += (
                (holder, n, v) for n, v in list(vars(holder).items()) if _fold(n) == key and _is_form(v)
            )
        holder = self.space("nn")
        found += (
            (holder, n, v) for n, v in list(vars(holder).items()) if isinstance(v, type) and _fold(n) == key
        )
        return found

    def _one(self, name: str) -> tuple[Any, str, Any]:
        place, _, last = name.rpartition(".")
        try:
            holder = self.space(place)
            return holder, last, self._member(holder, last)
        except LookupError:
            near = difflib.get_close_matches(name, [n for n, _ in self._public_names()], 3, 0.6)
            hint = f"; it has {' and '.join(near)}" if near else ""
            raise UnknownPart(f"Glasstorch has no {name!r} to leave out{hint}") from None

    # ------------------------------------------------------------------ parts
    def part(self, name: str) -> dict[int, Unit]:
        """Everything that implements a part, by id; raises UnknownPart."""
        values: list[Any] = []
        for _, attribute, value in self.members(name):
            if isinstance(value, ModuleType):
                values += self._inside(value)
            else:
                values.append(value)
            op = self.ops.get(attribute.strip("_"))
            values += [op] if op is not None and not isinstance(value, (ModuleType, type)) else []
        modules = _WALK_MODULES if name in _WALK else _AUTOGRAD_MODULES if name == "autograd" else ()
        for module in modules:
            values += self._inside(self.modules[f"{self.engine.__name__}.{module}"])
        if name == "autograd":
            values += [f for op in self.ops.values() for f in (*op.derivatives.values(), op.node_class.run)]
        return self._whole(values)

    def _inside(self, module: ModuleType) -> Iterator[Any]:
        """What a module defines; what it only passes on stays."""
        path = module.__file__ or ""
        root = os.path.dirname(path) + os.sep if hasattr(module, "__path__") else path
        yield from (f for f in self.functions if f.__code__.co_filename.startswith(root))
        top = vars(self.engine).values()
        elsewhere = {id(value) for value in top}
        yield from (
            value
            for value in list(vars(module).values())
            if isinstance(value, (FunctionType, type))
            and id(value) not in elsewhere
            and (id(value) in self._classes or isinstance(value, FunctionType))
            and str(getattr(value, "__module__", "")).startswith((module.__name__, self.engine.__name__))
            and id(value) not in self._core_values
        )

    @functools.cached_property
    def _core_values(self) -> set[int]:
        core = f"{self.engine.__name__}.core"
        return {id(v) for n, m in self.modules.items() if n.startswith(core) for v in vars(m).values()}

    def _whole(self, values: list[Any]) -> dict[int, Unit]:
        found: dict[int, Unit] = {}
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            if type(value) is self._op_type:
                waiting += self._of_an_op(value)
                continue
            for one in [value] if isinstance(value, type) else plain_functions(value):
                if id(one) in found or not (isinstance(one, type) or self._is_ours(one)):
                    continue
                found[id(one)] = one
                if isinstance(one, FunctionType):
                    waiting += self._behind(one)
            if not waiting:
                waiting += self._used_by_nothing_else(found)
        return found

    def _of_an_op(self, op: Any) -> Iterator[Any]:
        yield from (op.forward, op.function, *op.derivatives.values(), *self._of_op[id(op)])
        if op.derivatives and len(self.with_code[id(op.node_class.run.__code__)]) == 1:
            yield op.node_class.run  # else the one that all ops with lists share
        if op.check is not None:
            yield from () if self.users.get(id(op.check)) else (op.check,)

    def _behind(self, function: FunctionType) -> Iterator[Any]:
        """What a function that was wrapped, generated or made by a decorator stands for."""
        op = getattr(function, "op", None)
        if type(op) is self._op_type:
            yield op
        yield getattr(function, "__wrapped__", None)
        if function.__code__.co_filename.startswith("<glasstorch"):
            yield function.__globals__.get("plain_")
        for cell in function.__closure__ or ():
            with contextlib.suppress(ValueError):
                value = cell.cell_contents
                if isinstance(value, FunctionType) and id(value) not in self.public:
                    yield from () if self._has_other_users(value, function) else (value,)
                elif type(value) is self._op_type:
                    yield value

    def _has_other_users(self, value: FunctionType, user: FunctionType) -> bool:
        return any(other is not self.unit(user) for other in self.users.get(id(self.unit(value)), ()))

    def _used_by_nothing_else(self, found: dict[int, Unit]) -> list[Any]:
        """Helpers all of whose users are found already."""
        units = {id(self.unit(one)) if isinstance(one, FunctionType) else id(one) for one in found.values()}
        units = {u for u in units if u in found}
        more = []
        for user in units:
            for used in self.uses.get(user, ()):
                if id(used) not in units and self._is_helper(used):
                    more += [used] if all(id(u) in units for u in self.users[id(used)]) else []
        return more

    def _is_helper(self, unit: Unit) -> bool:
        """Neither public, nor in a table, nor one of several made by the same code."""
        if id(unit) in self.public or id(unit) in self._pinned:
            return False
        functions = functions_of(unit) if isinstance(unit, type) else [unit]
        return all(
            len(self.with_code[id(f.__code__)]) == 1 and not self.makers[id(f.__code__)] for f in functions
        )

    def stopped_by(self, found: Iterable[int]) -> list[str]:
        """Public names of what is built from a part, and so stops with it."""
        seen, waiting = set(found), list(found)
        while waiting:
            for user in self.users.get(waiting.pop(), ()):
                if id(user) not in seen:
                    seen.add(id(user))
                    waiting.append(id(user))
        return sorted(name for key, name in self.public.items() if key in seen and key not in set(found))


def _held_by(function: FunctionType) -> Iterator[Any]:
    """What is in a function's closure."""
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # an empty cell
            yield cell.cell_contents


def functions_of(kind: type) -> list[FunctionType]:
    """The functions a class defines itself."""
    return [f for value in list(vars(kind).values()) for f in plain_functions(value)]


def plain_functions(value: Any) -> list[FunctionType]:
    """The Python functions in a function, method, property, class, partial or cache."""
    if isinstance(value, FunctionType):
        return [value]
    if isinstance(value, (staticmethod, classmethod)):
        return plain_functions(value.__func__)
    if isinstance(value, property):
        return [f for f in (value.fget, value.fset, value.fdel) if isinstance(f, FunctionType)]
    if isinstance(value, functools.partial | functools.cached_property):
        return plain_functions(value.func)
    if isinstance(value, functools._lru_cache_wrapper):
        return plain_functions(value.__wrapped__)
    return []


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code of functions inside a function."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from nested(constant)


def _deep(value: Any, depth: int) -> Iterator[FunctionType]:
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        for one in inner if depth else ():
            yield from _deep(one, depth - 1)
    elif isinstance(value, type):
        yield from functions_of(value)
    else:
        yield from plain_functions(value)


def _fold(name: str) -> str:
    """The same for `relu`, `relu_` and `ReLU`, and for `cross_entropy` and `CrossEntropyLoss`."""
    return name.strip("_").replace("_", "").lower().removesuffix("loss")


def _is_form(value: Any) -> bool:
    return isinstance(value, (FunctionType, property, staticmethod, classmethod))
