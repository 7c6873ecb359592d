"""Spaced repetition: a lesson's cards come back after 1, 3, 7, 14, 28 and 88 days.

Cards are `[[card]]` tables of a lesson's reviews.toml: `id`, `question`, `answer` (Markdown), `exercise` (where to
practise) and, under `zh`, the two texts in Chinese. A learner gets a lesson's cards once the lesson is marked as read
or one of its exercises was tried. Whoever knows a card sees it again after the gap to the next of these days; whoever
does not sees it tomorrow, one step back.
"""

from __future__ import annotations

import datetime
import logging
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select

from ..store.course_tables import lessons_read, reviews, scores
from ..store.database import Database
from .catalogue import Catalogue

log = logging.getLogger("glasstorch.service")

STEPS = (1, 3, 7, 14, 28, 88)  # days after a card was first met, if it is always known
LEARNT = len(STEPS)


@dataclass(frozen=True)
class Card:
    """A card with where one learner stands with it. `question`, `answer`: by language. `due_on`: None when learnt."""

    id: str
    lesson: str
    question: dict[str, str]
    answer: dict[str, str]
    exercise: str | None
    step: int
    due_on: datetime.date | None


@dataclass(frozen=True)
class Counts:
    """How many cards are due, wait for their day, and are learnt; `next_on`: the first day on which one waits."""

    due: int
    waiting: int
    learnt: int
    next_on: datetime.date | None


class Reviews:
    """Every learner's cards."""

    def __init__(
        self, database: Database, catalogue: Catalogue, lessons: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._db = database
        self._catalogue = catalogue
        self._lessons = lessons
        self._clock = clock

    def due(self, user: str, today: datetime.date) -> list[Card]:
        """What to review now: the longest due first."""
        return [card for card in self.cards(user) if card.due_on is not None and card.due_on <= today]

    def counts(self, user: str, today: datetime.date) -> Counts:
        days = [card.due_on for card in self.cards(user)]
        waiting = [day for day in days if day is not None and day > today]
        return Counts(
            due=sum(day is not None and day <= today for day in days),
            waiting=len(waiting),
            learnt=sum(day is None for day in days),
            next_on=min(waiting, default=None),
        )

    def answer(self, user: str, card: str, knew: bool, today: datetime.date) -> datetime.date | None:
        """Say whether a card was known; the day when it comes back, None when it is learnt.

        A card that is not due yet stays as it is: a form sent twice counts once.

        Raises:
            LookupError: this learner has no such card.
        """
        found = next((one for one in self.cards(user) if one.id == card), None)
        if found is None:
            raise LookupError(card)
        if found.due_on is None or found.due_on > today:
            return found.due_on
        step, due_on = moved(found.step, knew, today)
        row = {
            "user": user,
            "card": card,
            "step": step,
            "due_on": None if due_on is None else due_on.isoformat(),
            "last_answer": int(knew),
            "updated_at": self._clock(),
        }
        with self._db.write() as db:
            db.execute(delete(reviews).where(reviews.c.user == user, reviews.c.card == card))
            db.execute(insert(reviews), row)
        return due_on

    def cards(self, user: str) -> list[Card]:
        """All cards that this learner has met, in the order in which they are due; the learnt ones last."""
        with self._db.read() as db:
            read = db.execute(
                select(lessons_read.c.lesson, lessons_read.c.read_at).where(lessons_read.c.user == user)
            ).all()
            tried = db.execute(
                select(scores.c.exercise, scores.c.first_at).where(scores.c.user == user)
            ).all()
            answered = {row.card: row for row in db.execute(select(reviews).where(reviews.c.user == user))}
        exercises = self._catalogue.all()
        met = {row.lesson: row.read_at for row in read}
        for exercise, at in tried:
            if exercise in exercises:
                lesson = exercises[exercise].lesson
                met[lesson] = min(at, met.get(lesson, at))
        found = [
            _standing(table, lesson, at, answered.get(_ident(lesson, table["id"])))
            for lesson, at in sorted(met.items())
            for table in _cards(self._lessons / lesson / "reviews.toml")
        ]
        return sorted(found, key=lambda card: (card.due_on is None, card.due_on or datetime.date.max))


def moved(step: int, knew: bool, today: datetime.date) -> tuple[int, datetime.date | None]:
    """The step after an answer, and the day that belongs to it."""
    if not knew:
        return max(0, step - 1), today + datetime.timedelta(days=STEPS[0])
    step += 1
    if step >= LEARNT:
        return LEARNT, None
    return step, today + datetime.timedelta(days=STEPS[step] - STEPS[step - 1])


def _ident(lesson: str, card: str) -> str:
    """Without the lesson's number: a course may be put in another order."""
    return f"{lesson.partition('-')[2] or lesson}.{card}"


def _standing(table: dict[str, Any], lesson: str, met: float, answered: Row[Any] | None) -> Card:
    first = datetime.datetime.fromtimestamp(met).date() + datetime.timedelta(days=STEPS[0])
    step: int = 0
    due_on: datetime.date | None = first
    if answered is not None:
        step = answered.step
        due_on = datetime.date.fromisoformat(answered.due_on) if answered.due_on else None
    zh = table.get("zh") or {}
    return Card(
        id=_ident(lesson, table["id"]),
        lesson=lesson,
        question={"en": table["question"], **({"zh": zh["question"]} if "question" in zh else {})},
        answer={"en": table["answer"], **({"zh": zh["answer"]} if "answer" in zh else {})},
        exercise=table.get("exercise"),
        step=step,
        due_on=due_on,
    )


def _cards(path: Path) -> tuple[dict[str, Any], ...]:
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


@lru_cache(maxsize=256)
def _read(path: Path, modified: int) -> tuple[dict[str, Any], ...]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("card", [])
        for table in tables:
            if not all(isinstance(table.get(name), str) for name in ("id", "question", "answer")):
                raise ValueError("each [[card]] needs the texts id, question and answer")
        return tuple(tables)
    except (OSError, ValueError) as error:
        log.warning("The review cards of lesson %s are left out: %s", path.parent.name, error)
        return ()
