"""Links that staff hands out: to join the course, and to set a new password; and changing one's own."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...services.accounts import LoginRefused, TooManyAttempts
from ...services.passwords import SHORTEST
from ...words import Refusal
from .. import auth
from ..language import gettext as _
from ..rendering import page
from .common import Meant, Visitor, require_course, said
from .login import accounts_of, address_of, browser_of, guest_page, logged_in

router = APIRouter()

Text = Annotated[str, Form(max_length=2000)]


@router.get("/join/{secret}")
def invited(request: Request, secret: str) -> Response:
    """The form by which somebody who was invited makes their account."""
    return _join_page(request, secret)


def _join_page(
    request: Request, secret: str, name: str = "", email: str = "", problem: str = "", status: int = 200
) -> Response:
    require_course(request)
    found = accounts_of(request).invitations.get(secret)
    if found is None or found.user is not None:
        return page(request, "link_ended.html", {"heading": _("This invitation has ended")}, status=404)
    context: dict[str, Any] = {
        "role": found.role,
        "fixed_email": found.email,
        "name": name,
        "email": found.email or email,
        "problem": problem,
        "shortest": SHORTEST,
    }
    return guest_page(request, "join.html", context, status)


@router.post("/join/{secret}")
def join(
    request: Request,
    secret: str,
    name: Text = "",
    email: Text = "",
    password: Text = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Make the account and log in."""
    require_course(request)
    auth.require_guest_token(request, csrf)
    accounts = accounts_of(request)
    try:
        user = accounts.join(secret, name, email, password)
    except Refusal as error:
        return _join_page(request, secret, name, email, said(error), 422)
    return logged_in(request, accounts.sessions.begin(user.id, browser_of(request)), "../")


@router.get("/password/{secret}")
def password_link(request: Request, secret: str) -> Response:
    """The form behind a link to set a new password."""
    return _link_page(request, secret)


def _link_page(request: Request, secret: str, problem: str = "", status: int = 200) -> Response:
    require_course(request)
    owner = accounts_of(request).password_link_owner(secret)
    if owner is None:
        return page(request, "link_ended.html", {"heading": _("This link has ended")}, status=404)
    context = {"owner": owner, "problem": problem, "shortest": SHORTEST}
    return guest_page(request, "password_link.html", context, status)


@router.post("/password/{secret}")
def set_password(
    request: Request, secret: str, password: Text = "", csrf: Annotated[str, Form()] = ""
) -> Response:
    """Set the password and log in."""
    require_course(request)
    auth.require_guest_token(request, csrf)
    accounts = accounts_of(request)
    try:
        user = accounts.set_password_by_link(secret, password)
    except Refusal as error:
        return _link_page(request, secret, said(error), 422)
    return logged_in(request, accounts.sessions.begin(user.id, browser_of(request)), "../")


@router.get("/password")
def password(request: Request, visitor: Visitor) -> Response:
    """Change one's own password."""
    return _password_page(request, visitor.id)


def _password_page(
    request: Request,
    user: str,
    problem: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    require_course(request)
    accounts = accounts_of(request)
    person = accounts.people.get(user)
    context = {
        "has_password": accounts.has_password(user),
        "email": person.email if person else None,
        "problem": problem,
        "shortest": SHORTEST,
    }
    return page(request, "password.html", context, status=status, headers=headers)


@router.post("/password", dependencies=[Meant])
def change_password(request: Request, visitor: Visitor, current: Text = "", password: Text = "") -> Response:
    """Change it; all other browsers are logged out, and this one gets a new session."""
    require_course(request)
    accounts = accounts_of(request)
    user = accounts.people.get(visitor.id)
    if user is None:
        raise HTTPException(404)
    try:
        secret = accounts.change_password(user, current, password, address_of(request), browser_of(request))
    except TooManyAttempts as error:
        headers = {"Retry-After": str(math.ceil(error.wait))}
        return _password_page(request, user.id, said(error), 429, headers)
    except LoginRefused as error:
        return _password_page(request, user.id, said(error), 403)
    except Refusal as error:
        return _password_page(request, user.id, said(error), 422)
    return logged_in(request, secret, "./me")
