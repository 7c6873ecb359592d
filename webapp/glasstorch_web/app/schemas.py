"""The API's JSON, as OpenAPI describes it."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..grader.exercises import Exercise
from ..store import Submission

KEY = r"^[!-~]{1,200}$"  # visible ASCII
KEY_MEANING = "Names this submission: sending the same key and code again returns the first one"

State = Literal["queued", "running", "done"]


class SubmissionIn(BaseModel):
    """A submission as it is handed in."""

    model_config = ConfigDict(
        extra="forbid",  # a misspelt field would be a wish that nobody hears
        json_schema_extra={
            "examples": [
                {
                    "exercise": "start.backward-formula",
                    "source": "def backward(x, dy):\n    return 2 * x * dy\n",
                    "idempotency_key": "9f2c1a70",
                }
            ]
        },
    )

    exercise: str = Field(
        max_length=200, description="The exercise's id", examples=["start.backward-formula"]
    )
    source: str = Field(
        description="Python source text, at most 256 KiB",
        examples=["def f(x):\n    return x\n"],
        json_schema_extra={"pattern": r"\S"},  # checked, with better words, where submissions are taken
    )
    idempotency_key: str | None = Field(
        default=None, pattern=KEY, description=KEY_MEANING, examples=["9f2c1a70"]
    )


class Accepted(BaseModel):
    """The submission is on disk and will be graded, whatever happens to the service."""

    id: str = Field(examples=["Zx4Jt0aQm1Yc2b9K"])
    status: State
    place: int = Field(
        description="Place in the queue: 1 is next, 0 means it has left the queue", examples=[1]
    )
    url: str = Field(
        description="Where to ask for the result, relative to this request's address; also in `Location`",
        examples=["submissions/Zx4Jt0aQm1Yc2b9K"],
    )


class Progress(BaseModel):
    """How far the grading is."""

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

    id: str = Field(examples=["Zx4Jt0aQm1Yc2b9K"])
    user: str = Field(description="Whose it is", examples=["local"])
    exercise: str
    status: State
    place: int = Field(description="1 is next, 0 means it has left the queue")
    progress: Progress
    result: Result | None
    submitted_at: datetime.datetime
    finished_at: datetime.datetime | None

    @classmethod
    def of(cls, submission: Submission) -> SubmissionOut:
        return cls(
            id=submission.id,
            user=submission.user,
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


def event_id(state: SubmissionOut) -> str:
    """Names a state of a submission, so that a client can say which one it knows."""
    return hashlib.sha256(state.model_dump_json().encode()).hexdigest()[:16]


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


class QuestionOut(BaseModel):
    """A question of a prediction. The source answers all of them: `answers = {"ID": ...}`, written out."""

    id: str
    prompt: str
    kind: str = Field(description="number, choice, shape or bool")
    choices: list[str]
    tolerance: float = Field(description="How far off a number may be, as a share of the right one")


class DeadlineOut(BaseModel):
    """Until when an exercise is taken from you, and how often."""

    due_at: datetime.datetime | None = Field(description="After this it is late")
    closes_at: datetime.datetime | None = Field(description="After this it is not taken any more")
    max_attempts: int | None = Field(description="Null: as many as you like")

    @classmethod
    def of(cls, deadline: Any) -> DeadlineOut:
        """Of a course's rule for one learner and exercise."""
        times = {name: getattr(deadline, name) for name in ("due_at", "closes_at")}
        read = {name: None if value is None else _time(value) for name, value in times.items()}
        return cls(**read, max_attempts=deadline.max_attempts)


class ExerciseDetail(ExerciseOut):
    """An exercise with what is needed to work on it."""

    attempts: int | None = Field(description="Your graded attempts; null where nobody counts them")
    deadline: DeadlineOut | None = Field(description="Null without one")
    kind: str = Field(description="function, module, backward, training, bug or prediction")
    entry: list[str]
    statement: str = Field(description="Markdown")
    starter: str
    checks: list[CheckOut]
    questions: list[QuestionOut]
    drawn: bool = Field(default=False, description="Statement and questions hold numbers drawn for you alone")


class SubmissionSummary(BaseModel):
    """A submission in a history."""

    id: str
    user: str
    exercise: str
    status: State
    place: int
    outcome: str | None = Field(
        description="The result's status; null before there is one", examples=["passed"]
    )
    score: float | None
    max_score: float | None
    submitted_at: datetime.datetime
    finished_at: datetime.datetime | None

    @classmethod
    def of(cls, submission: Submission) -> SubmissionSummary:
        result = submission.result or {}
        return cls(
            id=submission.id,
            user=submission.user,
            exercise=submission.exercise,
            status=submission.state,
            place=submission.place,
            outcome=result.get("status"),
            score=result.get("score"),
            max_score=result.get("max_score"),
            submitted_at=_time(submission.submitted_at),
            finished_at=None if submission.finished_at is None else _time(submission.finished_at),
        )


class SubmissionPage(BaseModel):
    """A part of a history, the newest first."""

    items: list[SubmissionSummary]
    next: str | None = Field(
        description="The address of the next page, relative to this one's; null on the last", examples=[None]
    )


class Me(BaseModel):
    """Whoever asks."""

    id: str = Field(examples=["local"])
    name: str
    role: Literal["learner", "assistant", "instructor", "admin"]


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Queue(BaseModel):
    """The queue now."""

    waiting: int
    running: int
    oldest_wait: float = Field(description="Seconds since the first of those that wait was handed in")


class Isolation(BaseModel):
    """What protects this machine from submitted code, as measured by attacking it."""

    model_config = ConfigDict(extra="allow")

    level: Literal["L0", "L1", "L2", "L3", "L4"]
    gaps: list[str] = Field(description="What does not hold here, in words")
    selftest_at: str | None = Field(default=None, description="When it was measured")
    attacks_tried: int | None = None
    attacks_stopped: int | None = None


class Readiness(BaseModel):
    """Whether submissions are stored and graded, and behind what protection."""

    status: Literal["ready", "not ready"]
    isolation: Isolation | None = Field(description="The weakest worker's; null while none has started")
    multi_user: bool
    minimum_level: str = Field(description="What a service with accounts asks of its workers")
    weak_isolation_accepted: bool = Field(description="It runs below minimum_level, because somebody said so")
    workers: dict[str, int] = Field(description="Workers alive, by isolation level", examples=[{"L3": 2}])
    queue: Queue | None = Field(description="Null when the store does not answer")
    schema_version: str | None = Field(description="Of the store", examples=["0002"])


class Problem(BaseModel):
    """An error, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        description="The kind: the address of a page about it", examples=["/problems/queue-full"]
    )
    title: str
    status: int
    detail: str = Field(description="What was wrong this time, and what to do")
    instance: str | None = Field(default=None, description="This occurrence; the service's log names it too")


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
