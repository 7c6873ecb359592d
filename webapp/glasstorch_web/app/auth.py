"""Who is asking: the session's cookie, the token that its forms carry, and which roles may do what.

A session is a row of the store; the browser holds a secret that names it. The secret changes at each login, so one
that was planted before is worth nothing. Forms carry a value made from the secret, which no other site's page can
know and which is another one for each session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..services.grading import STAFF
from ..settings import Settings
from ..store import UnavailableError
from ..store.people import ROLES, Role
from ..store.sessions import ABSOLUTE, Sessions
from . import identity
from .access import CALL
from .language import gettext as _
from .problem_kinds import KINDS
from .problems import ProblemError, is_for_programs, problem_for
from .rendering import Visitor, visitor_of

GUEST_SECONDS = 3600  # for which a login form can be sent
_ASKS_NOBODY = ("/static/", "/views/", "/healthz", "/readyz", "/metrics")


class Asking:
    """ASGI middleware of a service with accounts: finds out whose session a request belongs to."""

    def __init__(self, app: ASGIApp, sessions: Sessions, cookie: str) -> None:
        self._app = app
        self._sessions = sessions
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await self._find(scope)
            except UnavailableError:
                detail = _("The store does not answer now. Please try again in a moment.")
                await problem_for(scope, KINDS["not-ready"], detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _find(self, scope: Scope) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        headers = dict(scope["headers"])
        secret = cookie_parser(headers.get(b"cookie", b"").decode("latin-1")).get(self._cookie)
        # Who sends a token means to be known by it.
        if not secret or b"authorization" in headers or path.startswith(_ASKS_NOBODY):
            return
        found = await run_in_threadpool(self._sessions.get, secret)
        if found is not None:
            user, session = found
            visitor = Visitor(user.id, user.name, user.role, user.language, form_token(secret), session.id)
            scope.setdefault("state", {})["visitor"] = visitor
            scope[CALL].user = user.id


def form_token(secret: str) -> str:
    """What the forms of a session carry; it does not lead back to the session's secret."""
    return hmac.new(secret.encode(), b"forms", hashlib.sha256).hexdigest()


def session_cookie(settings: Settings) -> str:
    """The cookie's name. Browsers take `__Host-` from this host alone, over https and for every path."""
    if settings.is_https:
        return "__Secure-glasstorch_session" if settings.root_path else "__Host-glasstorch_session"
    return "glasstorch_session"


def session_secret(request: Request) -> str:
    """What this browser's cookie holds, valid or not."""
    return request.cookies.get(session_cookie(request.app.state.settings), "")


def give_session(request: Request, response: Response, secret: str) -> None:
    """Log this browser in by the answer; whatever session it had before ends."""
    settings = request.app.state.settings
    end_session(request)
    set_cookie(settings, response, session_cookie(settings), secret, int(ABSOLUTE))


def end_session(request: Request) -> None:
    """End this browser's session in the store."""
    sessions: Sessions = request.app.state.accounts.sessions
    if found := sessions.get(session_secret(request)):
        sessions.end(found[1].id, found[0].id)


def forget_session(request: Request, response: Response) -> None:
    """Take the cookie away."""
    settings = request.app.state.settings
    set_cookie(settings, response, session_cookie(settings), "", 0)


def guest_token(request: Request) -> tuple[str, str]:
    """For the forms of somebody who is not logged in: what the form carries, and what its cookie holds."""
    secret = request.cookies.get(_guest_cookie(request)) or secrets.token_urlsafe(24)
    return form_token(secret), secret


def keep_guest(request: Request, response: Response, secret: str) -> None:
    """Set the cookie that belongs to `guest_token`."""
    set_cookie(request.app.state.settings, response, _guest_cookie(request), secret, GUEST_SECONDS)


def require_guest_token(request: Request, csrf: str) -> None:
    """Refuse a guest's form that this site has not given to this browser.

    Raises:
        HTTPException: 403, with words.
    """
    secret = request.cookies.get(_guest_cookie(request), "")
    if not secret or not hmac.compare_digest(csrf.encode(), form_token(secret).encode()):
        raise HTTPException(
            403,
            _(
                "This form is out of date, or your browser keeps no cookies of this site. Open the page again."
            ),
        )


def _guest_cookie(request: Request) -> str:
    return session_cookie(request.app.state.settings).replace("_session", "_guest")


def set_cookie(settings: Settings, response: Response, name: str, value: str, seconds: int) -> None:
    """A cookie of this site's: below its prefix, by https where there is any, and not for scripts."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=settings.root_path or "/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def visitor(request: Request) -> Visitor:
    """Whoever is logged in; the one person of a service without accounts.

    Raises:
        ProblemError: nobody is. A page is answered with the way to the login page, the API with 401.
    """
    found = visitor_of(request)
    if found is not None:
        return found
    if is_for_programs(request.scope):
        identity.person(request)  # says what is missing
    raise ProblemError("login-needed", _("Log in to see this page."))


def require(role: Role) -> Callable[[Request], Visitor]:
    """A dependency: a visitor of this role or a higher one.

    On a page learners hear that there is nothing here, and staff that it is not theirs to see.
    """

    def check(request: Request) -> Visitor:
        found = visitor(request)
        if ROLES.index(found.role) < ROLES.index(role):
            if is_for_programs(request.scope):
                raise ProblemError("not-allowed", _("Your role does not allow this."))
            if found.role not in STAFF:
                raise HTTPException(404)
            raise HTTPException(403, _("Only somebody with a higher role may do this."))
        return found

    return check
