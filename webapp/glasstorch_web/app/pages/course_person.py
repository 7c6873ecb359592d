"""One person: where they stand, what they handed in, more time, their account."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from fastapi import Form, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...services.accounts import may_give
from ...services.course import CourseService
from ...services.progress import Progress
from ...services.reviews import Reviews
from ...store.people import User
from ...words import Refusal
from ..language import gettext as _
from ..rendering import Visitor
from .common import Meant, said
from .course_common import (
    Assistant,
    Instructor,
    back_to,
    course_page,
    lesson_titles_of,
    part,
    role_names,
    staff_router,
    titles_of,
)
from .course_deadlines import moment_in, targets, zone
from .course_people import accounts_of, giveable, known_role, shown, user_of

ROWS = 20

router = staff_router("/course/people/{ident}")

Text = Annotated[str, Form(max_length=300)]


@router.get("")
def person(
    request: Request,
    ident: str,
    visitor: Assistant,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """How one person gets on."""
    return _page(request, visitor, _found(request, ident), before=before)


def _page(
    request: Request,
    visitor: Visitor,
    found: User,
    *,
    before: int | None = None,
    link: dict[str, Any] | None = None,
    problem: str = "",
) -> Response:
    state = request.app.state
    course: CourseService = state.course
    progress: Progress = state.progress
    reviews: Reviews = state.reviews
    catalogue = state.service.catalogue.all()
    scores, rules = progress.scores(found.id), course.deadlines(found.id)
    titles = titles_of(request)
    names = {target: title for target, title, _exercise in targets(request)}
    history = course.submissions(user=found.id, before=before, limit=ROWS + 1)
    lessons = [
        {
            "title": title,
            "rows": [
                {
                    "id": one.id,
                    "title": titles[one.id],
                    "score": scores.get(one.id),
                    "passed": one.id in scores and scores[one.id].first_passed_at is not None,
                    "deadline": rules.get(one.id),
                }
                for one in catalogue.values()
                if one.lesson == slug
            ],
        }
        for slug, title in lesson_titles_of(request).items()
    ]
    context = {
        "person": found,
        "roles": role_names(),
        "giveable": giveable(visitor),
        "changeable": may_give(visitor.role, found.role) and found.id != visitor.id,
        "lessons": lessons,
        "score": sum(score.counted for name, score in scores.items() if name in catalogue),
        "max_score": sum(one.points for one in catalogue.values()),
        "counts": reviews.counts(found.id, datetime.date.today()),
        "history": history[:ROWS],
        "before": before,
        "older": history[ROWS - 1].number if len(history) > ROWS else None,
        "titles": titles,
        "extensions": [
            {"target": one.target, "title": names.get(one.target, one.target), "due_at": one.due_at}
            for one in course.extensions()
            if one.user == found.id
        ],
        "targets": [
            {"target": one.target, "title": names.get(one.target, one.target)}
            for one in course.assignments()
            if one.due_at is not None
        ],
        "zone": zone(),
        "link": link,
    }
    return course_page(request, "person.html", context, problem=problem, status=422 if problem else 200)


@router.post("/extensions", dependencies=[Meant])
def extend(request: Request, ident: str, visitor: Instructor, target: Text, due_at: Text = "") -> Response:
    """Give more time, or take it back when no time is given."""
    course: CourseService = request.app.state.course
    found = _found(request, ident)
    try:
        when = moment_in(due_at)
        if when is None:
            course.unextend(visitor.id, found.id, target)
        else:
            course.extend(visitor.id, found.id, target, when)
    except Refusal as error:
        return _page(request, visitor, found, problem=said(error))
    return _back(request, found, "removed" if when is None else "saved")


@router.post("/account", dependencies=[Meant])
def account(request: Request, ident: str, visitor: Instructor, role: Text, section: Text = "") -> Response:
    """Change role and group."""
    found, who, accounts = _found(request, ident), user_of(request, visitor), accounts_of(request)
    try:
        if role != found.role:
            accounts.set_role(who, found.id, known_role(role))
        if section.strip() != found.section:
            accounts.change(who, found.id, section=section)
    except Refusal as error:
        return _page(request, visitor, found, problem=said(error))
    return _back(request, found, "saved")


@router.post("/password", dependencies=[Meant])
def password(request: Request, ident: str, visitor: Instructor) -> Response:
    """Make a link by which they set a new password. It is in the answer alone: nothing keeps it."""
    found = _found(request, ident)
    try:
        made = accounts_of(request).reset_link(user_of(request, visitor), found.id)
    except Refusal as error:
        return _page(request, visitor, found, problem=said(error))
    link = shown(request, made, "password", _("A link to set a new password"))
    return _page(request, visitor, found, link=link)


@router.get("/close")
def ask(request: Request, ident: str, visitor: Instructor) -> Response:
    """Asks before an account is closed."""
    found = _found(request, ident)
    context = {
        "heading": _("Close the account of %(name)s?") % {"name": found.name},
        "action": "close",
        "paragraphs": [
            _("They are logged out everywhere, their tokens end, and they cannot log in."),
            _("What they handed in and their points are kept. The account can be opened again."),
        ],
        "choices": [],
        "kept": {},
        "possible": True,
        "button": _("Close the account"),
        "back": f"../{part(found.id)}",
    }
    return course_page(request, "confirm.html", context)


@router.post("/close", dependencies=[Meant])
def close(request: Request, ident: str, visitor: Instructor) -> Response:
    """End somebody's access; what they handed in stays."""
    found = _found(request, ident)
    try:
        accounts_of(request).disable(user_of(request, visitor), found.id)
    except Refusal as error:
        return _page(request, visitor, found, problem=said(error))
    return _back(request, found, "closed")


@router.post("/open", dependencies=[Meant])
def reopen(request: Request, ident: str, visitor: Instructor) -> Response:
    """Undo that."""
    found = _found(request, ident)
    try:
        accounts_of(request).enable(user_of(request, visitor), found.id)
    except Refusal as error:
        return _page(request, visitor, found, problem=said(error))
    return _back(request, found, "opened")


def _found(request: Request, ident: str) -> User:
    found = accounts_of(request).people.get(ident)
    if found is None:
        raise HTTPException(404, _("There is no such person."))
    return found


def _back(request: Request, found: User, told: str) -> Response:
    return back_to(request, f"course/people/{part(found.id)}", told)
