"""Errors for people (a page) and for programs (RFC 9457 problem+json); never a stack trace."""

from __future__ import annotations

import datetime
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match, get_route_path
from starlette.types import Scope

from ..logs import REQUEST
from ..services.grading import GradingService, NotAllowed, UnacceptableSubmission, UnknownExercise
from ..store import IdempotencyError, NotTakenError, QueueFullError, TooManyError, UnavailableError
from .language import gettext as _
from .language import moment, ngettext
from .problem_kinds import KINDS, Kind
from .rendering import page

log = logging.getLogger("glasstorch.service")

API_PREFIX = "/api/v1"
PROGRAM_PATHS = ("/api/", "/healthz", "/readyz", "/metrics", "/static/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
RETRY_AFTER = 5  # seconds; a grade takes well under one, so a full queue drains in a few

# What the framework refuses by itself, by status.
_BY_STATUS = {
    400: "not-json",
    401: "token-needed",
    403: "refused",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    503: "not-ready",
}


class ProblemError(HTTPException):
    """A request that cannot be answered as asked. `more`: further members of the problem's JSON.

    (An HTTPException, because the framework lets no other through where it reads a request's body.)
    """

    def __init__(self, kind: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        self.kind = KINDS[kind]
        self.more = more
        super().__init__(self.kind.status, detail, headers)


def problem_for(
    scope: Scope, kind: Kind, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """The answer for an error: a page for page addresses, else problem+json with these further members."""
    if is_for_programs(scope):
        body = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": detail, **more}
        if request := REQUEST.get():
            body["instance"] = f"urn:uuid:{request}"
        return JSONResponse(body, kind.status, headers, media_type="application/problem+json")
    context = {"status": kind.status, "heading": kind.title, "detail": detail, "kind": kind}
    return page(Request(scope), "error.html", context, status=kind.status, headers=headers)


def is_for_programs(scope: Scope) -> bool:
    """Whether the address is one that programs ask for; the others are pages."""
    return get_route_path(scope).startswith(PROGRAM_PATHS)


def install(app: FastAPI) -> None:
    """Answer each kind of error in one way."""

    def answer(request: Request, error: ProblemError) -> Response:
        if error.kind.slug == "login-needed" and request.method == "GET":
            return _to_login(request)
        headers = dict(error.headers) if error.headers else None
        return problem_for(request.scope, error.kind, error.detail, headers=headers, **error.more)

    @app.exception_handler(ProblemError)
    async def problem(request: Request, error: ProblemError) -> Response:
        return answer(request, error)

    @app.exception_handler(HTTPException)
    async def refused_by_the_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            allowed = ", ".join(allowed_methods(request))
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": allowed})
            detail = f"{request.method[:20]} is not one of the methods of this address: {allowed}."
            return answer(request, ProblemError("method-not-allowed", detail, {"Allow": allowed}))
        path = get_route_path(request.scope)
        if error.status_code == 404 and path.startswith("/api") and not _below(path, API_PREFIX):
            detail = f"This service has version 1 of the API only; its addresses begin with {API_PREFIX}."
            return answer(request, ProblemError("unknown-version", detail, versions=["v1"]))
        detail = f"There is no page at {path[:200]}." if error.status_code == 404 else str(error.detail)
        headers = dict(error.headers) if error.headers else None
        kind = _BY_STATUS.get(error.status_code, "invalid-request")
        return answer(request, ProblemError(kind, detail, headers))

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"where": ".".join(str(part) for part in e["loc"])[:200], "what": e["msg"][:500]}
            for e in error.errors()[:20]
        ]
        detail = "; ".join(f"{e['where']}: {e['what']}" for e in errors)[:2000]
        no_json = any(e["type"] == "json_invalid" for e in error.errors())
        return answer(
            request, ProblemError("not-json" if no_json else "invalid-request", detail, errors=errors)
        )

    @app.exception_handler(UnknownExercise)
    async def no_exercise(request: Request, error: UnknownExercise) -> Response:
        detail = f"There is no exercise {str(error)[:100]!r}. " + (
            f"Did you mean {error.near}?" if error.near else "The list of exercises shows what there is."
        )
        return answer(request, ProblemError("no-such-exercise", detail))

    @app.exception_handler(UnacceptableSubmission)
    async def unacceptable(request: Request, error: UnacceptableSubmission) -> Response:
        return answer(
            request, ProblemError("too-large" if error.too_large else "unacceptable-code", str(error))
        )

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, error: NotAllowed) -> Response:
        return answer(request, ProblemError("not-allowed", str(error)))

    @app.exception_handler(UnavailableError)
    async def store_away(request: Request, error: UnavailableError) -> Response:
        log.warning("%s", error)
        detail = (
            "The store does not answer now. Nothing of this request was kept; please try again in a moment."
        )
        return answer(request, ProblemError("not-ready", detail, {"Retry-After": str(RETRY_AFTER)}))

    @app.exception_handler(IdempotencyError)
    async def other_code(request: Request, error: IdempotencyError) -> Response:
        detail = "This idempotency key was used before with other code. Use a new key for new code."
        return answer(request, ProblemError("key-reused", detail))


def _to_login(request: Request) -> Response:
    """The login page, from which one comes back here."""
    path = get_route_path(request.scope)
    query = request.scope["query_string"].decode("ascii", "replace")
    back = quote(path.removeprefix("/") + (f"?{query}" if query else ""))
    root = "../" * (path.count("/") - 1) or "./"
    return RedirectResponse(f"{root}login" + (f"?next={back}" if back else ""), status_code=303)


def not_taken(error: NotTakenError) -> str:
    """Why the course's rules refuse a submission, in the reader's language."""
    if error.kind == "closed":
        when = moment(datetime.datetime.fromtimestamp(error.closed_at or 0).astimezone())
        return _("This exercise was closed on %(when)s, so nothing was handed in.") % {"when": when}
    return ngettext(
        "The one attempt at this exercise is used, so nothing was handed in.",
        "All %(num)s attempts at this exercise are used, so nothing was handed in.",
        error.limit,
    ) % {"num": error.limit}


@contextmanager
def said_when_busy(service: GradingService) -> Iterator[None]:
    """Turns the store's refusals of a submission into words for its learner.

    Raises:
        ProblemError: with `Retry-After`, and where the learner's own earlier submission is.
    """
    try:
        yield
    except QueueFullError as error:
        own = service.first_waiting()
        yours = f" Your own first one has place {own.place} in line." if own else ""
        detail = (
            f"{error.waiting} submissions wait already, so this one was not taken.{yours} "
            f"Nothing else is lost; hand it in again in about {RETRY_AFTER} seconds."
        )
        earlier = _earlier(own.id, own.place) if own else {}
        more = {"waiting": error.waiting, "limit": error.limit, **earlier}
        raise ProblemError("queue-full", detail, {"Retry-After": str(RETRY_AFTER)}, **more) from None
    except NotTakenError as error:
        kind = "closed" if error.kind == "closed" else "no-attempts-left"
        raise ProblemError(kind, not_taken(error)) from None
    except TooManyError as error:
        pause = math.ceil(max(1.0, error.retry_after))
        seconds = "1 second" if pause == 1 else f"{pause} seconds"
        where = f"It has place {error.place} in line." if error.place else "It has left the queue already."
        if error.kind == "rate":
            detail = (
                f"You have handed in {error.limit} times within a minute, which is as often as is graded for one "
                f"person. This one was not taken; hand it in again in {seconds}. About your latest one: {where}"
            )
        else:
            earlier_ones = "one submission" if error.limit == 1 else f"{error.limit} submissions"
            detail = (
                f"You have {earlier_ones} to this exercise that {'is' if error.limit == 1 else 'are'} not graded yet, "
                f"so this one was not taken. About the first: {where} See its result, then hand this one in."
            )
        kind = "too-fast" if error.kind == "rate" else "still-pending"
        more = {"limit": error.limit, "retry_after": pause, **_earlier(error.submission, error.place)}
        raise ProblemError(kind, detail, {"Retry-After": str(pause)}, **more) from None


def _earlier(ident: str, place: int) -> dict[str, Any]:
    return {"earlier": {"id": ident, "url": f"submissions/{ident}", "place": place}}


def allowed_methods(request: Request) -> list[str]:
    """The methods that the routes of this request's address take."""
    found = [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    return (["GET", "HEAD", *found[1:]] if "GET" in found else found) + ["OPTIONS"]


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
