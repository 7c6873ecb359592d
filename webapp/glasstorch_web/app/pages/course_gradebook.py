"""Everybody's points, on pages of learners and as a file."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from ...services.gradebook import Gradebook, Page, Row
from .course_common import ROWS, Assistant, course_page, lesson_titles_of, staff_router, titles_of

router = staff_router("/course")

Words = Annotated[str, Query(max_length=200)]


@router.get("/gradebook")
def gradebook(
    request: Request,
    visitor: Assistant,
    after: Annotated[str | None, Query(max_length=200)] = None,
    search: Words = "",
    section: Words = "",
) -> Response:
    """The learners in the order of their names, with what counts in each exercise."""
    book = _book(request)
    found = book.page(after, ROWS, section=section, search=search)
    titles, lessons = titles_of(request), lesson_titles_of(request)
    context = {
        "lessons": [
            {
                "title": title,
                "exercises": [
                    {"id": one.id, "title": titles.get(one.id, one.id)}
                    for one in found.exercises
                    if one.lesson == slug
                ],
            }
            for slug, title in lessons.items()
        ],
        "rows": [_row(row, found, list(lessons)) for row in found.rows],
        "columns": found.exercises,
        "after": after,
        "next": found.next,
        "search": search,
        "section": section,
        "sections_known": book.sections(),
        "kept": {name: value for name, value in (("search", search), ("section", section)) if value},
    }
    return course_page(request, "gradebook.html", context)


def _row(row: Row, found: Page, lessons: list[str]) -> dict[str, Any]:
    """A row with a cell for each column, lesson by lesson."""
    return {
        "user": row.user,
        "name": row.name,
        "score": row.total,
        "max_score": row.max_total,
        "lessons": [
            {
                "cells": [row.cells.get(one.id) for one in found.exercises if one.lesson == slug],
                "score": row.lessons.get(slug, 0.0),
                "max_score": found.lessons.get(slug, 0.0),
            }
            for slug in lessons
        ],
    }


@router.get("/gradebook.csv")
def gradebook_file(request: Request, visitor: Assistant) -> Response:
    """The same for spreadsheets, all learners."""
    name = f"gradebook-{datetime.date.today().isoformat()}.csv"
    return StreamingResponse(
        _book(request).csv(bom=True),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _book(request: Request) -> Gradebook:
    found: Gradebook = request.app.state.gradebook
    return found
