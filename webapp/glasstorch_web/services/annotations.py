"""What staff writes beside the lines of a submission, for its learner to read."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ..store.audit import Audit
from ..store.course_tables import notes
from ..store.database import Database
from ..store.tables import submissions, users
from ..words import Refusal
from ..words import gettext_noop as _

LONGEST = 10_000  # characters


@dataclass(frozen=True)
class Annotation:
    """A comment. `line`: from 1, or 0 for the whole submission; `author` is a name; `text` is Markdown."""

    id: int
    number: int
    author: str
    author_id: str
    line: int
    text: str
    created_at: float
    edited_at: float | None


_READ = (
    select(notes, func.coalesce(users.c.name, notes.c.author).label("name"))
    .select_from(notes.outerjoin(users, users.c.id == notes.c.author))
    .where(notes.c.deleted_at.is_(None))
)


class Annotations:
    """The comments; every change is one row of the audit. `who` is the user who makes it."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._audit = Audit(database, clock)
        self._clock = clock

    def of(self, number: int) -> list[Annotation]:
        """Those to one submission, from its first line to its last."""
        query = _READ.where(notes.c.number == number).order_by(notes.c.line, notes.c.id)
        with self._db.read() as db:
            return [_annotation(row) for row in db.execute(query)]

    def counts(self, user: str, exercise: str) -> dict[int, int]:
        """How many there are to each of somebody's submissions to an exercise, by its number; none to most."""
        query = (
            select(notes.c.number, func.count())
            .join(submissions, submissions.c.number == notes.c.number)
            .where(submissions.c.user == user, submissions.c.exercise == exercise)
            .where(notes.c.deleted_at.is_(None))
            .group_by(notes.c.number)
        )
        with self._db.read() as db:
            return dict(db.execute(query).tuples().all())

    def add(self, who: str, number: int, line: int, text: str) -> Annotation:
        """Comment on a line.

        Raises:
            LookupError: there is no such submission.
            Refusal: there is no such line, or no text.
        """
        text = _said(text)
        source = select(submissions.c.source).where(submissions.c.number == number)
        with self._db.write() as db:
            code = db.execute(source).scalar()
            if code is None:
                raise LookupError(number)
            if not 0 <= line <= code.count("\n") + 1:
                raise Refusal(_("The code has no line %(line)s."), line=line)
            row = {"number": number, "author": who, "line": line, "text": text, "created_at": self._clock()}
            ident = db.execute(insert(notes).returning(notes.c.id), row).scalar_one()
            self._audit.record_within(db, who, "annotation written", number=number, line=line)
            return _annotation(db.execute(_READ.where(notes.c.id == ident)).one())

    def edit(self, who: str, annotation: int, text: str) -> Annotation:
        """Say it otherwise.

        Raises:
            LookupError: there is no such annotation.
            Refusal: there is no text.
        """
        with self._db.write() as db:
            self._change(db, who, annotation, "annotation changed", text=_said(text), edited_at=self._clock())
            return _annotation(db.execute(_READ.where(notes.c.id == annotation)).one())

    def remove(self, who: str, annotation: int) -> None:
        """Take it back; the store keeps what was said.

        Raises:
            LookupError: there is no such annotation.
        """
        with self._db.write() as db:
            self._change(db, who, annotation, "annotation removed", deleted_at=self._clock())

    def _change(self, db: Connection, who: str, annotation: int, what: str, **values: object) -> None:
        chosen = (notes.c.id == annotation, notes.c.deleted_at.is_(None))
        change = update(notes).where(*chosen).values(**values).returning(notes.c.number)
        number = db.execute(change).scalar()
        if number is None:
            raise LookupError(annotation)
        self._audit.record_within(db, who, what, number=number, annotation=annotation)


def _said(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise Refusal(_("There is no text in this comment yet."))
    if len(text) > LONGEST:
        raise Refusal(_("A comment has at most %(most)s characters."), most=LONGEST)
    return text


def _annotation(row: Row[Any]) -> Annotation:
    return Annotation(
        id=row.id,
        number=row.number,
        author=row.name,
        author_id=row.author,
        line=row.line,
        text=row.text,
        created_at=row.created_at,
        edited_at=row.edited_at,
    )
