"""Deadlines, what lateness costs, and more time for one learner."""

from __future__ import annotations

import datetime
import time
from typing import Annotated, Any, Literal

from fastapi import Form, Request
from starlette.responses import Response

from ...services.course import Assignment, CourseService
from ...words import Refusal
from ..language import gettext as _
from ..language import gettext_noop, moment, ngettext, number, percent
from .common import Meant, said
from .course_common import (
    Assistant,
    Instructor,
    back_to,
    course_page,
    lesson_titles_of,
    staff_router,
    titles_of,
)

router = staff_router("/course")


@router.get("/deadlines")
def deadlines(request: Request, visitor: Assistant) -> Response:
    """Every lesson and exercise with the rules that are set for it."""
    return _page(request)


def _page(
    request: Request, *, editing: str = "", form: dict[str, str] | None = None, problem: str = ""
) -> Response:
    rules = {rule.target: rule for rule in course_of(request).assignments()}
    lessons: list[dict[str, Any]] = []
    for target, title, is_exercise in targets(request):
        rule = rules.get(target)
        row = {
            "target": target,
            "title": title,
            "exercise": is_exercise,
            "rule": rule,
            "words": _words(rule) if rule else "",
            "form": form if form and target == editing else _form(rule),
            "exercises": [],
        }
        (lessons[-1]["exercises"] if is_exercise else lessons).append(row)
    context = {"lessons": lessons, "now": time.time(), "zone": zone(), "editing": editing}
    return course_page(request, "deadlines.html", context, problem=problem, status=422 if problem else 200)


@router.post("/deadlines", dependencies=[Meant])
def save(
    request: Request,
    visitor: Instructor,
    target: Annotated[str, Form(max_length=200)],
    due_at: Annotated[str, Form(max_length=40)] = "",
    closes_at: Annotated[str, Form(max_length=40)] = "",
    late_percent_per_day: Annotated[str, Form(max_length=40)] = "",
    grace_minutes: Annotated[str, Form(max_length=40)] = "",
    max_attempts: Annotated[str, Form(max_length=40)] = "",
    keep: Annotated[Literal["best", "last"], Form()] = "best",
    do: Annotated[Literal["save", "remove"], Form()] = "save",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Set the rules of a lesson or an exercise, or take them away; scores are reckoned anew."""
    if do == "remove":
        later = len(course_of(request).extensions(target))
        if later and not sure:
            return _ask(request, target, later)
        course_of(request).unassign(visitor.id, target)
        return back_to(request, f"course/deadlines#{target}", "removed")
    try:
        course_of(request).assign(
            visitor.id,
            target,
            due_at=moment_in(due_at),
            closes_at=moment_in(closes_at),
            late_percent_per_day=_number_in(late_percent_per_day),
            grace_minutes=_number_in(grace_minutes),
            max_attempts=int(_number_in(max_attempts)) or None,
            keep=keep,
        )
    except Refusal as error:
        form = {
            "due_at": due_at,
            "closes_at": closes_at,
            "late_percent_per_day": late_percent_per_day,
            "grace_minutes": grace_minutes,
            "max_attempts": max_attempts,
            "keep": keep,
        }
        return _page(request, editing=target, form=form, problem=said(error))
    return back_to(request, f"course/deadlines#{target}", "saved")


def _ask(request: Request, target: str, later: int) -> Response:
    """Asks before somebody's extension goes with the rules."""
    title = next((title for known, title, _exercise in targets(request) if known == target), target)
    context = {
        "heading": _("Remove the rules of %(title)s?") % {"title": title},
        "action": "deadlines",
        "paragraphs": [
            ngettext(
                "%(num)s learner has more time here. That goes with the rules and cannot be brought back.",
                "%(num)s learners have more time here. That goes with the rules and cannot be brought back.",
                later,
            )
            % {"num": later},
            _("Points are reckoned anew, without lateness."),
        ],
        "choices": [],
        "kept": {"target": target, "do": "remove", "sure": "true"},
        "possible": True,
        "button": _("Remove these rules"),
        "back": f"deadlines?#{target}",  # with a query, or the browser would stay on this page
    }
    return course_page(request, "confirm.html", context)


def course_of(request: Request) -> CourseService:
    found: CourseService = request.app.state.course
    return found


def targets(request: Request) -> list[tuple[str, str, bool]]:
    """What a deadline can be set for: (lesson's slug or exercise's id, title, whether it is an exercise)."""
    titles, lessons = titles_of(request), lesson_titles_of(request)
    found: list[tuple[str, str, bool]] = []
    for exercise in request.app.state.service.catalogue.all().values():
        if exercise.lesson in lessons:
            found.append((exercise.lesson, lessons.pop(exercise.lesson), False))
        found.append((exercise.id, titles[exercise.id], True))
    return found


def moment_in(text: str) -> float | None:
    """What a date field holds, in the service's time zone; None for an empty one.

    Raises:
        Refusal: it is no date.
    """
    if not text.strip():
        return None
    try:
        return datetime.datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise Refusal(gettext_noop("“%(text)s” is no date."), text=text[:40]) from None


def _number_in(text: str) -> float:
    try:
        return float(text.strip() or 0)
    except ValueError:
        raise Refusal(gettext_noop("“%(text)s” is no number."), text=text[:40]) from None


def field_of(seconds: float | None) -> str:
    """A time as a date field holds it."""
    if seconds is None:
        return ""
    return datetime.datetime.fromtimestamp(seconds).isoformat(timespec="minutes")


def zone() -> str:
    """The service's time zone, for those who type times."""
    now = datetime.datetime.now().astimezone()
    away = now.strftime("%z")
    return "UTC" if away == "+0000" else f"{now.tzname()} (UTC{away[:3]}:{away[3:]})"


def _form(rule: Assignment | None) -> dict[str, Any]:
    return {
        "due_at": field_of(rule.due_at) if rule else "",
        "closes_at": field_of(rule.closes_at) if rule else "",
        "late_percent_per_day": f"{rule.late_percent_per_day:g}" if rule else "0",
        "grace_minutes": f"{rule.grace_minutes:g}" if rule else "0",
        "max_attempts": (rule.max_attempts or "") if rule else "",
        "keep": rule.keep if rule else "best",
    }


def _words(rule: Assignment) -> str:
    """The rules in a line."""
    said = [_("the best attempt counts") if rule.keep == "best" else _("the last attempt counts")]
    if rule.due_at is not None:
        said.append(
            _("late: %(share)s less per day") % {"share": percent(rule.late_percent_per_day / 100)}
            if rule.late_percent_per_day
            else _("lateness costs nothing")
        )
    if rule.grace_minutes:
        said.append(_("%(num)s minutes of grace") % {"num": number(rule.grace_minutes)})
    if rule.closes_at is not None:
        when = datetime.datetime.fromtimestamp(rule.closes_at)
        said.append(_("closes %(when)s") % {"when": moment(when)})
    if rule.max_attempts is not None:
        said.append(
            ngettext("at most %(num)s attempt", "at most %(num)s attempts", rule.max_attempts)
            % {"num": rule.max_attempts}
        )
    return " · ".join(said)
