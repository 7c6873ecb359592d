"""The API's documentation as pages of this site, made from its OpenAPI document; and one page per kind of problem."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from .problem_kinds import KINDS
from .problems import API_PREFIX, ProblemError
from .rendering import page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Field:
    """A parameter, or a member of a JSON object."""

    name: str
    type: str
    required: bool
    description: str
    place: str = ""  # of a parameter: path, query or header


@dataclass(frozen=True)
class Answer:
    """One status that a route may answer with."""

    status: str
    description: str
    media: str
    schema: str  # the name of its schema, if it has one
    example: str
    problems: list[str]  # slugs


@dataclass(frozen=True)
class Operation:
    """One route."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: str  # the name of its schema
    body_example: str
    answers: list[Answer]
    token: bool
    command: str  # the same by curl


@router.get(f"{API_PREFIX}/docs")
def documentation(request: Request) -> Response:
    """Every route with its parameters, answers and examples, on one page that needs no scripts."""
    described = request.app.openapi()
    base = str(request.base_url).rstrip("/")
    groups = [
        (tag["name"], tag["description"], _operations(described, tag["name"], base))
        for tag in described["tags"]
    ]
    schemas = [
        (name, schema.get("description", ""), _members(schema), _example(schema, described))
        for name, schema in sorted(described["components"]["schemas"].items())
    ]
    context = {
        "about": described["info"]["description"],
        "version": described["info"]["version"],
        "groups": groups,
        "schemas": schemas,
    }
    return page(request, "api.html", context)


@router.get("/problems")
def problems(request: Request) -> Response:
    """Every kind of problem."""
    return page(request, "problems.html", {"kinds": sorted(KINDS.values(), key=lambda kind: kind.status)})


@router.get("/problems/{slug}")
def problem(request: Request, slug: str) -> Response:
    """What a problem's `type` leads to."""
    if slug not in KINDS:
        raise ProblemError("not-found", "There is no such kind of problem.")
    return page(request, "problems.html", {"kinds": [KINDS[slug]]})


def _operations(described: dict[str, Any], tag: str, base: str) -> list[Operation]:
    return [
        _operation(described, method.upper(), path, operation, base)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if operation.get("tags") == [tag]
    ]


def _operation(
    described: dict[str, Any], method: str, path: str, operation: dict[str, Any], base: str
) -> Operation:
    title, _, more = operation.get("description", "").partition("\n\n")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    example = _example(body, described) if body else ""
    token = bool(operation.get("security"))
    return Operation(
        anchor=f"{method.lower()}{path.replace('/', '-').replace('{', '').replace('}', '')}",
        method=method,
        path=path,
        summary=title,
        description=more,
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_name(body) if body else "",
        body_example=example,
        answers=[_answer(status, one, described) for status, one in sorted(operation["responses"].items())],
        token=token,
        command=_command(method, f"{base}{path}", example, token),
    )


def _parameter(one: dict[str, Any]) -> Field:
    schema = one["schema"]
    description = one.get("description", schema.get("description", ""))
    name = (
        "-".join(part.capitalize() for part in one["name"].split("-"))
        if one["in"] == "header"
        else one["name"]
    )
    return Field(name, _type(schema), one.get("required", False), description, one["in"])


def _answer(status: str, answer: dict[str, Any], described: dict[str, Any]) -> Answer:
    contents: dict[str, dict[str, Any]] = answer.get("content", {})
    media = next(iter(contents), "")
    content = contents.get(media, {})
    schema = content.get("schema", {})
    kinds = list(content.get("examples", {}))
    if kinds:
        example = json.dumps(content["examples"][kinds[0]]["value"], indent=2)
    else:
        example = _example(schema, described) if media == "application/json" else ""
    known = [kind for kind in kinds if kind in KINDS]
    return Answer(status, answer["description"], media, _name(schema), example, known)


def _command(method: str, url: str, body: str, token: bool) -> str:
    parts = ["curl"]
    if token:
        parts.append("-H 'Authorization: Bearer TOKEN'")
    elif method == "POST":
        parts.append("-H 'X-Glasstorch: 1'")
    if body:
        parts.append("--json " + shlex.quote(json.dumps(json.loads(body))))
    return " ".join([*parts, shlex.quote(url) if "{" in url else url])


def _members(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _type(member), name in required, member.get("description", ""))
        for name, member in schema.get("properties", {}).items()
    ]


def _name(schema: dict[str, Any]) -> str:
    reference = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
    return str(reference.rsplit("/", 1)[-1])


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words: `integer from 1 to 100`, `string or null`."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(json.dumps(one) for one in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "time"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}" if high < 2**53 else f"{kind} from {low}"
    if "maxLength" in schema:
        return f"{kind} of at most {schema['maxLength']} characters"
    return kind


def _example(schema: dict[str, Any], described: dict[str, Any]) -> str:
    return json.dumps(_value(schema, described), indent=2, ensure_ascii=False)


def _value(schema: dict[str, Any], described: dict[str, Any]) -> Any:
    """An example of a schema: the one it names, or one put together from its parts."""
    if "$ref" in schema:
        return _value(described["components"]["schemas"][_name(schema)], described)
    if examples := schema.get("examples"):
        return examples[0]
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], described)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: _value(member, described) for name, member in schema.get("properties", {}).items()}
        case "array":
            return [_value(schema.get("items", {}), described)]
        case "string":
            return "2026-09-01T12:00:00Z" if schema.get("format") == "date-time" else "…"
        case "integer" | "number":
            return schema.get("default", schema.get("minimum", 1))
        case "boolean":
            return False
    return None
