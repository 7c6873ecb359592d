"""The API's JSON, as OpenAPI describes it."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..grader.exercises import Exercise
from ..store import Submission


class SubmissionIn(BaseModel):
    """A submission as it is handed in."""

    exercise: str = Field(max_length=200, examples=["start.backward-formula"])
    source: str = Field(description="Python source text, at most 256 KiB")
    idempotency_key: str | None = Field(
        default=None, description="Sending the same key and code again returns the first submission"
    )


class Accepted(BaseModel):
    """The submission is on disk and will be graded, whatever happens to the service."""

    id: str
    status: Literal["queued", "running", "done"]
    place: int = Field(description="Place in the queue: 1 is next, 0 means it has left the queue")
    url: str = Field(description="Where to ask for the result, relative to this request's address")


class Progress(BaseModel):
    done: int
    total: int
    now: str = Field(description="Title of the check that runs now")


class CheckResult(BaseModel):
    """One check's outcome; the names are Gradescope's."""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str
    status: str
    score: float
    max_score: float
    output: str
    hint: str = ""
    hints: list[str] = Field(default=[], description="From a nudge to nearly the answer; show one at a time")
    visibility: str
    detail: dict[str, Any] | None = Field(
        default=None,
        description="expected, got, where, max_abs_diff, max_rel_diff; graph: {record, differences}, where the "
        "computation differs from the solution's. Null in hidden checks",
    )


class Result(BaseModel):
    """The outcome of grading."""

    model_config = ConfigDict(extra="allow")

    status: str = Field(examples=["passed", "failed", "error", "timeout", "grader_error"])
    score: float
    max_score: float
    execution_time: float
    output: str
    message: str
    isolation: dict[str, Any] | None
    tests: list[CheckResult]


class SubmissionOut(BaseModel):
    """A submission as it stands now."""

    id: str
    exercise: str
    status: Literal["queued", "running", "done"]
    place: int
    progress: Progress
    result: Result | None
    submitted_at: datetime.datetime
    finished_at: datetime.datetime | None

    @classmethod
    def of(cls, submission: Submission) -> SubmissionOut:
        return cls(
            id=submission.id,
            exercise=submission.exercise,
            status=submission.state,
            place=submission.place,
            progress=Progress(
                done=submission.progress_done, total=submission.progress_total, now=submission.progress_now
            ),
            result=None if submission.result is None else Result.model_validate(_lean(submission.result)),
            submitted_at=_time(submission.submitted_at),
            finished_at=None if submission.finished_at is None else _time(submission.finished_at),
        )


def _lean(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what the site draws graphs from; the graphs themselves stay."""
    tests = []
    for test in result["tests"]:
        detail = test.get("detail")
        if detail and detail.get("graph"):
            graph = {key: value for key, value in detail["graph"].items() if key != "page"}
            test = {**test, "detail": {**detail, "graph": graph}}
        tests.append(test)
    return {**result, "tests": tests}


class CheckOut(BaseModel):
    id: str
    title: str
    points: float
    hidden: bool


class ExerciseOut(BaseModel):
    """An exercise in the list."""

    id: str
    title: str
    summary: str
    points: float
    best: float | None = Field(description="Your best score so far; null before the first result")

    @classmethod
    def of(cls, exercise: Exercise, best: float | None) -> ExerciseOut:
        return cls(
            id=exercise.id,
            title=exercise.title,
            summary=exercise.statement,
            points=exercise.points,
            best=best,
        )


class ExerciseDetail(ExerciseOut):
    """An exercise with what is needed to work on it."""

    entry: list[str]
    statement: str = Field(description="Markdown")
    starter: str
    checks: list[CheckOut]


class Problem(BaseModel):
    """An error, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
