"""Deadlines and what lateness costs; which rules hold for whom."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select

from .course_tables import assignments, extensions

DAY = 24 * 3600.0

Keep = Literal["best", "last"]


@dataclass(frozen=True)
class Rule:
    """What holds for one learner and exercise. Times are seconds since the epoch; None is never.

    `target` is where it comes from: the exercise itself or its lesson; empty where nobody has said anything.
    `extended`: the learner has a later deadline than the others.
    """

    target: str = ""
    due_at: float | None = None
    closes_at: float | None = None
    late_percent_per_day: float = 0.0
    grace_minutes: float = 0.0
    keep: Keep = "best"
    max_attempts: int | None = None
    extended: bool = False

    def late_days(self, at: float) -> int:
        """Begun days after the deadline; none within the minutes of grace."""
        if self.due_at is None or at <= self.due_at + 60 * self.grace_minutes:
            return 0
        return math.ceil((at - self.due_at) / DAY)

    def late_factor(self, at: float) -> float:
        """The share of the score that a submission handed in at that time keeps."""
        return max(0.0, 1 - self.late_percent_per_day / 100 * self.late_days(at))

    def closed(self, at: float) -> bool:
        """Whether nothing more is taken."""
        return self.closes_at is not None and at > self.closes_at


OPEN_RULE = Rule()

_FOUND = select(assignments).where(assignments.c.target.in_((bindparam("exercise"), bindparam("lesson"))))
_LATER = select(extensions.c.target, extensions.c.due_at).where(
    extensions.c.user == bindparam("user"),
    extensions.c.target.in_((bindparam("exercise"), bindparam("lesson"))),
)


def rule_for(db: Connection, user: str, exercise: str, lesson: str | None) -> Rule:
    """The rule that holds for this learner: the exercise's own, else its lesson's, with their extension."""
    asked = {"user": user, "exercise": exercise, "lesson": lesson or exercise}
    found = {row.target: row._asdict() for row in db.execute(_FOUND, asked)}
    if not found:
        return OPEN_RULE
    later = {row.target: row.due_at for row in db.execute(_LATER, asked)}
    return _chosen(found, later, exercise, lesson)


class Rules:
    """The rules of some targets (all by default), read at once, for many learners and exercises."""

    def __init__(
        self, db: Connection, targets: Collection[str] | None = None, user: str | None = None
    ) -> None:
        """user: whose extensions are needed; everybody's by default."""
        rules, later = select(assignments), select(extensions)
        if targets is not None:
            rules = rules.where(assignments.c.target.in_(targets))
            later = later.where(extensions.c.target.in_(targets))
        if user is not None:
            later = later.where(extensions.c.user == user)
        self._rules = {row.target: row._asdict() for row in db.execute(rules)}
        self._later: dict[str, dict[str, float]] = {}
        for row in db.execute(later):
            self._later.setdefault(row.user, {})[row.target] = row.due_at

    def extended(self, user: str) -> bool:
        """Whether this learner has a later deadline anywhere; all others have the same rules."""
        return user in self._later

    def of(self, user: str, exercise: str, lesson: str | None) -> Rule:
        return _chosen(self._rules, self._later.get(user, {}), exercise, lesson)


def _chosen(
    rules: Mapping[str, Mapping[str, Any]], later: Mapping[str, float], exercise: str, lesson: str | None
) -> Rule:
    """The rule for one exercise, of rows of `assignments` and one learner's extensions, both by target."""
    row = rules.get(exercise) or rules.get(lesson or "")
    if row is None:
        return OPEN_RULE
    due, closes = row["due_at"], row["closes_at"]
    extended = later.get(exercise, later.get(lesson or ""))
    if extended is not None and due is not None and extended > due:
        due = extended
        closes = None if closes is None else max(closes, extended)
    else:
        extended = None
    return Rule(
        target=row["target"],
        due_at=due,
        closes_at=closes,
        late_percent_per_day=row["late_percent_per_day"],
        grace_minutes=row["grace_minutes"],
        keep=row["keep"],
        max_attempts=row["max_attempts"],
        extended=extended is not None,
    )
