"""``torch.jit.script`` and its annotations. There is no second language here: Python stays Python."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final, TypeVar, get_origin

from ..futures import Future

Any_ = TypeVar("Any_")


def script(obj: Any_, *args: Any, **named: Any) -> Any_:
    """The function, class or module itself.

    PyTorch's ``script`` compiles Python with its loops and branches into TorchScript. Glasstorch has no such compiler,
    and the code gives the same values as it is; ``torch.jit.trace`` and ``torch.compile`` make it faster.
    Source: https://pytorch.org/docs/stable/generated/torch.jit.script.html
    """
    if not callable(obj):
        raise TypeError(f"script() takes a function, a class or a module, not {type(obj).__name__}")
    return obj


def ignore(drop: Any = False, **named: Any) -> Any:
    """Marks a method that TorchScript would leave to Python. Also as ``@ignore``."""
    return drop if callable(drop) else (lambda fn: fn)


def unused(fn: Any_) -> Any_:
    """Marks a method that TorchScript would leave out."""
    return fn


def export(fn: Any_) -> Any_:
    """Marks a method that TorchScript would compile beside ``forward``."""
    return fn


def annotate(the_type: Any, the_value: Any_) -> Any_:
    """The value; the type is for TorchScript."""
    return the_value


def is_scripting() -> bool:
    """Does this run as TorchScript? Never."""
    return False


def script_if_tracing(fn: Any_) -> Any_:
    """The function itself: a trace follows it as the code around it."""
    return fn


def isinstance(obj: Any, target_type: Any) -> bool:
    """Python's ``isinstance``, also with ``List[int]`` and its kind, of which the container alone is looked at."""
    kinds = target_type if builtins.isinstance(target_type, tuple) else (target_type,)
    plain: tuple[Any, ...] = tuple(get_origin(k) or k for k in kinds)
    return builtins.isinstance(obj, plain)


def fork(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Future:
    """Call ``func`` at once, as PyTorch does outside of TorchScript; ``wait`` gives its result."""
    future = Future()
    future.set_result(func(*args, **kwargs))
    return future


def wait(future: Future) -> Any:
    """The result of a ``fork``."""
    return future.wait()


def freeze(mod: Any_, *args: Any, **named: Any) -> Any_:
    """The module itself: programs read parameters as they are when they run."""
    return mod


def optimize_for_inference(mod: Any_, *args: Any, **named: Any) -> Any_:
    """The module itself."""
    return mod


__all__ = [
    "Final", "Future", "annotate", "export", "fork", "freeze", "ignore", "is_scripting", "isinstance",
    "optimize_for_inference", "script", "script_if_tracing", "unused", "wait",
]  # fmt: skip
