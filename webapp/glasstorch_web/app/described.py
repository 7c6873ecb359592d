"""What OpenAPI says beyond what the routes say by themselves: errors, tokens, which header a write needs."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .problem_kinds import KINDS, Kind
from .schemas import Problem

PROBLEM = {"$ref": "#/components/schemas/Problem"}
ANYWHERE = ("wrong-host", "internal", "not-ready")  # what any route may answer
WITHOUT_TOKEN = ("token-needed", "token-refused")
OPEN = {"/healthz", "/readyz", "/metrics"}  # routes that ask nobody for a token

ABOUT = """
Exercises, submissions and their results. Everything is JSON unless a route says otherwise.

**Errors** are problem details (RFC 9457, `application/problem+json`). `type` names the kind and is the address of a
page about it; `detail` says what was wrong this time and what to do.

**Submissions are kept.** After the answer 202 a submission is on disk and will be graded. Send an idempotency key with
each, and repeating a request whose answer was lost grades nothing twice.

**Live progress** comes as server-sent events; asking again and again works too, and with `If-None-Match` an answer
that has not changed costs a few bytes.

**Versions.** Addresses begin with the version. Within one version fields are added, never taken away or changed.
"""
SINGLE_USER = """
**Who you are.** This service has no accounts: whoever reaches it is one and the same person. Each write needs the
header `X-Glasstorch: 1`, which pages of other sites cannot send.
"""
MULTI_USER = """
**Who you are.** This service has accounts: send your token as `Authorization: Bearer TOKEN`. Learners see their own
submissions; to them, those of others do not exist (404). The course's staff sees all. A write without a token, from a
page where you signed in, needs the header `X-Glasstorch: 1`.
"""


def answers(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for its `responses`."""
    by_status: dict[int | str, list[Kind]] = {}
    for slug in (*kinds, *ANYWHERE):
        by_status.setdefault(KINDS[slug].status, []).append(KINDS[slug])
    return {status: _answer(of_status) for status, of_status in sorted(by_status.items())}


def _answer(kinds: list[Kind]) -> dict[str, Any]:
    examples = {
        kind.slug: {
            "summary": kind.title,
            "value": {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.meaning},
        }
        for kind in dict.fromkeys(kinds)
    }
    return {
        "description": ". ".join(kind.title for kind in dict.fromkeys(kinds)),
        "content": {"application/problem+json": {"schema": PROBLEM, "examples": examples}},
    }


def describe(app: FastAPI, multi_user: bool) -> dict[str, Any]:
    """The OpenAPI document of this service, as it asks for tokens or not."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        description=f"{ABOUT.strip()}\n\n{(MULTI_USER if multi_user else SINGLE_USER).strip()}\n",
        routes=app.routes,
        tags=[
            {"name": "Exercises", "description": "What there is to do."},
            {"name": "Submissions", "description": "Handing in, following, looking back."},
            {"name": "Service", "description": "How the service itself is."},
        ],
    )
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    if multi_user:
        components["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "From `glasstorch token new NAME`."}
        }
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            _complete(operation, write=method == "post", token=multi_user and path not in OPEN)
    used = str(described["paths"])
    for unused in ("HTTPValidationError", "ValidationError"):  # our errors are problems
        if f"schemas/{unused}'" not in used:
            schemas.pop(unused, None)
    return described


def _complete(operation: dict[str, Any], *, write: bool, token: bool) -> None:
    if token:
        operation["security"] = [{"token": []}]
        operation["responses"]["401"] = _answer([KINDS[slug] for slug in WITHOUT_TOKEN])
        operation["responses"] = dict(sorted(operation["responses"].items()))
    if "422" in operation["responses"] and "application/problem+json" not in str(
        operation["responses"]["422"]
    ):
        operation["responses"]["422"] = _answer([KINDS["invalid-request"]])
    if write and not token:
        for parameter in operation["parameters"]:
            if parameter["name"] == "x-glasstorch":
                parameter.update(
                    required=True, schema={"type": "string", "enum": ["1"], "title": "X-Glasstorch"}
                )
