"""Language and colours, kept in cookies: they hold for this browser, with or without an account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from .. import auth
from .. import language as languages
from ..rendering import THEME_COOKIE, THEMES, visitor_of
from .common import own_page

YEAR = 365 * 24 * 3600  # seconds

router = APIRouter()


@router.post("/preferences")
def prefer(
    request: Request,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Keep the choice and return to the page it was made on."""
    answer = RedirectResponse(f"./{own_page(back)}", status_code=303)
    settings, visitor = request.app.state.settings, visitor_of(request)
    if settings.multi_user and visitor is not None and language in languages.LANGUAGES:
        request.app.state.accounts.people.change(visitor.id, language=language)  # for other browsers too
    kept = {languages.COOKIE: (language, tuple(languages.LANGUAGES)), THEME_COOKIE: (theme, THEMES)}
    for cookie, (value, known) in kept.items():
        if value in known:
            auth.set_cookie(settings, answer, cookie, value, YEAR)
    return answer
