"""``torch.jit.script`` and its annotations. There is no second language here: Python stays Python."""

from __future__ import annotations

from typing import Any, Final, NoReturn, TypeVar

from .trace import _NO_FILE

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


def save(m: Any, f: Any, *args: Any, **named: Any) -> NoReturn:
    """Always raises: see the message."""
    raise RuntimeError(_NO_FILE)


def load(f: Any, *args: Any, **named: Any) -> NoReturn:
    """Always raises: there is no interpreter for TorchScript here."""
    raise RuntimeError(
        "TorchScript archives hold programs of their own, which Glasstorch cannot run. Ask for the weights alone: in "
        "PyTorch, torch.save(torch.jit.load(path).state_dict(), other_path)."
    )


def freeze(mod: Any_, *args: Any, **named: Any) -> Any_:
    """The module itself: programs read parameters as they are when they run."""
    return mod


def optimize_for_inference(mod: Any_, *args: Any, **named: Any) -> Any_:
    """The module itself."""
    return mod


__all__ = [
    "Final", "annotate", "export", "freeze", "ignore", "is_scripting", "load", "optimize_for_inference", "save",
    "script", "unused",
]  # fmt: skip
