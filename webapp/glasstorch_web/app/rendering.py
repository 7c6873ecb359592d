"""Pages: Jinja templates with what every page needs, and addresses that stay right behind any proxy prefix."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse
from starlette.routing import get_route_path

from ..services.grading import LOCAL, STAFF
from ..store.people import Role
from . import language
from .heatmap import arrays_of, heat_maps
from .highlight import highlighted
from .language import gettext as _
from .markdown import markdown

STATIC = Path(__file__).parents[1] / "static"
THEMES = ("system", "light", "dark")
THEME_COOKIE = "glasstorch_theme"


@dataclass(frozen=True)
class Visitor:
    """Whom a page is made for. `csrf`: what their forms carry; `session`: the id of this browser's session."""

    id: str
    name: str
    role: Role
    language: str | None
    csrf: str
    session: str = ""


Asker = Visitor  # for pages, where `Visitor` names the dependency that finds one (pages/common.py)


@dataclass(frozen=True)
class Course:
    """What the pages say about the course as a whole."""

    name: str
    mode: str  # "single": one person without accounts; "course"


def visitor_of(request: Request) -> Visitor | None:
    """Who asks; None for a stranger."""
    found: Visitor | None = getattr(request.state, "visitor", None)
    if found is None and course_of(request).mode == "single":
        return Visitor(LOCAL, "", "admin", None, request.app.state.form_token)
    return found


def course_of(request: Request) -> Course:
    settings = request.app.state.settings
    mode = "course" if getattr(settings, "multi_user", False) else "single"
    return Course(getattr(settings, "course_name", "") or "Glasstorch", mode)


@lru_cache(maxsize=64)
def _fingerprint(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_name(name: str) -> str:
    """The static file's address with its content's fingerprint, so that browsers may keep it for long."""
    path = STATIC / name
    return f"static/{name}?v={_fingerprint(path, path.stat().st_mtime_ns)}"


def with_code(text: str) -> Markup:
    """Text with what stands in `backticks` as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


def short(value: Any) -> str:
    """A value from a check's detail, in a table cell: numbers with 6 digits, long arrays cut."""
    text = value if isinstance(value, str) else json.dumps(_six_digits(value))
    return text if len(text) <= 240 else f"{text[:240]} …"


def _six_digits(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return [_six_digits(item) for item in value] if isinstance(value, list) else value


def moment(seconds: float) -> Markup:
    """A time, for reading and for scripts that show it in the reader's own zone."""
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    text = language.moment(when.astimezone())
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(timespec="seconds"), text)


def day(when: float | datetime.date) -> Markup:
    """A day without its time."""
    if not isinstance(when, datetime.date):
        when = datetime.datetime.fromtimestamp(when).date()
    return Markup('<time datetime="{}" data-day>{}</time>').format(when.isoformat(), language.day(when))


_environment = Environment(
    loader=PackageLoader("glasstorch_web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_environment.policies["ext.i18n.trimmed"] = True
_environment.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
_environment.filters.update(
    markdown=markdown,
    highlighted=highlighted,
    with_code=with_code,
    number=language.number,
    percent=language.percent,
    short=short,
    moment=moment,
    day=day,
    until=language.until,
    arrays_of=arrays_of,
    heat_maps=heat_maps,
)
_environment.globals.update(static_name=static_name, languages=language.LANGUAGES)


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Render a template; in it, `root` leads from this page's address to the site's first page."""
    path = get_route_path(request.scope)
    visitor = visitor_of(request)
    csrf = visitor.csrf if visitor else ""
    theme = request.cookies.get(THEME_COOKIE, "system")
    shared = {
        "root": "../" * (path.count("/") - 1) or "./",
        "path": path.removeprefix("/"),
        "nonce": request.scope.get("glasstorch.nonce", ""),
        "language": language.current(),
        "language_tag": language.TAGS[language.current()],
        "theme": theme if theme in THEMES else "system",
        "visitor": visitor,
        "course": course_of(request),
        "nav": _nav(path, visitor),
        "guarded": _guarded(request, visitor),
        "csrf": csrf,
        "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(csrf),
    }
    html = _environment.get_template(template).render({**shared, **context})
    return HTMLResponse(html, status, headers)


def _guarded(request: Request, visitor: Visitor | None) -> dict[str, str] | None:
    """For staff: the isolation level in force, "" while no worker is alive; `tone` says how good that is."""
    if visitor is None or visitor.role not in STAFF:
        return None
    isolation = request.app.state.pool.isolation()
    level = str(isolation["level"]) if isolation else ""
    return {"level": level, "tone": "good" if level >= "L3" else "wait" if level >= "L2" else "bad"}


def _nav(path: str, visitor: Visitor | None) -> list[dict[str, Any]]:
    """The site's sections for this person; `href` is relative to the site's first page."""
    if visitor is None:
        return []
    sections = [
        ("", _("Course map"), path == "/" or path.startswith(("/lessons", "/exercises", "/submissions")))
    ]
    sections.append(("review", _("Review"), path.startswith("/review")))
    if visitor.role in STAFF:
        sections.append(("course", _("Teaching"), path.startswith("/course")))
    return [{"href": href, "label": label, "current": here} for href, label, here in sections]
