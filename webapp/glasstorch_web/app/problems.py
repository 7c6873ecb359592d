"""Errors for people (a page) and for programs (RFC 9457 problem+json); never a stack trace."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import get_route_path
from starlette.types import Scope

from ..services.grading import UnacceptableSubmission, UnknownExercise
from ..store import IdempotencyError, QueueFullError
from .rendering import page

PROGRAM_PATHS = ("/api/", "/healthz", "/readyz", "/static/")

HEADINGS = {
    403: "That request was not accepted",
    404: "There is nothing here",
    405: "That cannot be done here",
    413: "That is too long",
    421: "This is not the address of this service",
    422: "That could not be understood",
    429: "The queue is full",
    500: "Something broke on our side",
    503: "The service is not ready",
}


def problem_for(
    scope: Scope, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """The answer for an error: a page for page addresses, else problem+json. `more`: further JSON members."""
    path = get_route_path(scope)
    if path.startswith(PROGRAM_PATHS):
        body = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail, **more}
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    return page(
        Request(scope),
        "error.html",
        {"status": status, "heading": HEADINGS.get(status, _title(status)), "detail": detail},
        status=status,
        headers=headers,
    )


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def install(app: FastAPI, retry_after: int) -> None:
    """Answer each kind of error in one way."""

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        detail = error.detail
        if error.status_code == 404 and detail == "Not Found":
            detail = f"There is no page at {request.url.path[:200]}."
        headers = dict(error.headers) if error.headers else None
        return problem_for(request.scope, error.status_code, detail, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"where": ".".join(str(part) for part in e["loc"]), "what": e["msg"]} for e in error.errors()
        ]
        detail = "; ".join(f"{e['where']}: {e['what']}" for e in errors)[:2000]
        return problem_for(request.scope, 422, detail, errors=errors)

    @app.exception_handler(UnknownExercise)
    async def no_exercise(request: Request, error: UnknownExercise) -> Response:
        detail = f"There is no exercise {str(error)[:100]!r}. The list of exercises shows what there is."
        return problem_for(request.scope, 404, detail)

    @app.exception_handler(UnacceptableSubmission)
    async def unacceptable(request: Request, error: UnacceptableSubmission) -> Response:
        return problem_for(request.scope, 413 if error.too_large else 422, str(error))

    @app.exception_handler(QueueFullError)
    async def queue_full(request: Request, error: QueueFullError) -> Response:
        detail = (
            f"{error.waiting} submissions wait already, so this one was not taken. "
            f"Nothing else is lost; hand it in again in about {retry_after} seconds."
        )
        return problem_for(request.scope, 429, detail, headers={"Retry-After": str(retry_after)})

    @app.exception_handler(IdempotencyError)
    async def other_code(request: Request, error: IdempotencyError) -> Response:
        detail = "This idempotency key was used before with other code. Use a new key for new code."
        return problem_for(request.scope, 422, detail)
