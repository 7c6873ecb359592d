"""The course's rules: deadlines, what lateness costs, how many attempts there are; and lists of submissions."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, get_args

from sqlalchemy import Connection, Select, case, delete, func, insert, select, update

from ..store.audit import Audit
from ..store.course_tables import assignments, extensions
from ..store.database import Database
from ..store.rules import Keep, Rule, Rules
from ..store.scoring import apply_rules
from ..store.tables import jobs, results, submissions, users
from ..words import Refusal
from ..words import gettext_noop as _
from .annotations import Annotation, Annotations
from .catalogue import Catalogue

Deadline = Rule  # as one learner sees it: with their extension

LATEST = 4e9  # seconds since the epoch: a date beyond the year 2096 is a slip


@dataclass(frozen=True)
class Assignment:
    """What holds for a lesson or an exercise (`target`), for everybody. Times are seconds since the epoch."""

    id: str
    target: str
    due_at: float | None
    closes_at: float | None
    late_percent_per_day: float
    grace_minutes: float
    keep: Keep
    max_attempts: int | None


@dataclass(frozen=True)
class Extension:
    """A later deadline for one learner."""

    user: str
    name: str
    target: str
    due_at: float


@dataclass(frozen=True)
class Line:
    """One submission in a list. The result's fields are None until there is one."""

    number: int
    id: str
    user: str
    name: str
    exercise: str
    submitted_at: float
    state: str
    regrading: bool
    status: str | None
    score: float | None
    max_score: float | None
    counted_score: float | None
    late_factor: float | None
    regraded_at: float | None


_ANEW = jobs.c.regrade != 0
_LINES = (
    select(
        *(submissions.c.number, submissions.c.id, submissions.c.user, submissions.c.exercise),
        submissions.c.submitted_at,
        func.coalesce(users.c.name, submissions.c.user).label("name"),
        case((_ANEW, "done"), else_=jobs.c.state).label("state"),
        _ANEW.label("regrading"),
        *(results.c.status, results.c.score, results.c.max_score, results.c.counted_score),
        *(results.c.late_factor, results.c.regraded_at),
    )
    .select_from(
        submissions.join(jobs, jobs.c.number == submissions.c.number)
        .outerjoin(results, results.c.number == submissions.c.number)
        .outerjoin(users, users.c.id == submissions.c.user)
    )
    .order_by(submissions.c.number.desc())
)


class CourseService:
    """`who` is the member of staff who changes something; each change is one row of the audit."""

    def __init__(
        self, database: Database, catalogue: Catalogue, clock: Callable[[], float] = time.time
    ) -> None:
        self._db = database
        self._catalogue = catalogue
        self._audit = Audit(database, clock)
        self._annotations = Annotations(database, clock)

    # What learners read

    def deadlines(self, user: str) -> dict[str, Deadline]:
        """The rules that hold for this learner, by lesson and by exercise; none where there are none."""
        with self._db.read() as db:
            rules = Rules(db, user=user)
        found: dict[str, Deadline] = {}
        for exercise in self._catalogue.all().values():
            for target in (exercise.id, exercise.lesson):
                rule = rules.of(user, target, exercise.lesson)
                if rule.target:
                    found[target] = rule
        return found

    def annotations(self, number: int) -> list[Annotation]:
        return self._annotations.of(number)

    # What staff sets

    def assignments(self) -> list[Assignment]:
        """All of them, the next deadline first."""
        with self._db.read() as db:
            found = [_assignment(row) for row in db.execute(select(assignments)).mappings()]
        return sorted(found, key=lambda one: (one.due_at is None, one.due_at or 0, one.target))

    def assign(
        self,
        who: str,
        target: str,
        *,
        due_at: float | None = None,
        closes_at: float | None = None,
        late_percent_per_day: float = 0.0,
        grace_minutes: float = 0.0,
        keep: Keep = "best",
        max_attempts: int | None = None,
    ) -> Assignment:
        """Set the rules of a lesson or an exercise, in place of those it had; scores are reckoned anew.

        Raises:
            Refusal: they make no sense, or there is no such lesson or exercise.
        """
        row: dict[str, Any] = {
            "target": self._known(target),
            "due_at": _time(due_at),
            "closes_at": _time(closes_at),
            "late_percent_per_day": _between(late_percent_per_day, 0, 100, _("Percent per day")),
            "grace_minutes": _between(grace_minutes, 0, 100_000, _("Minutes of grace")),
            "keep": keep,
            "max_attempts": max_attempts,
        }
        if keep not in get_args(Keep):
            raise Refusal(_("Either the best attempt counts or the last."))
        if max_attempts is not None and not 1 <= max_attempts <= 100_000:
            raise Refusal(_("There is at least one attempt; leave the number empty for any number."))
        if due_at is not None and closes_at is not None and closes_at < due_at:
            raise Refusal(_("An exercise closes when it is due or later, not before."))
        with self._db.write() as db:
            old = db.execute(select(assignments).where(assignments.c.target == target)).first()
            if old is None:
                row["id"] = secrets.token_urlsafe(9)
                db.execute(insert(assignments), row)
            else:
                row["id"] = old.id
                db.execute(update(assignments).where(assignments.c.id == old.id).values(**row))
            self._reckon(db, target)
            detail = {name: value for name, value in row.items() if name != "id"}
            self._audit.record_within(db, who, "deadline set", **detail)
        return _assignment(row)

    def unassign(self, who: str, target: str) -> bool:
        """Take the rules of a target away, with its extensions; False when it had none."""
        with self._db.write() as db:
            if db.execute(delete(assignments).where(assignments.c.target == target)).rowcount == 0:
                return False
            db.execute(delete(extensions).where(extensions.c.target == target))
            self._reckon(db, target)
            self._audit.record_within(db, who, "deadline removed", target=target)
        return True

    def extensions(self, target: str | None = None) -> list[Extension]:
        """By target, then by name."""
        query = (
            select(extensions, func.coalesce(users.c.name, extensions.c.user).label("name"))
            .select_from(extensions.outerjoin(users, users.c.id == extensions.c.user))
            .order_by(extensions.c.target, "name")
        )
        if target is not None:
            query = query.where(extensions.c.target == target)
        with self._db.read() as db:
            return [Extension(row.user, row.name, row.target, row.due_at) for row in db.execute(query)]

    def extend(self, who: str, user: str, target: str, due_at: float) -> Extension:
        """Give one learner a later deadline, in place of one given before.

        Raises:
            Refusal: there is no such person, or nothing is due there.
        """
        due_at = _time(due_at) or 0.0
        with self._db.write() as db:
            name = db.execute(select(users.c.name).where(users.c.id == user)).scalar()
            if name is None:
                raise Refusal(_("There is no user %(user)s."), user=user)
            rules = Rules(db, {target, self._catalogue.lesson_of(target) or target})
            rule = rules.of("", target, self._catalogue.lesson_of(target))
            if rule.due_at is None:
                raise Refusal(
                    _("%(target)s has no deadline yet that could be later for somebody."), target=target
                )
            if due_at <= rule.due_at:
                raise Refusal(_("That is not later than the deadline for everybody."))
            db.execute(delete(extensions).where(extensions.c.user == user, extensions.c.target == target))
            db.execute(insert(extensions), {"user": user, "target": target, "due_at": due_at})
            self._reckon(db, target, user)
            self._audit.record_within(db, who, "extension given", user=user, target=target, due_at=due_at)
        return Extension(user, name, target, due_at)

    def unextend(self, who: str, user: str, target: str) -> bool:
        """Take a learner's extension away; False when there was none."""
        chosen = (extensions.c.user == user, extensions.c.target == target)
        with self._db.write() as db:
            if db.execute(delete(extensions).where(*chosen)).rowcount == 0:
                return False
            self._reckon(db, target, user)
            self._audit.record_within(db, who, "extension removed", user=user, target=target)
        return True

    # Lists

    def submissions(
        self,
        *,
        exercise: str | None = None,
        user: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Line]:
        """The newest first, with a number below `before`; of one exercise, of one learner, or all."""
        query: Select[Any] = _LINES.limit(limit)
        if exercise is not None:
            query = query.where(submissions.c.exercise == exercise)
        if user is not None:
            query = query.where(submissions.c.user == user)
        if before is not None:
            query = query.where(submissions.c.number < before)
        with self._db.read() as db:
            rows = db.execute(query).mappings().all()
        names = [field.name for field in fields(Line)]
        return [Line(**{n: row[n] for n in names} | {"regrading": bool(row["regrading"])}) for row in rows]

    def _reckon(self, db: Connection, target: str, user: str | None = None) -> None:
        whose = None if user is None else [user]
        for exercise in self._catalogue.all().values():
            if target in (exercise.id, exercise.lesson):
                apply_rules(db, exercise.id, exercise.lesson, whose)

    def _known(self, target: str) -> str:
        exercises = self._catalogue.all().values()
        if not any(target in (exercise.id, exercise.lesson) for exercise in exercises):
            raise Refusal(_("There is no lesson and no exercise %(target)s."), target=target)
        return target


def _assignment(row: Any) -> Assignment:
    return Assignment(**{field.name: row[field.name] for field in fields(Assignment)})


def _time(seconds: float | None) -> float | None:
    if seconds is not None and not 0 <= seconds <= LATEST:  # also false for NaN
        raise Refusal(_("This is no date that a course could have."))
    return seconds


def _between(value: float, least: float, most: float, what: str) -> float:
    if not (math.isfinite(value) and least <= value <= most):
        raise Refusal(
            _("%(what)s: a number from %(least)s to %(most)s."),
            what=what,
            least=f"{least:g}",
            most=f"{most:g}",
        )
    return value
