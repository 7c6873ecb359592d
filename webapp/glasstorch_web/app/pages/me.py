"""The learner's own page: preferences, and their data to take away or bring along."""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import JSONResponse, Response

from ...services.accounts import Accounts
from ...services.progress import Progress
from ...words import Refusal
from ..api import Service
from ..language import gettext as _
from ..rendering import page, visitor_of
from .common import Meant, Visitor, said

router = APIRouter()


@router.get("/me")
def me(request: Request, service: Service, visitor: Visitor) -> Response:
    """Name, language, colours, sessions and tokens, and the data kept about this person."""
    return own_page_of(request)


def own_page_of(
    request: Request, *, told: str = "", problem: str = "", token: str = "", status: int = 200
) -> Response:
    """The page, with what has just been done; `token`: a new one, which is shown now and never again."""
    context = {
        "told": told,
        "problem": problem,
        "token": token,
        "account": _account(request),
    }
    return page(request, "me.html", context, status=status)


def _account(request: Request) -> dict[str, Any] | None:
    """Sessions and tokens, where there are accounts."""
    visitor = visitor_of(request)
    if visitor is None or not request.app.state.settings.multi_user:
        return None
    accounts: Accounts = request.app.state.accounts
    sessions = accounts.my_sessions(visitor.id)
    return {
        "person": accounts.people.get(visitor.id),
        "has_password": accounts.has_password(visitor.id),
        "sessions": sessions,
        "browsers": {one.id: browser_name(one.browser) for one in sessions},
        "tokens": accounts.my_tokens(visitor.id),
    }


def browser_name(told: str) -> str:
    """What a browser says about itself, in two words: the first name that fits, as later ones claim to be earlier."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = {
        "Windows": "Windows",
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Mac OS": "macOS",
    }
    found = [
        next((name for part, name in names.items() if part in told), "")
        for names in (browsers, systems | {"Linux": "Linux"})
    ]
    return ", ".join(name for name in found if name) or told[:40]


@router.get("/me/data.json")
def data(request: Request, visitor: Visitor) -> Response:
    """Everything that the service keeps about the one who asks."""
    progress: Progress = request.app.state.progress
    name = f"glasstorch-{datetime.date.today().isoformat()}.json"
    return JSONResponse(
        progress.export(visitor.id), headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/me/data", dependencies=[Meant])
def bring(
    request: Request, service: Service, visitor: Visitor, file: Annotated[UploadFile, File()]
) -> Response:
    """Take in a file that `data.json` once gave, from here or from another installation."""
    progress: Progress = request.app.state.progress
    try:
        counts = progress.import_file(visitor.id, json.load(file.file), service)
    except Refusal as error:
        return own_page_of(request, problem=said(error), status=422)
    except (ValueError, RecursionError):  # no JSON
        problem = _(
            "This is no file of progress: choose one that you downloaded here or saved in a notebook."
        )
        return own_page_of(request, problem=problem, status=422)
    told = [
        _("Taken in: %(submissions)s attempts, %(reviews)s review cards, %(lessons)s lessons read.") % counts
    ]
    if counts["guesses"]:
        told.append(_("Guesses taken in: %(guesses)s.") % counts)
    if counts["graded"]:
        told.append(_("Handed in to be graded here: %(graded)s.") % counts)
    if counts["left"]:
        told.append(
            _("%(left)s more could not be handed in now; take the same file in again in a minute.") % counts
        )
    return own_page_of(request, told=" ".join(told))
