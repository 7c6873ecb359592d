"""Joins our ES modules into the single module text that a notebook front end loads.

Each file in `static/` is an ordinary ES module that a web page can load as it is. A notebook gets one blob
without a base address, so relative imports cannot work there; this follows them and writes every module
once, dependencies first. Our modules import by name only (`import { a, b } from "./c.js";`) and keep their
top-level names distinct, which the tests check.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./([\w.-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)


def modules(entry: str) -> list[str]:
    """The file names that `entry` needs, itself last, each after everything it imports."""
    order: list[str] = []
    stack = [(entry, False)]
    while stack:
        name, imports_done = stack.pop()
        if imports_done:
            if name not in order:
                order.append(name)
            continue
        if name in order:
            continue
        stack.append((name, True))
        text = (STATIC / name).read_text(encoding="utf-8")
        stack.extend((needed, False) for needed in reversed(_IMPORT.findall(text)))
    return order


@cache
def script(entry: str) -> str:
    """One ES module: `entry` with everything it imports, comments of whole lines left out."""
    parts = []
    for name in modules(entry):
        text = _IMPORT.sub("", (STATIC / name).read_text(encoding="utf-8"))
        text = _without_comments(text)
        parts.append(text if name == entry else _EXPORT.sub("", text))
    return "\n".join(parts)


@cache
def style(*names: str) -> str:
    """Style sheets, one after the other."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def _without_comments(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("//")]
    return re.sub(r"^\s*/\*\*.*?\*/\n", "", "\n".join(lines) + "\n", flags=re.MULTILINE | re.DOTALL)
