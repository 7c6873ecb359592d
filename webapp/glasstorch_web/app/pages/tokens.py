"""One's own tokens for notebooks and programs, and the browsers where one is logged in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from ...store.people import User
from ...words import Refusal
from ..language import gettext as _
from .common import Meant, Visitor, require_course, said
from .login import accounts_of
from .me import own_page_of

router = APIRouter()


def _user(request: Request, visitor: Visitor) -> User:
    require_course(request)
    found = accounts_of(request).people.get(visitor.id)
    if found is None:
        raise HTTPException(404)
    return found


@router.post("/me/tokens", dependencies=[Meant])
def issue(
    request: Request,
    visitor: Visitor,
    label: Annotated[str, Form(max_length=400)] = "",
    days: Annotated[float, Form(ge=0, le=3660)] = 0,
) -> Response:
    """A new token, which the answer shows and nothing else ever will; `days` 0: it does not end."""
    user = _user(request, visitor)
    try:
        secret = accounts_of(request).issue_token(user, label, days or None)
    except Refusal as error:
        return own_page_of(request, problem=said(error), status=422)
    return own_page_of(request, token=secret)


@router.post("/me/tokens/{token}/revoke", dependencies=[Meant])
def revoke(request: Request, visitor: Visitor, token: str) -> Response:
    """End one of one's own tokens."""
    if not accounts_of(request).revoke_token(_user(request, visitor), token):
        raise HTTPException(404, _("There is no such token."))
    return RedirectResponse("../../../me#tokens", status_code=303)


@router.post("/me/sessions/{session}/end", dependencies=[Meant])
def end(request: Request, visitor: Visitor, session: str) -> Response:
    """Log one of one's own browsers out; `others`: all but this one."""
    user = _user(request, visitor)
    sessions = accounts_of(request).sessions
    if session == "others":
        sessions.end_all(user.id, but=visitor.session)
    elif not sessions.end(session, user.id):
        raise HTTPException(404, _("There is no such session."))
    return RedirectResponse("../../../me#sessions", status_code=303)
