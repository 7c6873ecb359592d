"""A course: scores with lateness, deadlines, regrading, annotations, reviews; what was graded before is counted."""

from __future__ import annotations

import datetime
import json
from collections import Counter

import sqlalchemy as sa
from alembic import op
from glasstorch_web.store.tables import Number, Real

revision = "0004"
down_revision = "0003"

_ZERO = sa.text("0")
_AT_ONCE = 1000  # results that are read or changed by one statement


def upgrade() -> None:
    op.add_column("jobs", sa.Column("regrade", sa.Integer, nullable=False, server_default=_ZERO))
    op.add_column("results", sa.Column("late_factor", Real, nullable=False, server_default=sa.text("1")))
    op.add_column("results", sa.Column("counted_score", Real, nullable=False, server_default=_ZERO))
    op.add_column("results", sa.Column("version", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("results", sa.Column("regraded_at", Real))
    op.create_index("submissions_learner", "submissions", ["user", "number"])
    op.create_index("submissions_exercise", "submissions", ["exercise", "number"])
    op.create_index("users_roster", "users", ["role", "name", "id"])
    _scores()
    _rules()
    _tallies()
    _words()
    _reviews()
    op.execute("UPDATE results SET counted_score = score")
    _count_what_was_graded()


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=_ZERO),
        sa.Column("max_score", Real, nullable=False, server_default=_ZERO),
        sa.Column("best_score", Real, nullable=False, server_default=_ZERO),
        sa.Column("best_number", Number),
        sa.Column("last_score", Real, nullable=False, server_default=_ZERO),
        sa.Column("last_number", Number),
        sa.Column("counted_score", Real, nullable=False, server_default=_ZERO),
        sa.Column("counted_number", Number),
        sa.Column("first_at", Real),
        sa.Column("last_at", Real),
        sa.Column("first_passed_at", Real),
        sa.Column("updated_at", Real, nullable=False, server_default=_ZERO),
        sqlite_strict=True,
    )
    covered = ["exercise", "counted_score", "attempts", "first_passed_at", "user"]
    op.create_index("scores_exercise", "scores", covered)
    covered = ["user", "exercise", "last_at", "first_passed_at", "attempts"]
    op.create_index("scores_learner", "scores", covered)


def _rules() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("due_at", Real),
        sa.Column("closes_at", Real),
        sa.Column("late_percent_per_day", Real, nullable=False, server_default=_ZERO),
        sa.Column("grace_minutes", Real, nullable=False, server_default=_ZERO),
        sa.Column("keep", sa.Text, nullable=False, server_default=sa.text("'best'")),
        sa.Column("max_attempts", sa.Integer),
        sa.UniqueConstraint("target", name="assignments_target"),
        sa.CheckConstraint("keep IN ('best', 'last')", name="assignments_keep"),
        sqlite_strict=True,
    )
    op.create_table(
        "extensions",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("due_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("extensions_target", "extensions", ["target"])


def _tallies() -> None:
    op.create_table(
        "check_tallies",
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("check_id", sa.Text, primary_key=True),
        sa.Column("passed", Number, nullable=False, server_default=_ZERO),
        sa.Column("failed", Number, nullable=False, server_default=_ZERO),
        sqlite_strict=True,
    )
    op.create_table(
        "version_tallies",
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("results", Number, nullable=False, server_default=_ZERO),
        sqlite_strict=True,
    )
    op.create_table(
        "day_tallies",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("submissions", Number, nullable=False, server_default=_ZERO),
        sqlite_strict=True,
    )


def _words() -> None:
    op.create_table(
        "former_results",
        sa.Column("id", Number, primary_key=True),
        sa.Column("number", Number, sa.ForeignKey("submissions.number"), nullable=False),
        sa.Column("replaced_at", Real, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("score", Real, nullable=False),
        sa.Column("max_score", Real, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("finished_at", Real, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("former_results_number", "former_results", ["number"])
    op.create_table(
        "annotations",
        sa.Column("id", Number, primary_key=True),
        sa.Column("number", Number, sa.ForeignKey("submissions.number"), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sa.Column("edited_at", Real),
        sa.Column("deleted_at", Real),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("annotations_number", "annotations", ["number"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("card", sa.Text, primary_key=True),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Text),
        sa.Column("last_answer", sa.Integer, nullable=False),
        sa.Column("updated_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "lessons_read",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("lesson", sa.Text, primary_key=True),
        sa.Column("read_at", Real, nullable=False),
        sqlite_strict=True,
    )


# Nothing had a deadline yet, so the best attempt counts, in full.
_FILL_SCORES = """
INSERT INTO scores ("user", exercise, attempts, max_score, best_score, best_number, last_score, last_number,
    counted_score, counted_number, first_at, last_at, first_passed_at, updated_at)
SELECT "user", exercise, count(*),
    max(CASE WHEN newest = 1 THEN max_score END),
    max(score), max(CASE WHEN top = 1 THEN number END),
    max(CASE WHEN newest = 1 THEN score END), max(CASE WHEN newest = 1 THEN number END),
    max(score), max(CASE WHEN top = 1 THEN number END),
    min(submitted_at), max(CASE WHEN newest = 1 THEN submitted_at END),
    min(CASE WHEN status = 'passed' THEN submitted_at END), max(finished_at)
FROM (
    SELECT s."user", s.exercise, s.number, s.submitted_at, r.status, r.score, r.max_score, r.finished_at,
        row_number() OVER (PARTITION BY s."user", s.exercise ORDER BY r.score DESC, s.submitted_at, s.number) AS top,
        row_number() OVER (PARTITION BY s."user", s.exercise ORDER BY s.submitted_at DESC, s.number DESC) AS newest
    FROM submissions AS s JOIN results AS r ON r.number = s.number
    WHERE r.status <> 'grader_error'
) AS graded
GROUP BY "user", exercise
"""


def _count_what_was_graded() -> None:
    db = op.get_bind()
    db.execute(sa.text(_FILL_SCORES))
    passed: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    versions: Counter[tuple[str, str]] = Counter()
    days: Counter[tuple[str, str]] = Counter()
    read = sa.text(
        "SELECT r.number, s.exercise, s.submitted_at, r.status, r.result FROM results AS r"
        " JOIN submissions AS s ON s.number = r.number WHERE r.number > :after ORDER BY r.number LIMIT :most"
    )
    after = 0
    while rows := db.execute(read, {"after": after, "most": _AT_ONCE}).all():
        after = rows[-1].number
        found = []
        for row in rows:
            days[datetime.datetime.fromtimestamp(row.submitted_at).date().isoformat(), row.exercise] += 1
            if row.status == "grader_error":
                continue
            result = json.loads(row.result)
            version = str(result.get("exercise_version") or "")
            versions[row.exercise, version] += 1
            found.append({"n": row.number, "v": version})
            for test in result.get("tests") or []:
                if test["status"] != "skipped":
                    (passed if test["status"] == "passed" else failed)[row.exercise, test["id"]] += 1
        if found:
            db.execute(sa.text("UPDATE results SET version = :v WHERE number = :n"), found)
    _insert(
        "INSERT INTO check_tallies (exercise, check_id, passed, failed) VALUES (:e, :c, :p, :f)",
        [{"e": e, "c": c, "p": passed[e, c], "f": failed[e, c]} for e, c in {**passed, **failed}],
    )
    _insert(
        "INSERT INTO version_tallies (exercise, version, results) VALUES (:e, :v, :n)",
        [{"e": e, "v": v, "n": n} for (e, v), n in versions.items()],
    )
    _insert(
        "INSERT INTO day_tallies (day, exercise, submissions) VALUES (:d, :e, :n)",
        [{"d": d, "e": e, "n": n} for (d, e), n in days.items()],
    )


def _insert(statement: str, rows: list[dict[str, object]]) -> None:
    if rows:
        op.get_bind().execute(sa.text(statement), rows)
