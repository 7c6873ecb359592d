"""The lessons, to read: text, code in colour, questions to guess at, and the way to the exercises."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response

from ...services.lessons import Cell, Lesson, Lessons
from ..api import Service
from ..highlight import highlighted
from ..language import current
from ..language import gettext as _
from ..markdown import lesson_markdown
from ..rendering import page
from .common import Meant, Visitor
from .standing import stretches

PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"}

router = APIRouter()


@router.get("/lessons/{slug}")
def lesson(request: Request, slug: str, service: Service, visitor: Visitor) -> Response:
    """One lesson's notebook as a page."""
    found = _known(request, slug)
    path = [one for one in stretches(request, service, visitor) if one.has_text]
    at = next(at for at, one in enumerate(path) if one.slug == slug)
    steps = {step.id: step for one in path for step in one.exercises}
    context = {
        "lesson": found,
        "standing": path[at],
        "cells": [_shown(cell, found) | {"step": steps.get(cell.exercise)} for cell in found.cells],
        "previous": path[at - 1] if at else None,
        "following": path[at + 1] if at + 1 < len(path) else None,
        "lab": _lab_address(request, found),
    }
    return page(request, "lesson.html", context)


@router.post("/lessons/{slug}/read", dependencies=[Meant])
def mark_read(
    request: Request, slug: str, visitor: Visitor, read: Annotated[bool, Form()] = True
) -> Response:
    """Mark a lesson as read, or take that back."""
    _known(request, slug)
    request.app.state.progress.mark_read(visitor.id, slug, read)
    return RedirectResponse(f"../{slug}#end", status_code=303)


@router.get("/lessons/{slug}/files/{name:path}")
def picture(request: Request, slug: str, name: str, visitor: Visitor) -> Response:
    """A picture that a lesson's text shows, from the lesson's own folder."""
    folder = _known(request, slug).folder.resolve()
    path = (folder / name).resolve()
    hidden = "exercises" in Path(name).parts  # what lies there is not for learners
    if not path.is_relative_to(folder) or path.suffix.lower() not in PICTURES or hidden or not path.is_file():
        raise HTTPException(404, _("There is no such picture."))
    return FileResponse(path)


def _known(request: Request, slug: str) -> Lesson:
    lessons: Lessons = request.app.state.lessons
    found = lessons.get(slug, current())
    if found is None or not found.has_text:
        raise HTTPException(404, _("There is no such lesson. The course map shows what there is."))
    return found


def _shown(cell: Cell, lesson: Lesson) -> dict[str, Any]:
    """A cell as the template takes it."""
    html: Markup | None = None
    if cell.kind == "markdown":
        html = lesson_markdown(cell.source, cell.id, f"{lesson.slug}/files/")
    elif cell.kind == "code":
        html = highlighted(cell.source)
    return {
        "id": cell.id,
        "kind": cell.kind,
        "html": html,
        "question": cell.question,
        "exercise": cell.exercise,
        "outputs": [shown for output in cell.outputs if (shown := _output(output))],
    }


def _output(output: dict[str, Any]) -> dict[str, str] | None:
    """What the notebook holds of a cell's output, if it was run: text or a picture, never HTML or scripts."""
    data = output.get("data", {})
    if "image/png" in data:
        return {"picture": f"data:image/png;base64,{''.join(data['image/png']).strip()}"}
    if "image/svg+xml" in data:
        drawing = base64.b64encode("".join(data["image/svg+xml"]).encode()).decode()
        return {"picture": f"data:image/svg+xml;base64,{drawing}"}
    text = "".join(output.get("text", data.get("text/plain", "")))
    return {"text": text} if text.strip() else None


def _lab_address(request: Request, lesson: Lesson) -> str | None:
    """The lesson's notebook, the reader's language's if there is one, in a JupyterLab beside this service."""
    lab: str = request.app.state.settings.lab_url.rstrip("/")
    for name in (f"{lesson.slug}.{current()}.ipynb", f"{lesson.slug}.ipynb"):
        if lab and (lesson.folder / name).exists():
            return f"{lab}/{lesson.slug}/{name}"
    return None
