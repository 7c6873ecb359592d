"""One person's data as one JSON file: given out whole, and taken in again without losing anything.

On a service for one person a file's results are believed: they are the owner's own, graded here or on another machine
of theirs, and nobody else sees them. In a course a file is anybody's text, so nothing counts but what is graded here:
of each exercise that the person has not handed in yet, the best source of the file is handed in for them.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, delete, func, insert, select

from ..store.course_tables import lessons_read, notes, reviews
from ..store.database import Database
from ..store.scoring import UNGRADED, write_result
from ..store.tables import jobs, results, submissions, tokens, users
from ..words import Refusal
from ..words import gettext_noop as _
from .reviews import LEARNT

FORMAT = "glasstorch-learner"
MOST = 20_000  # entries of one kind in a file
_AT_ONCE = 1000  # keys in one statement

Moment = Annotated[float, Field(ge=0, le=4e9, allow_inf_nan=False)]
Points = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=2**20)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Detail(_Part):
    max_abs_diff: Any = None
    max_rel_diff: Any = None
    where: Any = None
    expected: Any = None
    got: Any = None
    arrays: dict[str, Any] | None = None
    graph: dict[str, Any] | None = None


class _Test(_Part):
    id: Name
    name: Text
    status: Literal["passed", "failed", "error", "timeout", "skipped"]
    score: Points = 0
    max_score: Points = 0
    output: Text = ""
    hint: Text = ""
    hints: list[Text] = []
    visibility: Literal["visible", "hidden"] = "visible"
    detail: _Detail | None = None


class _Result(_Part):
    """As grader/result.py has it."""

    exercise: Name
    exercise_version: Annotated[str, Field(max_length=100)] = ""
    status: Literal["passed", "failed", "error", "timeout", "grader_error"]
    score: Points
    max_score: Points
    execution_time: Moment = 0
    cpu_time: Moment = 0
    memory_mb: Moment = 0
    output: Text = ""
    message: Text = ""
    explanation: Text = ""
    seed: int = 0
    isolation: dict[str, Any] | None = None
    tests: Annotated[list[_Test], Field(max_length=1000)] = []


class _Submission(_Part):
    id: Annotated[str, Field(pattern=r"^[\w-]{8,64}$")]
    exercise: Name
    source: Annotated[str, Field(max_length=2**20)]
    submitted_at: Moment
    finished_at: Moment | None = None
    result: _Result | None = None
    outcome: Annotated[str, Field(max_length=20)] = ""  # where a notebook knows no more of the result


class _Guess(_Part):
    lesson: Annotated[str, Field(max_length=200)]
    question: Annotated[str, Field(max_length=4000)]
    guess: Annotated[str, Field(max_length=1000)]
    verdict: Annotated[str, Field(max_length=20)]
    answered_at: Moment


class _Review(_Part):
    card: Name
    step: Annotated[int, Field(ge=0, le=LEARNT)]
    due_on: datetime.date | None
    last_answer: bool
    updated_at: Moment


class _Lesson(_Part):
    lesson: Name
    read_at: Moment


class _File(_Part):
    format: Literal["glasstorch-learner"]
    version: Literal[1]
    submissions: Annotated[list[_Submission], Field(max_length=MOST)] = []
    reviews: Annotated[list[_Review], Field(max_length=MOST)] = []
    lessons: Annotated[list[_Lesson], Field(max_length=MOST)] = []
    guesses: Annotated[list[_Guess], Field(max_length=MOST)] = []


@dataclass(frozen=True)
class ToGrade:
    """Code of a file that is still to be graded here; `key` knows it again when the file comes once more."""

    exercise: str
    source: str
    key: str


@dataclass(frozen=True)
class TakenIn:
    """What a file brought: how many of each kind were new, guesses, and code to grade."""

    counts: dict[str, int]
    guesses: list[dict[str, Any]]
    to_grade: list[ToGrade]


def export(database: Database, user: str, now: float) -> dict[str, Any]:
    """Everything that the store keeps about this person: no secret is among it."""
    handed_in = (
        select(submissions, results.c.result, results.c.finished_at, results.c.late_factor)
        .select_from(submissions.outerjoin(results, results.c.number == submissions.c.number))
        .where(submissions.c.user == user)
        .order_by(submissions.c.number)
    )
    with database.read() as db:
        profile = db.execute(select(users).where(users.c.id == user)).mappings().first()
        mine = db.execute(handed_in).all()
        return {
            "format": FORMAT,
            "version": 1,
            "exported_at": now,
            "profile": dict(profile) if profile else {"id": user},
            "submissions": [_submission(row) for row in mine],
            "annotations": _annotations(db, {row.number: row.id for row in mine}),
            "reviews": [_without_user(row) for row in _of(db, reviews, user)],
            "lessons": [_without_user(row) for row in _of(db, lessons_read, user)],
            "tokens": [
                {"label": row.label, "created_at": row.created_at, "last_used_at": row.last_used_at}
                for row in db.execute(
                    select(tokens).where(tokens.c.user == user).order_by(tokens.c.created_at)
                )
            ],
        }


def take_in(database: Database, user: str, data: object, now: float, *, results_too: bool) -> TakenIn:
    """Add a file's content to what this person has.

    results_too: also submissions with the results that the file claims.

    Raises:
        Refusal: it is no such file; nothing was changed.
    """
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if not fault["loc"] or fault["loc"][0] in ("format", "version"):
            raise Refusal(
                _("This is no file of progress: choose one that you downloaded here or saved in a notebook.")
            ) from None
        where = ".".join(str(part) for part in fault["loc"])
        raise Refusal(_("The file is damaged at “%(where)s”; nothing was taken in."), where=where) from None
    with database.write() as db:
        counts = {
            "submissions": _bring_submissions(db, user, file.submissions, now) if results_too else 0,
            "reviews": _bring_reviews(db, user, file.reviews, now),
            "lessons": _bring_lessons(db, user, file.lessons, now),
        }
        to_grade = _to_grade(db, user, file.submissions, newer_too=results_too)
    return TakenIn(counts, [one.model_dump() for one in file.guesses], to_grade)


def _submission(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "exercise": row.exercise,
        "source": row.source,
        "submitted_at": row.submitted_at,
        "finished_at": row.finished_at,
        "late_factor": row.late_factor,
        "result": None if row.result is None else json.loads(row.result),
    }


def _annotations(db: Connection, ids: dict[int, str]) -> list[dict[str, Any]]:
    """What was said to these submissions (ids by number)."""
    found: list[dict[str, Any]] = []
    numbers = sorted(ids)
    for start in range(0, len(numbers), _AT_ONCE):
        query = select(notes).where(notes.c.number.in_(numbers[start : start + _AT_ONCE]))
        found += [
            {"submission": ids[row.number], "line": row.line, "text": row.text, "created_at": row.created_at}
            for row in db.execute(
                query.where(notes.c.deleted_at.is_(None)).order_by(notes.c.number, notes.c.id)
            )
        ]
    return found


def _of(db: Connection, table: Any, user: str) -> list[Any]:
    key = list(table.primary_key)
    return list(db.execute(select(table).where(table.c.user == user).order_by(*key)).mappings())


def _without_user(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "user"}


def _bring_submissions(db: Connection, user: str, brought: list[_Submission], now: float) -> int:
    """In the order in which they were handed in; one without a result is left out, as it was never graded."""
    new = 0
    for one in sorted(brought, key=lambda one: one.submitted_at):
        known = db.execute(select(submissions.c.user).where(submissions.c.id == one.id)).first()
        if known or one.result is None or one.result.status == UNGRADED:
            continue
        row = {
            "id": one.id,
            "user": user,
            "exercise": one.exercise,
            "idempotency_key": f"brought:{one.id}",
            "source": one.source,
            "submitted_at": min(one.submitted_at, now),
        }
        number: int = db.execute(insert(submissions).returning(submissions.c.number), row).scalar_one()
        job = {"number": number, "state": "done", "available_at": now, "user": user, "exercise": one.exercise}
        db.execute(insert(jobs), job)
        write_result(db, number, one.result.model_dump(), one.finished_at or now, None)
        new += 1
    return new


def _to_grade(db: Connection, user: str, brought: list[_Submission], *, newer_too: bool) -> list[ToGrade]:
    """The best of each exercise that this person has never handed in: the last that passed, else the last.

    newer_too: also what was written down after their last attempt and never graded.
    """
    last_at = func.max(submissions.c.submitted_at)
    query = select(submissions.c.exercise, last_at).where(submissions.c.user == user)
    known = {row[0]: row[1] for row in db.execute(query.group_by(submissions.c.exercise))}
    best: dict[str, tuple[tuple[bool, float], _Submission]] = {}
    for one in brought:
        if one.exercise in known and not (
            newer_too and one.result is None and one.submitted_at > known[one.exercise]
        ):
            continue
        status = one.result.status if one.result else one.outcome
        rank = (status == "passed", one.submitted_at)
        if one.exercise not in best or best[one.exercise][0] < rank:
            best[one.exercise] = (rank, one)
    return [ToGrade(one.exercise, one.source, f"brought:{one.id}") for _rank, one in best.values()]


def _bring_reviews(db: Connection, user: str, brought: list[_Review], now: float) -> int:
    mine = {row["card"]: row["updated_at"] for row in _of(db, reviews, user)}
    new = 0
    for one in brought:
        at = min(one.updated_at, now)
        if mine.get(one.card, -1.0) >= at:
            continue
        row = {
            "user": user,
            "card": one.card,
            "step": one.step,
            "due_on": one.due_on.isoformat() if one.due_on else None,
            "last_answer": int(one.last_answer),
            "updated_at": at,
        }
        db.execute(delete(reviews).where(reviews.c.user == user, reviews.c.card == one.card))
        db.execute(insert(reviews), row)
        mine[one.card] = at
        new += 1
    return new


def _bring_lessons(db: Connection, user: str, brought: list[_Lesson], now: float) -> int:
    mine = {row["lesson"] for row in _of(db, lessons_read, user)}
    new = 0
    for one in brought:
        if one.lesson not in mine:
            mine.add(one.lesson)
            row = {"user": user, "lesson": one.lesson, "read_at": min(one.read_at, now)}
            db.execute(insert(lessons_read), row)
            new += 1
    return new
