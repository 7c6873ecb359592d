"""Pages: Jinja templates, Markdown, and addresses that stay right behind any proxy prefix."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from starlette.responses import HTMLResponse
from starlette.routing import get_route_path

STATIC = Path(__file__).parents[1] / "static"


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
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


_markdown.add_render_rule("fence", _fence)
_markdown.add_render_rule("code_block", _fence)


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """Markdown as safe HTML. Its highest headings come right below the page's own title."""
    tokens = _markdown.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=2)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 2)}"
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))


@lru_cache(maxsize=64)
def _fingerprint(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_name(name: str) -> str:
    """The static file's address with its content's fingerprint, so that browsers may keep it for long."""
    path = STATIC / name
    return f"static/{name}?v={_fingerprint(path, path.stat().st_mtime_ns)}"


def with_code(text: str) -> Markup:
    """Text with what stands in `backticks` as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


def number(value: float) -> str:
    """A score without needless digits: 3, 2.5."""
    return f"{round(value, 2):g}"


def short(value: Any) -> str:
    """A value from a check's detail, in a table cell: numbers with 6 digits, long arrays cut."""
    text = value if isinstance(value, str) else json.dumps(_six_digits(value))
    return text if len(text) <= 240 else f"{text[:240]} …"


def _six_digits(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return [_six_digits(item) for item in value] if isinstance(value, list) else value


def moment(seconds: float) -> Markup:
    """A time, for reading and for scripts that show it in the reader's own zone."""
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    local = when.astimezone()
    text = f"{local.day} {local:%b %Y, %H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(timespec="seconds"), text)


_environment = Environment(
    loader=PackageLoader("glasstorch_web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(markdown=markdown, with_code=with_code, number=number, short=short, moment=moment)
_environment.globals.update(static_name=static_name)


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Render a template; in it, `root` leads from this page's address to the site's first page."""
    depth = get_route_path(request.scope).count("/") - 1
    html = _environment.get_template(template).render(
        **context, root="../" * depth or "./", nonce=request.scope.get("glasstorch.nonce", "")
    )
    return HTMLResponse(html, status, headers)
