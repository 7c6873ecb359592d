"""Submissions that are alike: a list of pairs, and two of them side by side."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...services.similarity import Side, Similarity
from ..highlight import highlighted_lines
from ..language import gettext as _
from .course_common import Assistant, course_page, staff_router, titles_of

router = staff_router("/course/similarity")

Number = Annotated[int | None, Query(ge=1, le=2**62)]


@router.get("/{ident}")
def similarity(
    request: Request, ident: str, visitor: Assistant, a: Number = None, b: Number = None
) -> Response:
    """Pairs, the most alike first; with two numbers, those two."""
    found: Similarity = request.app.state.similarity
    titles = titles_of(request)
    if ident not in titles:
        raise HTTPException(404, _("There is no such exercise."))
    context: dict[str, Any] = {"exercise": ident, "title": titles[ident], "chosen": None}
    if a is None or b is None:
        context["report"] = found.report(ident)
        return course_page(request, "similarity.html", context)
    try:
        pair = found.pair(ident, a, b)
    except LookupError:
        raise HTTPException(404, _("These two are not compared: one of them no longer counts.")) from None
    context["chosen"] = pair
    context["sides"] = [
        _side(pair.left, pair.left_source, [region.left for region in pair.regions]),
        _side(pair.right, pair.right_source, [region.right for region in pair.regions]),
    ]
    return course_page(request, "similarity.html", context)


def _side(side: Side, source: str, alike: list[tuple[int, int]]) -> dict[str, Any]:
    lines = enumerate(highlighted_lines(source), start=1)
    return {
        "id": side.id,
        "name": side.name,
        "at": side.submitted_at,
        "lines": [
            {"html": html, "alike": any(first <= number <= last for first, last in alike)}
            for number, html in lines
        ],
    }
