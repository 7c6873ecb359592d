"""Docstrings as document nodes: paragraphs, ``code``, lists, ``Args:``, indented code, addresses.

The docstrings of this project are plain text with double backquotes; a full reStructuredText parser would take the
bar of ``|x|`` and the underscore of ``add_`` for markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes

_INLINE = re.compile(r"(``.+?``|`[^`\s][^`]*`|https?://[^\s)>,;]*[^\s)>,;.])", re.DOTALL)
_FIELDS = re.compile(r"(Args|Arguments|Returns|Raises|Attributes|Example|Examples|Yields|Shape):\s*$")


def inline(text: str) -> Iterator[nodes.Node]:
    """Code and addresses in a line of prose."""
    for part in _INLINE.split(text):
        if part.startswith("``") and part.endswith("``") and len(part) > 4:
            yield nodes.literal("", part[2:-2])
        elif part.startswith("`") and part.endswith("`") and len(part) > 2:
            yield nodes.literal("", part[1:-1])
        elif part.startswith(("http://", "https://")):
            yield nodes.reference("", part.removeprefix("https://"), refuri=part)
        elif part:
            yield nodes.Text(part)


def paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph("", "", *inline(" ".join(text.split())))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _items(lines: list[str]) -> list[str]:
    """Lines of a list, each item with what continues it."""
    items: list[str] = []
    start = min(_indent(line) for line in lines)
    for line in lines:
        if _indent(line) == start:
            items.append(line.strip())
        else:
            items[-1] += " " + line.strip()
    return items


def _fields(lines: list[str]) -> nodes.definition_list:
    """``name: what it is`` under ``Args:``."""
    out = nodes.definition_list()
    for item in _items(lines):
        name, colon, about = item.partition(":")
        term = (
            nodes.term("", "", nodes.literal("", name.strip()))
            if colon
            else nodes.term("", "", *inline(item))
        )
        body = nodes.definition("", paragraph(about)) if colon else nodes.definition()
        out += nodes.definition_list_item("", term, body)
    return out


def render(text: str) -> list[nodes.Node]:
    """A docstring's body."""
    out: list[nodes.Node] = []
    for block in _blocks(text):
        if (
            out
            and _indent(block[0]) >= 4
            and not isinstance(out[-1], (nodes.definition_list, nodes.bullet_list))
        ):
            depth = min(_indent(line) for line in block)
            code = "\n".join(line[depth:] for line in block)
            if isinstance(out[-1], nodes.literal_block):
                code = out.pop().astext() + "\n\n" + code
            out.append(nodes.literal_block(code, code, language="python"))
        else:
            out += _block(block)
    return out


def _block(lines: list[str]) -> list[nodes.Node]:
    head = next((i for i, line in enumerate(lines) if _FIELDS.match(line.strip())), None)
    if head is not None:
        before = _block(lines[:head]) if head else []
        rest = lines[head + 1 :]
        title = nodes.paragraph("", "", nodes.strong("", lines[head].strip()))
        return [*before, title, *([_fields(rest)] if rest else [])]
    bullets = [i for i, line in enumerate(lines) if re.match(r"\s*[-*] ", line)]
    if bullets:
        before = _block(lines[: bullets[0]]) if bullets[0] else []
        items: list[str] = []
        for line in lines[bullets[0] :]:
            if re.match(r"\s*[-*] ", line):
                items.append(line.strip()[2:])
            else:
                items[-1] += " " + line.strip()
        return [*before, nodes.bullet_list("", *(nodes.list_item("", paragraph(i)) for i in items))]
    if lines[0].lstrip().startswith((">>> ", "$ ")):
        code = "\n".join(line.strip() for line in lines)
        return [nodes.literal_block(code, code, language="pycon")]
    text = re.sub(r"::$", ":", "\n".join(lines).rstrip())
    return [paragraph(text)]
