"""Joins our ES modules into the single module text that a notebook front end loads.

Each file in `static/` is an ordinary ES module that a web page can load as it is. A notebook gets one blob
without a base address, so relative imports cannot work there; this follows them and writes every module
once, dependencies first. Our modules import by name only (`import { a, b } from "./c.js";`) and keep their
top-level names distinct, which the tests check.

A view is one module that exports one class. What it needs to live in a notebook, on a page or as an element is in
`home_<where>.js`, and is written below it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./([\w.-]+)";\n', re.MULTILINE)
_CLASS = re.compile(r"^export class (\w+)", re.MULTILINE)
LONGEST_LINE = 300
_REMARK = re.compile(r"(?<=[;{},)]) +// [^\"'`]*$")
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
def script(view: str, home: str = "widget") -> str:
    """One ES module: the view with everything it imports; comments and indentation are left out.

    Args:
        view: file name of the view's module, e.g. "graph_view.js".
        home: "widget" (a default export for anywidget), "page" (exports `start(element, state)`) or "element"
            (defines `<gt-graph-view>`).

    Raises:
        ValueError: the module does not export exactly one class.
    """
    exported = _CLASS.findall((STATIC / view).read_text(encoding="utf-8"))
    if len(exported) != 1:
        raise ValueError(f"{view} must export one class, the view, not {exported or 'none'}")
    names = list(dict.fromkeys([*modules(view), *modules(f"home_{home}.js")]))
    parts = [_IMPORT.sub("", (STATIC / name).read_text(encoding="utf-8")) for name in names]
    text = "\n".join(_EXPORT.sub("", _without_comments(part)) for part in parts)
    made = {
        "widget": f"export default asWidget({exported[0]});",
        "page": f"export const start = asPage({exported[0]});",
        "element": f'export const element = asElement({exported[0]}, "{element_name(view)}");',
    }
    return f"{text}\n{made[home]}\n"


def element_name(view: str) -> str:
    """The custom element of a view's module: `gt-graph-view` for "graph_view.js"."""
    return f"gt-{view.removesuffix('.js').replace('_', '-')}"


@cache
def style(*names: str) -> str:
    """Style sheets, one after the other."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def _without_comments(text: str) -> str:
    """Lines of code, each from its first character: a third of the bytes of a deep module is indentation."""
    kept: list[str] = []
    for line in text.splitlines():
        line = _REMARK.sub("", line.strip())
        if not line or line.startswith("//"):
            continue
        before = kept[-1] if kept else "//"
        # What stands in brackets goes on, and what only closes them belongs to its line.
        goes_on = before.endswith(("(", "[", ",")) or not line.strip(")]};,")
        if goes_on and "//" not in before and len(before) + len(line) < LONGEST_LINE:
            kept[-1] += line
        else:
            kept.append(line)
    text = "\n".join(kept) + "\n"
    return re.sub(r"^/\*\*.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
