"""Who asks: the one person of a service without accounts, or the owner of a token."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from ..services.grading import GradingService, Person
from .access import CALL, Call
from .language import gettext as words
from .problems import ProblemError, is_for_programs


def person(request: Request) -> Person:
    """Whoever asks.

    Raises:
        ProblemError: the service has accounts, and the request names none of them. A page's is answered with the way to
            the login page.
    """
    found = getattr(request.state, "visitor", None) or _of_token(request)
    call: Call = request.scope[CALL]
    call.user = found.id
    return found


def _of_token(request: Request) -> Person:
    state = request.app.state
    if not state.settings.multi_user:
        local: Person = state.local_person
        return local
    if not is_for_programs(request.scope):  # tokens are for programs, and no program reads pages
        raise ProblemError("login-needed", words("Log in to see this page."))
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        detail = "This service has accounts. Send your token in the header `Authorization: Bearer TOKEN`."
        raise ProblemError("token-needed", detail, {"WWW-Authenticate": 'Bearer realm="glasstorch"'})
    # The store looks for a hash of the secret, so how long that takes says nothing about the secret.
    found: Person | None = state.people.by_token(secret.strip())
    if found is None:
        detail = (
            "This token is not valid here, has expired, or was revoked. Ask your instructor for a new one."
        )
        challenge = 'Bearer realm="glasstorch", error="invalid_token"'
        raise ProblemError("token-refused", detail, {"WWW-Authenticate": challenge})
    return found


def service(request: Request, person: Annotated[Person, Depends(person)]) -> GradingService:
    """What this person may see and do."""
    found: GradingService = request.app.state.service
    return found.acting_for(person)


def written_on_purpose(
    request: Request,
    known: Annotated[Person, Depends(person)],  # a stranger hears that first
    x_glasstorch: Annotated[str | None, Header()] = None,
) -> None:
    """Another site's page can send neither this header nor a token, so a write with one of them is meant."""
    if x_glasstorch != "1" and "authorization" not in request.headers:
        detail = "A write needs the header `X-Glasstorch: 1`; a page of another site cannot send it."
        raise ProblemError("not-on-purpose", detail)
