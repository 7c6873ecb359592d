"""How the service is, for whoever runs it; and the record of what staff has changed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import SecretStr
from sqlalchemy import make_url
from starlette.responses import Response

from ...services.condition import condition
from ...settings import Settings
from ...store.audit import BACKUP_MADE, Audit, AuditEntry
from ...store.people import People
from ..language import gettext as _
from ..language import moment
from ..protection import gaps, level_in_words
from .course_common import ROWS, Assistant, Instructor, course_page, staff_router

router = staff_router("/course")


@router.get("/service")
def service(request: Request, visitor: Assistant) -> Response:
    """Isolation with every gap, workers on all machines, the line, the settings in force."""
    state = request.app.state
    found = condition(state.settings, state.pool, state.registry, state.figures)
    alive = state.registry.alive()
    backup = Audit(state.database).entries(1, what=BACKUP_MADE)
    context = {
        "found": found,
        "words": level_in_words(found.isolation),
        "gaps": gaps(found.isolation) if found.isolation else [],
        "servers": _by_server(alive, state.pool.server),
        "settings": _settings(state.settings),
        "schema": found.schema_version,
        "database": state.database.dialect,
        "last_backup": backup[0].at if backup else None,
    }
    return course_page(request, "service.html", context)


def _by_server(alive: list[Any], own: str) -> list[dict[str, Any]]:
    """The workers of each machine or service together."""
    found: dict[str, dict[str, Any]] = {}
    for worker in alive:
        server = found.setdefault(
            worker.server,
            {"name": worker.server, "here": worker.server == own, "workers": 0, "levels": set()},
        )
        server["workers"] += 1
        server["levels"].add(str(worker.isolation["level"]))
        server["system"] = worker.isolation.get("system", "")
    return sorted(found.values(), key=lambda server: (not server["here"], server["name"]))


def _settings(settings: Settings) -> list[dict[str, str]]:
    """Each setting with its value and meaning. Secrets, and folders of the machine, are not shown."""
    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        rows.append({"name": name, "value": _shown(name, value), "meaning": field.description or ""})
    return rows


def _shown(name: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return _("(hidden)")
    if name == "database_url" and value:
        return make_url(value).render_as_string(hide_password=True)
    if isinstance(value, Path):
        return f"…/{value.name}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (frozenset, tuple, list)):
        return " ".join(sorted(map(str, value)))
    if any(part in name for part in ("secret", "password", "token", "private", "key")) and value:
        return _("(hidden)")
    return "" if value is None else str(value)


@router.get("/audit")
def audit(
    request: Request,
    visitor: Instructor,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    who: Annotated[str, Query(max_length=200)] = "",
    what: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Who changed what, newest first."""
    found = Audit(request.app.state.database).entries(ROWS + 1, before, who=who, what=what)
    entries = found[:ROWS]
    names = _names(request, entries)
    context = {
        "entries": entries,
        "older": entries[-1].number if len(found) > ROWS else None,
        "who": who,
        "what": what,
        "kept": {name: value for name, value in (("who", who), ("what", what)) if value},
        "before": before,
        "names": names,
        "details": {entry.number: _details(entry.detail, names) for entry in entries},
    }
    return course_page(request, "audit.html", context)


def _names(request: Request, entries: list[AuditEntry]) -> dict[str, str]:
    """The names of the people in these entries, by id."""
    ids = {entry.who for entry in entries} | {str(entry.detail.get("user", "")) for entry in entries}
    people: People = request.app.state.people
    return {ident: user.name for ident in ids if (user := people.get(ident)) is not None}


def _details(detail: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is known of an entry, in a line; times are written as such."""
    said = []
    for key, value in detail.items():
        if value is None or value == "":
            continue
        if key.endswith("_at") and isinstance(value, (int, float)):
            value = moment(datetime.datetime.fromtimestamp(value))
        elif key == "user":
            value = names.get(str(value), value)
        said.append(f"{key.replace('_', ' ')}: {value}")
    return ", ".join(said)
