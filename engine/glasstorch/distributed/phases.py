"""What a process computes while something is on its way: forward, backward, an optimizer's step.

Noted only while somebody listens: by the global hooks of modules and optimizers, and by standing in for the walk
through the graph, which has no hook of that kind. What runs inside another phase (a forward that a checkpoint repeats
during backward) belongs to that.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..core.walk import Walk

NAMES = ("forward", "backward", "step")
Listener = Callable[[str, float, float], None]

_listeners: tuple[Listener, ...] = ()
_handles: list[Any] = []
_lock = threading.Lock()
_run = Walk.run


class _Open(threading.local):
    """The phases that this thread is in, outermost first."""

    def __init__(self) -> None:
        self.stack: list[tuple[str, float]] = []


_open = _Open()


def _enter(name: str) -> None:
    stack = _open.stack
    if name == "step" and stack and stack[0][0] == "step":  # the last one raised: nobody heard of its end
        stack.clear()
    stack.append((name, time.perf_counter()))


def _leave(name: str) -> None:
    stack = _open.stack
    while stack:
        what, start = stack.pop()
        if what == name:
            break
    else:
        return  # it began before anybody listened
    if not stack:
        end = time.perf_counter()
        for listener in _listeners:
            listener(name, start, end)


@functools.wraps(_run)
def _walk(self: Walk, *args: Any, **kwargs: Any) -> list:
    _enter("backward")
    try:
        return _run(self, *args, **kwargs)
    finally:
        _leave("backward")


@contextlib.contextmanager
def told(listener: Listener) -> Iterator[None]:
    """Call ``listener(name, start, end)`` after each outermost phase within the block."""
    global _listeners
    with _lock:
        if not _listeners:
            _begin()
        _listeners = (*_listeners, listener)
    try:
        yield
    finally:
        with _lock:
            _listeners = tuple(f for f in _listeners if f is not listener)
            if not _listeners:
                _end()


def _begin() -> None:
    from ..nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
    from ..optim import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    global _open
    _open = _Open()
    _handles.extend(
        (
            register_module_forward_pre_hook(lambda *_: _enter("forward")),
            register_module_forward_hook(lambda *_: _leave("forward"), always_call=True),
            register_optimizer_step_pre_hook(lambda *_: _enter("step")),
            register_optimizer_step_post_hook(lambda *_: _leave("step")),
        )
    )
    Walk.run = _walk  # type: ignore[method-assign]


def _end() -> None:
    Walk.run = _run  # type: ignore[method-assign]
    while _handles:
        _handles.pop().remove()
