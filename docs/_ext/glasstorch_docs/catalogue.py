"""What there is: every public name with its signature, its forms, the ops it runs and the place of its source.

Nothing here knows Sphinx. The engine itself is asked: the registry of ops for formulas, the public namespaces for
names, code objects for lines. So the reference cannot fall behind.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import glasstorch
from glasstorch.core.op import REGISTRY, Op

ROOT = Path(__file__).resolve().parents[3]
ENGINE = ROOT / "engine"
SOURCE_ROOTS = (ROOT / "engine", ROOT / "widgets")

#: How many ops a function may name as those that it runs; beyond that the list says nothing.
MOST_OPS = 6


@dataclass(frozen=True)
class Place:
    """A line of the source: path in the repository, number of the line."""

    path: str
    line: int


@dataclass
class Entry:
    """One public name."""

    name: str  # as learners write it: ``torch.nn.functional.relu``
    value: Any
    kind: str  # "function", "class" or "data"
    signature: str = ""
    doc: str = ""
    also: list[str] = field(
        default_factory=list
    )  # other names of the same thing, and functions that write in place
    op: Op | None = None  # the op that it is
    runs: list[Op] = field(default_factory=list)  # ops that its source names
    forms: list[str] = field(default_factory=list)
    place: Place | None = None
    bases: list[str] = field(default_factory=list)
    computes: list[str] = field(default_factory=list)  # of a module: the functions that its forward calls
    members: list[Entry] = field(default_factory=list)

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


# ------------------------------------------------------------------ where the source is
def origin(fn: Any) -> Any:
    """The function that somebody wrote, behind those that were made around it."""
    for _ in range(10):
        if hasattr(fn, "__wrapped__"):
            fn = fn.__wrapped__
        elif isinstance(fn, types.FunctionType) and fn.__code__.co_filename.startswith("<glasstorch numpy"):
            fn = fn.__globals__["plain_"]
        else:
            break
    return fn


@functools.cache
def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def _in_repository(filename: str, line: int) -> Place | None:
    path = Path(filename)
    if path.is_absolute() and any(path.is_relative_to(root) for root in SOURCE_ROOTS):
        return Place(path.relative_to(ROOT).as_posix(), line)
    return None


@functools.cache
def _definitions(path: Path) -> dict[str, int]:
    """Where a file defines each class, function or name at its top level: the first one counts."""
    found: dict[str, int] = {}
    pattern = re.compile(r"(?:class|def)\s+(\w+)|(\w+)(?:\s*:[^=]+)?\s*=[^=]")
    for number, line in enumerate(lines_of(path), 1):
        match = pattern.match(line)
        if match:
            found.setdefault(match[1] or match[2], number)
    return found


def op_place(op: Op) -> Place | None:
    """Where an op is defined: its class, or the line that makes it from a pattern."""
    for fn in (op.forward, *op.derivatives.values()):
        filename = getattr(getattr(fn, "__code__", None), "co_filename", "")
        path = Path(filename)
        if not path.is_absolute() or path.name == "op.py" or not path.is_file():
            continue
        defined = _definitions(path)
        for name in (op.name, op.name + "_op"):
            if name in defined:
                return _in_repository(filename, defined[name])
        return _in_repository(filename, fn.__code__.co_firstlineno)
    return _op_place_by_text(op.name)


@functools.cache
def _op_place_by_text(name: str) -> Place | None:
    for path in sorted((ENGINE / "glasstorch").rglob("*.py")):
        for number, line in enumerate(lines_of(path), 1):
            if re.search(rf'^{name} = |_unary\(\s*"{name}"|^\s*"{name}",$', line) and "ops" in path.parts:
                return _in_repository(str(path), number)
    return None


def place_of(value: Any) -> Place | None:
    """The line where a class, a function or an op was written."""
    if isinstance(value, property):
        value = value.fget
    value = origin(value)
    if inspect.isclass(value):
        return _class_place(value)
    if isinstance(getattr(value, "op", None), Op):
        return op_place(value.op)
    code = getattr(value, "__code__", None)
    return _in_repository(code.co_filename, _line_of_def(code)) if code else None


def _line_of_def(code: types.CodeType) -> int:
    """The line of ``def``; a decorated function's code begins at its first decorator."""
    path, first = Path(code.co_filename), code.co_firstlineno
    if path.is_absolute() and path.is_file():
        for number, line in enumerate(lines_of(path)[first - 1 : first + 30], first):
            if re.match(rf"\s*(async )?def {re.escape(code.co_name)}\b", line):
                return number
    return first


def _class_place(cls: type) -> Place | None:
    for fn in vars(cls).values():  # a class says by a public name where it is; its methods know better
        code = getattr(getattr(fn, "fget", fn), "__code__", None)
        if code and Path(code.co_filename).is_absolute() and Path(code.co_filename).is_file():
            line = _definitions(Path(code.co_filename)).get(cls.__name__)
            if line:
                return _in_repository(code.co_filename, line)
    try:
        path = Path(inspect.getsourcefile(cls) or "")
        line = _definitions(path).get(cls.__name__)
    except (TypeError, OSError):
        return None
    return _in_repository(str(path), line) if line else None


# ------------------------------------------------------------------ what a function runs
def _named_values(fn: types.FunctionType) -> Iterator[Any]:
    """The values that the names in a function's code stand for, also behind a module's name."""
    codes = [fn.__code__]
    while codes:
        code = codes.pop()
        codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        modules = []
        for name in code.co_names:
            if name in fn.__globals__:
                value = fn.__globals__[name]
                modules += [value] if isinstance(value, types.ModuleType) else []
                yield value
            else:
                for module in modules:
                    if module.__name__.startswith("glasstorch") and name in vars(module):
                        yield vars(module)[name]


def ops_run_by(fn: Any) -> list[Op]:
    """The ops that a function's source names, itself or through functions that it calls."""
    found: dict[str, Op] = {}
    seen: set[int] = set()

    def look(value: Any, depth: int) -> None:
        value = origin(value)
        if isinstance(getattr(value, "op", None), Op):
            if value.op.name in REGISTRY:
                found.setdefault(value.op.name, value.op)
            return
        if not isinstance(value, types.FunctionType) or id(value) in seen or depth > 3:
            return
        seen.add(id(value))
        if not (value.__module__ or "").startswith("glasstorch"):
            return
        if ".core." in value.__module__ or ".backends" in value.__module__:
            return
        for other in _named_values(value):
            look(other, depth + 1)

    look(fn, 0)
    return [op for op in found.values() if not op.view] or _methods_called(fn)


def _methods_called(fn: Any) -> list[Op]:
    """The ops that a function's own code asks a tensor for: ``input.relu()``."""
    code = getattr(origin(fn), "__code__", None)
    ops = [getattr(vars(glasstorch.Tensor).get(n), "op", None) for n in (code.co_names if code else ())]
    return [op for op in dict.fromkeys(ops) if isinstance(op, Op) and not op.view]


def op_of_that_name(full: str) -> Op | None:
    """The op that a function is named after: ``torch.linalg.det`` after ``linalg_det``."""
    space, _, name = full.rpartition(".")
    if space in ("torch", "torch.nn.functional", "torch.special"):
        return REGISTRY.get(name)
    return (
        REGISTRY.get(f"{space.rpartition('.')[2]}_{name}") if space in ("torch.linalg", "torch.fft") else None
    )


# ------------------------------------------------------------------ signatures
def _default(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, (tuple, list)) and len(value) < 5:
        inside = ", ".join(_default(v) for v in value) + (
            "," if len(value) == 1 and isinstance(value, tuple) else ""
        )
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    return getattr(value, "__name__", None) or (
        str(value) if re.fullmatch(r"[\w.]{1,30}", str(value)) else "…"
    )


def signature_text(fn: Any, drop_first: bool = False) -> str:
    """``(input, dim=None, *, out=None)``: names and defaults, which is what a reader looks for first."""
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (ValueError, TypeError):
        return "(…)"
    out, star = [], False
    for p in parameters[1:] if drop_first else parameters:
        if p.name.startswith("_") and p.default is not p.empty:
            continue
        mark = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        if p.kind is p.KEYWORD_ONLY and not star:
            out.append("*")
        star = star or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        out.append(mark + p.name + ("" if p.default is p.empty else f"={_default(p.default)}"))
    return f"({', '.join(out)})"


def parameter_names(signature: str) -> list[str]:
    """What the parameters of a shown signature are called."""
    arguments = signature.partition("(")[2].partition(")")[0]
    names = (part.partition("=")[0].partition(":")[0].strip() for part in arguments.split(","))
    return [name for name in names if name.isidentifier()]


_SAID = re.compile(r"(?P<name>[\w.]+)(?P<arguments>\(.*\))(?:\s*->\s*(?P<result>[^\n]*))?", re.DOTALL)


def split_doc(value: Any, name: str) -> tuple[str, str]:
    """(signature that the docstring begins with or "", the rest)."""
    doc = inspect.getdoc(value) or ""
    first, _, rest = doc.partition("\n\n")
    said = _SAID.fullmatch(first.strip())
    if said and said["name"].rpartition(".")[2] == name and rest:
        arguments = " ".join(said["arguments"].split())
        return arguments + (f" -> {said['result'].strip()}" if said["result"] else ""), rest.strip()
    return "", doc.strip()


# ------------------------------------------------------------------ entries
def forms_of(name: str, fn: Any, public: str) -> list[str]:
    """The ways to call an operation."""
    tensor, out = glasstorch.Tensor, []
    if inspect.isfunction(fn):
        try:
            parameters = inspect.signature(fn).parameters
        except ValueError:
            parameters = {}  # type: ignore[assignment]
        own = public in ("torch", "torch.nn.functional", "torch.special", "torch.linalg", "torch.fft")
        if public == "torch" and hasattr(tensor, name) and not isinstance(vars(tensor).get(name), property):
            out.append(f"x.{name}(…)")
        if public == "torch" and not name.endswith("_") and hasattr(tensor, name + "_"):
            out.append(f"x.{name}_(…)")
        if public == "torch" and not name.endswith("_") and hasattr(glasstorch, name + "_"):
            out.append(f"torch.{name}_(x, …)")
        if own and "out" in parameters:
            out.append("out=")
        if "inplace" in parameters:
            out.append("inplace=True")
    return out


def describe(full: str, value: Any) -> Entry:
    """One public name, looked at."""
    space, _, name = full.rpartition(".")
    if inspect.isclass(value):
        return _describe_class(full, value)
    if not callable(value) or isinstance(value, (glasstorch.dtype,)):
        return Entry(full, value, "data", doc=_data_doc(value))
    said, doc = split_doc(value, name)
    op = getattr(origin(value), "op", None)
    op = op if isinstance(op, Op) else op_of_that_name(full)
    runs = [] if op else ops_run_by(value)
    return Entry(
        full, value, "function", said or signature_text(value), doc, op=op,
        runs=runs if len(runs) <= MOST_OPS else [], forms=forms_of(name, value, space), place=place_of(value),
    )  # fmt: skip


def _data_doc(value: Any) -> str:
    if isinstance(value, glasstorch.dtype):
        return f"``{value!r}``"
    text = repr(value)
    return (
        f"``{text}``"
        if len(text) < 60 and " at 0x" not in text and "\n" not in text
        else f"A {type(value).__name__}."
    )


#: Methods of Python's own protocols that a reader of a class's entry does not look for.
_QUIET = {"forward", "extra_repr", "extra_state"}


def _describe_class(full: str, cls: type) -> Entry:
    name = full.rpartition(".")[2]
    said, doc = split_doc(cls, name)
    if not said:
        plain = cls.__init__ is object.__init__ and cls.__new__ is object.__new__
        said = "" if plain else signature_text(cls)
    own = vars(cls).get("__doc__")
    if own is None and cls.__mro__[1:] and cls.__mro__[1] is not object:
        doc = f"A ``{cls.__mro__[1].__name__}`` of its own."
    bases = [
        b.__name__
        for b in cls.__bases__
        if b is not object and b.__module__.startswith(("glasstorch", "torch"))
    ]
    entry = Entry(full, cls, "class", said, doc, place=place_of(cls), bases=bases)
    if issubclass(cls, glasstorch.nn.Module) and cls is not glasstorch.nn.Module:
        entry.computes = _functions_called(cls.forward)
    for member, value in sorted(vars(cls).items()):
        if member.startswith("_") or member in _QUIET:
            continue
        if isinstance(value, (staticmethod, classmethod)):
            value = value.__func__
        if isinstance(value, property) or inspect.isfunction(value) or inspect.isfunction(origin(value)):
            if not value.__doc__ or _made_for_a_subclass(cls, value):  # (an inherited text is told once)
                continue
            is_property = isinstance(value, property)
            signed, text = ("", inspect.getdoc(value) or "") if is_property else split_doc(value, member)
            if not is_property and not signed:
                static = isinstance(vars(cls)[member], staticmethod)
                signed = signature_text(value, drop_first=not static)
            kind = "data" if is_property else "function"
            entry.members.append(Entry(f"{full}.{member}", value, kind, signed, text, place=place_of(value)))
    return entry


def _functions_called(forward: Any) -> list[str]:
    """The functions of ``nn.functional`` that a module's forward names as ``F.…``."""
    functional = glasstorch.nn.functional
    code = getattr(origin(forward), "__code__", None)
    if code is None or origin(forward).__globals__.get("F") is not functional:
        return []
    return [f"torch.nn.functional.{n}" for n in code.co_names if n in functional.__all__ and n[0] != "_"]


def _made_for_a_subclass(cls: type, value: Any) -> bool:
    """Methods that the engine puts into each subclass of ``Tensor`` are described with ``Tensor``."""
    if cls is glasstorch.Tensor or not issubclass(cls, glasstorch.Tensor):
        return False
    here, home = place_of(value), place_of(cls)
    return here is None or home is None or here.path != home.path


def space(path: str) -> types.ModuleType:
    """The module that learners call ``torch.…``."""
    name = re.sub(r"^torch\b", "glasstorch", path)
    return importlib.import_module(name)


def _ours(value: Any) -> bool:
    home = getattr(value, "__module__", None)
    return isinstance(home, str) and home.startswith(("glasstorch", "torch"))


def public_names(path: str) -> list[str]:
    """The public names of a namespace: functions, classes and constants, no modules and nothing borrowed."""
    module = space(path)
    listed = getattr(module, "__all__", None)
    folder = Path(module.__file__ or "")
    folder = folder.parent if folder.name == "__init__.py" else folder
    home = folder.relative_to(ROOT).as_posix() if folder.is_relative_to(ROOT) else ""
    out = []
    for name in dict.fromkeys(listed or dir(module)):
        value = getattr(module, name, None)
        if name.startswith("_") or isinstance(value, types.ModuleType):
            continue
        code = inspect.isroutine(value) or inspect.isclass(value)
        if code and not _ours(value):
            continue
        if path != "torch" and not listed:
            place = place_of(value) if code else None
            if place is None or not place.path.startswith(home):
                continue
        if path != "torch" and value is glasstorch.Tensor:
            continue
        out.append(name)
    return sorted(out, key=str.lower)


def group_by_file(path: str, name: str) -> str:
    """The file that defines a name, as a heading: what stands together in the source stands together here."""
    place = place_of(getattr(space(path), name))
    if place is None:
        return ""
    path = Path(place.path)
    return path.parent.name if path.stem == "view" else path.stem


def registered_ops() -> dict[str, Op]:
    """Every op, by name."""
    return dict(sorted(REGISTRY.items()))


def op_file(op: Op) -> str:
    place = op_place(op)
    return Path(place.path).stem if place else ""


def first_sentence(text: str) -> str:
    """What an index shows of an entry."""
    paragraph = text.strip().partition("\n\n")[0]
    return " ".join(paragraph.split()).partition(". ")[0].rstrip(".")
