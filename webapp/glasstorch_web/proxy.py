"""The grading service inside JupyterLab: a launcher tile and the address `{base_url}grader/`.

Read by jupyter-server-proxy through the entry-point group `jupyter_serverproxy_servers`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from .places import NoLessons, lessons_folder

ICON = Path(__file__).with_name("grader.svg")


def grader() -> dict[str, Any]:
    """How jupyter-server-proxy reaches the service.

    Where `glasstorch start` already runs one (it says so in GLASSTORCH_GRADER_URL) that one is shown;
    elsewhere, as on Binder, one is started on the first visit.
    """
    entry: dict[str, Any] = {
        "absolute_url": False,
        "new_browser_tab": True,
        "launcher_entry": {"title": "Exercises", "icon_path": str(ICON), "category": "Glasstorch"},
    }
    running = running_port(os.environ.get("GLASSTORCH_GRADER_URL", ""))
    if running is not None:
        return entry | {"port": running}
    serve = [sys.executable, "-P", "-m", "glasstorch_web.serve"]
    return entry | {
        "command": [*serve, "--port", "{port}", "--root-path", "{base_url}grader"],
        "environment": lab_address(),
        "timeout": 60.0,
    }


def lab_address() -> dict[str, str]:
    """Where this Jupyter server shows the lessons, as a setting of the service; nothing when it does not."""
    try:
        # A Jupyter server's files begin where it was started, unless it is told otherwise.
        folder = lessons_folder().relative_to(Path.cwd())
    except (NoLessons, ValueError):
        return {}
    return {"GLASSTORCH_LAB_URL": f"{{base_url}}lab/tree/{quote(folder.as_posix())}".removesuffix("/.")}


def running_port(url: str) -> int | None:
    """The port of a service on this machine, or None when `url` names none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is not a number
        return None
    return port if parts.hostname in ("127.0.0.1", "localhost", "::1") else None
