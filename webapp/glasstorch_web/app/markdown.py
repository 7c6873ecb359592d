"""Markdown as safe HTML: formulas as MathML, code in colour, addresses that stay on this site."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from .highlight import highlighted

_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_LESSON = re.compile(r"(?:\.\./)?(?P<slug>[0-9]{2}-[a-z0-9-]+)/(?P=slug)(?:\.zh)?\.ipynb(?P<part>#.*)?")


def _math(formula: str, options: Mapping[str, Any]) -> str:
    """LaTeX as MathML, which browsers draw by themselves; what cannot be converted is shown as written."""
    display = "block" if options.get("display_mode") else "inline"
    try:
        mathml = convert(formula, display=display)
    except Exception:  # the converter has many errors of its own; a statement must show all the same
        return f"<code>{escape(formula)}</code>"
    return re.sub(r'\shref="[^"]*"', "", mathml)


# HTML in a statement is shown as text, and addresses such as javascript: make no link.
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False})
    .enable("table")
    .use(dollarmath_plugin, renderer=_math, allow_space=False, double_inline=True)
)


def _fence(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    # A long line makes the block scroll, so the keyboard must reach it.
    code = highlighted(tokens[at].content, tokens[at].info.strip())
    return f'<pre tabindex="0"><code class="hl">{code}</code></pre>\n'


def _softbreak(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A line's end in the source: a space for a reader, but not between Chinese characters, which have none."""
    beside = [tokens[k].content for k in (at - 1, at + 1) if 0 <= k < len(tokens)]
    between = len(beside) == 2 and _CHINESE.match(beside[0][-1:]) and _CHINESE.match(beside[1][:1])
    return "" if between else "\n"


_markdown.add_render_rule("softbreak", _softbreak)
_markdown.add_render_rule("fence", _fence)
_markdown.add_render_rule("code_block", _fence)


@lru_cache(maxsize=1024)
def markdown(text: str) -> Markup:
    """Markdown as safe HTML. Its highest headings come right below the page's own title."""
    tokens = _markdown.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=2)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 2)}"
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))


@lru_cache(maxsize=1024)
def lesson_markdown(text: str, anchor: str, files: str) -> Markup:
    """One cell of a lesson as safe HTML; its headings keep their levels.

    Args:
        anchor: the id of the cell's first section; the next get it with -2, -3 ... added.
        files: what leads from the page to the lesson's pictures, such as `00-start-here/files/`.
    """
    tokens = _markdown.parse(text)
    sections = [token for token in tokens if token.type == "heading_open" and token.tag == "h2"]
    for at, token in enumerate(sections, 1):
        token.attrSet("id", anchor if at == 1 else f"{anchor}-{at}")
    for token in tokens:
        for child in token.children or ():
            _localise(child, files)
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))


def _localise(token: Token, files: str) -> None:
    """Pictures come from the text's own folder; a link to another lesson's notebook opens that lesson here."""
    if token.type == "image":
        source = str(token.attrGet("src") or "")
        if not urlsplit(source).scheme and not source.startswith("/"):
            token.attrSet("src", files + source.removeprefix("./"))
        token.attrSet("loading", "lazy")
    elif token.type == "link_open":
        lesson = _LESSON.fullmatch(str(token.attrGet("href") or ""))
        if lesson:
            token.attrSet("href", lesson["slug"] + (lesson["part"] or ""))
