"""``torch.compiler``: what may become programs, and when. ``torch.compile`` makes the programs themselves.

Source: https://pytorch.org/docs/stable/torch.compiler_api.html
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from .core.mode import STATE
from .jit import compile as _programs  # (the module; torch.compile is a function of it)
from .jit.tracer import Tracer
from .nn import Module

__all__ = [
    "allow_in_graph",
    "assume_constant_result",
    "compile",
    "cudagraph_mark_step_begin",
    "disable",
    "is_compiling",
    "is_dynamo_compiling",
    "is_exporting",
    "reset",
    "set_stance",
]

_STANCES = ("default", "eager_then_compile", "force_eager")
_ELSEWHERE = (
    "aot_eager_then_compile",
    "eager_on_recompile",
    "fail_on_recompile",
)  # PyTorch has these besides


def compile(*args: Any, **kwargs: Any) -> Any:
    """``torch.compile``."""
    return _programs.compile(*args, **kwargs)


def _watcher() -> Tracer | None:
    """What watches this thread's call for ``torch.compile``, where there is such a thing."""
    watcher = STATE.recorder
    mine = isinstance(watcher, Tracer) and watcher.compiling and watcher.thread == threading.get_ident()
    return watcher if mine else None


def is_compiling() -> bool:
    """Is a call being watched for ``torch.compile``, so that what happens now becomes a program?"""
    return _watcher() is not None


def is_dynamo_compiling() -> bool:
    """The same as ``is_compiling()``: there is one way to programs."""
    return is_compiling()


def is_exporting() -> bool:
    """False: there is no ``torch.export``."""
    return False


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """A function that always runs as it is written; so does any compiled function that calls it.

    Args:
        fn: the function, or a module, whose ``forward`` is meant; without one, a decorator is returned.
        recursive: taken for PyTorch's sake: what the function calls runs as it is written too.
        reason: told among the ``reasons`` of a compiled function.
    """
    if fn is None:
        return functools.partial(disable, recursive=recursive, reason=reason)
    if isinstance(fn, Module):
        fn.forward = disable(fn.forward, recursive, reason=reason)  # type: ignore[method-assign]
        return fn
    if not callable(fn):
        raise TypeError(f"torch.compiler.disable takes a function or a module, not {type(fn).__name__}")

    @functools.wraps(fn)
    def run(*args: Any, **kwargs: Any) -> Any:
        if (watcher := _watcher()) is not None:
            name = getattr(fn, "__qualname__", type(fn).__name__)
            why = f": {reason}" if reason else "."
            watcher.give_up(f"The code calls {name}, which torch.compiler.disable keeps out of programs{why}")
        return fn(*args, **kwargs)

    return run


def allow_in_graph(fn: Any) -> Any:
    """The function itself: whatever it does with tensors becomes part of the program."""
    if isinstance(fn, (list, tuple)):
        return [allow_in_graph(f) for f in fn]
    if not callable(fn):
        raise AssertionError("allow_in_graph expects a callable")
    return fn


def assume_constant_result(fn: Callable) -> Callable:
    """The function itself: what only Python does happens when a call is watched, and stays as it was then."""
    return fn


def cudagraph_mark_step_begin() -> None:
    """Nothing: programs keep no memory from one run to the next."""


def reset() -> None:
    """Forget all programs that ``torch.compile`` has made; they are made again as they are needed."""
    for compiled in list(_programs.KNOWN):
        compiled.forget()


class set_stance:
    """How compiled functions are called: a statement, a ``with`` block, or a decorator.

    Args:
        stance: ``"default"``, or ``"force_eager"``, with which code runs as it is written.
        skip_guard_eval_unsafe: taken for PyTorch's sake; a program is always asked whether it fits.
        force_backend: taken for PyTorch's sake.
    """

    def __init__(
        self, stance: str = "default", *, skip_guard_eval_unsafe: bool = False, force_backend: Any = None
    ) -> None:
        if stance not in _STANCES:
            known = stance in _ELSEWHERE
            raise RuntimeError(
                f"the stance {stance!r} is {'not implemented' if known else 'unknown'}; take one of {_STANCES}"
            )
        self.stance = stance
        self._previous = _programs.stance
        _programs.stance = stance

    def __enter__(self) -> None:
        _programs.stance = self.stance

    def __exit__(self, *exc: Any) -> None:
        _programs.stance = self._previous

    def __call__(self, fn: Callable) -> Callable:
        _programs.stance = self._previous  # a decorator's stance is that of the function's calls alone

        @functools.wraps(fn)
        def run(*args: Any, **kwargs: Any) -> Any:
            with set_stance(self.stance):
                return fn(*args, **kwargs)

        return run
