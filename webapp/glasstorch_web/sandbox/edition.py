"""An edition of the engine without what an exercise asks to build.

For each edition a process of its own works out what goes (see `engine_map`), takes it out of its memory, and forks the
boxes that are without it (see `edition_zygotes`). Functions are emptied where they are, so that no table, closure or
alias leads to what they did; their names leave the public namespaces; the memory of their code is overwritten. The
engine's files are closed to those boxes.
"""

from __future__ import annotations

import ctypes
import dis
import functools
import gc
import linecache
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from glasstorch_web.sandbox.engine_map import EngineMap, UnknownPart, nested, plain_functions
from glasstorch_web.sandbox.isolation import tried
from glasstorch_web.sandbox.tensors import Tensors

ALIAS = "torch"  # modules of the engine answer to PyTorch's names too
MAX_STOPPED = 200
LEFT_OUT = "is what you are to build here: this exercise's edition of Glasstorch comes without it."
_IMPORT_FROM = dis.opmap["IMPORT_FROM"]
# Python itself may call these on objects that are left.
_KEPT_METHODS = {"__repr__", "__hash__", "__eq__", "__del__"}


def sentence(part: str) -> str:
    """What a learner is told who uses a part that is left out."""
    return f"{part} {LEFT_OUT}"


@dataclass
class Plan:
    """What to take out for one edition."""

    functions: list[tuple[FunctionType, CodeType]] = field(default_factory=list)
    classes: list[tuple[type, str]] = field(default_factory=list)
    members: list[tuple[type, str, str]] = field(default_factory=list)  # class, attribute, sentence
    names: dict[str, dict[str, str]] = field(default_factory=dict)  # module: attribute: sentence
    modules: dict[str, str] = field(default_factory=dict)  # module: sentence
    codes: list[CodeType] = field(default_factory=list)  # to overwrite
    caches: list[Any] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)  # names under which generated text is kept
    folder: str = ""
    stopped: list[str] = field(default_factory=list)

    def carry_out(self) -> None:
        """In this process, for good. Afterwards the plan is empty."""
        for function, code in self.functions:
            function.__code__ = code
            function.__defaults__ = function.__kwdefaults__ = function.__doc__ = None
            function.__dict__.pop("source", None)
        for cache in self.caches:
            cache.cache_clear()
        for kind, said in self.classes:
            kind.__init__ = _emptied(said)  # type: ignore[misc]
            kind.__doc__ = None
        for kind, name, said in self.members:
            setattr(kind, name, _Gone(said))
        for kind in {id(kind): kind for kind, _, _ in self.members}.values():
            kind.__dir__ = _listing(kind)  # type: ignore[assignment]
        for module, names in self.names.items():
            _take_names(sys.modules[module], names)
        if self.modules:
            sys.meta_path.insert(0, _Closed(dict(self.modules)))
            for module in self.modules:
                sys.modules.pop(module, None)
        for name in list(linecache.cache):
            if name in self.sources or name.startswith(self.folder):
                del linecache.cache[name]
        for code in self.codes:
            _overwrite(code)
        for part in (self.functions, self.classes, self.members, self.codes, self.caches, self.sources):
            part.clear()
        self.names = {}


class Editions:
    """What a zygote knows of its engine, so that its children can take parts out."""

    def __init__(self, engine: ModuleType | None) -> None:
        self._engine = engine
        self._map: EngineMap | None = None

    def get_ready(self) -> None:
        """In the zygote: what all editions need."""
        if self._map is None and self._engine is not None:
            self._map = EngineMap(self._engine)
            gc.collect()
            gc.freeze()

    def enter(self, without: tuple[str, ...]) -> dict[str, Any]:
        """In a process of its own: take these parts out, and forget what they were.

        Returns {"refused": why there can be no such edition, or "", "gradients": whether a box itself can still run
        backward, "stopped": public names that stop with the parts}.
        """
        said: dict[str, Any] = {"refused": "", "gradients": False, "stopped": []}
        if self._engine is None or self._map is None:
            return {**said, "refused": "there is no engine to leave parts out of"}
        try:
            plan = _drawn_up(self._map, without)
        except UnknownPart as unknown:
            return {**said, "refused": str(unknown)}
        said["stopped"] = plan.stopped
        self._map = None
        plan.carry_out()
        tensors = Tensors(self._engine)
        if reason := tried(lambda: _arrays_pass(tensors)):
            names = ", ".join(without)
            said["refused"] = (
                f"without {names} no tensor can reach or leave the learner's function ({reason})"
            )
        else:
            said["gradients"] = not tried(lambda: _gradients_flow(tensors))
        gc.collect()
        gc.freeze()
        return said


def _arrays_pass(tensors: Tensors) -> None:
    """What a box needs for every call."""
    tensors.seed(0)
    if tensors.to_array(tensors.from_array(np.ones(2, np.float32))) is None:
        raise RuntimeError("its values cannot be read")


def _gradients_flow(tensors: Tensors) -> None:
    """What a box needs besides for a call with `grad`."""
    leaf = tensors.require_gradient(tensors.from_array(np.ones(2, np.float32)))
    reason = tensors.backward(leaf.clone(), np.ones(2, np.float32))
    if reason or tensors.gradient(leaf) is None:
        raise RuntimeError(reason or "there are no gradients")


def _drawn_up(engine: EngineMap, without: tuple[str, ...]) -> Plan:
    plan = Plan(folder=engine.folder)
    told: dict[int, str] = {}  # by function or class
    units: dict[int, Any] = {}
    for name in without:
        for key, unit in engine.part(name).items():
            told.setdefault(key, sentence(name))
            units.setdefault(key, unit)
        for _, _, value in engine.members(name):
            if isinstance(value, ModuleType):
                _close(plan, engine, value, name)
    emptied: dict[int, FunctionType] = {}
    for key, unit in units.items():
        if isinstance(unit, type):
            plan.classes.append((unit, told[key]))
        members = vars(unit).items() if isinstance(unit, type) else [("", unit)]
        for attribute, value in members:
            for function in plain_functions(value) if attribute not in _KEPT_METHODS else ():
                emptied[id(function)] = function
                told.setdefault(id(function), told[key])
    for key, function in emptied.items():
        plan.functions.append((function, _refusal(told[key], len(function.__code__.co_freevars))))
        plan.sources.append(function.__code__.co_filename)
    plan.sources = [name for name in plan.sources if name.startswith("<")]
    plan.caches = [c for c in engine.caches if id(getattr(c, "__wrapped__", None)) in emptied]
    plan.codes = _unshared(engine, emptied)
    _unnamed(plan, engine, told, emptied)
    plan.stopped = engine.stopped_by(told)[:MAX_STOPPED]
    return plan


def _close(plan: Plan, engine: EngineMap, module: ModuleType, part: str) -> None:
    """A namespace that goes as a whole, under both its names."""
    short = module.__name__.removeprefix(engine.engine.__name__)
    for name in list(sys.modules):
        for top in (engine.engine.__name__, ALIAS):
            if name == top + short or name.startswith(f"{top}{short}."):
                plan.modules[name] = sentence(part)
    place, _, last = short.rpartition(".")
    plan.names.setdefault(engine.engine.__name__ + place, {})[last] = sentence(part)


def _unshared(engine: EngineMap, emptied: dict[int, FunctionType]) -> list[CodeType]:
    """Code that nothing left in place runs or could make a function from."""
    found: dict[int, CodeType] = {}
    for function in emptied.values():
        for code in (function.__code__, *nested(function.__code__)):
            left = [*engine.with_code.get(id(code), ()), *engine.makers.get(id(code), ())]
            if all(id(one) in emptied for one in left):
                found[id(code)] = code
    return list(found.values())


def _unnamed(plan: Plan, engine: EngineMap, told: dict[int, str], emptied: dict[int, FunctionType]) -> None:
    """Take names away from modules and classes, but for those that the engine's own code still asks for."""
    asked: dict[int, set[str]] = {}
    for function in engine.functions:
        if id(function) not in emptied:
            names = asked.setdefault(id(function.__globals__), set())
            for code in (function.__code__, *nested(function.__code__)):
                names.update(code.co_names)
    for module in engine.modules.values():
        space = vars(module)
        for name, value in list(space.items()):
            said = told.get(id(value))
            if said and name not in asked.get(id(space), ()):
                plan.names.setdefault(module.__name__, {})[name] = said
    tensor = vars(engine.engine)["Tensor"]
    for kind in {id(k): k for k in [tensor, *engine.classes()]}.values():
        if id(kind) in told:
            continue
        for name, value in list(vars(kind).items()):
            inner = plain_functions(value)
            if inner and all(id(f) in emptied for f in inner) and not name.startswith("__"):
                plan.members.append((kind, name, told[id(inner[0])]))


@functools.cache
def _refusal(said: str, free: int) -> CodeType:
    """Code that raises, for a function with so many variables of its surroundings."""
    cells = [f"cell{number}" for number in range(free)]
    text = f"""
def surroundings():
    {" = ".join([*cells, "None"])}
    def left_out(*args, **kwargs):
        if False:
            ({"".join(f"{cell}, " for cell in cells)})
        raise NotImplementedError({said!r})
    return left_out
"""
    scope: dict[str, Any] = {}
    exec(compile(text, "<glasstorch edition>", "exec"), scope)
    function: FunctionType = scope["surroundings"]()
    return function.__code__


def _emptied(said: str) -> Callable[..., None]:
    return FunctionType(_refusal(said, 0), {"__builtins__": __builtins__}, "__init__")


class _Gone:
    """An attribute of a class that says why it is not there."""

    def __init__(self, said: str) -> None:
        self._said = said

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        raise AttributeError(self._said)


def _listing(kind: Any) -> Callable[[object], list[str]]:
    """`__dir__` without the attributes that are gone."""
    listed, gone = kind.__dir__, {name for name, value in vars(kind).items() if isinstance(value, _Gone)}
    return lambda instance: [name for name in listed(instance) if name not in gone]


class _Closed:
    """Answers imports of modules that are left out."""

    def __init__(self, modules: dict[str, str]) -> None:
        self._modules = modules

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self._modules:
            raise ModuleNotFoundError(self._modules[name], name=name)


def _take_names(module: ModuleType, names: dict[str, str]) -> None:
    space = vars(module)
    for name in names:
        space.pop(name, None)
    otherwise = space.get("__getattr__")

    def tell(name: str) -> Any:
        if name in names:
            asking = sys._getframe(1)
            importing = asking.f_code.co_code[asking.f_lasti] == _IMPORT_FROM
            # Python has only a general sentence of its own for `from ... import` that meets an AttributeError.
            raise (ImportError if importing else AttributeError)(names[name])
        if otherwise is not None:
            return otherwise(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    space["__getattr__"] = tell


def _overwrite(code: CodeType) -> None:
    """Zeros over the instructions, which lie behind the object's fixed part."""
    size = 2 * sum(1 for _ in code.co_positions())
    ctypes.memset(id(code) + CodeType.__basicsize__, 0, size)
