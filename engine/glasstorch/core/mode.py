"""Modes that change what an operation does: gradient recording, inference, graph recording, anomaly mode.

The hot path reads one flag, ``STATE.special``. It is true while any thread is in any unusual mode, and
the general path then asks the thread's own settings. So a mode that nobody uses costs nothing.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Fn = TypeVar("Fn", bound=Callable[..., Any])


class _State:
    """``special``: is any mode active anywhere? ``recorder``: the active graph recorder, if any.

    ``anomaly``: what watches the backward in anomaly mode (autograd/anomaly.py), for all threads as in PyTorch.
    ``overrides``: did anything that implements ``__torch_function__`` appear yet, a tensor subclass or a mode?
    """

    __slots__ = ("_count", "_lock", "anomaly", "overrides", "recorder", "special", "watched")

    def __init__(self) -> None:
        self.special = False
        self.overrides = False
        self.watched = False  # did anyone register a hook that must know of the walk around it? (watched.py)
        self.recorder: Any = None
        self.anomaly: Any = None
        self._count, self._lock = 0, threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self._count += 1
            self.special = True

    def leave(self) -> None:
        with self._lock:
            self._count -= 1
            self.special = self._count > 0


class _Thread(threading.local):
    """Per-thread settings (class attributes are the defaults of a new thread)."""

    grad = True
    inference = False
    evaluating: Any = None  # the node whose derivative runs now, in anomaly mode
    autocast: Any = None  # what adapts the arguments of calls while autocast is on (amp/autocast_mode.py)
    subclasses = True  # are classes with __torch_function__ asked?
    function_modes: tuple = ()  # active TorchFunctionModes, innermost last
    watch: Any = None  # the backward that runs now, if watched
    multithreading = True  # kept for PyTorch programs that ask
    saved_hooks: tuple = ()  # active pairs of hooks on saved tensors, innermost last
    saved_hooks_refused: str | None = None  # the message of whoever forbids them
    random_refused = False  # does a vmap run example by example that shall not draw random numbers?
    levels: tuple = ()  # active vmaps, outermost first
    forward = False  # is a vjp taken only for its own derivative (forward mode)?
    differentiating = False  # is the innermost transform grad, vjp or jvp (and not vmap)?
    transforms = 0  # active function transforms (grad, vjp, jvp, vmap)
    profiler: Any = None  # what times this thread's operations (profiler/recorder.py)


STATE = _State()
THREAD = _Thread()


def set_thread(name: str, value: Any) -> Any:
    """Set one thread setting, keep the global flag in step, return the old value."""
    old = getattr(THREAD, name)
    if value != old:
        setattr(THREAD, name, value)
        STATE.enter() if value != getattr(_Thread, name) else STATE.leave()
    return old


def is_grad_enabled() -> bool:
    """Does this thread record operations for gradients?"""
    return THREAD.grad


def is_inference_mode_enabled() -> bool:
    """Is this thread inside ``inference_mode``?"""
    return THREAD.inference


class _Mode:
    """A context manager that is also a decorator, for functions and generator functions alike."""

    def __call__(self, fn: Fn) -> Fn:
        if inspect.isgeneratorfunction(fn):

            @functools.wraps(fn)
            def generator(*args: Any, **kwargs: Any) -> Any:
                inner = fn(*args, **kwargs)
                send: Any = None
                while True:  # the mode holds while the generator's own code runs, not while its caller's does
                    with self.clone():
                        try:
                            item = inner.send(send)
                        except StopIteration as stop:
                            return stop.value
                    send = yield item

            return generator  # type: ignore[return-value]

        @functools.wraps(fn)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return fn(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    def clone(self) -> Any:
        return self.__class__()

    def __enter__(self) -> None:
        raise TypeError(f"{type(self).__name__} cannot be entered")

    def __exit__(self, *exc: Any) -> None:
        raise TypeError(f"{type(self).__name__} cannot be left")


class _GradMode(_Mode):
    value = True

    def __new__(cls, fn: Any = None) -> Any:
        self = super().__new__(cls)
        return self(fn) if callable(fn) else self  # ``@no_grad`` without parentheses

    def __init__(self, fn: Any = None) -> None:
        self._previous: list[bool] = []

    def __enter__(self) -> None:
        self._previous.append(set_thread("grad", self.value))

    def __exit__(self, *exc: Any) -> None:
        set_thread("grad", self._previous.pop())


class no_grad(_GradMode):
    """Operations inside are not recorded: results have ``requires_grad=False``. Context manager or decorator."""

    value = False


class enable_grad(_GradMode):
    """Operations inside are recorded, even within ``no_grad``. Context manager or decorator."""

    value = True


class set_grad_enabled(_Mode):
    """Switch gradient recording at once, or for a ``with`` block or a decorated function."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self.previous = set_thread("grad", self.mode)

    def __call__(self, fn: Fn) -> Fn:
        set_thread("grad", self.previous)
        return super().__call__(fn)

    def __enter__(self) -> None:
        set_thread("grad", self.mode)

    def __exit__(self, *exc: Any) -> None:
        set_thread("grad", self.previous)

    def clone(self) -> set_grad_enabled:
        return self.__class__(self.mode)


class inference_mode(_Mode):
    """Like ``no_grad``, and the tensors made inside can never take part in a graph."""

    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if callable(mode):
            self.__init__()  # type: ignore[misc]
            return self(mode)
        return self

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode
        self._previous: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        self._previous.append((set_thread("grad", not self.mode), set_thread("inference", bool(self.mode))))

    def __exit__(self, *exc: Any) -> None:
        grad, inference = self._previous.pop()
        set_thread("inference", inference)
        set_thread("grad", grad)

    def clone(self) -> inference_mode:
        return self.__class__(self.mode)
