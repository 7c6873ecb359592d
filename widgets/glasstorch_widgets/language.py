"""The words of the views, in English and Chinese: `labels/<language>/<view>.json`.

What a lesson's own code cells say (the questions of `predict`, titles of views) stands there in English. Its Chinese
is in the lesson's folder: `zh.toml`, a flat table from the English text to the Chinese one.
"""

from __future__ import annotations

import json
import logging
import os
import tomllib
from functools import cache, lru_cache
from pathlib import Path

from .notebook import shell

log = logging.getLogger(__name__)

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent / "labels"


def default_language() -> str:
    """`GLASSTORCH_LANG` if set; else Chinese in a notebook `*.zh.ipynb`; else as the system's messages are."""
    if not os.environ.get("GLASSTORCH_LANG") and notebook_path().lower().endswith(".zh.ipynb"):
        return "zh"
    for name in ("GLASSTORCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        wanted = os.environ.get(name, "").lower()
        if wanted:
            return "zh" if wanted.startswith("zh") else "en"
    return "en"


def notebook_path() -> str:
    """The notebook that this kernel serves, as far as its front end tells; else the empty string.

    A Jupyter server tells each kernel in its environment, VS Code in a variable of the notebook.
    """
    ipython = shell()
    told = ipython.user_ns.get("__vsc_ipynb_file__") if ipython is not None else None
    return told if isinstance(told, str) else os.environ.get("JPY_SESSION_NAME", "")


def translated(text: str, language: str) -> str:
    """A lesson's text in a language: as `zh.toml` beside the notebook, or in the current folder, has it."""
    if language == "en" or not text:
        return text
    beside = Path(notebook_path()).parent / f"{language}.toml"
    for path in dict.fromkeys((beside, Path(f"{language}.toml"))):
        try:
            found = _texts(path.absolute(), path.stat().st_mtime_ns).get(text)
        except OSError:
            continue
        if found is not None:
            return found
    return text


@lru_cache(maxsize=64)
def _texts(path: Path, modified: int) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # the lesson can be read all the same, in English
        log.warning("%s is left out: %s", path, error)
        return {}
    return {text: chinese for text, chinese in table.items() if isinstance(chinese, str)}


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
