"""Who is in the course: the list, invitations, lists of people brought in from a file."""

from __future__ import annotations

import base64
import binascii
import datetime
from typing import Annotated, Any, cast

from fastapi import File, Form, Query, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...services.accounts import Accounts, Link, may_give
from ...services.roster import Change, Preview, Roster, links_csv
from ...store.people import ROLES, Role, User
from ...words import Refusal
from ..language import gettext as _
from ..rendering import Visitor
from .common import Meant, said
from .course_common import ROWS, Assistant, Instructor, back_to, course_page, may, role_names, staff_router

LINKS = 50  # invitations that are listed

router = staff_router("/course")

Text = Annotated[str, Form(max_length=300)]


@router.get("/people")
def people(
    request: Request,
    visitor: Assistant,
    after: Annotated[str | None, Query(max_length=200)] = None,
    search: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Everybody, staff first; what brings more people in."""
    return _page(request, visitor, after=after, search=search)


def _page(
    request: Request,
    visitor: Visitor,
    *,
    after: str | None = None,
    search: str = "",
    link: dict[str, Any] | None = None,
    problem: str = "",
) -> Response:
    accounts = accounts_of(request)
    found = accounts.people.page(after, search, ROWS + 1)
    invitations = accounts.invitations.list(limit=LINKS) if may(visitor, "instructor") else []
    now = datetime.datetime.now().timestamp()
    context = {
        "people": found[:ROWS],
        "after": after,
        "next": found[ROWS - 1].id if len(found) > ROWS else None,
        "search": search,
        "kept": {"search": search} if search else {},
        "roles": role_names(),
        "giveable": giveable(visitor),
        "link": link,
        "invitations": [
            one
            for one in invitations
            if one.revoked_at is None and one.expires_at > now and one.uses < one.max_uses
        ],
    }
    return course_page(request, "people.html", context, problem=problem, status=422 if problem else 200)


@router.get("/people.csv")
def people_file(request: Request, visitor: Instructor) -> Response:
    """Everybody as a file, in the form in which one can be brought in."""
    name = f"people-{datetime.date.today().isoformat()}.csv"
    return csv_file(name, Roster(accounts_of(request)).export())


def csv_file(name: str, text: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/people/invitations", dependencies=[Meant])
def invite(
    request: Request,
    visitor: Instructor,
    role: Text = "learner",
    uses: Text = "1",
    days: Text = "14",
    email: Text = "",
    section: Text = "",
) -> Response:
    """Make a link to join by. It is in the answer alone: nothing keeps it."""
    try:
        made = accounts_of(request).invite(
            user_of(request, visitor),
            known_role(role),
            email=email or None,
            section=section,
            max_uses=int(uses) if uses.isdecimal() else 0,
            days=float(days) if days.isdecimal() else 0.0,
        )
    except Refusal as error:
        return _page(request, visitor, problem=said(error))
    return _page(request, visitor, link=shown(request, made, "join", _("A link to join the course")))


@router.post("/people/invitations/{ident}/end", dependencies=[Meant])
def end(request: Request, ident: str, visitor: Instructor) -> Response:
    """End a link before its time."""
    try:
        accounts_of(request).revoke_invitation(user_of(request, visitor), ident)
    except Refusal as error:
        return _page(request, visitor, problem=said(error))
    return back_to(request, "course/people", "revoked")


@router.post("/people/import", dependencies=[Meant])
def look(request: Request, visitor: Instructor, file: Annotated[UploadFile, File()]) -> Response:
    """What a list would change; nothing is changed yet."""
    content = file.file.read()
    try:
        preview = Roster(accounts_of(request)).preview(user_of(request, visitor), content)
    except Refusal as error:
        return _page(request, visitor, problem=said(error))
    return _preview(request, preview, content)


def _preview(request: Request, preview: Preview, content: bytes, problem: str = "") -> Response:
    rows = [_row(change) for change in preview.changes]
    rows += [{"line": fault.line, "problem": said(fault.problem)} for fault in preview.faults]
    context = {
        "rows": sorted(rows, key=lambda row: int(row["line"])),
        "faults": len(preview.faults),
        "new": len(preview.new),
        "changes": len(preview.new) + len(preview.changed),
        "content": base64.b64encode(content).decode(),
        "roles": role_names(),
    }
    return course_page(request, "import.html", context, problem=problem, status=422 if problem else 200)


def _row(change: Change) -> dict[str, Any]:
    """A line of the list, in words."""
    if change.kind == "new":
        words = _("will be added")
    elif change.kind == "same":
        words = _("stays as it is")
    else:
        roles = role_names()
        before = [roles.get(value, value) or "–" for value in change.before.values()]
        words = _("changes; before: %(before)s") % {"before": ", ".join(before)}
    if change.disabled:
        words += _(" (the account stays closed)")
    return {
        "line": change.line,
        "problem": "",
        "name": change.name,
        "email": change.email,
        "role": change.role,
        "section": change.section,
        "words": words,
    }


@router.post("/people/import/apply", dependencies=[Meant])
def take_in(
    request: Request,
    visitor: Instructor,
    content: Annotated[str, Form()] = "",
    links: Annotated[bool, Form()] = False,
) -> Response:
    """Take a list in. With links to set passwords, these are in the answer alone."""
    roster, who = Roster(accounts_of(request)), user_of(request, visitor)
    try:
        file = base64.b64decode(content, validate=True)
        preview = roster.preview(who, file)
        new = roster.apply(who, file)
    except binascii.Error:
        raise HTTPException(
            422, _("This form is out of date, so nothing was changed. Open the page again.")
        ) from None
    except Refusal as error:
        return _page(request, visitor, problem=said(error))
    if links and new:
        return csv_file("links.csv", links_csv(roster.links(who, new), site_of(request)))
    return back_to(request, "course/people", "imported", len(preview.new) + len(preview.changed))


def accounts_of(request: Request) -> Accounts:
    found: Accounts = request.app.state.accounts
    return found


def user_of(request: Request, visitor: Visitor) -> User:
    """The visitor's account."""
    found = accounts_of(request).people.get(visitor.id)
    assert (
        found is not None
    )  # a session's user; where there are no accounts, the one that was made at the start
    return found


def giveable(visitor: Visitor) -> list[Role]:
    """The roles that a visitor may give."""
    return [role for role in ROLES if may_give(visitor.role, role)]


def known_role(text: str) -> Role:
    """The role of that name; one that is none is refused by whoever is asked to give it."""
    return cast(Role, text)


def shown(request: Request, link: Link, place: str, title: str) -> dict[str, Any]:
    """A link as a page shows it."""
    address = f"{site_of(request)}/{place}/{link.secret}"
    return {"title": title, "address": address, "expires_at": link.expires_at}


def site_of(request: Request) -> str:
    """The address by which people reach the site, as far as the service knows it."""
    public: str = request.app.state.settings.public_url
    return (public or str(request.base_url)).rstrip("/")
