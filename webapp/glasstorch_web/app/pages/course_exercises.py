"""The exercises as staff sees them: how they go, what was handed in, grading again."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import Form, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...services.course import CourseService
from ...services.dashboard import CheckFigures, Dashboard, ExerciseFigures
from ...services.regrade import Regrades
from ...services.texts import told_of
from ...words import Refusal
from .. import plots
from ..language import current, ngettext, number
from ..language import gettext as _
from .common import Meant, said
from .course_common import (
    ROWS,
    Assistant,
    Instructor,
    back_to,
    course_page,
    lesson_titles_of,
    part,
    staff_router,
    titles_of,
)
from .course_overview import passed_and_begun

router = staff_router("/course/exercises")


@router.get("")
def exercises(request: Request, visitor: Assistant) -> Response:
    """Every exercise, by lesson."""
    dashboard: Dashboard = request.app.state.dashboard
    figures = dashboard.per_exercise()
    lessons = [
        {"title": title, "rows": [one for one in figures if one.lesson == slug]}
        for slug, title in lesson_titles_of(request).items()
    ]
    context = {"lessons": lessons, "parts": passed_and_begun(figures), "titles": titles_of(request)}
    return course_page(request, "exercises.html", context)


@router.get("/{ident}")
def exercise(
    request: Request,
    ident: str,
    visitor: Assistant,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """How one exercise goes, and what was handed in, newest first."""
    state = request.app.state
    course: CourseService = state.course
    dashboard: Dashboard = state.dashboard
    known = state.service.catalogue.get(ident)
    latest = course.submissions(exercise=ident, before=before, limit=ROWS + 1)
    if known is None and not latest:
        raise HTTPException(404, _("There is no such exercise."))
    figures = next((one for one in dashboard.per_exercise() if one.id == ident), None)
    if figures is None:  # its folder has gone
        figures = ExerciseFigures(ident, ident, "", 0, 0, 0, 0.0, 0)
    max_score = known.points if known else 0.0
    spread = dashboard.distribution(ident)
    rules = {rule.target: rule for rule in course.assignments()}
    rule = rules.get(ident) or (rules.get(known.lesson) if known else None)
    context = {
        "exercise": ident,
        "title": titles_of(request).get(ident, ident),
        "known": known is not None,
        "standing": figures,
        "stale": figures.stale,
        "max_score": max_score,
        "spread": plots.columns(list(zip(plots.tenths(max_score), spread))),
        "told_spread": _told(spread, figures.learners),
        "rates": dashboard.checks(ident),
        "told": told_of(known, current()),
        "check_parts": _check_parts,
        "latest": latest[:ROWS],
        "before": before,
        "older": latest[ROWS - 1].number if len(latest) > ROWS else None,
        "deadline": rule if rule and rule.due_at else None,
        "now": time.time(),
    }
    return course_page(request, "exercise.html", context)


def _check_parts(check: CheckFigures) -> tuple[plots.Piece, ...]:
    return plots.pieces((("passed", check.passed),), check.passed + check.failed)


def _told(spread: list[int], learners: int) -> str:
    """What the chart shows, for those who do not see it."""
    if not learners:
        return _("Nobody has points here yet.")
    return _(
        "Of %(learners)s learners %(best)s have nine tenths of the points or more, %(worst)s less than one."
    ) % {
        "learners": number(learners),
        "best": number(spread[-1]),
        "worst": number(spread[0]),
    }


@router.get("/{ident}/regrade")
def ask(request: Request, ident: str, visitor: Instructor) -> Response:
    """Says how many submissions would be graded again, and asks."""
    return _ask(request, ident)


def _ask(request: Request, ident: str, problem: str = "") -> Response:
    dashboard: Dashboard = request.app.state.dashboard
    figures = next((one for one in dashboard.per_exercise() if one.id == ident), None)
    if figures is None:
        raise HTTPException(404, _("There is no such exercise."))
    title = titles_of(request)[ident]
    root = "../../../"
    choices = [("all", _all_words(figures.attempts))]
    if figures.stale and figures.stale < figures.attempts:
        choices.insert(0, ("stale", _stale_words(figures.stale)))
    context: dict[str, Any] = {
        "heading": _("Grade “%(title)s” again?") % {"title": title},
        "action": f"{root}course/exercises/{part(ident)}/regrade",
        "paragraphs": [
            _("Results stay as they are until the new ones are there, and the former ones are kept."),
            _("Points can go down as well as up. What is handed in meanwhile is graded first."),
        ],
        "choices": choices,
        "kept": {},
        "possible": figures.attempts > 0,
        "button": _("Grade again"),
        "back": f"{root}course/exercises/{part(ident)}",
    }
    return course_page(request, "confirm.html", context, problem=problem, status=422 if problem else 200)


def _all_words(count: int) -> str:
    return ngettext(
        "the %(num)s submission that is graded", "all %(num)s submissions that are graded", count
    ) % {"num": number(count)}


def _stale_words(count: int) -> str:
    return ngettext(
        "only %(num)s that was graded with another version of the checks",
        "only the %(num)s that were graded with another version of the checks",
        count,
    ) % {"num": number(count)}


@router.post("/{ident}/regrade", dependencies=[Meant])
def regrade(
    request: Request,
    ident: str,
    visitor: Instructor,
    which: Annotated[Literal["all", "stale"], Form()] = "all",
) -> Response:
    """Grade what was handed in to one exercise again."""
    regrades: Regrades = request.app.state.regrades
    try:
        count = regrades.exercise(visitor.id, ident, only_stale=which == "stale")
    except Refusal as error:
        return _ask(request, ident, said(error))
    return back_to(request, f"course/exercises/{part(ident)}", "regrading", count)
