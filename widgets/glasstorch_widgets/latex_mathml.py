"""LaTeX formulas as MathML, which browsers draw themselves: no script, no fonts to load."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

try:
    from latex2mathml.converter import convert
except ImportError:  # the formula is then shown as its LaTeX source
    convert = None  # type: ignore[assignment]

_ARG = re.compile(r"\\arg(?![A-Za-z])")  # the one command of our formulas that the converter does not know


@lru_cache(maxsize=2048)
def mathml(latex: str) -> str:
    """The formula as one `<math>` element, its LaTeX source kept in `alttext`.

    A formula that the converter cannot read comes back as its source in `<mtext>`: nothing is lost.
    """
    if not latex:
        return ""
    try:
        if convert is None:
            raise RuntimeError("latex2mathml is not installed")
        markup = str(convert(_ARG.sub(r"\\operatorname{arg}", latex)))
    except Exception:  # the converter raises many kinds, none of which may take the view down
        markup = f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mtext>{escape(latex)}</mtext></math>'
    # MathML Core has no double-struck variant any more, but Unicode has the letter itself.
    markup = markup.replace('<mn mathvariant="double-struck">1</mn>', "<mn>\U0001d7d9</mn>")
    return markup.replace("<math ", f'<math alttext="{escape(latex, quote=True)}" ', 1)
