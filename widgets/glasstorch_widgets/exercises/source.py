"""Finds the learner's code for an exercise: between `# @exercise ID` and `# @end`, or functions by name."""

from __future__ import annotations

import builtins
import inspect
import re
import symtable
import sys
import textwrap
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

_END = re.compile(r"^\s*#\s*@end\b")


class CannotCollect(Exception):
    """The functions named are not all that is needed; the message says what is missing."""


def between_markers(cell: str, exercise: str) -> str | None:
    """The lines after `# @exercise ID` up to `# @end` (or the end of the cell); None if the cell has none."""
    begin = re.compile(rf"^\s*#\s*@exercise\s+{re.escape(exercise)}\s*$")
    kept: list[str] | None = None
    for line in cell.splitlines():
        if kept is None:
            if begin.match(line):
                kept = []
        elif _END.match(line):
            break
        else:
            kept.append(line)
    return None if kept is None else textwrap.dedent("\n".join(kept)).strip("\n") + "\n"


def latest(cells: Iterable[str], exercise: str) -> str | None:
    """The code in the first of `cells` (latest first) that holds the exercise."""
    for cell in cells:
        found = between_markers(cell, exercise)
        if found is not None:
            return found
    return None


def of_functions(names: Iterable[str], namespace: Mapping[str, Any]) -> str:
    """The source of functions and classes of a notebook, with the imports they need in front.

    Args:
        names: of the functions and classes. namespace: the notebook's variables.

    Raises:
        CannotCollect: one of them does not exist, or uses something of the notebook that is not among them.
    """
    names, imports, sources = list(names), set(), []
    for name in names:
        if name not in namespace:
            raise CannotCollect(f"there is no `{name}` in this notebook; run the cell that defines it")
        try:
            source = textwrap.dedent(inspect.getsource(namespace[name]))
        except (TypeError, OSError):
            raise CannotCollect(
                f"`{name}` is not a function or class whose code is in this notebook"
            ) from None
        for used in sorted(_globals(symtable.symtable(source, name, "exec")) - {*names, *dir(builtins)}):
            line = _import_of(used, namespace.get(used))
            if line is None and used in namespace:
                raise CannotCollect(
                    f"`{name}` uses `{used}`, which would not be handed in with it; name `{used}` too, or put all of "
                    "it in one cell and use `%%submit`"
                )
            imports |= {line} if line else set()
        sources.append(source.strip("\n"))
    head = "\n".join(sorted(imports))
    return "\n\n\n".join(filter(None, [head, *sources])) + "\n"


def same_code(a: str, b: str) -> bool:
    """Whether two sources differ only in blank lines and trailing spaces."""
    return _lines(a) == _lines(b)


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in textwrap.dedent(source).splitlines() if line.strip()]


def _globals(table: symtable.SymbolTable) -> set[str]:
    """Names that the code below a table reads from outside it."""
    top = table.get_type() == "module"
    here = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or (top and not symbol.is_assigned()))
    }
    made = {symbol.get_name() for symbol in table.get_symbols() if top and symbol.is_assigned()}
    return here.union(*(_globals(child) for child in table.get_children())) - made


def _import_of(name: str, value: Any) -> str | None:
    """The line that imports a value under a name, if it came by an import."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}" if value.__name__ != name else f"import {name}"
    module, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if (
        module in (None, "__main__")
        or own is None
        or getattr(sys.modules.get(module), own, None) is not value
    ):
        return None
    return f"from {module} import {own}" + (f" as {name}" if own != name else "")
