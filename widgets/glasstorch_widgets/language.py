"""The words of the views, in English and Chinese: `labels/<language>/<view>.json`."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent / "labels"


def default_language() -> str:
    """`GLASSTORCH_LANG` if set, else Chinese where the system's messages are Chinese, else English."""
    for name in ("GLASSTORCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        wanted = os.environ.get(name, "").lower()
        if wanted:
            return "zh" if wanted.startswith("zh") else "en"
    return "en"


@cache
def labels(language: str, view: str) -> dict[str, str]:
    """The texts of one view; `{name}` in a text is filled in by `filled` or by the script.

    Raises:
        ValueError: no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, not {language!r}")
    texts: dict[str, str] = {}
    for name in ("common", view):
        texts |= json.loads((FOLDER / language / f"{name}.json").read_text(encoding="utf-8"))
    return texts


def filled(text: str, **values: object) -> str:
    """A text with the values put where their names stand in braces."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text
