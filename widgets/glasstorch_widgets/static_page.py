"""A view as one HTML file that needs no server, no network and no Python."""

from __future__ import annotations

import base64
import json
from html import escape
from typing import Any

from . import bundle


def page(view: str, styles: tuple[str, ...], state: dict[str, Any], title: str) -> str:
    """The page's text: style, state and script inlined.

    Args:
        view: the view's ES module in `static/`.
        styles: style sheets in `static/`.
        state: JSON-able, except that bytes are allowed and travel as base64 under the key `$bytes`.
    """
    packed = json.dumps(state, default=_bytes).replace("</", "<\\/")
    language = "zh-CN" if state.get("lang") == "zh" else "en"
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 1rem; font-family: system-ui, sans-serif; }}
{bundle.style(*styles)}
</style>
</head>
<body>
<main id="view"></main>
<script type="application/json" id="state">{packed}</script>
<script type="module">
{bundle.script(view, "page")}
start(document.getElementById("view"), JSON.parse(document.getElementById("state").textContent));
</script>
</body>
</html>
"""


def _bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"{type(value).__name__} cannot be written into a page")
