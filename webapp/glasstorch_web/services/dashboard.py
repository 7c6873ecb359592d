"""Figures about the course, from tallies and scores: how much they cost does not depend on the submissions."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from ..grader.exercises import CheckSpec, Exercise
from ..store.course_tables import check_tallies, day_tallies, scores
from ..store.database import Database
from ..store.rules import DAY, Rules
from ..store.tables import IN_LINE, QUEUED, jobs, users
from .catalogue import Catalogue
from .regrade import Regrades

MANY_ATTEMPTS = 5  # without passing: somebody is stuck
FEW_RESULTS = 5  # of which a share says little yet


@dataclass(frozen=True)
class Totals:
    """`active_week`: learners who handed something in during the last seven days; `passed`: of all exercises."""

    learners: int
    active_week: int
    submissions: int
    passed: int
    waiting: int
    regrading: int


@dataclass(frozen=True)
class ExerciseFigures:
    """`learners` have a graded attempt; `mean`: of their points as they count, as a share from 0 to 1."""

    id: str
    title: str
    lesson: str
    learners: int
    passed: int
    attempts: int
    mean: float
    stale: int


@dataclass(frozen=True)
class CheckFigures:
    """How often a check was passed and failed; `share_failed` from 0 to 1."""

    exercise: str
    check: str
    title: str
    hidden: bool
    passed: int
    failed: int
    share_failed: float


@dataclass(frozen=True)
class AtRisk:
    """Somebody who may need a word. `overdue`: due and not passed; `stuck`: tried often and not passed."""

    user: str
    name: str
    last_at: float | None
    overdue: list[str]
    stuck: list[str]

    @property
    def behind(self) -> int:
        return len(self.overdue)


class Dashboard:
    """How the course goes."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        regrades: Regrades,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._db = database
        self._catalogue = catalogue
        self._regrades = regrades
        self._clock = clock

    def totals(self) -> Totals:
        learners = select(func.count()).select_from(users).where(*_ACTIVE)
        week = self._clock() - 7 * DAY
        active = select(func.count(func.distinct(scores.c.user))).where(scores.c.last_at > week)
        passed = select(func.count()).select_from(scores).where(scores.c.first_passed_at.is_not(None))
        waiting = select(func.count()).select_from(jobs).where(QUEUED, IN_LINE)
        graded = select(func.coalesce(func.sum(day_tallies.c.submissions), 0))
        with self._db.read() as db:
            return Totals(
                learners=db.execute(learners).scalar_one(),
                active_week=db.execute(active).scalar_one(),
                submissions=int(db.execute(graded).scalar_one()),
                passed=db.execute(passed).scalar_one(),
                waiting=db.execute(waiting).scalar_one(),
                regrading=self._regrades.waiting(),
            )

    def per_day(self, days: int = 42, exercise: str | None = None) -> list[tuple[datetime.date, int]]:
        """Graded submissions of each of the last days, by the day on which they were handed in."""
        today = datetime.datetime.fromtimestamp(self._clock()).date()
        first = today - datetime.timedelta(days=days - 1)
        query = (
            select(day_tallies.c.day, func.sum(day_tallies.c.submissions).label("handed_in"))
            .where(day_tallies.c.day >= first.isoformat())
            .group_by(day_tallies.c.day)
        )
        if exercise is not None:
            query = query.where(day_tallies.c.exercise == exercise)
        with self._db.read() as db:
            found = {row.day: int(row.handed_in) for row in db.execute(query)}
        every = [first + datetime.timedelta(days=n) for n in range(days)]
        return [(day, found.get(day.isoformat(), 0)) for day in every]

    def per_exercise(self) -> list[ExerciseFigures]:
        """Every exercise, in the course's order."""
        query = select(
            scores.c.exercise,
            func.count().label("learners"),
            func.sum(scores.c.attempts).label("attempts"),
            func.sum(scores.c.counted_score).label("points"),
            func.sum(case((scores.c.first_passed_at.is_not(None), 1), else_=0)).label("passed"),
        ).group_by(scores.c.exercise)
        with self._db.read() as db:
            found = {row.exercise: row for row in db.execute(query)}
        stale = self._regrades.stale()
        figures = []
        for one in self._catalogue.all().values():
            row = found.get(one.id)
            mean = float(row.points) / (row.learners * one.points) if row and one.points else 0.0
            figures.append(
                ExerciseFigures(
                    id=one.id,
                    title=one.title,
                    lesson=one.lesson,
                    learners=row.learners if row else 0,
                    passed=int(row.passed) if row else 0,
                    attempts=int(row.attempts) if row else 0,
                    mean=mean,
                    stale=stale.get(one.id, 0),
                )
            )
        return figures

    def distribution(self, exercise: str, bins: int = 10) -> list[int]:
        """How many learners have which share of the points; full marks belong to the last bin."""
        found = self._catalogue.get(exercise)
        counts = [0] * bins
        query = (
            select(scores.c.counted_score, func.count())
            .where(scores.c.exercise == exercise)
            .group_by(scores.c.counted_score)
        )
        with self._db.read() as db:
            rows = db.execute(query).all()
        whole = found.points if found else max((score for score, _count in rows), default=0.0)
        for score, count in rows:
            share = score / whole if whole else 0.0
            counts[min(bins - 1, int(share * bins + 1e-9))] += count
        return counts

    def checks(self, exercise: str) -> list[CheckFigures]:
        """How each check of one exercise goes, in the exercise's order; those it no longer has are left out."""
        with self._db.read() as db:
            rows = db.execute(select(check_tallies).where(check_tallies.c.exercise == exercise)).all()
        tallies = {row.check_id: (row.passed, row.failed) for row in rows}
        found = self._catalogue.get(exercise)
        return [
            _figures(exercise, check, *tallies.get(check.id, (0, 0)))
            for check in (found.checks if found else ())
        ]

    def failing_checks(self, exercise: str | None = None, limit: int = 10) -> list[CheckFigures]:
        """Those failed most often, by the share of the results in which they were looked at."""
        figures = self._all_checks() if exercise is None else self.checks(exercise)
        telling = [one for one in figures if one.failed and one.passed + one.failed >= FEW_RESULTS]
        return sorted(telling, key=lambda one: (-one.share_failed, -one.failed, one.check))[:limit]

    def at_risk(self, days: int = 7, limit: int = 50) -> list[AtRisk]:
        """Learners who handed nothing in for so many days, have exercises overdue, or are stuck; the worst first."""
        now = self._clock()
        with self._db.read() as db:
            rules = Rules(db)
            due = self._due(rules, now)
            people = db.execute(select(users.c.id, users.c.name, users.c.created_at).where(*_ACTIVE)).all()
            standing = {row.user: row for row in db.execute(_standing(due))}
            extended = [person.id for person in people if rules.extended(person.id)]
            missed = self._missed(db, extended, due, rules, now)
            ranked = []
            for one in people:
                last, passed, stuck = standing.get(one.id, (None, None, 0, 0))[1:]
                behind = len(missed[one.id]) if one.id in missed else len(due) - passed
                if (last or one.created_at) < now - days * DAY or behind or stuck:
                    ranked.append((-behind, last or 0.0, one.name, one.id))
            worst = sorted(ranked)[:limit]
            ids = [ident for *_, ident in worst]
            missed = self._missed(db, ids, due, rules, now)
            hard = _by_user(db.execute(_STUCK.where(scores.c.user.in_(ids)))) if ids else {}
        return [
            AtRisk(ident, name, at or None, missed[ident], hard.get(ident, []))
            for _behind, at, name, ident in worst
        ]

    def _all_checks(self) -> list[CheckFigures]:
        with self._db.read() as db:
            rows = db.execute(select(check_tallies)).all()
        exercises = self._catalogue.all()
        known = {(one.id, check.id): check for one in exercises.values() for check in one.checks}
        return [
            _figures(row.exercise, known[row.exercise, row.check_id], row.passed, row.failed)
            for row in rows
            if (row.exercise, row.check_id) in known
        ]

    def _due(self, rules: Rules, now: float) -> list[Exercise]:
        """The exercises that were due for everybody."""
        every = self._catalogue.all().values()
        return [one for one in every if (at := rules.of("", one.id, one.lesson).due_at) and at < now]

    @staticmethod
    def _missed(
        db: Connection, people: list[str], due: list[Exercise], rules: Rules, now: float
    ) -> dict[str, list[str]]:
        """For some learners, the exercises that were due for them and that they have not passed."""
        query = select(scores.c.user, scores.c.exercise).where(
            scores.c.user.in_(people), scores.c.first_passed_at.is_not(None)
        )
        passed = _by_user(db.execute(query)) if people else {}
        return {
            user: [
                one.id
                for one in due
                if one.id not in passed.get(user, ())
                and (rules.of(user, one.id, one.lesson).due_at or now) < now
            ]
            for user in people
        }


_HARD = and_(scores.c.attempts >= MANY_ATTEMPTS, scores.c.first_passed_at.is_(None))
_STUCK = select(scores.c.user, scores.c.exercise).where(_HARD).order_by(scores.c.exercise)


def _standing(due: list[Exercise]) -> Select[Any]:
    """For each learner: when they handed in last, how many of these they passed, and in how many they are stuck."""
    passed = and_(scores.c.exercise.in_([one.id for one in due]), scores.c.first_passed_at.is_not(None))
    return select(
        scores.c.user,
        func.max(scores.c.last_at),
        func.sum(case((passed, 1), else_=0)),
        func.sum(case((_HARD, 1), else_=0)),
    ).group_by(scores.c.user)


def _by_user(rows: Iterable[Row[Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.user, []).append(row.exercise)
    return found


_ACTIVE = (users.c.role == "learner", users.c.disabled_at.is_(None))


def _figures(exercise: str, check: CheckSpec, passed: int, failed: int) -> CheckFigures:
    share = failed / (passed + failed) if passed + failed else 0.0
    return CheckFigures(exercise, check.id, check.title, check.hidden, passed, failed, share)
