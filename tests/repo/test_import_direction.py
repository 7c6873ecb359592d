"""The house rule: lessons -> widgets -> engine; webapp -> engine only inside the sandbox's box."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"glasstorch", "glasstorch_widgets", "glasstorch_web"}
SOURCE_ROOTS = {"glasstorch": "engine", "glasstorch_widgets": "widgets", "glasstorch_web": "webapp"}
MAY_IMPORT = {
    "glasstorch": {"glasstorch"},
    "glasstorch_widgets": {"glasstorch_widgets", "glasstorch"},
    "glasstorch_web": {"glasstorch_web"},
}
BOX_SIDE = "webapp/glasstorch_web/sandbox/"  # what runs in the box runs learners' code, on the engine


def modules_of(package: str) -> list[Path]:
    return sorted((ROOT / SOURCE_ROOTS[package] / package).rglob("*.py"))


def imported_packages(source: str) -> Iterator[tuple[int, str]]:
    """(line, top-level name) of every import, wherever it stands, and of every `import_module("...")`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value.partition(".")[0]


def violations(package: str, path: str, source: str) -> list[str]:
    allowed = MAY_IMPORT[package] | ({"glasstorch"} if path.startswith(BOX_SIDE) else set())
    return [
        f"{path}:{line} imports {name}"
        for line, name in imported_packages(source)
        if name in OURS and name not in allowed
    ]


@pytest.mark.parametrize("package", sorted(OURS))
def test_imports_point_one_way(package: str) -> None:
    modules = modules_of(package)
    assert modules, f"{package} has no modules: is the layout still {SOURCE_ROOTS[package]}/{package}?"
    wrong = [
        found
        for module in modules
        for found in violations(package, module.relative_to(ROOT).as_posix(), module.read_text("utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("package", "path", "source", "count"),
    [
        ("glasstorch", "engine/glasstorch/x.py", "import glasstorch_widgets.graph", 1),
        ("glasstorch", "engine/glasstorch/x.py", "def f():\n    from glasstorch_web import grader", 1),
        ("glasstorch_widgets", "widgets/glasstorch_widgets/x.py", "import glasstorch as torch", 0),
        ("glasstorch_widgets", "widgets/glasstorch_widgets/x.py", "import_module('glasstorch_web.app')", 1),
        ("glasstorch_web", "webapp/glasstorch_web/app/x.py", "import glasstorch", 1),
        ("glasstorch_web", "webapp/glasstorch_web/sandbox/box.py", "import glasstorch", 0),
    ],
)
def test_the_rule_itself_sees_what_it_should(package: str, path: str, source: str, count: int) -> None:
    assert len(violations(package, path, source)) == count


FLOORS = (
    "backends",
    "core",
    "random",
    "ops",
)  # from the ground up; all other parts of the engine stand above


def floor_of(part: str) -> int:
    return FLOORS.index(part) if part in FLOORS else len(FLOORS)


def parts_imported_at_import_time(module: Path) -> Iterator[tuple[int, str]]:
    """(line, part of the engine) of the imports at a module's top level, relative ones resolved.

    Imports inside functions run when everything is loaded; `Tensor.__repr__` may well call the printer above.
    """
    package = module.relative_to(ROOT / "engine").parts[:-1]
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            path = (*above, *(node.module.split(".") if node.module else ()))
            if path[0] == "glasstorch":
                yield from ((node.lineno, (*path, alias.name)[1]) for alias in node.names)


def test_engine_floors_import_downwards_only() -> None:
    wrong = []
    for floor in FLOORS:
        place = ROOT / "engine" / "glasstorch" / floor
        modules = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        assert modules, f"the floor {floor} has no modules"
        wrong += [
            f"{module.relative_to(ROOT)}:{line} imports {part}"
            for module in modules
            for line, part in parts_imported_at_import_time(module)
            if floor_of(part) > floor_of(floor)
        ]
    assert not wrong, "\n".join(wrong)


# Imports every engine module with all third-party packages but NumPy made unfindable.
NUMPY_ONLY = """
import importlib, pkgutil, sys

class OnlyNumpy:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {"numpy", "glasstorch"}:
            raise ModuleNotFoundError(f"blocked: {name}", name=name)

sys.meta_path.insert(0, OnlyNumpy())
import glasstorch
count = 1
for found in pkgutil.walk_packages(glasstorch.__path__, "glasstorch."):
    # What drives CuPy is imported only where CuPy is, and what writes TensorBoard's files where its package is.
    if "cupy" not in found.name and not found.name.startswith("glasstorch.utils.tensorboard"):
        importlib.import_module(found.name)
        count += 1
loaded = {name.partition(".")[0] for name in sys.modules}
print(count, sorted(loaded & {"cupy", "scipy", "torch", "PIL", "IPython", "plotly", "pydantic"}))
"""


def test_engine_needs_numpy_only() -> None:
    done = subprocess.run([sys.executable, "-c", NUMPY_ONLY], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    count, outside = done.stdout.split(maxsplit=1)
    assert int(count) > 10
    assert outside.strip() == "[]"
