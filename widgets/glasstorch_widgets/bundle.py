"""Joins our ES modules into the single module text that a notebook front end loads.

Each file in `static/` is an ordinary ES module that a web page can load as it is. A notebook gets one blob
without a base address, so relative imports cannot work there; this follows them and writes every module
once, dependencies first. Our modules import by name only (`import { a, b } from "./c.js";`) and keep their
top-level names distinct, which the tests check.

A view is one module that exports one class. What it needs to live in a notebook, on a page or as an element is in
`home_<where>.js`, and is written below it. Where a view can do more in a notebook or on a page than anywhere, a
subclass in `<view>_widget.js` or `<view>_page.js` (for elements too) takes its place there.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./([\w.-]+)";\n', re.MULTILINE)
_CLASS = re.compile(r"^export class (\w+)", re.MULTILINE)
_FUNCTION = re.compile(r"^(?:async )?function (\w+)\(.*\{\n(?:.*\n)*?\}\n", re.MULTILINE)
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
    own = view.replace(".js", "_widget.js" if home == "widget" else "_page.js")
    entry = own if (STATIC / own).exists() else view
    exported = _CLASS.findall((STATIC / entry).read_text(encoding="utf-8"))
    if len(exported) != 1:
        raise ValueError(f"{entry} must export one class, the view, not {exported or 'none'}")
    names = list(dict.fromkeys([*modules(entry), *modules(f"home_{home}.js")]))
    parts = [_EXPORT.sub("", _IMPORT.sub("", (STATIC / name).read_text(encoding="utf-8"))) for name in names]
    below = {
        "widget": f"export default asWidget({exported[0]});",
        "page": f"export const start = asPage({exported[0]});",
        "element": f'export const element = asElement({exported[0]}, "{element_name(view)}");',
    }[home]
    text = "".join(_without_comments(part) for part in _used(parts, below))
    return f"{text}{below}\n"


def element_name(view: str) -> str:
    """The custom element of a view's module: `gt-graph-view` for "graph_view.js"."""
    return f"gt-{view.removesuffix('.js').replace('_', '-')}"


@cache
def style(*names: str) -> str:
    """Style sheets, one after the other."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def _used(parts: list[str], called: str) -> list[str]:
    """The modules without the functions that nobody in them calls: shared helpers that this view has no use for.

    Args:
        called: code that is written below the modules.
    """
    count = Counter(re.findall(r"\w+", "\n".join([*parts, called])))
    return [_FUNCTION.sub(lambda found: found[0] if count[found[1]] > 1 else "", part) for part in parts]


def _without_comments(text: str) -> str:
    """Lines of code, each from its first character: a third of the bytes of a deep module is indentation."""
    lines = [_REMARK.sub("", line.strip()) for line in text.splitlines()]
    text = "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
    return re.sub(r"^/\*\*.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
