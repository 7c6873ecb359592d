"""What lessons have taught so far, and what an exercise needs: names of the framework, found in the syntax tree.

Each lesson's folder has a lesson.toml:

    teaches = ["tensor", "Tensor.backward", "nn.Linear", "optim.*"]

Names are written as they follow `torch.`; a method by its class, whichever has it first; `*` stands for anything.
For lists of lessons it may also say how long the lesson takes and what it asks: `minutes = 30`, `question = "..."`,
`question_zh = "..."`.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from glasstorch_web.grader.author_code import drawn, filled
from glasstorch_web.grader.exercises import Exercise, ExerciseError

FILE = "lesson.toml"
ABOUT: dict[str, type] = {"minutes": int, "question": str, "question_zh": str}
FRAMEWORK = ("glasstorch", "torch")
# Asked of a box, since the framework itself is imported nowhere else.
METHODS = """
import glasstorch as torch
def methods():
    classes = (torch.Tensor, torch.nn.Module, torch.optim.Optimizer)
    return sorted({name for one in classes for name in dir(one) if not name.startswith("_")})
"""
_PLAIN = {name for kind in (str, list, dict, set, tuple, int, float) for name in dir(kind)}
_IN_TEXT = re.compile(r"\btorch\.((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)")


def teaches(lesson: Path) -> list[str]:
    """What one lesson's lesson.toml lists; raises ExerciseError when it cannot be read."""
    path = lesson / FILE
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise ExerciseError(f"{path}: there is no such file. It lists what the lesson teaches.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExerciseError(f"{path}: {error}") from None
    names = table.get("teaches")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise ExerciseError(f"{path}: it must hold one list, teaches = [...], of names.")
    for key in table.keys() - {"teaches"}:
        if type(table[key]) is not ABOUT.get(key):
            known = ", ".join(f"{name} ({kind.__name__})" for name, kind in ABOUT.items())
            raise ExerciseError(
                f"{path}: {key} is not expected, or of another type. Beside teaches: {known}."
            )
    return names


def until(lesson: Path) -> list[str]:
    """What all lessons from the first to this one teach together."""
    earlier = [folder for folder in sorted(lesson.parent.glob("[0-9][0-9]-*/")) if folder.name < lesson.name]
    known = [name for folder in earlier if (folder / FILE).exists() for name in teaches(folder)]
    return known + teaches(lesson)


def written(names: list[str]) -> str:
    """A lesson.toml."""
    lines = "".join(f'    "{"Tensor" * name.startswith(".")}{name}",\n' for name in names)
    return (
        f"# The framework's names that this lesson teaches, as they follow `torch.`.\nteaches = [\n{lines}]\n"
    )


def missing(exercise: Exercise, known: list[str], methods: set[str] | None = None) -> list[str]:
    """Names that the exercise's starter, solution or texts use and no lesson so far has taught."""
    return [name for name in used_by(exercise, methods) if not _is_taught(name, known)]


def to_list(exercise: Exercise) -> list[str]:
    """What a new exercise uses and no lesson so far lists, as a lesson.toml would list it."""
    left = missing(exercise, until(exercise.folder.parent.parent))
    return ["Tensor" * name.startswith(".") + name for name in left]


def unseen(lesson: Path) -> list[str]:
    """What lesson.toml lists and the lesson's own text never mentions; nothing while there is no text."""
    texts = [path.read_text("utf-8") for path in (*lesson.glob("*.py"), *lesson.glob("*.ipynb"))]
    words = set(re.findall(r"\w+", " ".join(texts)))
    return [name for name in teaches(lesson) if texts and name.rpartition(".")[2] not in words | {"*"}]


def used_by(exercise: Exercise, methods: set[str] | None = None) -> list[str]:
    """Names of the framework in the starter, the solution, the statement and the hints."""
    values = drawn(exercise, "")
    found: dict[str, None] = {}
    for file in ("starter.py", "solution.py"):
        found |= dict.fromkeys(used_in(filled(exercise.read(file), values), methods))
    for text in (exercise.read("statement.md"), *(hint for check in exercise.checks for hint in check.hints)):
        found |= dict.fromkeys(_IN_TEXT.findall(text))
    return list(found)


def used_in(source: str, methods: set[str] | None = None) -> list[str]:
    """Names of the framework in a program: `nn.Linear`, and `.backward` for a method of who knows what.

    methods: names that count as the framework's when they stand behind something unknown; None: all that no plain
    Python value has.
    """
    tree = ast.parse(source)
    aliases = dict(_aliases(tree))
    others = _imported(tree) - set(aliases)
    others |= _made_by(tree, others)
    own = _own_names(tree)
    found: dict[str, int] = {}
    inner: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node in inner or not isinstance(node, (ast.Name, ast.Attribute)):
            continue
        chain, base = _chain(node)
        if base is not None and base in aliases:
            inner.update(_parts(node))
            name = ".".join(filter(None, [aliases[base], *chain]))
            if (
                name
                and isinstance(node, (ast.Attribute, ast.Name))
                and not _is_namespace(name, aliases, chain)
            ):
                found.setdefault(name, node.lineno)
        elif isinstance(node, ast.Attribute) and base not in others:
            known = methods is None or node.attr in methods
            if known and node.attr not in own | _PLAIN and not node.attr.startswith("__"):
                found.setdefault(f".{node.attr}", node.lineno)
    return list(found)


def _aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names in the program that stand for the framework or a part of it, and for which."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                top, _, rest = one.name.partition(".")
                if top in FRAMEWORK:
                    yield (one.asname, rest) if one.asname else (top, "")
        elif isinstance(node, ast.ImportFrom) and node.module:
            top, _, rest = node.module.partition(".")
            if top in FRAMEWORK:
                for one in node.names:
                    yield one.asname or one.name, f"{rest}.{one.name}".lstrip(".")


def _imported(tree: ast.AST) -> set[str]:
    """All names that the program imports."""
    return {
        (one.asname or one.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for one in node.names
    }


def _made_by(tree: ast.AST, modules: set[str]) -> set[str]:
    """Variables that hold what other modules make: after `q = queue.Queue()`, `q.put` is no tensor's."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name) and _chain(node.value.func)[1] in modules
    }


def _own_names(tree: ast.AST) -> set[str]:
    """Methods and attributes that the program gives its own classes."""
    defined = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    stored = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _chain(node)[1] == "self"
    }
    return defined | stored


def _chain(node: ast.AST) -> tuple[list[str], str | None]:
    """`a.b.c` as (["b", "c"], "a"); the base is None when it is not a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return parts[::-1], node.id if isinstance(node, ast.Name) else None


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    while isinstance(node, ast.Attribute):
        node = node.value
        yield node


def _is_namespace(name: str, aliases: dict[str, str], chain: list[str]) -> bool:
    return not chain and name in aliases.values() and name.rpartition(".")[2].islower() and "." not in name


def _is_taught(name: str, known: list[str]) -> bool:
    if name.startswith("."):
        return any(entry.rpartition(".")[2] == name[1:] for entry in known if "." in entry)
    return any(fnmatch.fnmatchcase(name, entry.removeprefix("torch.")) for entry in known)
