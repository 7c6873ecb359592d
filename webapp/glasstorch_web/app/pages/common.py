"""What the pages' handlers share: who asks, and that a form was meant."""

from __future__ import annotations

import hmac
import re
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.exceptions import HTTPException

from ..language import gettext as _
from ..rendering import Asker, visitor_of

_PAGE = re.compile(r"[\w./~?=&%-]*", re.ASCII)


def known_visitor(request: Request) -> Asker:
    """Who asks; nobody else gets here."""
    visitor = visitor_of(request)
    if visitor is None:
        raise HTTPException(401, _("Log in first."))
    return visitor


Visitor = Annotated[Asker, Depends(known_visitor)]


def meant(visitor: Visitor, csrf: Annotated[str, Form()] = "") -> None:
    """Refuses a form that another site's page has sent: it cannot know the visitor's token."""
    if not hmac.compare_digest(csrf.encode(), visitor.csrf.encode()):
        raise HTTPException(403, _("This form is out of date, so nothing was changed. Open the page again."))


Meant = Depends(meant)


def own_page(address: str) -> str:
    """An address of this site, relative to its first page; the first page for anything else."""
    inside = (
        _PAGE.fullmatch(address)
        and not address.startswith("/")
        and "//" not in address
        and ".." not in address
    )
    return address if inside else ""
