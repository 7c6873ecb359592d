"""NumPy's names of arguments: ``axis`` for ``dim`` and ``keepdims`` for ``keepdim``, which PyTorch takes everywhere.

Each public function and method of ``ops`` that has such a parameter gets its second name, in a function with the
same signature written out here. ``sum`` and its like, which models call all the time, have theirs by hand.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..core.forms import FUNCTIONS
from ..core.help import remember_source
from ..core.tensor import Tensor

SECOND = {"dim": "axis", "keepdim": "keepdims"}
Parameter = inspect.Parameter


def _given(params: dict[str, Parameter]) -> dict[str, str]:
    """Which of the parameters get a second name. A required one only if none that is required comes after it."""
    out = {}
    names = list(params)
    for name, second in SECOND.items():
        if name not in params or second in params:
            continue
        later = [params[n] for n in names[names.index(name) + 1 :]]
        if params[name].default is not Parameter.empty or all(
            p.default is not Parameter.empty for p in later
        ):
            out[name] = second
    return out


def with_numpy_names(fn: Callable) -> Callable:
    """``fn`` with NumPy's names beside PyTorch's; ``fn`` itself if it has no such parameter."""
    params = dict(inspect.signature(fn).parameters)
    seconds = _given(params)
    if not seconds or any(
        p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) for p in params.values()
    ):
        return fn
    head, call, star = [], [], False
    for p in params.values():
        if p.kind is Parameter.KEYWORD_ONLY and not star:
            head.append("*")
            star = True
        optional = p.default is not Parameter.empty or p.name in seconds
        head.append(f"{p.name}=default_{p.name}" if optional else p.name)
        value = p.name
        if p.name in seconds:
            second = seconds[p.name]
            value = f"{p.name} if {second} is None else {second}"
        call.append(f"{p.name}={value}" if star else value)
    head += [*([] if star else ["*"]), *(f"{second}=None" for second in seconds.values())]
    text = f"def {fn.__name__}({', '.join(head)}):\n    return plain_({', '.join(call)})"
    scope: dict[str, Any] = {"plain_": fn, "__name__": "glasstorch.ops"}
    for p in params.values():
        scope[f"default_{p.name}"] = None if p.default is Parameter.empty else p.default
    filename = f"<glasstorch numpy names {fn.__name__}>"
    remember_source(filename, text)
    exec(compile(text, filename, "exec"), scope)
    form = scope[fn.__name__]
    signature = inspect.signature(form)
    functools.update_wrapper(form, fn)
    del form.__wrapped__
    form.__signature__ = signature
    return form


def _install() -> None:
    made: dict[Callable, Callable] = {}

    def second(fn: Callable) -> Callable:
        if fn not in made:
            made[fn] = form = with_numpy_names(fn)
            if form is not fn and hasattr(fn, "op") and fn.op.function is fn:
                fn.op.function = form
        return made[fn]

    for name, fn in list(FUNCTIONS.items()):
        if inspect.isfunction(fn):
            FUNCTIONS[name] = second(fn)
    for name, fn in list(vars(Tensor).items()):
        if inspect.isfunction(fn) and fn in made:
            setattr(Tensor, name, made[fn])


_install()
