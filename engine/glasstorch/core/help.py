"""What ``help()``, editors and tracebacks show of functions that are made when an op is registered."""

from __future__ import annotations

import inspect
import linecache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .op import Op

TYPES = {"Array": "Tensor", "Array | None": "Tensor | None", "Arrays": "Sequence[Tensor]"}


def types_of(op: Op) -> dict[str, str]:
    """Types of an op's parameters and result."""
    out = {p.name: "Tensor | complex" if p.name in op.numbers else TYPES[p.kind] for p in op.params if p.kind}
    result = op.result_type.__name__ if op.result_type else "tuple[Tensor, ...]" if op.several else "Tensor"
    return out | {"out": "Tensor | None", "return": result}


def inplace_signature(op: Op) -> inspect.Signature:
    """The signature of the in-place method."""
    positional, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    types = types_of(op)
    rest = [inspect.Parameter(p.name, keyword if p.keyword_only else positional, default=p.default,
                              annotation=types.get(p.name, p.empty)) for p in op.params[1:]]  # fmt: skip
    return inspect.Signature(
        [inspect.Parameter("self", positional, annotation="Tensor"), *rest], return_annotation="Tensor"
    )


def remember_source(filename: str, text: str) -> None:
    """Let tracebacks and ``inspect.getsource`` find the lines of code that was compiled from text."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
