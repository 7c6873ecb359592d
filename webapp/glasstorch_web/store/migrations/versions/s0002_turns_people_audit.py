"""Fair turns, people with their tokens, and the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from glasstorch_web.store.tables import Number, Real

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _turns()
    _people()
    op.create_table(
        "audit",
        sa.Column("number", Number, primary_key=True),
        sa.Column("at", Real, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        # Glasstorch before alembic looks at this mark alone: it then says that it is too old.
        op.execute("PRAGMA user_version = 2")


def _turns() -> None:
    """Jobs know whose they are and when it is their turn; those that wait keep their order (all have turn 0)."""
    empty = sa.text("''")
    op.add_column("jobs", sa.Column("user", sa.Text, nullable=False, server_default=empty))
    op.add_column("jobs", sa.Column("exercise", sa.Text, nullable=False, server_default=empty))
    op.add_column("jobs", sa.Column("turn", Number, nullable=False, server_default=sa.text("0")))
    op.add_column("jobs", sa.Column("losses", sa.Integer, nullable=False, server_default=sa.text("0")))
    for column in ("user", "exercise"):
        op.execute(
            f'UPDATE jobs SET "{column}" = '
            f'(SELECT s."{column}" FROM submissions AS s WHERE s.number = jobs.number)'
        )
    op.drop_index("jobs_open", "jobs")
    for name, columns, condition in (
        ("jobs_line", ["turn", "number"], "state = 'queued'"),
        ("jobs_leases", ["lease_until"], "state = 'running'"),
        ("jobs_learner", ["user", "exercise"], "state <> 'done'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "jobs", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("jobs_turns", "jobs", ["user", "turn"])
    op.create_index("submissions_rate", "submissions", ["user", "submitted_at"])
    line = op.create_table(
        "line",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("turn", Number, nullable=False),
        sqlite_strict=True,
    )
    op.bulk_insert(line, [{"id": 1, "turn": 0}])


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sa.Column("disabled_at", Real),
        sa.CheckConstraint("role IN ('learner', 'assistant', 'instructor', 'admin')", name="users_role"),
        sqlite_strict=True,
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sa.Column("last_used_at", Real),
        sa.Column("expires_at", Real),
        sa.Column("revoked_at", Real),
        sa.UniqueConstraint("sha256", name="tokens_sha256"),
        sqlite_strict=True,
    )
    op.create_index("tokens_user", "tokens", ["user"])
