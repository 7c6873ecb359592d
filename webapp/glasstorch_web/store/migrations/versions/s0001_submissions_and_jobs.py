"""Submissions, jobs, results, workers and facts: the schema of the stores that SQLite marks as version 1.

A migration that has been released is never edited.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from glasstorch_web.store.tables import Number, Real, Source

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("number", Number, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("exercise", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("source", Source, nullable=False),
        sa.Column("submitted_at", Real, nullable=False),
        sa.UniqueConstraint("id", name="submissions_id"),
        sa.UniqueConstraint("user", "exercise", "idempotency_key", name="submissions_once"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("submissions_history", "submissions", ["user", "exercise", "number"])
    op.create_table(
        "jobs",
        sa.Column(
            "number", Number, sa.ForeignKey("submissions.number"), primary_key=True, autoincrement=False
        ),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("fence", Number, nullable=False, server_default=sa.text("0")),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_failure", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("available_at", Real, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("lease_until", Real),
        sa.Column("progress_done", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("progress_total", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("progress_now", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.CheckConstraint("state IN ('queued', 'running', 'done')", name="jobs_state"),
        sa.CheckConstraint(
            "(state = 'running') = (worker IS NOT NULL AND lease_until IS NOT NULL)", name="jobs_holder"
        ),
        sqlite_strict=True,
    )
    is_open = sa.text("state <> 'done'")
    op.create_index("jobs_open", "jobs", ["state", "number"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "results",
        sa.Column(
            "number", Number, sa.ForeignKey("submissions.number"), primary_key=True, autoincrement=False
        ),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("score", Real, nullable=False),
        sa.Column("max_score", Real, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("finished_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started_at", Real, nullable=False),
        sa.Column("seen_at", Real, nullable=False),
        sa.Column("isolation", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_strict=True,
    )
