"""The exercise page: statement, editor or form, result and attempts."""

from __future__ import annotations

import math
import time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from ...grader.exercises import Exercise
from ...services.course import CourseService
from ...services.grading import GradingService, UnacceptableSubmission
from ...services.progress import Progress
from ...services.texts import texts_of, told_of
from ...store import NotTakenError, QueueFullError, Submission, TooManyError
from ..api import Pool, Service
from ..language import current, ngettext
from ..language import gettext as _
from ..problems import not_taken
from ..rendering import Asker, page
from .answers import answers_in, source_of
from .common import Meant, Visitor
from .standing import lesson_of
from .trend import trend

RETRY_AFTER = 5  # seconds; a grade takes well under one, so a full queue drains in a few

router = APIRouter()


@router.get("/exercises/{exercise_id}")
def exercise(
    request: Request,
    exercise_id: str,
    service: Service,
    pool: Pool,
    visitor: Visitor,
    attempt: str | None = None,
) -> Response:
    """Statement, editor, result and history; `attempt` is an earlier submission to continue from."""
    found = service.exercise(exercise_id)
    chosen = service.find(attempt) if attempt else None
    if chosen is not None and chosen.exercise != exercise_id:
        chosen = None
    return _page(request, found, service, pool, visitor, chosen=chosen)


def _page(
    request: Request,
    exercise: Exercise,
    service: GradingService,
    pool: Any,
    visitor: Asker,
    *,
    chosen: Submission | None = None,
    source: str | None = None,
    problem: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    history = service.history(exercise.id)
    texts = texts_of(exercise, current(), visitor.id)
    latest = chosen or (history[0] if history else None)
    if source is None:
        source = latest.source if latest else texts.starter
    progress: Progress = request.app.state.progress
    course: CourseService = request.app.state.course
    context = {
        "exercise": exercise,
        "texts": texts,
        "told": told_of(exercise, current()),
        "lesson": lesson_of(request, exercise),
        "score": progress.scores(visitor.id).get(exercise.id),
        "history": history,
        "notes": request.app.state.annotations.counts(visitor.id, exercise.id),
        "trend": trend(history),
        "latest": latest,
        "source": source,
        "answers": answers_in(source, exercise) if exercise.questions else {},
        "chosen": chosen is not None,
        "problem": problem,
        "isolation": pool.isolation(),
        "deadline": course.deadlines(visitor.id).get(exercise.id),
        "now": time.time(),
        "words": _words_for_script(),
    }
    return page(request, "exercise.html", context, status=status, headers=headers)


async def handed_in(request: Request) -> FormData:
    """The form's fields; a prediction has one for each of its questions."""
    return await request.form()


@router.post("/exercises/{exercise_id}", dependencies=[Meant])
def submit(
    request: Request,
    exercise_id: str,
    service: Service,
    pool: Pool,
    visitor: Visitor,
    form: Annotated[FormData, Depends(handed_in)],
) -> Response:
    """Hand in without scripts: store, then show the submission's own page."""
    found = service.exercise(exercise_id)
    source = str(form.get("source", "")).replace("\r\n", "\n")
    if found.questions:
        given = {asked.id: str(form.get(f"answer-{asked.id}", "")) for asked in found.questions}
        source, problem = source_of(given, found)
        if problem:
            return _page(request, found, service, pool, visitor, source=source, problem=problem, status=422)
    headers: dict[str, str] = {}
    try:
        stored = service.submit(exercise_id, source)
    except UnacceptableSubmission as error:
        problem, status = str(error), 413 if error.too_large else 422
    except QueueFullError:
        headers["Retry-After"] = str(RETRY_AFTER)
        problem, status = (
            _("Very many are handing in just now. Please try again in a moment; your code is still here."),
            429,
        )
    except NotTakenError as error:
        problem, status = f"{not_taken(error)} {_('Your code is still here.')}", 403
    except TooManyError as error:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
        problem, status = too_many(error), 429
    else:
        return RedirectResponse(f"../submissions/{quote(stored.id)}", status_code=303)
    return _page(
        request, found, service, pool, visitor, source=source, problem=problem, status=status, headers=headers
    )


def too_many(error: TooManyError) -> str:
    """Why one learner has to wait, in kind words."""
    seconds = max(1, math.ceil(error.retry_after))
    wait = ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds) % {
        "num": seconds
    }
    if error.kind == "pending":
        reason = _("Your earlier code for this exercise is still being graded.")
    else:
        reason = _(
            "You have handed in often during the last minute; a look at the feedback may help more now."
        )
    return f"{reason} {wait} {_('Your code is still here.')}"


def _words_for_script() -> dict[str, str]:
    """What the exercise page's script says, in the reader's language."""
    return {
        "handIn": _("Hand in"),
        "grading": _("Grading …"),
        "handedIn": _("Handed in."),
        "waiting": _("Waiting to be graded"),
        "now": _("Grading"),
        "starting": _("Starting"),
        "place": _("Your code is stored. Place in line: {place}."),
        "again": _("Back to the start. Undo brings your code back."),
        "kept": _("Your unfinished code was kept in this browser."),
        "silent": _("The grading service does not answer. Is it still running? Your code is kept here."),
        "lost": _(
            "The connection to the grading service was lost. Your code is stored; reload to see its result."
        ),
        "offline": _("You are offline. Your code is kept in this browser; hand it in when you are back."),
        "error": _("The service answered with error {status}. Your code is kept here."),
        "queue": _(
            "Very many are handing in just now. Please try again in a moment; your code is still here."
        ),
        "pending": _("Your earlier code for this exercise is still being graded. Your code is still here."),
        "rate": _(
            "You have handed in often during the last minute; a look at the feedback may help more now."
        ),
        "wait": _("Again in {seconds} s"),
    }
