"""Logging in and out."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from ...services.accounts import Accounts, LoginRefused, TooManyAttempts
from .. import auth, language
from ..rendering import page, visitor_of
from .common import Meant, own_page, require_course, said

YEAR = 365 * 24 * 3600  # seconds

router = APIRouter()


def accounts_of(request: Request) -> Accounts:
    found: Accounts = request.app.state.accounts
    return found


def address_of(request: Request) -> str:
    """Where a request comes from; uvicorn has looked behind the proxies that the settings trust."""
    return request.client.host if request.client else ""


def browser_of(request: Request) -> str:
    return request.headers.get("user-agent", "")


def guest_page(
    request: Request,
    template: str,
    context: dict[str, Any],
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """A page with a form for somebody who is not logged in."""
    csrf, secret = auth.guest_token(request)
    field = Markup('<input type="hidden" name="csrf" value="{}">').format(csrf)
    answer = page(request, template, {**context, "guest_field": field}, status=status, headers=headers)
    auth.keep_guest(request, answer, secret)
    return answer


def logged_in(request: Request, secret: str, to: str) -> Response:
    """Goes on to a page of this site, as somebody who is now logged in."""
    answer = RedirectResponse(to, status_code=303)
    auth.give_session(request, answer, secret)
    found = accounts_of(request).sessions.get(secret)
    chosen = found[0].language if found else None
    if chosen in language.LANGUAGES and language.COOKIE not in request.cookies:
        settings = request.app.state.settings
        auth.set_cookie(settings, answer, language.COOKIE, chosen, YEAR)
    return answer


@router.get("/login")
def login(request: Request, next: str = "") -> Response:
    """The login form; who is logged in goes on at once."""
    require_course(request)
    if visitor_of(request) is not None:
        return RedirectResponse(f"./{own_page(next)}", status_code=303)
    return _page(request, next)


def _page(
    request: Request,
    next: str,
    *,
    email: str = "",
    problem: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    settings = request.app.state.settings
    context = {
        "next": own_page(next),
        "email": email,
        "problem": problem,
        "hub": settings.hub_name if settings.has_hub else "",
    }
    return guest_page(request, "login.html", context, status, headers)


@router.post("/login")
def log_in(
    request: Request,
    email: Annotated[str, Form(max_length=400)] = "",
    password: Annotated[str, Form(max_length=2000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Begin a session."""
    require_course(request)
    auth.require_guest_token(request, csrf)
    try:
        secret = accounts_of(request).log_in(email, password, address_of(request), browser_of(request))
    except LoginRefused as error:
        return _page(request, next, email=email, problem=said(error), status=403)
    except TooManyAttempts as error:
        headers = {"Retry-After": str(math.ceil(error.wait))}
        return _page(request, next, email=email, problem=said(error), status=429, headers=headers)
    return logged_in(request, secret, f"./{own_page(next)}")


@router.post("/logout", dependencies=[Meant])
def log_out(request: Request) -> Response:
    """End this browser's session, in the store too."""
    require_course(request)
    auth.end_session(request)
    answer = RedirectResponse("./login", status_code=303)
    auth.forget_session(request, answer)
    return answer
