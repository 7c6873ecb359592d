"""Type stubs from the live registry: what editors and type checkers know of functions made at import.

``python -m glasstorch.stubs`` writes the package ``glasstorch-stubs`` beside this one (a partial stub package: what
it does not name, tools read from the source). ``--check`` says whether it is up to date. Each function and method
has its signature and the first paragraph of its docstring.
Source: https://typing.python.org/en/latest/spec/distributing.html#stub-only-packages
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "glasstorch-stubs"

HEAD = '''"""{about}

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from {root}core.device import device as _device
from {root}core.dtype import dtype as _dtype
from {root}core.size import Size as _Size
{tensor}'''
TENSOR = "from {root}core.tensor import Tensor{alias}\n"

#: Names that annotations may use, and how a stub writes them where ``float`` is a dtype or a method.
KNOWN = {
    "Any": "Any", "None": "None", "Tensor": "Tensor", "int": "_int", "float": "_float", "bool": "_bool",
    "str": "_str", "complex": "_complex", "object": "_object", "tuple": "tuple", "list": "list", "dict": "dict",
    "Sequence": "Sequence", "Iterator": "Iterator", "Callable": "Callable", "slice": "slice", "type": "type",
    "np.ndarray": "np.ndarray", "dtype": "_dtype", "dt.dtype": "_dtype", "device": "_device", "Device": "_device",
    "Size": "_Size",
}  # fmt: skip
#: Types of attributes whose getter says nothing.
ATTRIBUTES = {"is_cuda": "_bool", "ndim": "_int", "layout": "Any", "real": "Tensor", "imag": "Tensor",
              **dict.fromkeys(("T", "mT", "H", "mH"), "Tensor")}  # fmt: skip


# ------------------------------------------------------------------ types
def type_text(annotation: Any) -> str:
    """An annotation as a stub may write it; Any when it names something else."""
    if annotation is inspect.Parameter.empty:
        return "Any"
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = re.sub(r"\b(builtins|typing|collections\.abc|glasstorch(\.core\.\w+)?)\.", "", text)
    words = re.findall(r"[A-Za-z_][\w.]*", text)
    if not all(w in KNOWN for w in words) or '"' in text or "'" in text:
        return "Any"
    return re.sub(r"[A-Za-z_][\w.]*", lambda m: KNOWN[m[0]], text)


def result_text(fn: Callable) -> str:
    """The type a function returns: its annotation, or what the first line of its docstring says."""
    annotated = type_text(inspect.signature(fn).return_annotation)
    if annotated not in ("Any", "tuple"):
        return annotated
    first = (fn.__doc__ or "").strip().partition("\n")[0]
    said = first.partition("->")[2].strip().lower()
    if re.fullmatch(r"\w*tensor", said):
        return "Tensor"
    if " or " in said or "->" in said:  # it depends on the arguments
        return "Any"
    if "tensor" in said and ("tuple" in said or "," in said):
        return "tuple[Tensor, ...]"
    return {"bool": "_bool", "int": "_int", "float": "_float", "str": "_str", "none": "None"}.get(
        said, annotated
    )


def default_text(value: Any) -> str:
    """A default value, written out where that is short and plain."""
    simple = value is None or isinstance(value, (bool, int, float, str, tuple))
    text = repr(value)
    plain = simple and len(text) < 40 and not re.search(r"[a-z]+\(|<|inf|nan|torch\.", text)
    return text if plain else "..."


def parameters(fn: Callable, drop_first: bool = False) -> str:
    """The text between the parentheses."""
    signature = list(inspect.signature(fn).parameters.values())
    out, star, slash = (["self"] if drop_first else []), False, False
    for p in signature[1:] if drop_first else signature:
        mark = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        if p.kind is p.KEYWORD_ONLY and not star:
            out.append("*")
        star = star or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        if slash and p.kind is not p.POSITIONAL_ONLY:
            out.append("/")
        slash = p.kind is p.POSITIONAL_ONLY
        text = type_text(p.annotation)
        if p.default is None and text != "Any" and "None" not in text:
            text += " | None"
        has_default = p.default is not p.empty
        out.append(f"{mark}{p.name}: {text}" + (f" = {default_text(p.default)}" if has_default else ""))
    return ", ".join(out)


def summary(doc: str | None) -> str:
    """The first paragraph of a docstring that is not its signature."""
    paragraphs = [p for p in re.split(r"\n\s*\n", inspect.cleandoc(doc or "")) if p]
    if len(paragraphs) > 1 and re.match(r"[\w.]+\(.*->", paragraphs[0], re.DOTALL):
        paragraphs = paragraphs[1:]
    return " ".join(paragraphs[0].split()).replace("\\", "\\\\").replace('"""', "'''") if paragraphs else ""


# ------------------------------------------------------------------ members
def function_text(name: str, fn: Callable, indent: str = "", method: bool = False) -> str:
    """One stub: signature, type of the result, one line of help."""
    head = f"{indent}def {name}({parameters(fn, drop_first=method)}) -> {result_text(fn)}:"
    says = summary(fn.__doc__)
    if not says:
        return f"{head} ...\n"
    quote = 'r"""' if "\\" in says else '"""'
    says = says.replace("\\\\", "\\")
    return f'{head}\n{indent}    {quote}{says}{" " if says.endswith(chr(34)) else ""}"""\n'


def operator_text(name: str) -> str:
    """Operators take a tensor or a number."""
    unary = name in ("__neg__", "__pos__", "__abs__", "__invert__")
    ignore = "  # type: ignore[override]" if name in ("__eq__", "__ne__") else ""
    return f"    def {name}(self{'' if unary else ', other: Any'}) -> Tensor: ...{ignore}\n"


_OPERATORS = """
    add radd iadd sub rsub isub mul rmul imul truediv rtruediv itruediv floordiv rfloordiv ifloordiv mod rmod imod pow
    rpow ipow matmul rmatmul and rand iand or ror ior xor rxor ixor lshift rlshift ilshift rshift rrshift irshift lt
    le gt ge eq ne neg pos abs invert
"""
OPERATORS = [f"__{name}__" for name in _OPERATORS.split()]
SPECIAL = {
    "__getitem__": "(self, index: Any) -> Tensor", "__setitem__": "(self, index: Any, value: Any) -> None",
    "__len__": "(self) -> _int", "__iter__": "(self) -> Iterator[Tensor]", "__reversed__": "(self) -> Tensor",
    "__contains__": "(self, value: Any) -> _bool", "__bool__": "(self) -> _bool", "__int__": "(self) -> _int",
    "__float__": "(self) -> _float", "__complex__": "(self) -> _complex", "__index__": "(self) -> _int",
    "__hash__": "(self) -> _int", "__array__": "(self, dtype: Any = None, copy: _bool | None = None) -> np.ndarray",
    "__new__": "(cls, *data: Any, device: Any = None) -> Any", "__init__": "(self, *args: Any, **kwargs: Any) -> None",
}  # fmt: skip


def tensor_stub() -> str:
    """``glasstorch.core.tensor``."""
    from .core.tensor import Tensor

    head = HEAD.format(about="The tensor: every method and attribute.", root="glasstorch.", tensor="")
    lines = [head, f'\nclass Tensor:\n    """{summary(Tensor.__doc__)}"""\n\n']
    lines += [f"    {slot}: Any\n" for slot in ("_a", "_rg", "_node", "_v", "_grad", "_x")]
    lines += [f"    def {name}{text}: ...\n" for name, text in SPECIAL.items()]
    members = dict(sorted(vars(Tensor).items()))
    lines += [operator_text(name) for name in OPERATORS if name in members]
    for name, value in members.items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            lines += _property_text(name, value)
        elif isinstance(value, types.FunctionType):
            lines.append(function_text(name, value, "    ", method=True))
    lines.append("\ndef wrap(array: Any) -> Tensor: ...\ndef __getattr__(name: _str) -> Any: ...\n")
    return "".join(lines)


def _property_text(name: str, value: property) -> Iterator[str]:
    assert value.fget is not None
    said = type_text(inspect.signature(value.fget).return_annotation)
    text = ATTRIBUTES.get(name, "Any") if said == "Any" else said
    yield f'    @property\n    def {name}(self) -> {text}:\n        """{summary(value.__doc__)}"""\n'
    if value.fset is not None:
        yield f"    @{name}.setter\n    def {name}(self, value: Any) -> None: ...\n"


def namespace_stub(module: types.ModuleType, about: str, root: str = "glasstorch.") -> str:
    """A module of functions."""
    top = module.__name__ == "glasstorch"
    lines = []
    loaded = modules_it_imports(module)
    for name in sorted(n for n in dir(module) if not n.startswith("_")):
        value = getattr(module, name)
        if isinstance(value, types.ModuleType):
            if name in loaded:
                lines.append(f"from {module.__name__} import {name} as {name}\n")
        elif isinstance(value, type):
            home = defined_in(value)
            own = home is not None and home != module.__name__
            lines.append(f"from {home} import {value.__name__} as {name}\n" if own else f"{name}: Any\n")
        elif isinstance(value, types.FunctionType):
            lines.append(function_text(name, value))
        else:
            lines.append(f"{name}: {value_type(value)}\n")
    tensor = TENSOR.format(root=root, alias=" as Tensor" if top else "")
    lines = [line for line in lines if not line.startswith("from glasstorch.core.tensor import Tensor")]
    tail = "\n__version__: _str\n" if top else ""
    return HEAD.format(about=about, root=root, tensor=tensor) + "\n" + "".join(lines) + tail


def modules_it_imports(module: types.ModuleType) -> set[str]:
    """Sub-modules that a package's own source imports; others are there only because somebody else needed them."""
    tree = ast.parse(inspect.getsource(module))
    froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level == 1 and n.module is None]
    return {alias.asname or alias.name for n in froms for alias in n.names}


def value_type(value: Any) -> str:
    """The type of a constant."""
    kind = type(value).__name__
    return {"dtype": "_dtype", "float": "_float", "int": "_int", "str": "_str"}.get(kind, "Any")


def defined_in(cls: type) -> str | None:
    """The module whose source defines a class, whatever its ``__module__`` says."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("glasstorch.") and vars(module).get(cls.__name__) is cls:
            path = getattr(module, "__file__", None) or ""
            if path.endswith(".py") and re.search(
                rf"^class {cls.__name__}\b", Path(path).read_text("utf-8"), re.M
            ):
                return name
    return None


def stubs() -> dict[str, str]:
    """All stub files, by path in the stub package."""
    import glasstorch
    from glasstorch import fft, linalg, special
    from glasstorch.nn import functional

    out = {
        "py.typed": "partial\n",
        "__init__.pyi": namespace_stub(glasstorch, "The public functions, types and modules."),
        "core/__init__.pyi": "",
        "core/tensor.pyi": tensor_stub(),
        "nn/__init__.pyi": namespace_stub(glasstorch.nn, "Neural networks."),
        "nn/functional/__init__.pyi": namespace_stub(functional, "Functions of neural networks."),
    }
    for module, about in (
        (linalg, "Linear algebra."),
        (fft, "Fourier transforms."),
        (special, "Special functions."),
    ):
        name = module.__name__.rpartition(".")[2]
        package = hasattr(module, "__path__")
        out[f"{name}/__init__.pyi" if package else f"{name}.pyi"] = namespace_stub(module, about)
    return out


def outdated() -> list[str]:
    """Stub files that differ from what would be written now."""
    new = stubs()
    old = {p.relative_to(TARGET).as_posix(): p.read_text("utf-8") for p in TARGET.rglob("*") if p.is_file()}
    return sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))


def main(arguments: list[str] | None = None) -> int:
    """Write the stubs, or check them."""
    parser = argparse.ArgumentParser(prog="python -m glasstorch.stubs", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a stub is out of date")
    if parser.parse_args(arguments).check:
        stale = outdated()
        sys.stdout.write("".join(f"out of date: {name}\n" for name in stale))
        return bool(stale)
    new = stubs()
    for path in TARGET.rglob("*.pyi"):
        if path.relative_to(TARGET).as_posix() not in new:
            path.unlink()
    for name, text in new.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
