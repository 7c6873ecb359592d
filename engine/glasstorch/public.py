"""Finishing touches once everything is defined: public names, and what tab completion offers.

A function or class is made in the file of its family, and public somewhere else. Messages, ``help()`` and pickles
should name the public place; completion should offer what is public, not how the package is put together.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

from .core.tensor import Tensor

#: Names that a namespace holds only because it is built from them.
_BUILT_FROM = {"FUNCTIONS", "SAME", "STATE", "DEFAULT_SEED", "annotations", "backends", "core", "preview", "printing",
               "public", "settings", "stubs"}  # fmt: skip
#: Namespaces that are made of files: the files are not offered.
_FLAT = ("nn.functional", "nn.init", "linalg", "fft", "special", "func", "random")


def name_members() -> None:
    """Let public classes and methods have the names under which they are public, wherever they were made."""
    import glasstorch

    for value in vars(glasstorch).values():
        if isinstance(value, type) and value.__module__.startswith("glasstorch.core"):
            value.__module__ = "glasstorch"
    for name, value in vars(Tensor).items():
        if inspect.isfunction(value) and not hasattr(value, "op") and value.__name__ != name:
            helper = value.__name__.startswith(("_", "<")) or value.__name__ in (
                "method",
                "reflected",
                "compare",
            )
            if helper:
                value.__name__, value.__qualname__ = name, f"Tensor.{name}"


def _offers(module: types.ModuleType, name: str) -> bool:
    value = vars(module)[name]
    if name in _BUILT_FROM or (isinstance(value, types.ModuleType) and not _is_part(module, value)):
        return False
    home = getattr(value, "__module__", None)
    foreign = isinstance(home, str) and not home.startswith(("glasstorch", "torch"))
    return not (foreign and (inspect.isfunction(value) or inspect.isclass(value)))


def _is_part(module: types.ModuleType, value: types.ModuleType) -> bool:
    flat = module.__name__.removeprefix("glasstorch.") in _FLAT
    return value.__name__.startswith("glasstorch") and not flat


def tidy_completion() -> None:
    """Give the public namespaces a ``__dir__`` of their public names."""
    import glasstorch

    def offering(module: types.ModuleType) -> Callable[[], list[str]]:
        return lambda: sorted(name for name in vars(module) if name.startswith("_") or _offers(module, name))

    spaces: list[Any] = [glasstorch, glasstorch.nn, glasstorch.optim, glasstorch.cuda, glasstorch.autograd]
    for path in _FLAT:
        space: Any = glasstorch
        for part in path.split("."):
            space = getattr(space, part, None)
        spaces.append(space)
    for space in spaces:
        if isinstance(space, types.ModuleType):
            space.__dir__ = offering(space)  # type: ignore[method-assign]
