"""The tables of a course: scores, deadlines, annotations, reviews; and tallies that spare pages the counting.

Nothing here grows with every submission but `former_results`, which only regrading fills.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .tables import Number, Real, metadata

_ZERO = text("0")

# Where each learner stands in each exercise; written in the transaction that writes a result (store/scoring.py).
scores = Table(
    "scores",
    metadata,
    Column("user", Text, primary_key=True),
    Column("exercise", Text, primary_key=True),
    Column("attempts", Integer, nullable=False, server_default=_ZERO),  # graded ones
    Column("max_score", Real, nullable=False, server_default=_ZERO),  # of the last attempt
    Column("best_score", Real, nullable=False, server_default=_ZERO),  # without lateness
    Column("best_number", Number),
    Column("last_score", Real, nullable=False, server_default=_ZERO),  # without lateness
    Column("last_number", Number),
    # What counts in the course: the best or the last attempt, lateness taken off.
    Column("counted_score", Real, nullable=False, server_default=_ZERO),
    Column("counted_number", Number),
    Column("first_at", Real),  # when the first attempt was handed in
    Column("last_at", Real),
    Column("first_passed_at", Real),
    Column("updated_at", Real, nullable=False, server_default=_ZERO),
    # With all that the course's figures need, so that they read nothing but these.
    Index("scores_exercise", "exercise", "counted_score", "attempts", "first_passed_at", "user"),
    Index("scores_learner", "user", "exercise", "last_at", "first_passed_at", "attempts"),
    sqlite_strict=True,
)

# Rules for a lesson, or for one exercise in place of its lesson's.
assignments = Table(
    "assignments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("target", Text, nullable=False),  # a lesson's slug, or an exercise's id
    Column("due_at", Real),
    Column("closes_at", Real),
    Column("late_percent_per_day", Real, nullable=False, server_default=_ZERO),
    Column("grace_minutes", Real, nullable=False, server_default=_ZERO),
    Column("keep", Text, nullable=False, server_default=text("'best'")),
    Column("max_attempts", Integer),
    UniqueConstraint("target", name="assignments_target"),
    CheckConstraint("keep IN ('best', 'last')", name="assignments_keep"),
    sqlite_strict=True,
)

# A later deadline for one learner.
extensions = Table(
    "extensions",
    metadata,
    Column("user", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("due_at", Real, nullable=False),
    Index("extensions_target", "target"),
    sqlite_strict=True,
)

# How often each check was passed and failed, over all results as they stand.
check_tallies = Table(
    "check_tallies",
    metadata,
    Column("exercise", Text, primary_key=True),
    Column("check_id", Text, primary_key=True),
    Column("passed", Number, nullable=False, server_default=_ZERO),
    Column("failed", Number, nullable=False, server_default=_ZERO),
    sqlite_strict=True,
)

# How many results were made with each version of an exercise.
version_tallies = Table(
    "version_tallies",
    metadata,
    Column("exercise", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("results", Number, nullable=False, server_default=_ZERO),
    sqlite_strict=True,
)

# How many submissions of each day have been graded.
day_tallies = Table(
    "day_tallies",
    metadata,
    Column("day", Text, primary_key=True),  # ISO
    Column("exercise", Text, primary_key=True),
    Column("submissions", Number, nullable=False, server_default=_ZERO),
    sqlite_strict=True,
)

# Results that a regrade has replaced.
former_results = Table(
    "former_results",
    metadata,
    Column("id", Number, primary_key=True),
    Column("number", Number, ForeignKey("submissions.number"), nullable=False),
    Column("replaced_at", Real, nullable=False),
    Column("status", Text, nullable=False),
    Column("score", Real, nullable=False),
    Column("max_score", Real, nullable=False),
    Column("version", Text, nullable=False),
    Column("finished_at", Real, nullable=False),
    Column("result", Text, nullable=False),
    Index("former_results_number", "number"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# What staff wrote beside a line of a submission.
notes = Table(
    "annotations",
    metadata,
    Column("id", Number, primary_key=True),
    Column("number", Number, ForeignKey("submissions.number"), nullable=False),
    Column("author", Text, nullable=False),  # users.id
    Column("line", Integer, nullable=False),  # from 1; 0 for the whole
    Column("text", Text, nullable=False),  # Markdown
    Column("created_at", Real, nullable=False),
    Column("edited_at", Real),
    Column("deleted_at", Real),
    Index("annotations_number", "number"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# The review cards that somebody has answered.
reviews = Table(
    "reviews",
    metadata,
    Column("user", Text, primary_key=True),
    Column("card", Text, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("due_on", Text),  # ISO; NULL when it is learnt
    Column("last_answer", Integer, nullable=False),  # 1: knew it
    Column("updated_at", Real, nullable=False),
    sqlite_strict=True,
)

lessons_read = Table(
    "lessons_read",
    metadata,
    Column("user", Text, primary_key=True),
    Column("lesson", Text, primary_key=True),
    Column("read_at", Real, nullable=False),
    sqlite_strict=True,
)
