"""The course map: the lessons as a path, and what to do next."""

from __future__ import annotations

import datetime
import time

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...services.reviews import Reviews
from ..api import Service
from ..language import gettext as _
from ..rendering import page
from .common import Visitor
from .standing import Step, Stretch, stretches

MOST_UPCOMING = 3

router = APIRouter()


@router.get("/")
def course_map(request: Request, service: Service, visitor: Visitor) -> Response:
    """Every lesson with its exercises, points and dates; where to continue; what to review."""
    lessons = stretches(request, service, visitor)
    steps = [step for lesson in lessons for step in lesson.exercises]
    total = {
        "score": sum(step.score for step in steps),
        "max_score": sum(step.max_score for step in steps),
        "passed": sum(step.state == "passed" for step in steps),
        "exercises": len(steps),
        "tried": sum(step.tried for step in steps) + sum(lesson.read for lesson in lessons),
    }
    reviews: Reviews = request.app.state.reviews
    context = {
        "lessons": lessons,
        "total": total,
        "next": _next(lessons),
        "reviews": reviews.counts(visitor.id, datetime.date.today()),
        "upcoming": _upcoming(lessons),
        "now": time.time(),
    }
    return page(request, "map.html", context)


def _next(lessons: list[Stretch]) -> dict[str, str] | None:
    """Where to go on: an exercise that is begun, else the next one, else the next lesson's text."""
    here = next((lesson for lesson in lessons if lesson.state == "current"), None)
    continued = next((step for lesson in lessons for step in lesson.exercises if step.continued), None)
    if continued is not None:
        return {
            "href": f"exercises/{continued.id}",
            "label": _("Continue where you were"),
            "title": continued.title,
            "action": _("To the exercise"),
        }
    if here is None:
        return None
    fresh = all(step.state != "passed" for step in here.exercises) and not here.read
    if here.has_text and fresh:
        label = _("The first lesson") if here is lessons[0] else _("The next lesson")
        return {
            "href": f"lessons/{here.slug}",
            "label": label,
            "title": here.title,
            "action": _("Read the lesson"),
        }
    step = next(one for one in here.exercises if one.state == "next")
    return {
        "href": f"exercises/{step.id}",
        "label": _("Next exercise"),
        "title": step.title,
        "action": _("To the exercise"),
    }


def _upcoming(lessons: list[Stretch]) -> list[Step]:
    """What is due first, of what is not passed yet."""
    due = [
        (step.deadline.due_at, at, step)
        for at, step in enumerate(step for lesson in lessons for step in lesson.exercises)
        if step.deadline is not None and step.deadline.due_at is not None and step.state != "passed"
    ]
    return [step for _due_at, _at, step in sorted(due)[:MOST_UPCOMING]]
