"""What the pages' handlers share: who asks, and that a form was meant."""

from __future__ import annotations

import hmac
import re
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.exceptions import HTTPException

from ...words import Refusal, filled
from .. import auth
from ..language import gettext as _
from ..rendering import Asker

_PAGE = re.compile(r"[\w./~?=&%-]*", re.ASCII)


Visitor = Annotated[Asker, Depends(auth.visitor)]


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


def require_course(request: Request) -> None:
    """Pages about accounts are there only where there are accounts."""
    if not request.app.state.settings.multi_user:
        raise HTTPException(404)


def said(refusal: Refusal) -> str:
    """Why something was refused, in the reader's language."""
    return filled(_(refusal.message), refusal.values)
