"""The source as pages of the site, each line with an anchor: links to source work without a network and stay right."""

from __future__ import annotations

import html
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pygments import lex
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from .catalogue import ROOT, SOURCE_ROOTS

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{path} · Glasstorch</title>
<link rel="stylesheet" href="{root}_static/pygments.css">
<link rel="stylesheet" href="{root}_static/source.css">
<script>document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto"</script>
</head>
<body>
<header><a href="{root}index.html">Glasstorch</a> <a href="{root}source/index.html">Source</a></header>
<main><h1>{path}</h1>
<div class="highlight"><pre tabindex="0" aria-label="{path}">{code}</pre></div></main>
</body>
</html>
"""


class Lines(HtmlFormatter):
    """Every line is an element with its number as id."""

    def wrap(self, source: Any) -> Any:
        number = 0
        for kind, line in source:
            if kind:
                number += 1
                yield 1, f'<span id="L{number}" class="line">{line}</span>'


def files() -> list[Path]:
    """The Python files that have a page."""
    packages = [root / name for root in SOURCE_ROOTS for name in ("glasstorch", "glasstorch_widgets")]
    return sorted(p for package in packages if package.is_dir() for p in package.rglob("*.py"))


def page_of(path: str) -> str:
    """The page of a file, from the site's root."""
    return f"source/{path}.html"


def write(out: Path, folders_wanted: Sequence[str] = ("",)) -> None:
    """Write all pages that are older than their file, of files whose path begins with one of these."""
    lexer, formatter = PythonLexer(), Lines()
    folders: dict[str, list[str]] = {}
    newest = max(p.stat().st_mtime for p in (Path(__file__),))
    for file in files():
        path = file.relative_to(ROOT).as_posix()
        if not path.startswith(tuple(folders_wanted)):
            continue
        target = out / page_of(path)
        folders.setdefault(os.path.dirname(path), []).append(path)
        if target.exists() and target.stat().st_mtime > max(file.stat().st_mtime, newest):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        code = _code(file.read_text("utf-8"), lexer, formatter)
        root = "../" * (path.count("/") + 1)
        target.write_text(PAGE.format(path=html.escape(path), root=root, code=code), "utf-8")
    lists = "".join(
        f"<h2>{folder}</h2><ul>"
        + "".join(f'<li><a href="{p}.html">{p.rpartition("/")[2]}</a></li>' for p in paths)
        + "</ul>"
        for folder, paths in folders.items()
    )
    index = PAGE.replace(
        '<div class="highlight"><pre tabindex="0" aria-label="{path}">{code}</pre></div>', lists
    )
    (out / "source" / "index.html").write_text(index.format(path="Source", root="../"), "utf-8")


def _code(text: str, lexer: Any, formatter: Any) -> str:
    out = io.StringIO()
    for _, line in formatter.wrap(formatter._format_lines(lex(text, lexer))):
        out.write(line)
    return out.getvalue()


def _finished(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        write(Path(app.outdir), app.config.source_pages)


def setup(app: Any) -> None:
    app.add_config_value(
        "source_pages", [""], "html", description="which files have a page: beginnings of paths"
    )
    app.connect("build-finished", _finished)
