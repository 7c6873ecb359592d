"""Reviewing: cards that are due, one at a time, question first."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from ...services.reviews import Reviews
from ..language import current
from ..rendering import page
from .common import Meant, Visitor

router = APIRouter()


@router.get("/review")
def review(request: Request, visitor: Visitor, done: int = 0) -> Response:
    """The next card that is due; `done` counts those answered in this sitting."""
    reviews: Reviews = request.app.state.reviews
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
    reviews: Reviews = request.app.state.reviews
    try:
        reviews.answer(visitor.id, card, knew, datetime.date.today())
    except LookupError:
        pass  # the card has gone from its lesson since the page was made
    return RedirectResponse(f"../review?done={max(0, done) + 1}", status_code=303)


def _in_language(texts: dict[str, str]) -> str:
    return texts.get(current()) or texts["en"]
