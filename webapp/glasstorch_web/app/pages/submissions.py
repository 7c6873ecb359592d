"""One attempt: its code and its result; and what changed between two."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ...services.course import CourseService
from ...services.texts import title_of, told_of
from .. import graph_page
from ..api import Found, Service
from ..comparison import compare
from ..highlight import highlighted_lines
from ..language import current
from ..language import gettext as _
from ..rendering import page
from .common import Visitor

router = APIRouter()


@router.get("/submissions/{submission_id}")
def submission(request: Request, found: Found, service: Service, visitor: Visitor) -> Response:
    """One attempt: its code and its result; asks again by itself while it is being graded."""
    exercise = service.catalogue.get(found.exercise)  # None when its folder has gone since
    earlier = service.history(found.exercise, user=found.user, limit=1, before=found.number)
    course: CourseService = request.app.state.course
    context = {
        "submission": found,
        "exercise": exercise,
        "title": title_of(exercise, current()) if exercise else found.exercise,
        "told": told_of(exercise, current()),
        "lines": highlighted_lines(found.source),
        "earlier": earlier[0] if earlier else None,
        "annotations": course.annotations(found.number),
    }
    return page(request, "submission.html", context)


@router.get("/submissions/{submission_id}/result")
def result(request: Request, found: Found, service: Service, visitor: Visitor) -> Response:
    """The result alone, for scripts."""
    told = told_of(service.catalogue.get(found.exercise), current())
    return page(request, "_result.html", {"submission": found, "told": told})


@router.get("/submissions/{submission_id}/graphs/{check_id}")
def graph(submission: Found, check_id: str, service: Service) -> Response:
    """What `<gt-graph-view>` shows of a check that failed on a graph, as JSON."""
    result = submission.result or {"tests": []}
    for test in result["tests"]:
        found = (test.get("detail") or {}).get("graph")
        if test["id"] == check_id and found and found["page"]:
            told = told_of(service.catalogue.get(submission.exercise), current())
            return JSONResponse(graph_page.told(found["page"], current(), told.sentences))
    raise HTTPException(404, _("There is no such graph."))


@router.get("/exercises/{exercise_id}/compare")
def compared(
    request: Request,
    exercise_id: str,
    service: Service,
    visitor: Visitor,
    before: Annotated[str, Query(alias="from", max_length=100)] = "",
    after: Annotated[str, Query(alias="to", max_length=100)] = "",
    view: Literal["unified", "split"] = "unified",
) -> Response:
    """What changed from one attempt at an exercise to another; by default from the last but one to the last."""
    exercise = service.exercise(exercise_id)
    history = service.history(exercise_id)
    new = service.find(after) if after else (history[0] if history else None)
    old = service.find(before) if before else (history[1] if len(history) > 1 else None)
    if any(one is not None and one.exercise != exercise_id for one in (new, old)):
        raise HTTPException(404, _("These are attempts at another exercise."))
    if (after and new is None) or (before and old is None):
        raise HTTPException(404, _("There is no such attempt."))
    context = {
        "exercise": exercise,
        "title": title_of(exercise, current()),
        "history": history,
        "old": old,
        "new": new,
        "view": view,
        "comparison": compare(old.source, new.source) if old and new else None,
    }
    return page(request, "compare.html", context)
