"""The pages. Each works without scripts; with scripts the exercise page grades in place."""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from ..grader.exercises import Exercise
from ..services.grading import UnacceptableSubmission
from ..store import QueueFullError, Submission
from .api import Pool, Service, known_submission
from .rendering import page

router = APIRouter(include_in_schema=False)

Known = Annotated[str, Depends(known_submission)]


@router.get("/")
def exercises(request: Request, service: Service, pool: Pool) -> Response:
    """Every exercise with its points and the best result so far."""
    best = service.best()
    rows = [(exercise, best.get(exercise.id)) for exercise in service.catalogue.all().values()]
    return page(request, "exercises.html", {"rows": rows, "isolation": pool.isolation()})


@router.get("/exercises/{exercise_id}")
def exercise(
    request: Request, exercise_id: str, service: Service, pool: Pool, attempt: str | None = None
) -> Response:
    """Statement, editor, result and history; `attempt` is an earlier submission to continue from."""
    found = service.exercise(exercise_id)
    chosen = service.find(attempt) if attempt else None
    if chosen is not None and chosen.exercise != exercise_id:
        chosen = None
    return _exercise_page(request, found, service.history(exercise_id), pool, chosen=chosen)


def _exercise_page(
    request: Request,
    exercise: Exercise,
    history: list[Submission],
    pool: Pool,
    *,
    chosen: Submission | None = None,
    source: str | None = None,
    problem: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    latest = chosen or (history[0] if history else None)
    if source is None:
        source = latest.source if latest else exercise.read("starter.py")
    context = {
        "exercise": exercise,
        "history": history,
        "latest": latest,
        "source": source,
        "chosen": chosen is not None,
        "problem": problem,
        "form_token": request.app.state.form_token,
        "isolation": pool.isolation(),
    }
    return page(request, "exercise.html", context, status=status, headers=headers)


@router.post("/exercises/{exercise_id}")
def submit(
    request: Request,
    exercise_id: str,
    service: Service,
    pool: Pool,
    source: Annotated[str, Form()] = "",
    form_token: Annotated[str, Form()] = "",
) -> Response:
    """Hand in without scripts: store, then show the submission's own page."""
    if not hmac.compare_digest(form_token.encode(), request.app.state.form_token.encode()):
        raise HTTPException(403, "This form was not made by this service. Open the exercise again.")
    source = source.replace("\r\n", "\n")
    try:
        stored = service.submit(exercise_id, source)
    except (UnacceptableSubmission, QueueFullError) as error:
        found, history = service.exercise(exercise_id), service.history(exercise_id)
        if isinstance(error, QueueFullError):
            problem, status = f"{error}. Please hand it in again in a moment; your code is still here.", 429
        else:
            problem, status = str(error), 413 if error.too_large else 422
        return _exercise_page(request, found, history, pool, source=source, problem=problem, status=status)
    return RedirectResponse(f"../submissions/{quote(stored.id)}", status_code=303)


@router.get("/exercises/{exercise_id}/history")
def history(request: Request, exercise_id: str, service: Service) -> Response:
    """The list of attempts alone, for scripts."""
    context = {"exercise": service.exercise(exercise_id), "history": service.history(exercise_id)}
    return page(request, "_history.html", context)


@router.get("/submissions/{submission_id}")
def submission(request: Request, submission_id: Known, service: Service) -> Response:
    """One attempt: its code and its result; asks again by itself while it is being graded."""
    found = service.submission(submission_id)
    exercise = service.catalogue.get(found.exercise)  # None when its folder has gone since
    return page(request, "submission.html", {"submission": found, "exercise": exercise})


@router.get("/submissions/{submission_id}/result")
def result(request: Request, submission_id: Known, service: Service) -> Response:
    """The result alone, for scripts."""
    return page(request, "_result.html", {"submission": service.submission(submission_id)})


@router.get("/submissions/{submission_id}/graphs/{check_id}")
def graph(submission_id: Known, check_id: str, service: Service) -> Response:
    """What `<gt-graph-view>` shows of a check that failed on a graph, as JSON."""
    result = service.submission(submission_id).result or {"tests": []}
    for test in result["tests"]:
        found = (test.get("detail") or {}).get("graph")
        if test["id"] == check_id and found and found["page"]:
            return JSONResponse(found["page"])
    raise HTTPException(404, "There is no such graph.")
