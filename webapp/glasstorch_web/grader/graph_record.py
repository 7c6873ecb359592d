"""A graph that came out of a learner's box: read as what it claims to be, or not at all.

It is written by a process in which learner code ran, and is then compared, drawn, stored and shown. So every field is
checked here (version 1 of `glasstorch.autograd.graph.Graph.to_dict`), nothing may be longer than a learner's graph
needs, and every edge leads forward: whoever walks along them comes to an end.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from glasstorch_web.sandbox.values import DTYPES

RECORD_BYTES = 512 * 1024
MAX_NODES = 300
MAX_EDGES = 2000
MAX_NUMBERS = 8192

_DTYPES = DTYPES | {"bfloat16", ""}
_COMPLEX = re.compile(r"\(?[-+0-9.eEinfa]+j\)?")

Id = Annotated[str, Field(pattern=r"^n\d{1,6}$")]
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Shape = Annotated[list[Annotated[int, Field(ge=0, le=1 << 40)]], Field(max_length=32)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Numbers(_Strict):
    """An array in full. NaN and infinities are text, as are complex numbers."""

    shape: Shape
    dtype: Name
    data: Annotated[list[int | float | bool | str], Field(max_length=MAX_NUMBERS)]
    total: int
    min: float | None
    max: float | None
    mean: float | None
    nan: int
    inf: int

    @model_validator(mode="after")
    def _fits(self) -> Numbers:
        if self.dtype not in DTYPES or not math.prod(self.shape) == self.total == len(self.data):
            raise ValueError("these numbers are not what they are said to be")
        for one in self.data:
            if isinstance(one, str) and one not in ("nan", "inf", "-inf") and not _COMPLEX.fullmatch(one):
                raise ValueError("a text stands for a number")
            if type(one) is int and not -(1 << 63) <= one < 1 << 63:
                raise ValueError("an integer of more than 64 bits")
        return self


class Source(_Strict):
    file: Name
    line: Annotated[int, Field(ge=1, le=1 << 20)]
    text: Text


class Node(_Strict):
    id: Id
    kind: Literal["leaf", "constant", "op"]
    op: Name
    title: Name
    shape: Shape | None
    dtype: Name
    device: Name
    bytes: Annotated[int, Field(ge=0, le=1 << 40)]
    requires_grad: bool
    module: Name
    source: Source | None
    formula: Text
    args: Text
    error: Literal[""]
    value: Numbers | None
    gradient: Numbers | None
    call: Annotated[int, Field(ge=0)] | None

    @model_validator(mode="after")
    def _fits(self) -> Node:
        if self.dtype not in _DTYPES:
            raise ValueError("no such dtype")
        if any(array is not None and array.shape != self.shape for array in (self.value, self.gradient)):
            raise ValueError("an array of another shape than its node's")
        return self


class Edge(_Strict):
    source: Id
    target: Id
    arg: Name
    formula: Text
    output: Annotated[int, Field(ge=0, le=1000)]
    contribution: Numbers | None


class Call(_Strict):
    path: Name
    type: Name
    parent: Annotated[int, Field(ge=0)] | None
    name: Name


class Record(_Strict):
    version: Literal[1]
    roots: Annotated[list[Id], Field(min_length=1, max_length=1)]
    recorded: bool
    forward_order: list[Id]
    backward_order: list[Id]
    nodes: Annotated[list[Node], Field(min_length=1, max_length=MAX_NODES)]
    edges: Annotated[list[Edge], Field(max_length=MAX_EDGES)]
    calls: Annotated[list[Call], Field(max_length=MAX_NODES)]

    @model_validator(mode="after")
    def _hangs_together(self) -> Record:
        place = {node.id: k for k, node in enumerate(self.nodes)}
        if len(place) != len(self.nodes) or self.roots[0] not in place:
            raise ValueError("the nodes are not told apart")
        if any(
            edge.source not in place or edge.target not in place or place[edge.source] >= place[edge.target]
            for edge in self.edges
        ):
            raise ValueError("an edge leads backwards or nowhere")
        if any(node.call is not None and node.call >= len(self.calls) for node in self.nodes) or any(
            call.parent is not None and call.parent >= k for k, call in enumerate(self.calls)
        ):
            raise ValueError("a call has no place")
        arrays = [a for node in self.nodes for a in (node.value, node.gradient)]
        arrays += [edge.contribution for edge in self.edges]
        if sum(array.total for array in arrays if array is not None) > MAX_NUMBERS:
            raise ValueError("too many numbers")
        return self


def checked(text: str, source: str) -> dict[str, Any] | None:
    """The graph as plain JSON values, or None when it is not one that an honest box would send.

    Args:
        text: JSON from `Box.graph`.
        source: the learner's file. A node keeps its line only if it is one of these, and the line's text is taken
            from here; paths of this machine and lines of other files are left out.
    """
    if not text or len(text) > RECORD_BYTES:
        return None
    try:
        record = Record.model_validate_json(text).model_dump()
    except (ValidationError, ValueError, RecursionError):
        return None
    order = [node["id"] for node in record["nodes"]]
    record["forward_order"] = order
    record["backward_order"] = [n["id"] for n in reversed(record["nodes"]) if n["requires_grad"]]
    lines = source.splitlines()
    for node in record["nodes"]:
        node["source"] = _own_line(node["source"], lines)
    return record


def _own_line(source: dict[str, Any] | None, lines: list[str]) -> dict[str, Any] | None:
    if source is None or source["file"] != "submission.py" or source["line"] > len(lines):
        return None
    return {**source, "text": lines[source["line"] - 1].strip()[:200]}
