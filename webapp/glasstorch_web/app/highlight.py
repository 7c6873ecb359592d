"""Python code in colour: Pygments says what each part is, style.css gives the colours."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_formatter = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=1024)
def highlighted(code: str, language: str = "python") -> Markup:
    """The code as HTML for inside `<code class="hl">`; text in a language that Pygments does not know stays plain."""
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code)
    return Markup(highlight(code, lexer, _formatter))


def lines_of(code: str) -> list[str]:
    """The lines of code, as Pygments counts them."""
    return code.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")


def highlighted_lines(code: str) -> list[Markup]:
    """Each line of Python code (see `lines_of`) as HTML of its own: no element reaches over a line's end."""
    # Pygments closes its elements at every newline, so the lines can be taken apart.
    return [Markup(line) for line in str(highlighted(code)).removesuffix("\n").split("\n")]
