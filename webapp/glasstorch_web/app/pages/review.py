"""Reviewing: cards that are due, one at a time, question first."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from ..language import current
from ..language import gettext as _
from ..rendering import page
from .common import Meant, Visitor

router = APIRouter()


@router.get("/review")
def review(request: Request, visitor: Visitor, done: int = 0) -> Response:
    """The next card that is due; `done` counts those answered in this sitting."""
    reviews = reviews_of(request)
    today = datetime.date.today()
    due = reviews.due(visitor.id, today)
    card = due[0] if due else None
    context = {
        "card": card,
        "question": _in_language(card.question) if card else "",
        "answer": _in_language(card.answer) if card else "",
        "left": len(due),
        "done": max(0, done),
        "counts": reviews.counts(visitor.id, today),
    }
    return page(request, "review.html", context)


@router.post("/review/{card}", dependencies=[Meant])
def answer(
    request: Request,
    card: str,
    visitor: Visitor,
    knew: Annotated[bool, Form()],
    done: Annotated[int, Form()] = 0,
) -> Response:
    """Say whether the card's answer was known; the next one is shown."""
    try:
        reviews_of(request).answer(visitor.id, card, knew, datetime.date.today())
    except LookupError:
        pass  # the card has gone from its lesson since the page was made
    return RedirectResponse(f"../review?done={max(0, done) + 1}", status_code=303)


def reviews_of(request: Request) -> Any:
    reviews = getattr(request.app.state, "reviews", None)
    if reviews is None:
        raise HTTPException(404, _("There are no review cards here."))
    return reviews


def _in_language(texts: dict[str, str]) -> str:
    return texts.get(current()) or texts["en"]
