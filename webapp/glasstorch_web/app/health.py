"""Whether the service works, for whoever starts and watches it."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..services.condition import condition
from .described import answers
from .guard import hostname, is_loopback
from .metrics import CONTENT_TYPE
from .problems import ProblemError
from .schemas import Health, Isolation, Queue, Readiness

router = APIRouter(tags=["Service"])


@router.get("/healthz", responses=answers())
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", responses=answers("not-ready"))
def readyz(request: Request) -> Readiness:
    """Submissions are stored and graded; with what protects this machine from them.

    Not ready, the problem has `reasons` and the same members.
    """
    state = request.app.state
    settings = state.settings
    found = condition(settings, state.pool, state.registry, state.figures)
    line = found.line
    report = Readiness(
        status="not ready" if found.reasons else "ready",
        isolation=None if found.isolation is None else Isolation.model_validate(found.isolation),
        multi_user=settings.multi_user,
        minimum_level=settings.minimum_level,
        weak_isolation_accepted=settings.multi_user and settings.accept_weak_isolation and found.weak,
        workers=found.workers,
        queue=None if line is None else Queue.model_validate(line, from_attributes=True),
        schema_version=found.schema_version,
    )
    if found.reasons:
        members: dict[str, Any] = report.model_dump(mode="json", exclude={"status"})
        raise ProblemError("not-ready", " ".join(found.reasons), reasons=found.reasons, **members)
    return report


@router.get(
    "/metrics",
    responses=answers("not-allowed")
    | {
        200: {
            "description": "Prometheus' text format",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
    response_class=Response,
)
def metrics(request: Request) -> Response:
    """Figures for Prometheus: for this machine only, or for whoever has `metrics_token`."""
    token = request.app.state.settings.metrics_token
    if token is not None:
        expected = f"Bearer {token.get_secret_value()}"
        allowed = hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())
    else:
        # A proxy on this machine asks from here too, but for the name that the world knows.
        name = hostname(request.headers.get("host", ""))
        client = request.client.host if request.client else ""
        allowed = is_loopback(client) and name is not None and is_loopback(name)
    if not allowed:
        raise ProblemError(
            "not-allowed", "Only this machine, or whoever has metrics_token, may ask for the metrics."
        )
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE)
