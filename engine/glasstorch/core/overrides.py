"""The ``__torch_function__`` protocol: tensor subclasses, other types and modes that take over functions.

Three kinds of callers want a say in what a function does: a subclass of ``Tensor``, any type with a
``__torch_function__`` method, and a ``TorchFunctionMode``. Plain tensors pay nothing for them:

* The array of a subclass looks marked (``Marked``) from outside, so that an op's fast path declines it and leaves
  it to the general path. That looks at its arguments only if ``STATE.overrides`` says that such a class exists.
* Methods and attributes of a subclass are wrapped (``asking``) when its class is made.
* Another type has no array: the general path is about to refuse it, and asks here first.
* Public functions that are no ops are wrapped (``guard``); they too look at ``STATE.overrides`` first.
* A mode wraps the methods of ``Tensor`` itself for as long as it is active.

The profiler wants to know of the same calls, and is told once nobody took them over (profiler/attach.py).

The protocol: https://pytorch.org/docs/stable/notes/extending.html#extending-torch-python-api
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .. import backends
from .help import remember_source
from .mode import STATE, THREAD
from .tensor import Tensor

HostArray = backends.HostArray


class Marked(HostArray):
    """An array that says: my tensor's class wants to be asked. What is computed from it is unmarked."""

    __slots__ = ()

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else array.view(HostArray)


def disabled_torch_function(func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
    """The ``__torch_function__`` of classes that take over nothing, such as ``Parameter``."""
    with without_subclasses():
        return func(*args, **(kwargs or {}))


@contextmanager
def without_subclasses() -> Iterator[None]:
    """Inside, no class is asked: functions treat subclasses as plain tensors."""
    before, THREAD.subclasses = THREAD.subclasses, False
    try:
        yield
    finally:
        THREAD.subclasses = before


@contextmanager
def without_overrides() -> Iterator[None]:
    """Inside, neither classes nor modes are asked."""
    before, THREAD.function_modes = THREAD.function_modes, ()
    try:
        with without_subclasses():
            yield
    finally:
        THREAD.function_modes = before


def wants_a_say(value: Any) -> bool:
    """Has the value's class a ``__torch_function__`` of its own?"""
    cls = type(value)
    if cls is Tensor:
        return False
    handler = getattr(cls, "__torch_function__", None)
    return handler is not None and handler is not disabled_torch_function


def overloaded(values: Iterable[Any]) -> list[Any]:
    """The arguments to ask, one of each class: from left to right, but a subclass before its base."""
    found: list[Any] = []
    if not THREAD.subclasses:
        return found
    for value in values:
        for v in value if isinstance(value, (list, tuple)) else (value,):
            if wants_a_say(v) and not any(type(f) is type(v) for f in found):
                before = (k for k, f in enumerate(found) if isinstance(v, type(f)))
                found.insert(next(before, len(found)), v)
    return found


def newcomers(values: Iterable[Any]) -> list[Any]:
    """The arguments to ask when an op is about to refuse one: the first of its type that was ever seen.

    None when a public function is being computed: it sees the refusal, and asks about itself.
    """
    found = overloaded(values)
    if found and not STATE.overrides:
        STATE.overrides = True
        frame = sys._getframe()
        while frame := frame.f_back:  # type: ignore[assignment]
            if frame.f_code.co_filename.startswith(GUARDED):
                return []
    return found


def ask(func: Callable, args: tuple, kwargs: dict, relevant: list[Any]) -> Any:
    """Let the innermost mode, else the first willing class answer the call."""
    types = tuple(type(v) for v in relevant)
    named = kwargs or None
    modes = THREAD.function_modes
    if modes:
        THREAD.function_modes = modes[:-1]
        try:
            result = modes[-1].__torch_function__(func, types, args, named)
        finally:
            THREAD.function_modes = modes
        if result is not NotImplemented:
            return result
    for value in relevant:
        result = value.__torch_function__(func, types, args, named)
        if result is not NotImplemented:
            return result
    if not relevant:
        return func(*args, **kwargs)
    if inspect.isfunction(func) and not hasattr(func, "op"):
        raise TypeError(
            f"no implementation found for '{full_name(func)}' on types that implement __torch_function__: "
            f"{list(types)}"
        )
    asked = "".join(f"  - tensor subclass {t}\n" for t in types)
    raise TypeError(
        f"Multiple dispatch failed for '{full_name(func)}'; all __torch_function__ handlers returned "
        f"NotImplemented:\n\n{asked}"
    )


def full_name(func: Callable) -> str:
    """``torch.add``, ``torch.nn.functional.relu``: as messages write it."""
    name = getattr(func, "__name__", repr(func))
    module = (getattr(func, "__module__", "") or "").replace("glasstorch", "torch", 1)
    return f"{module}.{name}" if module else name


def redirect(
    func: Callable, parameters: Iterable[Any], values: Iterable[Any], relevant: list[Any], out: Any = None
) -> Any:
    """Ask about a call of which the value of every parameter is known. Defaults are left out."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for p, v in zip(parameters, values, strict=True):
        kind = getattr(p, "kind", None)
        if kind is inspect.Parameter.VAR_POSITIONAL:
            args += v
        elif kind is inspect.Parameter.VAR_KEYWORD:
            kwargs |= v
        elif v is p.default:
            kwargs.setdefault("", None)  # from here on by name
        elif kwargs or kind is inspect.Parameter.KEYWORD_ONLY or getattr(p, "keyword_only", False):
            kwargs[p.name] = v
        else:
            args.append(v)
    kwargs.pop("", None)
    if out is not None:
        kwargs["out"] = out
    return ask(func, tuple(args), kwargs, relevant)


def convert(result: Any, cls: type) -> Any:
    """Plain tensors in a result as tensors of class ``cls``."""
    if isinstance(result, Tensor) and not isinstance(result, cls):
        return result.as_subclass(cls)
    if isinstance(result, (tuple, list)) and any(isinstance(r, (Tensor, tuple, list)) for r in result):
        parts = [convert(r, cls) for r in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def default_torch_function(
    cls: type, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
) -> Any:
    """What a subclass does unless it says otherwise: compute as a plain tensor, hand out its own class.

    A subclass calls ``super().__torch_function__(func, types, args, kwargs)`` for all it does not handle itself.
    """
    if not all(issubclass(cls, t) for t in types):
        return NotImplemented
    with without_subclasses():
        result = func(*args, **(kwargs or {}))
        return result if func in stays_plain() else convert(result, cls)


@functools.cache
def stays_plain() -> set[Callable]:
    """Functions whose results are not converted to the subclass."""
    names = ("_base", "grad")
    return {vars(Tensor)[name].__get__ for name in names}


# ---------------------------------------------------------------- methods and attributes of subclasses
#: Operators and other special methods that are asked about. The rest (``__init__``, ``__hash__``…) belongs to Python.
_SPECIAL = """
    abs add and array bool complex contains deepcopy div dlpack dlpack_device eq float floordiv format ge
    getitem gt iadd iand ifloordiv ilshift imod imul index int invert ior ipow irshift isub itruediv ixor le len
    lshift lt matmul mod mul ne neg or pos pow radd rand rdiv reduce_ex repr reversed rfloordiv rlshift rmatmul rmod
    rmul ror rpow rrshift rshift rsub rtruediv rxor setitem sub truediv xor array_wrap
"""
SPECIAL_METHODS = {f"__{name}__" for name in _SPECIAL.split()}
NEVER_ASKED = {"as_subclass", "_a", "_rg", "_node", "_v", "_grad", "_x"}
#: Operators that are asked about under the name of the method they stand for.
REPORTED_AS = {
    "__radd__": "add",
    "__rmul__": "mul",
    "__truediv__": "div",
    "__rtruediv__": "__rdiv__",
    "__ne__": "ne",
}


def asking(func: Callable, report: Callable | None = None) -> Callable:
    """``func`` that first asks the classes of its arguments; they are told of ``report`` (``func`` itself)."""

    @functools.wraps(func)
    def method(*args: Any, **kwargs: Any) -> Any:
        if THREAD.subclasses or THREAD.function_modes:
            relevant = overloaded((*args, *kwargs.values()))
            if relevant or THREAD.function_modes:
                return ask(report or func, args, kwargs, relevant)
        return func(*args, **kwargs)

    return method


def _asking_property(value: property) -> property:
    setter = None if value.fset is None else asking(value.fset, value.__set__)
    deleter = None if value.fdel is None else asking(value.fdel, value.__delete__)
    assert value.fget is not None
    return property(asking(value.fget, value.__get__), setter, deleter, value.__doc__)


def asking_members() -> dict[str, Any]:
    """Wrapped forms of the methods and attributes of ``Tensor``."""
    out: dict[str, Any] = {}
    members = vars(Tensor)
    for name, value in members.items():
        if name in NEVER_ASKED or (name.startswith("__") and name not in SPECIAL_METHODS):
            continue
        if isinstance(value, property):
            out[name] = _asking_property(value)
        elif inspect.isfunction(value) and (not name.startswith("_") or name in SPECIAL_METHODS):
            out[name] = asking(value, members.get(REPORTED_AS.get(name, "")))
    return out


_slot = vars(Tensor)["_a"]


def _array(self: Tensor) -> Any:
    a = _slot.__get__(self)
    return a.view(Marked) if THREAD.subclasses and a.__class__ is HostArray else a


def _set_array(self: Tensor, a: Any) -> None:
    _slot.__set__(self, a.view(HostArray) if isinstance(a, Marked) else a)


def adopt(cls: type) -> None:
    """Prepare a new subclass of ``Tensor``: from now on its ``__torch_function__`` is asked."""
    if getattr(cls, "__torch_function__", None) is disabled_torch_function:
        return
    STATE.overrides = True
    if any("_a" in vars(base) for base in cls.__mro__ if base is not Tensor):
        return  # its base was adopted
    for name, value in asking_members().items():
        if inspect.getattr_static(cls, name) is vars(Tensor)[name]:
            setattr(cls, name, value)
    cls._a = property(_array, _set_array)  # type: ignore[attr-defined]


def _init_subclass(cls: type, **kwargs: Any) -> None:
    super(Tensor, cls).__init_subclass__(**kwargs)  # type: ignore[misc]
    adopt(cls)


Tensor.__torch_function__ = classmethod(default_torch_function)  # type: ignore[attr-defined]
Tensor.__init_subclass__ = classmethod(_init_subclass)  # type: ignore[assignment, arg-type]


# ---------------------------------------------------------------- public functions that are no ops
GUARDED = "<glasstorch function "  # how the file of a guarded function's code is called


def guard(func: Callable, modes_only: bool = False) -> Callable:
    """``func`` with the same signature that lets modes and classes (or modes only) take over."""
    params = list(inspect.signature(func).parameters.values())
    values = "".join(f"{p.name}, " for p in params)
    name = func.__name__ if func.__name__.isidentifier() else "function"  # a lambda's is not
    lines = [f"def {name}({_parameters_text(params)}):",
             "    if not STATE_.overrides:",
             f"        try: return plain_({_call_text(params)})",
             "        except Exception:",  # perhaps of a type that is no tensor
             f"            if not overloaded_(({values})): raise",
             f"    relevant_ = overloaded_(({values}{_unpacked(params)}))",
             "    if relevant_ or THREAD_.function_modes:",
             f"        return redirect_(guarded_, params_, ({values}), relevant_)",
             "    if THREAD_.profiler is not None:",
             f"        return THREAD_.profiler.function(guarded_, plain_)({_call_text(params)})",
             f"    return plain_({_call_text(params)})"]  # fmt: skip
    scope: dict[str, Any] = {  # the underscores keep these names apart from the function's parameters
        "plain_": func, "params_": params, "STATE_": STATE, "THREAD_": THREAD, "redirect_": redirect,
        "overloaded_": (lambda values: []) if modes_only else overloaded,
        **{f"default_{p.name}": p.default for p in params},
    }  # fmt: skip
    filename, text = f"{GUARDED}{func.__name__}>", "\n".join(lines)
    remember_source(filename, text)
    exec(compile(text, filename, "exec"), scope)
    scope["guarded_"] = guarded = functools.update_wrapper(scope[name], func)
    return guarded


def _parameters_text(params: list[inspect.Parameter]) -> str:
    text, star = [], False
    for p in params:
        if p.kind is p.KEYWORD_ONLY and not star:
            text.append("*")
        star = star or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        mark = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        text.append(f"{mark}{p.name}" + ("" if p.default is p.empty else f"=default_{p.name}"))
    return ", ".join(text)


def _call_text(params: list[inspect.Parameter]) -> str:
    marks: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*{0}", inspect.Parameter.VAR_KEYWORD: "**{0}",
             inspect.Parameter.KEYWORD_ONLY: "{0}={0}"}  # fmt: skip
    return ", ".join(marks.get(p.kind, "{0}").format(p.name) for p in params)


def _unpacked(params: list[inspect.Parameter]) -> str:
    return "".join(f"*{p.name}.values(), " for p in params if p.kind is p.VAR_KEYWORD)


def guard_namespace(names: dict[str, Any], ignored: set[str], modes_only: set[str]) -> None:
    """Guard the plain functions among a module's public names; ops need no guard."""
    for name, value in list(names.items()):
        ours = inspect.isfunction(value) and value.__module__.startswith("glasstorch")
        if ours and not name.startswith("_") and name not in ignored and not hasattr(value, "op"):
            names[name] = guarded = guard(value, name in modes_only)
            guarded.__module__ = names["__name__"]  # where it is public, so that it can be pickled


# ---------------------------------------------------------------- modes
_lock, _active = threading.Lock(), 0
_plain_members: dict[str, Any] = {}


def enter_mode(mode: Any) -> None:
    """Make a mode the innermost one of this thread."""
    global _active
    STATE.overrides = True
    with _lock:
        if not _active:
            wrapped = asking_members()
            _plain_members.update({name: vars(Tensor)[name] for name in wrapped})
            for name, value in wrapped.items():
                setattr(Tensor, name, value)
        _active += 1
    STATE.enter()
    THREAD.function_modes = (*THREAD.function_modes, mode)


def leave_mode() -> None:
    """Take the innermost mode away."""
    global _active
    THREAD.function_modes = THREAD.function_modes[:-1]
    STATE.leave()
    with _lock:
        _active -= 1
        if not _active:
            for name, value in _plain_members.items():
                setattr(Tensor, name, value)
            _plain_members.clear()
