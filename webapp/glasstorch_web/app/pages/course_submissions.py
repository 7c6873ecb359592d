"""A submission as staff reads it: with notes to its lines, and the way to the next."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...services.annotations import Annotation, Annotations
from ...services.regrade import Regrades
from ...services.texts import title_of, told_of
from ...store import Submission, Submissions
from ...words import Refusal
from ..highlight import highlighted_lines
from ..language import current
from ..language import gettext as _
from ..rendering import Visitor
from .common import Meant, said
from .course_common import Assistant, back_to, course_page, may, staff_router

EARLIER = 8  # other attempts of the learner that are listed

router = staff_router("/course/submissions")


@router.get("/{ident}")
def submission(
    request: Request,
    ident: str,
    visitor: Assistant,
    line: Annotated[int | None, Query(ge=0, le=100_000)] = None,
) -> Response:
    """Code, notes, result and history; with `line`, the form for a note to that line."""
    return _page(request, _found(request, ident), line)


def _page(
    request: Request,
    found: Submission,
    line: int | None,
    *,
    draft: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    state = request.app.state
    exercise = state.service.catalogue.get(found.exercise)
    submissions = Submissions(state.database)
    history = submissions.history(found.user, found.exercise, EARLIER + 1)
    older, newer = submissions.beside(found.number, found.exercise)
    person = state.people.get(found.user)
    context = {
        "submission": found,
        "name": person.name if person else found.user,
        "title": title_of(exercise, current()) if exercise else found.exercise,
        "known": exercise is not None,
        "told": told_of(exercise, current()),
        "lines": highlighted_lines(found.source),
        "notes": _notes(request).of(found.number),
        "noting": line,
        "draft": draft,
        "older": older,
        "newer": newer,
        "history": [one for one in history if one.id != found.id][:EARLIER],
        "former": _regrades(request).former(found.number) if found.regraded_at else [],
    }
    return course_page(request, "submission.html", context, problem=problem, status=status)


@router.post("/{ident}/notes", dependencies=[Meant])
def write(
    request: Request,
    ident: str,
    visitor: Assistant,
    line: Annotated[int, Form(ge=0, le=100_000)],
    text: Annotated[str, Form()] = "",
) -> Response:
    """A note to a line; 0 is the whole."""
    found = _found(request, ident)
    try:
        _notes(request).add(visitor.id, found.number, line, text)
    except Refusal as error:
        return _page(request, found, line, draft=text, problem=said(error), status=422)
    return back_to(request, f"course/submissions/{found.id}#line-{line}", "noted")


@router.post("/{ident}/notes/{note}", dependencies=[Meant])
def change(
    request: Request,
    ident: str,
    note: int,
    visitor: Assistant,
    text: Annotated[str, Form()] = "",
    do: Annotated[Literal["save", "remove"], Form()] = "save",
) -> Response:
    """Say a note otherwise, or take it back."""
    found = _found(request, ident)
    _require_note(_notes(request).of(found.number), note, visitor)
    try:
        if do == "remove":
            _notes(request).remove(visitor.id, note)
        else:
            _notes(request).edit(visitor.id, note, text)
    except Refusal as error:
        return _page(request, found, None, problem=said(error), status=422)
    return back_to(request, f"course/submissions/{found.id}", "unnoted" if do == "remove" else "noted")


@router.post("/{ident}/regrade", dependencies=[Meant])
def regrade(request: Request, ident: str, visitor: Assistant) -> Response:
    """Grade one submission again; its result stays until there is a new one."""
    found = _found(request, ident)
    try:
        queued = _regrades(request).submission(visitor.id, found.number)
    except Refusal as error:
        return _page(request, found, None, problem=said(error), status=422)
    return back_to(request, f"course/submissions/{found.id}", "regrading", 1 if queued else 0)


def _found(request: Request, ident: str) -> Submission:
    found = Submissions(request.app.state.database).get(ident, None)
    if found is None:
        raise HTTPException(404, _("There is no such submission."))
    return found


def _require_note(notes: list[Annotation], ident: int, visitor: Visitor) -> None:
    """Assistants change their own notes only."""
    found = next((note for note in notes if note.id == ident), None)
    if found is None:
        raise HTTPException(404, _("There is no such note."))
    if found.author_id != visitor.id and not may(visitor, "instructor"):
        raise HTTPException(403, _("This note is somebody else's."))


def _notes(request: Request) -> Annotations:
    found: Annotations = request.app.state.annotations
    return found


def _regrades(request: Request) -> Any:
    found: Regrades = request.app.state.regrades
    return found
