"""LaTeX as MathML, made when the site is built: browsers draw it by themselves, no script and no font is loaded."""

from __future__ import annotations

import functools
import re
from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

_ARG = re.compile(
    r"\\arg(?![A-Za-z])"
)  # the one command of the engine's formulas that the converter does not know


@functools.cache
def mathml(latex: str, block: bool = False) -> str:
    """The formula as one ``<math>`` element with its source in ``alttext``. ValueError where it cannot be read."""
    try:
        markup = str(convert(_ARG.sub(r"\\operatorname{arg}", latex), display="block" if block else "inline"))
    except Exception as error:  # (of many kinds)
        raise ValueError(f"this formula cannot be read: {latex}") from error
    markup = markup.replace('<mn mathvariant="double-struck">1</mn>', "<mn>\U0001d7d9</mn>")
    return markup.replace("<math ", f'<math alttext="{escape(latex, quote=True)}" ', 1)


def _inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f'<div class="formula">{mathml(node.astext(), True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> None:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
