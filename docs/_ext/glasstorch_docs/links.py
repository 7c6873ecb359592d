"""The repository's own Markdown as pages: its links to files beyond ``docs/`` lead to pages of the site.

The files stay as they are and where they are, so that they read well on a code host too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .catalogue import ENGINE, ROOT

DOCS = ROOT / "docs"
#: Files beyond docs/ that are pages of the site.
PAGES = {
    "CONTRIBUTING.md": "contributing",
    "CHANGELOG.md": "changelog",
    "lessons/examples/README.md": "examples",
}
_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?P<target>[^)#:\s]*)(?P<anchor>#[^)]*)?\)")
_PICTURE = re.compile(
    r'<picture>\s*<source[^>]*srcset="(?P<dark>[^"]+)">\s*'
    r'<img alt="(?P<alt>[^"]*)" src="(?P<light>[^"]+)">\s*</picture>'
)


def _here(path: str, docname: str) -> str | None:
    """What a link to a file of the repository becomes on a page; None when the site has no page for it."""
    folder = os.path.dirname(docname) or "."
    if path in PAGES:
        return os.path.relpath(PAGES[path] + ".md", folder)
    if path.startswith("docs/") and path.endswith(".md"):
        return os.path.relpath(path.removeprefix("docs/"), folder)
    return None


def rewrite(text: str, folder: Path, docname: str) -> str:
    """Markdown of a file in ``folder`` as the page ``docname`` shows it."""

    def link(match: re.Match[str]) -> str:
        if not match["target"]:
            return match[0]
        file = (folder / match["target"]).resolve()
        if not file.is_relative_to(ROOT):
            return match[0]
        path = file.relative_to(ROOT).as_posix()
        here = _here(path, docname)
        if here is not None:
            return f"[{match['words']}]({here}{match['anchor'] or ''})"
        words = match["words"]
        return words if words.startswith("`") else f"`{words}`"

    def picture(match: re.Match[str]) -> str:
        alt = match["alt"].replace("[", "(").replace("]", ")")
        return "\n".join(
            f"```{{image}} {match[theme]}\n:alt: {alt}\n:class: only-{theme}\n```\n"
            for theme in ("light", "dark")
        )

    return _LINK.sub(link, _PICTURE.sub(picture, text))


def _read(app: Any, docname: str, source: list[str]) -> None:
    path = Path(app.env.doc2path(docname))
    if path.suffix == ".md":
        source[0] = rewrite(source[0], path.parent, docname)


def _heads(app: Any, doctree: nodes.document) -> None:
    """Markdown has no table without a head; one of empty cells is none. A column without a name gets one to hear."""
    for head in list(doctree.findall(nodes.thead)):
        if not head.astext().strip():
            head.parent.remove(head)
            continue
        for cell in head.findall(nodes.entry):
            if not cell.astext().strip():
                cell.children = []
                cell += nodes.paragraph("", "Name", classes=["unseen"])


class RepositoryPage(SphinxDirective):
    """``{repository-page} CONTRIBUTING.md``: a file of the repository, without its title."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = ROOT / self.arguments[0]
        self.env.note_dependency(str(path))
        text = rewrite(path.read_text("utf-8"), path.parent, self.env.docname)
        text = re.sub(r"\A# [^\n]*\n", "", text)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def source_role(name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any) -> tuple[list, list]:
    """``{source}`core/node.py:class Node` ``: a link to the line of the engine that begins so."""
    path, _, wanted = text.partition(":")
    place = find(path, wanted)
    env = inliner.document.settings.env
    from .directives import source_link

    named = re.match(r"(?:class|def) (\w+)", wanted)
    shown = f"{path}:{named[1] if named else place.line}" if wanted else path
    link = source_link(env.docname, place, shown)
    link.children = [nodes.literal("", shown)]
    return [link], []


def find(path: str, wanted: str) -> Any:
    """The line of a file that holds a text; LookupError unless there is exactly one file and one such line."""
    from .catalogue import Place, lines_of

    roots = (ROOT, ENGINE / "glasstorch", ROOT / "widgets" / "glasstorch_widgets")
    file = next((root / path for root in roots if (root / path).is_file()), None)
    if file is None:
        raise LookupError(f"there is no file {path}")
    if not wanted:
        return Place(file.relative_to(ROOT).as_posix(), 1)
    hits = [i for i, line in enumerate(lines_of(file), 1) if wanted in line]
    if len(hits) != 1:
        raise LookupError(f"{len(hits)} lines of {path} hold {wanted!r}: there should be one")
    return Place(file.relative_to(ROOT).as_posix(), hits[0])


def setup(app: Any) -> None:
    app.connect("source-read", _read)
    app.connect("doctree-read", _heads)
    app.add_directive("repository-page", RepositoryPage)
    app.add_role("source", source_role)


__all__ = ["PAGES", "find", "rewrite", "setup"]
