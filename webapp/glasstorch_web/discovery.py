"""The file that says where the service listens, for notebooks on the same machine."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from .supervise import answers

NAME = "service.json"


def announce(state: Path, url: str) -> None:
    """Write the address, in one step, so that a reader never sees half a file."""
    record = {"url": url, "pid": os.getpid(), "started_at": time.time()}
    draft = state / f".{NAME}.{os.getpid()}"
    draft.write_text(json.dumps(record), encoding="utf-8")
    draft.replace(state / NAME)


def withdraw(state: Path) -> None:
    """Remove the address if it is still this process's."""
    if read(state).get("pid") == os.getpid():
        (state / NAME).unlink(missing_ok=True)


def running(state: Path) -> str | None:
    """The address of a service that answers, or None: a killed one leaves its file behind."""
    url = read(state).get("url")
    if not isinstance(url, str) or not url.startswith("http://"):
        return None
    return url if answers(f"{url.rstrip('/')}/healthz") else None


def read(state: Path) -> dict[str, Any]:
    """What the file says; empty when there is none or it cannot be understood."""
    try:
        record = json.loads((state / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
