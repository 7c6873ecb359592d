"""The service's log, on standard error: lines for people, or one JSON object a line for programs.

What may stand in it: names of routes and exercises, ids, times, error types. What may not: anybody's code, tokens,
addresses with their queries.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

REQUEST: ContextVar[str] = ContextVar("request", default="")  # the id of the request that is being answered

# What a line may say about a request, apart from its words.
FIELDS = ("request_id", "user", "method", "route", "status", "duration_ms", "submission")


class _Request(logging.Filter):
    """Puts the request's id on every line that is written while it is answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id") and (request := REQUEST.get()):
            record.request_id = request
        return True


class _ForPeople(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        more = [f"{name}={getattr(record, name)}" for name in FIELDS if getattr(record, name, None)]
        first, newline, rest = line.partition("\n")
        return " ".join([first, *more]) + newline + rest


def set_up(form: Literal["text", "json"], level: int = logging.INFO) -> None:
    """Send every logger's lines to standard error in this form; what was set up before is replaced."""
    formatter: logging.Formatter
    if form == "json":
        formatter = JsonFormatter(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "error"},
            timestamp="at",
        )
    else:
        formatter = _ForPeople("%(levelname)s:     %(name)s: %(message)s")
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.addFilter(_Request())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
