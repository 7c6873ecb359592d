"""What the teaching pages share: who may see them, the way back after a change, and what is said then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import get_route_path

from ...services.catalogue import Catalogue
from ...services.lessons import Lessons
from ...services.texts import title_of
from ...store.people import ROLES, Role
from ..auth import require
from ..language import current, ngettext
from ..language import gettext as _
from ..rendering import Visitor, page, visitor_of

Assistant = Annotated[Visitor, Depends(require("assistant"))]
Instructor = Annotated[Visitor, Depends(require("instructor"))]

ROWS = 50  # on one page of a list


def staff_router(prefix: str) -> APIRouter:
    """A router for staff alone: learners hear that there is nothing, before anything else is looked at."""
    return APIRouter(prefix=prefix, dependencies=[Depends(require("assistant"))])


# What a page says after a change. The address names the sentence, so nobody's own words can be put there.
_TOLD: Mapping[str, Callable[[int], str]] = {
    "saved": lambda number: _("Saved."),
    "removed": lambda number: _("Removed."),
    "noted": lambda number: _("The note is kept. The learner sees it beside the code."),
    "unnoted": lambda number: _("The note is gone."),
    "regrading": lambda number: ngettext(
        "%(num)s submission will be graded again.", "%(num)s submissions will be graded again.", number
    ),
    "closed": lambda number: _("The account is closed. What was handed in is kept."),
    "opened": lambda number: _("The account is open again."),
    "revoked": lambda number: _("The link no longer works."),
    "imported": lambda number: ngettext(
        "%(num)s person was added or changed.", "%(num)s people were added or changed.", number
    ),
}


def may(visitor: Visitor, role: Role) -> bool:
    """Whether somebody's role is this one or one above it."""
    return ROLES.index(visitor.role) >= ROLES.index(role)


def course_page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    """A teaching page: with the sections that this person may open, and what has just been done."""
    path = get_route_path(request.scope)
    shared = {"said": _said(request), "problem": problem, "sections": _sections(path, request), "may": may}
    return page(request, f"course/{template}", {**shared, **context}, status=status)


def _said(request: Request) -> str:
    said = _TOLD.get(request.query_params.get("told", ""))
    number = request.query_params.get("num", "1")
    count = int(number) if number.isdecimal() and len(number) < 10 else 1
    return said(count) % {"num": count} if said else ""


def _sections(path: str, request: Request) -> list[dict[str, Any]]:
    visitor = visitor_of(request)
    found: list[tuple[str, str, Role]] = [
        ("course", _("Overview"), "assistant"),
        ("course/gradebook", _("Gradebook"), "assistant"),
        ("course/exercises", _("Exercises"), "assistant"),
        ("course/people", _("People"), "assistant"),
        ("course/deadlines", _("Deadlines"), "assistant"),
        ("course/audit", _("Changes"), "instructor"),
        ("course/service", _("Service"), "assistant"),
    ]
    return [
        {"href": href, "label": label, "current": _within(path, f"/{href}")}
        for href, label, role in found
        if visitor is not None and may(visitor, role)
    ]


def _within(path: str, section: str) -> bool:
    if section == "/course":
        return path == section
    if section == "/course/exercises" and path.startswith(("/course/submissions", "/course/similarity")):
        return True
    return path == section or path.startswith(f"{section}/")


def titles_of(request: Request) -> dict[str, str]:
    """The exercises' titles in the reader's language, by id."""
    catalogue: Catalogue = request.app.state.service.catalogue
    return {name: title_of(exercise, current()) for name, exercise in catalogue.all().items()}


def lesson_titles_of(request: Request) -> dict[str, str]:
    """The titles of the lessons that have exercises, by slug."""
    catalogue: Catalogue = request.app.state.service.catalogue
    lessons: Lessons = request.app.state.lessons
    found: dict[str, str] = {}
    for exercise in catalogue.all().values():
        if exercise.lesson not in found:
            lesson = lessons.get(exercise.lesson, current())
            found[exercise.lesson] = lesson.title if lesson else exercise.lesson
    return found


def role_names() -> dict[str, str]:
    """What the pages call the roles."""
    return {
        "learner": _("Learner"),
        "assistant": _("Assistant"),
        "instructor": _("Instructor"),
        "admin": _("Administrator"),
    }


def back_to(request: Request, to: str, told: str = "", number: int | None = None) -> Response:
    """After a change: to a page of this site (an address from its first page), which says what was done.

    The browser asks for it anew, so that loading it again changes nothing again.
    """
    depth = get_route_path(request.scope).count("/") - 1
    said = {"told": told} if told else {}
    if number is not None:
        said["num"] = str(number)
    place, mark, anchor = to.partition("#")
    query = ("&" if "?" in place else "?") + urlencode(said) if said else ""
    return RedirectResponse(("../" * depth or "./") + place + query + mark + anchor, status_code=303)


def part(text: str) -> str:
    """Text as one part of an address."""
    return quote(text, safe="")
