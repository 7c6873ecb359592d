"""Coming in with an account of a JupyterHub's, or from a learning platform (LTI 1.3)."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from ...services.elsewhere import NotLetIn, known_from
from ...store.people import Role, User
from ..language import gettext as _
from ..rendering import page
from .common import own_page, said
from .login import accounts_of, browser_of, logged_in

if TYPE_CHECKING:
    from ...services.hub import Hub
    from ...services.lti import Lti

log = logging.getLogger("glasstorch.service")

UNDER_WAY = 600  # seconds for which a log-in over there may take

router = APIRouter()


def _hub(request: Request) -> Hub:
    found: Hub | None = getattr(request.app.state, "hub", None)
    if found is None:
        raise HTTPException(404)
    return found


def _lti(request: Request) -> Lti:
    found: Lti | None = getattr(request.app.state, "lti", None)
    if found is None:
        raise HTTPException(404)
    return found


def _keep(request: Request, answer: Response, name: str, value: str, *, other_site: bool = False) -> None:
    """A cookie for the way there and back; empty: taken away. `other_site`: the way back is a form of theirs."""
    settings = request.app.state.settings
    answer.set_cookie(
        name,
        value,
        max_age=UNDER_WAY if value else 0,
        path=settings.root_path or "/",
        secure=settings.is_https,
        httponly=True,
        samesite="none" if other_site else "lax",
    )


def _refused(request: Request, problem: str, status: int) -> Response:
    context = {"heading": _("You could not be logged in"), "problem": problem}
    return page(request, "not_let_in.html", context, status=status)


def _let_in(
    request: Request, issuer: str, subject: str, name: str, email: str | None, role: Role, to: str
) -> tuple[User | None, Response]:
    accounts = accounts_of(request)
    try:
        user = known_from(accounts, issuer, subject, name, email, role)
    except NotLetIn as error:
        return None, _refused(request, said(error), 403)
    return user, logged_in(request, accounts.sessions.begin(user.id, browser_of(request)), to)


HUB_COOKIE = "glasstorch_hub"
LTI_COOKIE = "glasstorch_lti"


@router.get("/login/hub")
def to_hub(request: Request, next: str = "") -> Response:
    """Goes to the hub's login page."""
    begun = _hub(request).begin()
    answer = RedirectResponse(begun.url, status_code=303)
    _keep(request, answer, HUB_COOKIE, f"{begun.state}|{begun.verifier}|{own_page(next)}")
    return answer


@router.get("/login/hub/callback")
def from_hub(request: Request, code: str = "", state: str = "") -> Response:
    """Comes back from there."""
    from ...services.hub import HubError

    hub = _hub(request)
    kept, verifier, to = (*request.cookies.get(HUB_COOKIE, "").split("|", 2), "", "", "")[:3]
    if not code or not kept or not hmac.compare_digest(kept.encode(), state.encode()):
        answer = _refused(request, _("This log-in was begun elsewhere or too long ago. Try again."), 403)
    else:
        try:
            name = hub.complete(code, verifier)
        except HubError as error:
            log.warning("the hub has not logged somebody in (%s)", error)
            answer = _refused(request, _("The hub does not answer as it should. Try again in a moment."), 502)
        else:
            email = name if request.app.state.settings.hub_emails else None
            _user, answer = _let_in(request, hub.url, name, name, email, "learner", f"../../{own_page(to)}")
    _keep(request, answer, HUB_COOKIE, "")
    return answer


async def fields(request: Request) -> dict[str, str]:
    """What the platform's form or address carries."""
    form: FormData | dict[str, Any] = await request.form() if request.method == "POST" else {}
    return {key: value for key, value in {**request.query_params, **form}.items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(fields)]


@router.api_route("/lti/login", methods=["GET", "POST"])
def from_platform(request: Request, asked: Fields) -> Response:
    """The platform announces somebody; goes back there, for it to say who."""
    lti = _lti(request)
    from ...services.lti import LtiException

    try:
        url, state = lti.begin(asked)
    except LtiException as error:
        log.warning("a learning platform's log-in was refused: %s", error)
        return _refused(
            request, _("This service does not know the learning platform that you come from."), 403
        )
    answer = RedirectResponse(url, status_code=303)
    _keep(request, answer, LTI_COOKIE, state, other_site=True)
    return answer


@router.post("/lti/launch")
def launch(request: Request, asked: Fields) -> Response:
    """The platform says who it is; goes on to the page that its link is for."""
    lti = _lti(request)
    from ...services.lti import LtiException

    try:
        launched = lti.launch(asked, request.cookies.get(LTI_COOKIE, ""))
    except LtiException as error:
        log.warning("a learning platform's launch was refused: %s", error)
        return _refused(
            request,
            _(
                "The learning platform's message was not accepted. Open the link there again, in a new tab if "
                "your browser keeps no cookies of sites inside of others."
            ),
            403,
        )
    to = own_page(launched.page)
    user, answer = _let_in(
        request, lti.issuer, launched.subject, launched.name, launched.email, launched.role, f"../{to}"
    )
    if user is not None and launched.line_item:
        target = to.partition("?")[0].removeprefix("exercises/").removeprefix("lessons/").strip("/")
        request.app.state.platform.await_grade(user.id, launched.line_item, launched.subject, target)
    _keep(request, answer, LTI_COOKIE, "", other_site=True)
    return answer


@router.get("/lti/keys")
def keys(request: Request) -> Response:
    """Our public keys (JWKS)."""
    return JSONResponse(_lti(request).public_keys(), headers={"Cache-Control": "public, max-age=300"})
