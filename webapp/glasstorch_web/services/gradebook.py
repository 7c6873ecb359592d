"""Everybody's points, page by page and as a CSV file. Read from `scores`, never from submissions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from ..grader.exercises import Exercise
from ..store.course_tables import scores
from ..store.database import Database
from ..store.rules import Keep, Rules
from ..store.tables import users
from .catalogue import Catalogue
from .spreadsheets import csv_text

_AT_ONCE = 200  # learners that the CSV file is written by


@dataclass(frozen=True)
class Column:
    """An exercise."""

    id: str
    title: str
    lesson: str
    max_score: float


@dataclass(frozen=True)
class Cell:
    """One learner's points in one exercise, as they count. `late`: lateness has cost some of the best or last."""

    score: float
    max_score: float
    attempts: int
    late: bool
    passed: bool
    number: int | None


@dataclass(frozen=True)
class Row:
    """One learner. `cells`: by exercise, those that were tried; `lessons`: points by lesson's slug."""

    user: str
    name: str
    email: str | None
    section: str
    cells: dict[str, Cell]
    lessons: dict[str, float]
    total: float
    max_total: float


@dataclass(frozen=True)
class Page:
    """Some learners in the order of their names. `lessons`: points to reach by slug; `next`: asks for the rest."""

    exercises: list[Column]
    lessons: dict[str, float]
    rows: list[Row]
    next: str | None


_SCORES = select(
    *(scores.c.user, scores.c.exercise, scores.c.attempts, scores.c.best_score, scores.c.last_score),
    *(scores.c.counted_score, scores.c.counted_number, scores.c.first_passed_at),
)


class Gradebook:
    """The learners' points; everybody's where one person is all there is."""

    def __init__(self, database: Database, catalogue: Catalogue, *, everybody: bool = False) -> None:
        """everybody: staff too."""
        self._db = database
        self._catalogue = catalogue
        self._everybody = everybody

    def page(self, after: str | None = None, limit: int = 50, *, section: str = "", search: str = "") -> Page:
        """The learners that follow the one whose id is `after`.

        section: only of this group. search: only those whose name or email begins so.
        """
        with self._db.read() as db:
            rows, following = self._rows(db, after, limit, section, search)
        columns = self._columns()
        return Page(columns, _by_lesson(columns), rows, following)

    def learner(self, user: str) -> Row | None:
        """One person's row, whatever their role."""
        with self._db.read() as db:
            found = db.execute(select(users).where(users.c.id == user)).mappings().all()
            rows = self._filled(db, found)
        return rows[0] if rows else None

    def sections(self) -> list[str]:
        """The groups that there are."""
        query = self._learners().with_only_columns(users.c.section).distinct().order_by(users.c.section)
        with self._db.read() as db:
            return [section for section in db.execute(query).scalars() if section]

    def csv(self, bom: bool = False) -> Iterator[str]:
        """The whole book as RFC 4180 has it, some learners at a time.

        bom: begin with a byte order mark, by which Excel knows UTF-8.
        """
        columns = self._columns()
        lessons = _by_lesson(columns)
        heads = ["id", "name", "email", "section", *(column.id for column in columns), *lessons, "total"]
        reachable = [*(column.max_score for column in columns), *lessons.values(), sum(lessons.values())]
        points = ["", "points to reach", "", "", *map(_number, reachable)]
        yield ("\ufeff" if bom else "") + csv_text([heads, points])
        after: str | None = None
        while True:
            with self._db.read() as db:
                rows, after = self._rows(db, after, _AT_ONCE, "", "")
            if rows:
                yield csv_text([_record(row, columns, lessons) for row in rows])
            if after is None:
                return

    def _columns(self) -> list[Column]:
        return [Column(one.id, one.title, one.lesson, one.points) for one in self._catalogue.all().values()]

    def _learners(self) -> Select[Any]:
        query = select(users).where(users.c.disabled_at.is_(None))
        return query if self._everybody else query.where(users.c.role == "learner")

    def _rows(
        self, db: Connection, after: str | None, limit: int, section: str, search: str
    ) -> tuple[list[Row], str | None]:
        query = self._learners().order_by(users.c.name, users.c.id).limit(limit + 1)
        if section:
            query = query.where(users.c.section == section)
        if search.strip():
            begins = search.strip().casefold()
            query = query.where(
                or_(
                    func.lower(users.c.name).startswith(begins, autoescape=True),
                    users.c.email.startswith(begins, autoescape=True),
                )
            )
        if after is not None:
            last = db.execute(select(users.c.name, users.c.id).where(users.c.id == after)).first()
            if last is not None:
                same_name = and_(users.c.name == last.name, users.c.id > last.id)
                query = query.where(users.c.name >= last.name, or_(users.c.name > last.name, same_name))
        found = db.execute(query).mappings().all()
        following = found[limit - 1]["id"] if len(found) > limit else None
        return self._filled(db, found[:limit]), following

    def _filled(self, db: Connection, people: Any) -> list[Row]:
        ids = [person["id"] for person in people]
        if not ids:
            return []
        exercises = self._catalogue.all()
        whole = sum(exercise.points for exercise in exercises.values())
        by_user: dict[str, list[Any]] = {}
        for score in db.execute(_SCORES.where(scores.c.user.in_(ids))):
            by_user.setdefault(score.user, []).append(score)
        rules = Rules(db, user="")  # which attempt counts is the same for everybody
        keep = {one.id: rules.of("", one.id, one.lesson).keep for one in exercises.values()}
        return [self._row(person, by_user.get(person["id"], []), exercises, keep, whole) for person in people]

    def _row(
        self,
        person: Any,
        found: list[Any],
        exercises: dict[str, Exercise],
        keep: dict[str, Keep],
        whole: float,
    ) -> Row:
        cells: dict[str, Cell] = {}
        lessons: dict[str, float] = {}
        for score in found:
            exercise = exercises.get(score.exercise)
            if exercise is None:  # its folder has gone; the score stays in the store
                continue
            full = score.best_score if keep[exercise.id] == "best" else score.last_score
            cells[exercise.id] = Cell(
                score=score.counted_score,
                max_score=exercise.points,
                attempts=score.attempts,
                late=score.counted_score < full,
                passed=score.first_passed_at is not None,
                number=score.counted_number,
            )
            lessons[exercise.lesson] = lessons.get(exercise.lesson, 0.0) + score.counted_score
        who = (person["id"], person["name"], person["email"], person["section"])
        return Row(*who, cells, lessons, sum(lessons.values()), whole)


def _by_lesson(columns: list[Column]) -> dict[str, float]:
    found: dict[str, float] = {}
    for column in columns:
        found[column.lesson] = found.get(column.lesson, 0.0) + column.max_score
    return found


def _record(row: Row, columns: list[Column], lessons: dict[str, float]) -> list[Any]:
    points = [row.cells[column.id].score if column.id in row.cells else None for column in columns]
    earned = [*points, *(row.lessons.get(lesson, 0.0) for lesson in lessons), row.total]
    return [row.user, row.name, row.email or "", row.section, *map(_number, earned)]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{round(value, 4):g}" if value < 1e6 else repr(value)
