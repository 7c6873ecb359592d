"""Switches that are attributes of a module and refuse values of a wrong type, as PyTorch's do.

Glasstorch reaches the CPU through NumPy and the GPU through CuPy: most of PyTorch's switches for its libraries can be
set, are remembered, and change nothing.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any


def wants_bool(setter: str, value: Any) -> bool:
    """The value; RuntimeError in the words of PyTorch's ``setter`` where it is no bool."""
    if not isinstance(value, bool):
        raise RuntimeError(f"{setter} expects a bool, but got {type(value).__name__}")
    return value


def switch(start: bool, setter: str) -> property:
    """A switch that remembers what it was told."""
    held = [start]

    def put(_: Any, value: Any) -> None:
        held[0] = wants_bool(setter, value)

    return property(lambda _: held[0], put)


def held(start: Any) -> property:
    """A value of any kind that is remembered."""
    cell = [start]
    return property(lambda _: cell[0], lambda _, value: cell.__setitem__(0, value))


def attach(module: str, **switches: property) -> None:
    """Give a module switches among its attributes."""
    sys.modules[module].__class__ = type("Switches", (types.ModuleType,), dict(switches))


def changed(module: str, **values: Any) -> tuple:
    """Set switches of a module (not those given as None); what they were before."""
    at = sys.modules[module]
    before = tuple(getattr(at, name) for name in values)
    for name, value in values.items():
        if value is not None:
            setattr(at, name, value)
    return before


class Inside:
    """A ``with`` block with other values of a module's switches."""

    def __init__(self, set_flags: Callable, values: dict[str, Any]) -> None:
        self.set_flags, self.values = set_flags, values

    def __enter__(self) -> None:
        self.before = self.set_flags(*self.values.values())

    def __exit__(self, *exc: Any) -> None:
        self.set_flags(*self.before)
