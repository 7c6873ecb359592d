"""`python -m support.lesson_on_pytorch FOLDER`: a lesson's code on real PyTorch, with the imports changed.

Run it in a copy of the lesson's folder, with the data as torchvision wants it in `../data`. Views are stand-ins that do
nothing. Prints one JSON object: what each cell printed, and what it printed with the exercises solved.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import support.torchvision_reference  # noqa: F401  makes torchvision importable beside the CPU build
import torch
from support.lesson_runs import code_cells, solved_cells

_MODULES = {
    "glasstorch.vision": "torchvision",
    "glasstorch.safetensors": "safetensors.torch",
    "glasstorch": "torch",
}
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


class DoesNothing:
    """A view that can be called, asked, entered and gone over, to no effect."""

    def __call__(self, *args: Any, **kwargs: Any) -> DoesNothing:
        return self

    def __getattr__(self, name: str) -> DoesNothing:
        if name.startswith("_"):  # what Python itself asks for
            raise AttributeError(name)
        return self

    def __enter__(self) -> DoesNothing:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class Views(ModuleType):
    """Every view there is or will be."""

    def __getattr__(self, name: str) -> DoesNothing:
        return getattr(DoesNothing(), name)


def changed(source: str) -> str:
    """A cell without magics, its imports changed."""

    def theirs(name: str) -> str:
        for ours, other in _MODULES.items():
            if name == ours or name.startswith(f"{ours}."):
                return other + name[len(ours) :]
        return name

    tree = ast.parse(_MAGIC.sub("", source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                alias.name = theirs(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            node.module = theirs(node.module)
    return ast.unparse(tree)


def printed(source: str, names: dict[str, Any]) -> str:
    """Run one cell; what it prints, and its last value, as a notebook would show them."""
    tree = ast.parse(changed(source))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if value is not None and not isinstance(value, DoesNothing):
                print(repr(value))
    return out.getvalue()


def main(folder: Path) -> int:
    torch.set_num_threads(1)  # more would only wait for each other beside other tests
    sys.modules["glasstorch_widgets"] = Views("glasstorch_widgets")
    names: dict[str, Any] = {"__name__": "__main__"}
    parts = {
        "untouched": [(cell.id, cell.source) for cell in code_cells(folder)],
        "solved": solved_cells(folder),
    }
    said: dict[str, dict[str, str]] = {}
    for part, cells in parts.items():
        said[part] = {}
        for name, source in cells:
            try:
                said[part][name] = printed(source, names)
            except Exception:
                print(f"{folder.name}, cell {name!r} ({part}):\n{source}\n", file=sys.stderr)
                traceback.print_exc()
                return 1
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
